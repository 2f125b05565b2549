//! Which sites a regular expression over Origin or Referer lets in beside those that were meant.

use super::bytes::Bytes;
use super::pattern::{Node, Pattern};

/// What a browser sends: an origin, or the address of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sent {
    /// `scheme://host[:port]`
    Origin,
    /// `scheme://host[:port][/path][?query]`
    Referer,
}

/// What is wrong with a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Loose {
    /// This site of a stranger matches.
    Stranger(String),
    /// A bare dot lets in this host, whose name nobody can register today.
    Dot(String),
    /// Text before the scheme matches; browsers send none.
    Start,
    /// Nothing that a browser sends matches.
    Nothing,
}

/// The fault of a pattern; `None` where it holds, or where it is too intricate to tell.
pub(super) fn loose(pattern: &Pattern, sent: Sent) -> Option<Loose> {
    let samples = samples(&pattern.tree)?;
    let matching: Vec<&String> = samples
        .iter()
        .filter(|sample| pattern.is_match(sample) == Some(true))
        .collect();
    let meant: Vec<String> = matching
        .iter()
        .filter_map(|sample| Some(domain(&host_of(sample, sent)?)))
        .collect();
    let strange = matching
        .iter()
        .flat_map(|sample| variations(sample, sent))
        .filter(|text| host_of(text, sent).is_some_and(|host| !meant.contains(&domain(&host))))
        .filter(|text| pattern.is_match(text) == Some(true));
    let mut unregistrable = None;
    for text in strange {
        let host = host_of(&text, sent).unwrap_or_default();
        if host.contains('.') {
            return Some(Loose::Stranger(text));
        }
        unregistrable.get_or_insert(host);
    }
    if meant.is_empty() && is_never_sent(&matching, sent) {
        return Some(Loose::Nothing);
    }
    let before = matching
        .iter()
        .any(|sample| pattern.is_match(&format!("x{sample}")) == Some(true));
    if before {
        return Some(Loose::Start);
    }
    unregistrable.map(Loose::Dot)
}

/// Whether no text like the samples ever comes: an origin with a path or without a scheme, an
/// address with a fragment.
fn is_never_sent(samples: &[&String], sent: Sent) -> bool {
    let is_impossible = |sample: &&&String| match sent {
        Sent::Origin => true,
        Sent::Referer => sample.contains('#'),
    };
    !samples.is_empty() && samples.iter().all(|sample| is_impossible(&sample))
}

/// Other texts that a stranger could make the browser send, near a sample.
fn variations(sample: &str, sent: Sent) -> Vec<String> {
    let mut found = Vec::new();
    for address in ["https://evil.example/", "https://evil.example/?"] {
        if sent == Sent::Referer {
            found.push(format!("{address}{sample}"));
        }
    }
    for scheme in ["https://", "http://"] {
        found.push(format!("{scheme}evil.example.{sample}"));
        found.push(format!("{scheme}evil-{sample}"));
        found.push(format!("{scheme}evil.example/{sample}"));
    }
    found.push(format!("{sample}.evil.example"));
    found.push(format!("{sample}evil.example"));
    let Some(begin) = sample.find("://").map(|at| at + 3) else {
        return found;
    };
    let end = sample[begin..]
        .find(['/', '?', '#'])
        .map_or(sample.len(), |at| begin + at);
    if end < sample.len() {
        let (host, rest) = sample.split_at(end);
        found.push(format!("{host}.evil.example{rest}"));
    }
    for (at, _) in sample
        .char_indices()
        .filter(|(at, _)| (begin..=end).contains(at))
    {
        for inserted in ["evil-", "evil.example/", "x.evil-"] {
            found.push(format!("{}{inserted}{}", &sample[..at], &sample[at..]));
        }
        if let Some(rest) = sample.get(at + 1..).filter(|_| at < end) {
            found.push(format!("{}x{rest}", &sample[..at]));
        }
    }
    found
}

/// The host of what a browser sends; `None` for what none does.
fn host_of(text: &str, sent: Sent) -> Option<String> {
    let (scheme, rest) = text.split_once("://")?;
    if !matches!(scheme.to_ascii_lowercase().as_str(), "http" | "https") {
        return None;
    }
    let authority = match (sent, rest.find(['/', '?', '#'])) {
        (Sent::Origin, Some(_)) => return None,
        (Sent::Referer, Some(at)) => &rest[..at],
        (_, None) => rest,
    };
    if sent == Sent::Referer && rest.contains('#') {
        return None;
    }
    let (host, port) = authority.split_once(':').unwrap_or((authority, "0"));
    let is_label = |label: &str| {
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        !label.is_empty() && label.chars().all(is_part)
    };
    let is_host = host.split('.').all(is_label) && !port.is_empty();
    (is_host && port.chars().all(|c| c.is_ascii_digit())).then(|| host.to_ascii_lowercase())
}

