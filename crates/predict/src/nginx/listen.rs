//! What `listen` says: [ngx_http_core_module](https://nginx.org/en/docs/http/ngx_http_core_module.html#listen).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::RangeInclusive;

use tightship_model::nginx::Directive;

/// One `listen` of a server.
#[derive(Clone, Debug)]
pub struct Listen<'a> {
    /// `None` where the server has none and nginx's default holds.
    pub directive: Option<&'a Directive>,
    pub address: Address,
    /// One port, or the range that it names; 0 for a Unix socket.
    pub ports: RangeInclusive<u16>,
    pub ssl: bool,
    pub http2: bool,
    pub quic: bool,
    pub proxy_protocol: bool,
    pub default_server: bool,
}

/// What a socket is bound to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Address {
    /// The unspecified address stands for every address of its family.
    Ip(IpAddr),
    /// A host name, which nginx resolves when it starts.
    Name(String),
    /// The path of a Unix socket.
    Unix(String),
    /// A variable of a template that is not known.
    NotKnown(String),
}

impl Address {
    pub const ANY: Self = Self::Ip(IpAddr::V4(Ipv4Addr::UNSPECIFIED));

    /// Whether it takes connections to every address of its family.
    pub fn is_any(&self) -> bool {
        matches!(self, Self::Ip(address) if address.is_unspecified())
    }

    /// Whether only the machine itself can connect.
    pub fn is_local(&self) -> bool {
        match self {
            Self::Ip(address) => address.is_loopback(),
            Self::Name(name) => name == "localhost",
            Self::Unix(_) => true,
            Self::NotKnown(_) => false,
        }
    }
}

impl<'a> Listen<'a> {
    /// All of a server, or the default of nginx: `*:80` (8000 where it is not started by root).
    pub fn all(server: &'a Directive) -> Vec<Self> {
        let listens: Vec<_> = server.children("listen").filter_map(Self::of).collect();
        if listens.is_empty() && server.child("listen").is_none() {
            return vec![Self::bare(None, Address::ANY, 80..=80)];
        }
        listens
    }

    /// `None` where nginx would refuse it.
    fn of(directive: &'a Directive) -> Option<Self> {
        let word = directive.arguments.first()?;
        let (address, ports) = if word.is_known {
            place(&word.text)?
        } else {
            (Address::NotKnown(word.text.clone()), 0..=0)
        };
        let has = |flag: &str| directive.texts().skip(1).any(|text| text == flag);
        Some(Self {
            ssl: has("ssl") || has("quic"),
            http2: has("http2"),
            quic: has("quic"),
            proxy_protocol: has("proxy_protocol"),
            default_server: has("default_server") || has("default"),
            ..Self::bare(Some(directive), address, ports)
        })
    }

    fn bare(
        directive: Option<&'a Directive>,
        address: Address,
        ports: RangeInclusive<u16>,
    ) -> Self {
        Self {
            directive,
            address,
            ports,
            ssl: false,
            http2: false,
            quic: false,
            proxy_protocol: false,
            default_server: false,
        }
    }
}

/// `80`, `*:80`, `127.0.0.1`, `[::]:80`, `example.org:80`, `unix:/path`, each with a range of ports
/// too.
fn place(text: &str) -> Option<(Address, RangeInclusive<u16>)> {
    let lower = text.to_ascii_lowercase();
    if lower.starts_with("unix:") {
        return Some((Address::Unix(text.get(5..)?.to_owned()), 0..=0));
    }
    if let Some(rest) = text.strip_prefix('[') {
        let (address, rest) = rest.split_once(']')?;
        let address: Ipv6Addr = address.parse().ok()?;
        let ports = match rest.strip_prefix(':') {
            Some(ports) => range(ports)?,
            None => 80..=80,
        };
        return Some((Address::Ip(IpAddr::V6(address)), ports));
    }
    if let Some(ports) = range(text) {
        return Some((Address::ANY, ports));
    }
    let (host, ports) = match text.split_once(':') {
        Some((host, ports)) => (host, range(ports)?),
        None => (text, 80..=80),
    };
    let address = match host {
        "*" => Address::ANY,
        host if host
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'-') =>
        {
            return None;
        }
        host => match host.parse() {
            Ok(address) => Address::Ip(IpAddr::V4(address)),
            Err(_) => Address::Name(host.to_owned()),
        },
    };
    Some((address, ports))
}

fn range(text: &str) -> Option<RangeInclusive<u16>> {
    let number = |text: &str| {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let port: u16 = is_number.then(|| text.parse().ok())??;
        (port > 0).then_some(port)
    };
    match text.split_once('-') {
        Some((first, last)) => {
            let (first, last) = (number(first)?, number(last)?);
            (first <= last).then_some(first..=last)
        }
        None => {
            let port = number(text)?;
            Some(port..=port)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_ports() {
        let ip = |text: &str| Address::Ip(text.parse().expect("an address"));
        assert_eq!(place("80"), Some((Address::ANY, 80..=80)));
        assert_eq!(place("*:8080"), Some((Address::ANY, 8080..=8080)));
        assert_eq!(place("127.0.0.1"), Some((ip("127.0.0.1"), 80..=80)));
        assert_eq!(place("[::]:443"), Some((ip("::"), 443..=443)));
        assert_eq!(place("[::1]"), Some((ip("::1"), 80..=80)));
        assert_eq!(place("8000-8010"), Some((Address::ANY, 8000..=8010)));
        assert_eq!(
            place("localhost:81"),
            Some((Address::Name("localhost".into()), 81..=81))
        );
        assert_eq!(
            place("unix:/run/nginx.sock"),
            Some((Address::Unix("/run/nginx.sock".into()), 0..=0))
        );
        assert_eq!(place("0"), None);
        assert_eq!(place("[::"), None);
        assert_eq!(place("10-5"), None);
        assert_eq!(place(":80"), None);
    }
}
