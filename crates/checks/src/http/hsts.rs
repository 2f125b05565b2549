//! The header `Strict-Transport-Security`, as browsers read it (RFC 6797, section 6.1).

use tightship_model::Outcome;

use super::look::Answered;

pub(super) const NAME: &str = "Strict-Transport-Security";

/// What a browser keeps of the header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Policy {
    pub(super) max_age: u64,
    pub(super) include_subdomains: bool,
    pub(super) preload: bool,
}

impl Policy {
    /// `None` where browsers ignore the header: without `max-age`, with one that is no number, or
    /// with a directive given twice.
    pub(super) fn parse(value: &str) -> Option<Self> {
        let mut policy = Self::default();
        let mut seen = Vec::new();
        for directive in value.split(';') {
            let directive = directive.trim();
            if directive.is_empty() {
                continue;
            }
            let (name, value) = match directive.split_once('=') {
                Some((name, value)) => (name.trim(), Some(value.trim())),
                None => (directive, None),
            };
            let name = name.to_ascii_lowercase();
            if seen.contains(&name) {
                return None;
            }
            match name.as_str() {
                "max-age" => policy.max_age = seconds(value?)?,
                "includesubdomains" => policy.include_subdomains = true,
                "preload" => policy.preload = true,
                _ => {}
            }
            seen.push(name);
        }
        seen.iter().any(|name| name == "max-age").then_some(policy)
    }
}

/// Digits, in quotes or not; more than fit are for ever.
fn seconds(text: &str) -> Option<u64> {
    let digits = match text.strip_prefix('"') {
        Some(quoted) => quoted.strip_suffix('"')?,
        None => text,
    };
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().unwrap_or(u64::MAX))
}

/// The verdict where the header has no meaning: browsers ignore it over plain HTTP, from an IP
/// address, and on a connection whose certificate does not verify (RFC 6797, section 8.1).
pub(super) fn judged(seen: &Answered<'_>) -> Option<Outcome> {
    if !seen.exchange.is_secure() {
        return Some(Outcome::NotApplicable(
            "the page comes over plain HTTP, where browsers ignore the header".to_owned(),
        ));
    }
    let url = &seen.exchange.request.url;
    let host = url.trim_start_matches("https://");
    let host = host.split('/').next().unwrap_or_default();
    let is_address = host.starts_with('[')
        || host
            .split(':')
            .next()
            .is_some_and(|name| name.parse::<std::net::Ipv4Addr>().is_ok());
    is_address
        .then(|| Outcome::NotApplicable("browsers ignore the header from an IP address".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_browsers_do() {
        let policy = |max_age, include_subdomains, preload| {
            Some(Policy {
                max_age,
                include_subdomains,
                preload,
            })
        };
        for (value, expected) in [
            ("max-age=31536000", policy(31_536_000, false, false)),
            (
                " Max-Age = \"63072000\" ; includeSubDomains; PRELOAD;",
                policy(63_072_000, true, true),
            ),
            ("max-age=1; foo=bar", policy(1, false, false)),
            (
                "max-age=99999999999999999999",
                policy(u64::MAX, false, false),
            ),
            ("includeSubDomains", None),
            ("max-age", None),
            ("max-age=-1", None),
            ("max-age=1 day", None),
            ("max-age=1; max-age=2", None),
            ("max-age=\"1", None),
            ("", None),
        ] {
            assert_eq!(Policy::parse(value), expected, "{value}");
        }
    }
}