/// About what somebody has to register to have a host: its last two labels, or three below a
/// country's second level such as `co.uk`.
fn domain(host: &str) -> String {
    const SECOND_LEVELS: [&str; 7] = ["ac", "co", "com", "edu", "gov", "net", "org"];
    let labels: Vec<_> = host.split('.').collect();
    let take = match labels.as_slice() {
        [.., _, second, country] if country.len() == 2 && SECOND_LEVELS.contains(second) => 3,
        _ => 2,
    };
    labels[labels.len().saturating_sub(take)..].join(".")
}

/// Short texts that a pattern matches, one for each way through its choices. `None` where there
/// are too many.
fn samples(tree: &Node) -> Option<Vec<String>> {
    const MOST: usize = 64;
    const LONGEST: usize = 512;
    let samples = match tree {
        Node::Empty | Node::Start | Node::End => vec![String::new()],
        Node::Byte(bytes) => vec![char::from(likely(*bytes)).to_string()],
        Node::Sequence(nodes) => {
            let mut found = vec![String::new()];
            for node in nodes {
                let next = samples(node)?;
                found = found
                    .iter()
                    .flat_map(|text| next.iter().map(move |more| format!("{text}{more}")))
                    .take(MOST)
                    .collect();
            }
            found
        }
        Node::Choice(nodes) => {
            let mut found = Vec::new();
            for node in nodes {
                found.extend(samples(node)?);
            }
            found.truncate(MOST);
            found
        }
        Node::Group(_, node) => samples(node)?,
        Node::Repeat { node, least, .. } => match least {
            0 => vec![String::new()],
            times => samples(node)?
                .into_iter()
                .map(|text| text.repeat((*times).min(64)))
                .collect(),
        },
        Node::Any => return None,
    };
    let is_short = samples.iter().all(|sample| sample.len() <= LONGEST);
    is_short.then_some(samples)
}

/// The byte that was probably meant: a bare dot is a dot.
fn likely(bytes: Bytes) -> u8 {
    let is_anything = Bytes::range(b'a', b'z')
        .or(Bytes::of("./:"))
        .is_within(bytes);
    let prefers: &[u8] = if is_anything { b"." } else { b"a0.-/" };
    let preferred = prefers.iter().copied().find(|byte| bytes.holds(*byte));
    preferred.or_else(|| bytes.iter().next()).unwrap_or(b'a')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(pattern: &str, sent: Sent) -> Option<Loose> {
        loose(&Pattern::parse(pattern, false).expect("a pattern"), sent)
    }

    #[test]
    fn strangers_get_in() {
        for (pattern, sent) in [
            (r"^https://([^/]+)?shop\.example$", Sent::Origin),
            (r"^https://shop\.example", Sent::Origin),
            (r"^https://shop\.example([^/]+)?$", Sent::Origin),
            (r"^https://app.shop\.example$", Sent::Origin),
            (r"https://shop\.example/", Sent::Referer),
            (
                r"^https?://([^/]+\.)?a\.example/|([^/]+\.)?b\.example/",
                Sent::Referer,
            ),
        ] {
            let found = fault(pattern, sent);
            assert!(
                matches!(found, Some(Loose::Stranger(_))),
                "{pattern}: {found:?}"
            );
        }
    }

    #[test]
    fn careful_patterns_hold() {
        for (pattern, sent) in [
            (r"^https://shop\.example$", Sent::Origin),
            (r"^https?://([\w-]+\.)?shop\.example(:\d+)?$", Sent::Origin),
            (r"^https://(?>www\.)shop\.example/", Sent::Referer),
            (r"^https://(www\.)*+shop\.example$", Sent::Origin),
            (r"^https?://shop\.example($|/)(?P<path>.*)", Sent::Referer),
            (r"^https://preview-[a-z0-9]+\.shop\.example$", Sent::Origin),
            (r"^https?://(www\.)?shop\.co\.uk/", Sent::Referer),
        ] {
            assert_eq!(fault(pattern, sent), None, "{pattern}");
        }
    }

    #[test]
    fn some_patterns_are_only_odd() {
        assert_eq!(
            fault(r"https://shop\.example$", Sent::Origin),
            Some(Loose::Start)
        );
        assert_eq!(
            fault(r"^https://shop\.example/", Sent::Origin),
            Some(Loose::Nothing)
        );
        assert!(matches!(
            fault(r"^https://shop.example$", Sent::Origin),
            Some(Loose::Dot(_))
        ));
    }
}
