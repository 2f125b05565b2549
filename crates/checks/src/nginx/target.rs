//! Where a request is handed on to: `scheme://authority/uri`.

use std::collections::BTreeMap;
use std::net::IpAddr;

use tightship_model::nginx::{Configuration, Directive};

use super::content::{Part, parts};

/// The target of a `proxy_pass`, as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Target<'a> {
    /// `http` or `https`; `None` where a variable gives it, or the protocol has none.
    pub(super) scheme: Option<&'a str>,
    /// Host and port, or `unix:/path`.
    pub(super) authority: &'a str,
    /// From the first slash on; `None` hands the path on as it came.
    pub(super) uri: Option<&'a str>,
}

impl<'a> Target<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let (scheme, rest) = match text.split_once("://") {
            Some(("unix", _)) => (None, text),
            Some((scheme, rest)) => (Some(scheme), rest),
            None => (None, text),
        };
        let (authority, uri) = match rest.strip_prefix("unix:") {
            Some(path) => match path.split_once(':') {
                Some((path, uri)) => (&rest[.."unix:".len() + path.len()], Some(uri)),
                None => (rest, None),
            },
            None => match rest.find(['/', '?']) {
                Some(at) => (&rest[..at], Some(&rest[at..])),
                None => (rest, None),
            },
        };
        Self {
            scheme,
            authority,
            uri: uri.filter(|uri| !uri.is_empty()),
        }
    }

    /// The host without its port, and without the brackets of IPv6; `None` for a Unix socket.
    pub(super) fn host(&self) -> Option<&'a str> {
        host(self.authority)
    }
}

/// The host of `host:port`; `None` for a Unix socket.
pub(super) fn host(authority: &str) -> Option<&str> {
    if authority.starts_with("unix:") {
        return None;
    }
    match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next(),
        None => authority.split(':').next(),
    }
}

/// The `upstream` blocks by their names.
pub(super) fn upstreams(configuration: &Configuration) -> BTreeMap<&str, &Directive> {
    configuration
        .find("upstream")
        .into_iter()
        .filter(|(_, block)| block.block.is_some())
        .filter_map(|(_, block)| Some((block.argument(0)?, block)))
        .collect()
}

pub(super) fn has_variables(text: &str) -> bool {
    parts(text)
        .iter()
        .any(|part| matches!(part, Part::Variable(_)))
}

pub(super) fn is_address(name: &str) -> bool {
    name.parse::<IpAddr>().is_ok() || name == "localhost" || name.ends_with(".localhost")
}

/// Whether a name is one of the open network: one of several labels. A bare name is a service of
/// Compose or of the own network.
pub(super) fn is_public(name: &str) -> bool {
    const OWN: [&str; 5] = [
        ".local",
        ".internal",
        ".lan",
        ".home.arpa",
        ".svc.cluster.local",
    ];
    name.contains('.') && !is_address(name) && !OWN.iter().any(|end| name.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_falls_into_its_parts() {
        for (text, authority, uri) in [
            ("http://web:8000", "web:8000", None),
            ("http://web:8000/", "web:8000", Some("/")),
            ("https://web?x=1", "web", Some("?x=1")),
            ("http://unix:/run/app.sock", "unix:/run/app.sock", None),
            (
                "http://unix:/run/app.sock:/v1/",
                "unix:/run/app.sock",
                Some("/v1/"),
            ),
            ("http://$host$uri", "$host$uri", None),
            ("127.0.0.1:9000", "127.0.0.1:9000", None),
            ("unix:///run/app.sock", "unix:///run/app.sock", None),
        ] {
            let target = Target::of(text);
            assert_eq!((target.authority, target.uri), (authority, uri), "{text}");
        }
        assert_eq!(Target::of("http://[::1]:80/").host(), Some("::1"));
    }
}
