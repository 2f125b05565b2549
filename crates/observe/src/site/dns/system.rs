//! The resolver that this system asks.

use std::net::{IpAddr, SocketAddr};

use super::PORT;

/// The first resolver of `/etc/resolv.conf`; `None` where there is no such file.
pub(super) fn resolver() -> Option<SocketAddr> {
    first(&std::fs::read_to_string("/etc/resolv.conf").ok()?)
}

fn first(text: &str) -> Option<SocketAddr> {
    text.lines().find_map(|line| {
        let mut words = line.split_whitespace();
        if words.next()? != "nameserver" {
            return None;
        }
        // An address with a scope, `fe80::1%eth0`, is left out.
        let address: IpAddr = words.next()?.parse().ok()?;
        Some(SocketAddr::new(address, PORT))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_resolver_is_taken() {
        let text = "# nameserver 192.0.2.1\nsearch shop.example\nnameserver fe80::1%eth0\n\
                    nameserver\t192.0.2.53 # ours\nnameserver 192.0.2.54\n";
        let expected = "192.0.2.53:53".parse().ok();
        assert_eq!(first(text), expected);
        assert_eq!(first(""), None);
    }
}
