//! From a name to addresses, and which of them are never asked unless they are named themselves.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tightship_model::site::http::{Failure, FailureKind};

/// An address to use instead of what a name resolves to, as curl's `--connect-to` takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectTo {
    host: String,
    port: u16,
    address: SocketAddr,
}

impl ConnectTo {
    /// Reads `shop.example:443:127.0.0.1:8443`; `None` where it is not of that form. The address
    /// may be one of IPv6 in brackets.
    pub fn parse(text: &str) -> Option<Self> {
        let (host, rest) = text.split_once(':')?;
        let (port, address) = rest.split_once(':')?;
        Some(Self {
            host: host.to_ascii_lowercase(),
            port: port.parse().ok()?,
            address: address.parse().ok()?,
        })
    }

    /// Whether it stands for this host and port.
    pub(super) fn is_for(&self, host: &str, port: u16) -> bool {
        self.host == host && self.port == port
    }
}

/// The addresses of a host, those of IPv4 first and each in its order, so that repeats take the
/// same.
pub(super) async fn addresses(
    host: &str,
    port: u16,
    connect_to: &[ConnectTo],
    timeout: Duration,
) -> Result<Vec<SocketAddr>, Failure> {
    let given = connect_to.iter().find(|one| one.is_for(host, port));
    if let Some(given) = given {
        return Ok(vec![given.address]);
    }
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    let failure = |kind, detail: String| Failure { kind, detail };
    let found = tokio::time::timeout(timeout, tokio::net::lookup_host((host, port)))
        .await
        .map_err(|_| {
            failure(
                FailureKind::TimedOut,
                "the name was not resolved".to_owned(),
            )
        })?
        .map_err(|error| failure(FailureKind::Unresolved, error.to_string()))?;
    allowed(host, found.collect())
}

/// The address of a host that a stranger named: one that everybody may reach, unless the user says where
/// it is.
pub(super) async fn stranger(
    host: &str,
    port: u16,
    connect_to: &[ConnectTo],
    timeout: Duration,
) -> Result<SocketAddr, Failure> {
    let is_told = connect_to.iter().any(|one| one.is_for(host, port));
    let found = addresses(host, port, connect_to, timeout).await?;
    let inner = found.iter().find(|address| {
        let ip = address.ip();
        is_reserved(ip) || is_private(ip)
    });
    match (inner.filter(|_| !is_told), found.first()) {
        (None, Some(first)) => Ok(*first),
        (address, _) => Err(Failure {
            kind: FailureKind::AddressForbidden,
            detail: match address {
                Some(address) => format!("{host} leads to {}", address.ip()),
                None => "the name has no address".to_owned(),
            },
        }),
    }
}

/// Whether an address belongs to a network that others do not reach: RFC 1918, 6598 and 4193.
fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let [first, second, ..] = address.octets();
            address.is_private() || (first == 100 && second & 0xc0 == 64)
        }
        IpAddr::V6(address) => {
            address.is_unique_local()
                || embedded(address).is_some_and(|inner| is_private(IpAddr::V4(inner)))
        }
    }
}

/// What may be asked of the addresses that a name leads to.
fn allowed(host: &str, mut found: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, Failure> {
    let failure = |kind, detail: String| Failure { kind, detail };
    found.truncate(MOST_ADDRESSES);
    found.sort_unstable();
    found.dedup();
    if found.is_empty() {
        return Err(failure(
            FailureKind::Unresolved,
            "the name has no address".to_owned(),
        ));
    }
    if names_this_machine(host) {
        return Ok(found);
    }
    // One such address is enough: a name that leads to both is a trap.
    match found.iter().find(|address| is_reserved(address.ip())) {
        Some(address) => Err(failure(
            FailureKind::AddressForbidden,
            format!("{host} leads to {}", address.ip()),
        )),
        None => Ok(found),
    }
}

/// Addresses of a name that are looked at.
const MOST_ADDRESSES: usize = 32;

/// Names that mean this machine (RFC 6761, section 6.3).
pub(super) fn names_this_machine(host: &str) -> bool {
    let host = host.trim_end_matches('.');
    host == "localhost" || host.ends_with(".localhost")
}

/// Whether an address is this machine's own, or one at which clouds hand secrets to their guests.
fn is_reserved(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            address.is_loopback()
                || address.is_unspecified()
                || address.is_link_local()
                || address.is_broadcast()
                || CLOUDS.contains(&address)
        }
        IpAddr::V6(address) => {
            address.is_loopback()
                || address.is_unspecified()
                || address.is_unicast_link_local()
                || address == AMAZON_V6
                // IPv4 in the clothes of NAT64 (RFC 6052).
                || embedded(address).is_some_and(|inner| is_reserved(IpAddr::V4(inner)))
        }
    }
}

