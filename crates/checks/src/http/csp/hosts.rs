//! Hosts among the sources of a policy: those that are known to get around it, and addresses.

use std::sync::LazyLock;

use url::{Host, Url};

/// What makes an address get around a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bypass {
    Jsonp,
    /// As [`Bypass::Jsonp`] where the policy allows `'unsafe-eval'` too.
    JsonpWithEval,
    Angular,
    Flash,
}

/// One address of the list.
#[derive(Debug)]
pub(super) struct Known {
    kind: Bypass,
    url: Url,
}

impl Known {
    pub(super) fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    pub(super) fn needs_eval(&self) -> bool {
        self.kind == Bypass::JsonpWithEval
    }
}

static BYPASSES: LazyLock<Vec<Known>> = LazyLock::new(|| {
    let lines = include_str!("bypasses.txt").lines();
    lines
        .filter_map(|line| {
            let (kind, address) = line.split_once(' ')?;
            let kind = match kind {
                "jsonp" => Bypass::Jsonp,
                "jsonp-eval" => Bypass::JsonpWithEval,
                "angular" => Bypass::Angular,
                "flash" => Bypass::Flash,
                _ => return None,
            };
            let url = Url::parse(&format!("https:{address}")).ok()?;
            Some(Known { kind, url })
        })
        .collect()
});

/// The first address of those kinds that a source lets in.
pub(super) fn bypass(source: &str, kinds: &[Bypass]) -> Option<&'static Known> {
    let asked = parsed(source)?;
    let host = asked.host_str()?;
    let below = host
        .strip_prefix(WILDCARD)
        .filter(|rest| rest.starts_with('.'));
    let path = asked.path();
    BYPASSES.iter().find(|known| {
        let is_host = match below {
            Some(below) => known.host().ends_with(below),
            None => known.host() == host,
        };
        let is_path = match path {
            "/" => true,
            folder if folder.ends_with('/') => known.url.path().starts_with(folder),
            file => known.url.path() == file,
        };
        kinds.contains(&known.kind) && is_host && is_path
    })
}

/// An address where a source should name a host.
pub(super) fn ip_address(source: &str) -> bool {
    let asked = parsed(source);
    matches!(
        asked.as_ref().and_then(Url::host),
        Some(Host::Ipv4(_) | Host::Ipv6(_))
    )
}

/// Stands for the `*` of a source, which no address may have.
const WILDCARD: &str = "wildcard_placeholder";

/// A source as an address: without its scheme, its `*` replaced and `:*` left out.
fn parsed(source: &str) -> Option<Url> {
    let host = without_scheme(source)
        .replacen(":*", "", 1)
        .replacen('*', WILDCARD, 1);
    Url::parse(&format!("https://{host}")).ok()
}

/// `https://cdn.example` as `cdn.example`.
pub(super) fn without_scheme(source: &str) -> &str {
    let rest = source.split_once("://").filter(|(scheme, _)| {
        let is_word = |one: char| one.is_ascii_alphanumeric() || one == '_';
        scheme.starts_with(is_word)
            && scheme
                .chars()
                .all(|one| is_word(one) || "+.-".contains(one))
    });
    let rest = rest.map_or(source, |(_, rest)| rest);
    rest.strip_prefix("//").unwrap_or(rest)
}
