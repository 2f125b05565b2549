//! Which part of a name somebody has registered, by the Public Suffix List.

use psl::Type;

/// The list that is built in: the day on which `psl` 2.1.247 was made from publicsuffix.org's list.
pub const LIST: &str = "Public Suffix List of 2026-11-05";

/// The name that somebody has registered, below which all names are theirs: `shop.co.uk` of
/// `www.shop.co.uk`, `shop.github.io` of itself. `None` for an IP address, a public suffix, and below a
/// top that the list does not know, where every guess may be wrong.
pub fn registered(host: &str) -> Option<&str> {
    let host = host.trim_end_matches('.');
    if host.parse::<std::net::IpAddr>().is_ok() {
        return None;
    }
    let lower = host.to_ascii_lowercase();
    let found = psl::domain(lower.as_bytes()).filter(|found| found.suffix().is_known())?;
    let start = host.len().checked_sub(found.as_bytes().len())?;
    host.get(start..)
}

/// Whether names of many strangers stand right below this one: `co.uk`, `github.io`, and `com` itself.
pub fn is_public_suffix(name: &str) -> bool {
    let lower = name.trim_end_matches('.').to_ascii_lowercase();
    let found = psl::suffix(lower.as_bytes()).filter(psl::Suffix::is_known);
    found.is_some_and(|suffix| suffix.as_bytes() == lower.as_bytes())
}

/// The provider's name below which a host stands that somebody has taken there: `github.io` of
/// `www.shop.github.io`. These are the list's private section.
pub fn provider(host: &str) -> Option<&str> {
    let host = host.trim_end_matches('.');
    let lower = host.to_ascii_lowercase();
    let found = psl::suffix(lower.as_bytes()).filter(|found| found.typ() == Some(Type::Private))?;
    let start = host.len().checked_sub(found.as_bytes().len())?;
    (start > 0).then(|| host.get(start..)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registered_names_are_known_whatever_their_suffix() {
        for (host, name) in [
            ("shop.com", Some("shop.com")),
            ("www.Shop.CO.UK", Some("Shop.CO.UK")),
            ("a.b.shop.github.io.", Some("shop.github.io")),
            ("xn--bcher-kva.de", Some("xn--bcher-kva.de")),
            ("co.uk", None),
            ("github.io", None),
            ("com", None),
            ("192.0.2.1", None),
            ("::1", None),
            ("localhost", None),
            ("shop.nosuchtop", None),
            ("", None),
        ] {
            assert_eq!(registered(host), name, "{host}");
        }
    }

    #[test]
    fn suffixes_and_providers() {
        assert!(
            is_public_suffix("co.uk") && is_public_suffix("GitHub.io") && is_public_suffix("com")
        );
        assert!(!is_public_suffix("shop.co.uk") && !is_public_suffix("nosuchtop"));
        assert_eq!(provider("www.shop.github.io"), Some("github.io"));
        assert_eq!(provider("github.io"), None);
        assert_eq!(provider("www.shop.co.uk"), None);
    }

    /// The date belongs to one version of the crate.
    #[test]
    fn the_date_is_that_of_the_list() {
        let lock = include_str!("../../../Cargo.lock");
        let after = lock.split_once("name = \"psl\"\n").expect("it is locked").1;
        assert!(after.starts_with("version = \"2.1.247\"\n"));
    }
}