/// Outside of 169.254.0.0/16, which most use: Alibaba, Azure and Oracle.
const CLOUDS: [Ipv4Addr; 3] = [
    Ipv4Addr::new(100, 100, 100, 200),
    Ipv4Addr::new(168, 63, 129, 16),
    Ipv4Addr::new(192, 0, 0, 192),
];

const AMAZON_V6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0254);

fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [0x0064, 0xff9b, 0, 0, 0, 0, high, low] = address.segments() else {
        return None;
    };
    Some(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_addresses_are_known() {
        for text in [
            "127.0.0.1",
            "127.8.9.1",
            "0.0.0.0",
            "169.254.169.254",
            "100.100.100.200",
            "168.63.129.16",
            "::1",
            "::",
            "fe80::1",
            "fd00:ec2::254",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::7f00:1",
        ] {
            assert!(is_reserved(text.parse().expect(text)), "{text}");
        }
        for text in ["192.0.2.1", "10.0.0.5", "2001:db8::1", "64:ff9b::c000:201"] {
            assert!(!is_reserved(text.parse().expect(text)), "{text}");
        }
    }

    #[test]
    fn private_addresses_are_known() {
        for text in [
            "10.0.0.5",
            "172.31.255.255",
            "192.168.1.1",
            "100.64.0.1",
            "fd12::1",
            "::ffff:10.0.0.5",
            "64:ff9b::a00:5",
        ] {
            assert!(is_private(text.parse().expect(text)), "{text}");
        }
        for text in ["172.32.0.1", "100.128.0.1", "192.0.2.1", "2001:db8::1"] {
            assert!(!is_private(text.parse().expect(text)), "{text}");
        }
    }

    /// What the DNS may answer to a name that somebody else owns.
    #[test]
    fn names_that_lead_to_reserved_addresses_are_refused() {
        let of = |host: &str, addresses: &[&str]| {
            let read = |text: &&str| SocketAddr::new(text.parse().expect("an address"), 443);
            allowed(host, addresses.iter().map(read).collect())
        };
        for trap in [
            &["127.0.0.1"][..],
            &["169.254.169.254"],
            &["0.0.0.0"],
            &["::1"],
            &["::ffff:169.254.169.254"],
            &["64:ff9b::a9fe:a9fe"],
            &["fd00:ec2::254"],
            &["fe80::1"],
            &["100.100.100.200"],
            &["168.63.129.16"],
            &["192.0.0.192"],
            &["255.255.255.255"],
            // One is enough, wherever it stands.
            &["203.0.113.7", "127.0.0.1"],
            &["127.0.0.1", "2001:db8::7"],
            &["203.0.113.7", "2001:db8::7", "169.254.170.2"],
        ] {
            for host in [
                "shop.example",
                "localhost.example",
                "169.254.169.254.example",
            ] {
                let refused = of(host, trap).expect_err(host);
                assert_eq!(
                    refused.kind,
                    FailureKind::AddressForbidden,
                    "{host} {trap:?}"
                );
                assert!(refused.detail.starts_with(host), "{}", refused.detail);
            }
            // Who names this machine means it.
            assert!(of("localhost", trap).is_ok() && of("shop.localhost", trap).is_ok());
        }
        assert!(of("shop.example", &["10.0.0.5", "2001:db8::7"]).is_ok());
        let none = of("shop.example", &[]).expect_err("nothing");
        assert_eq!(none.kind, FailureKind::Unresolved);
    }

    #[test]
    fn the_machine_is_named_by_its_own_names_only() {
        assert!(names_this_machine("localhost") && names_this_machine("shop.localhost."));
        assert!(!names_this_machine("localhost.example") && !names_this_machine("notlocalhost"));
    }

    #[test]
    fn connections_are_told_as_curl_is() {
        let read = ConnectTo::parse("Shop.example:443:127.0.0.1:8443").expect("one");
        assert_eq!((read.host.as_str(), read.port), ("shop.example", 443));
        assert_eq!(read.address.to_string(), "127.0.0.1:8443");
        assert!(ConnectTo::parse("shop.example:443:[::1]:8443").is_some());
        for text in [
            "",
            "shop.example",
            "shop.example:443:other.example:1",
            "a:b:c:d",
        ] {
            assert_eq!(ConnectTo::parse(text), None, "{text}");
        }
    }
}
