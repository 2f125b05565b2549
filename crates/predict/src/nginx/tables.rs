//! Variables that tables make: `map`, `geo`, `split_clients`.

use std::collections::HashMap;
use std::net::IpAddr;

use tightship_model::nginx::{Directive, Word};

use super::answer::Doubt;
use super::http::Http;
use super::pattern::{Found, Pattern};

/// What a table says to a value.
pub(super) struct Entry<'a> {
    /// `None` for the empty text: no entry fits and there is no default.
    pub(super) word: Option<&'a Word>,
    /// What the regular expression of the entry captured.
    pub(super) found: Option<Found>,
}

impl<'a> Http<'a> {
    /// The values that a `map`, `geo` or `split_clients` can give this variable, in the order of the
    /// file; they may hold variables again. `None` where no such table makes it. The table gives
    /// the empty text too where it has no `default`.
    pub fn values_of(&self, variable: &str) -> Option<Vec<&'a Word>> {
        let table = self.table(variable)?;
        let entries = table.directives().iter();
        Some(
            entries
                .filter_map(|entry| entry.arguments.first())
                .collect(),
        )
    }
}

/// [ngx_http_map_module](https://nginx.org/en/docs/http/ngx_http_map_module.html#map).
pub(super) fn map<'a>(table: &'a Directive, value: &str) -> Result<Entry<'a>, Doubt> {
    let mut default = None;
    let mut exact: HashMap<String, &Word> = HashMap::new();
    let mut patterns = Vec::new();
    let hostnames = table
        .directives()
        .iter()
        .any(|entry| entry.is("hostnames") && entry.arguments.is_empty());
    let (mut at_or_below, mut below, mut trailing) =
        (HashMap::new(), HashMap::new(), HashMap::new());
    for entry in table.directives() {
        let Some(word) = entry.arguments.first() else {
            continue;
        };
        if !entry.name.is_known {
            return Err(Doubt::new(Some(entry.name.span), "a key of the map"));
        }
        let key = entry.name.text.as_str();
        if key == "default" {
            default = Some(word);
        } else if let Some(pattern) = key.strip_prefix('~') {
            patterns.push((entry, pattern, word));
        } else {
            let key = key.strip_prefix('\\').unwrap_or(key).to_ascii_lowercase();
            if let (true, Some(key)) = (hostnames, key.strip_prefix("*.")) {
                below.insert(key.to_owned(), word);
            } else if let (true, Some(key)) = (hostnames, key.strip_prefix('.')) {
                at_or_below.insert(key.to_owned(), word);
            } else if let (true, Some(key)) = (hostnames, key.strip_suffix(".*")) {
                trailing.insert(key.to_owned(), word);
            } else {
                exact.insert(key, word);
            }
        }
    }
    let key = value.to_ascii_lowercase();
    let key = match key.strip_suffix('.') {
        Some(bare) if hostnames => bare,
        _ => &key,
    };
    let plain = |word| Entry { word, found: None };
    if let Some(word) = exact.get(key).or_else(|| at_or_below.get(key)) {
        return Ok(plain(Some(word)));
    }
    let mut rest = key;
    while let Some((_, above)) = rest.split_once('.') {
        rest = above;
        if let Some(word) = below.get(rest).or_else(|| at_or_below.get(rest)) {
            return Ok(plain(Some(word)));
        }
    }
    let mut rest = key;
    while let Some((front, _)) = rest.rsplit_once('.') {
        rest = front;
        if let Some(word) = trailing.get(rest) {
            return Ok(plain(Some(word)));
        }
    }
    for (entry, pattern, word) in patterns.into_iter().filter(|_| !value.is_empty()) {
        let (pattern, caseless) = match pattern.strip_prefix('*') {
            Some(pattern) => (pattern, true),
            None => (pattern, false),
        };
        let found = Pattern::compile(pattern, caseless)
            .and_then(|pattern| pattern.find(value))
            .map_err(|reason| Doubt::new(Some(entry.name.span), reason))?;
        if found.is_some() {
            return Ok(Entry {
                word: Some(word),
                found,
            });
        }
    }
    Ok(plain(default))
}

/// [ngx_http_geo_module](https://nginx.org/en/docs/http/ngx_http_geo_module.html#geo): the entry
/// of the longest network that the address lies in.
pub(super) fn geo<'a>(table: &'a Directive, address: IpAddr) -> Result<Entry<'a>, Doubt> {
    let mut best: Option<(u8, &Word)> = None;
    let mut default = None;
    for entry in table.directives() {
        let key = entry.name.text.as_str();
        match (key, entry.arguments.first()) {
            ("ranges" | "proxy" | "proxy_recursive" | "delete", _) => {
                let reason = format!("what the geo block with {key} gives");
                return Err(Doubt::new(Some(entry.name.span), reason));
            }
            ("default", word) => default = word,
            (_, Some(word)) => {
                let network = Network::parse(key).filter(|_| entry.name.is_known);
                let Some(network) = network else {
                    return Err(Doubt::new(
                        Some(entry.name.span),
                        "a network of the geo block",
                    ));
                };
                // A later equal network replaces the earlier one.
                if network.holds(address) && best.is_none_or(|(bits, _)| network.bits >= bits) {
                    best = Some((network.bits, word));
                }
            }
            (_, None) => {}
        }
    }
    Ok(Entry {
        word: best.map(|(_, word)| word).or(default),
        found: None,
    })
}

/// An address with the number of its leading bits that count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Network {
    address: IpAddr,
    bits: u8,
}

impl Network {
    /// `10.0.0.0/8`, `::1`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse::<u8>().ok()?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(most);
        (bits <= most).then_some(Self { address, bits })
    }

    pub(super) fn holds(self, address: IpAddr) -> bool {
        let differing = match (self.address, address.to_canonical()) {
            (IpAddr::V4(one), IpAddr::V4(other)) => {
                (one.to_bits() ^ other.to_bits()).leading_zeros()
            }
            (IpAddr::V6(one), IpAddr::V6(other)) => {
                (one.to_bits() ^ other.to_bits()).leading_zeros()
            }
            _ => return false,
        };
        differing >= u32::from(self.bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks() {
        let holds = |network: &str, address: &str| {
            let network = Network::parse(network).expect("a network");
            network.holds(address.parse().expect("an address"))
        };
        assert!(holds("10.0.0.0/8", "10.1.2.3"));
        assert!(!holds("10.0.0.0/8", "11.0.0.1"));
        assert!(holds("0.0.0.0/0", "1.2.3.4"));
        assert!(holds("127.0.0.1", "::ffff:127.0.0.1"));
        assert!(holds("2001:db8::/32", "2001:db8::1"));
        assert_eq!(Network::parse("10.0.0.0/33"), None);
    }
}
