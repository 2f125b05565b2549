//! Which origins a regular expression lets in, beyond those that were meant.

/// An origin that a stranger can have and the pattern accepts, as `re.match` does: from the start,
/// without having to reach the end. The outer `None` says that the pattern is not understood, the
/// inner one that no such origin follows from it.
pub(super) fn strangers_origin(pattern: &str) -> Option<Option<String>> {
    let body = pattern.trim_start_matches('^');
    let (body, anchored) = match body.strip_suffix('$').or_else(|| body.strip_suffix(r"\Z")) {
        Some(body) if !body.ends_with('\\') => (body, true),
        _ => (body, false),
    };
    if EVERYTHING.contains(&body) {
        return Some(Some("https://evil.example".to_owned()));
    }
    let pieces = pieces(body)?;
    let text: String = pieces.iter().map(|piece| piece.text.as_str()).collect();
    let (scheme, host) = text.split_once("://")?;
    let host_begins = scheme.len() + "://".len();
    let ends_in_port = host.contains(':');
    let open_end = pieces
        .last()
        .is_some_and(|last| last.kind == Kind::Anything);
    if (!anchored || open_end) && !ends_in_port {
        return Some(Some(format!("{text}.evil.example")));
    }
    Some(strangers_domain(
        &pieces,
        &text,
        host_begins + domain_begins(host),
    ))
}

/// Patterns that match every origin.
const EVERYTHING: [&str; 10] = [
    "",
    ".*",
    ".+",
    "http.*",
    "https?.*",
    "https?://.*",
    "https?://.+",
    "https://.*",
    "https://.+",
    r"https?://[^/]+",
];

/// Another domain that the pattern accepts too: a bare dot before the domain stands for a letter,
/// or a repetition runs into the domain's own name.
fn strangers_domain(pieces: &[Piece], text: &str, domain: usize) -> Option<String> {
    let mut at = 0;
    for (index, piece) in pieces.iter().enumerate() {
        if piece.kind == Kind::BareDot && at + 1 == domain {
            let mut other = text.to_owned();
            other.replace_range(at..domain, "x");
            return Some(other);
        }
        let runs_on = pieces.get(index + 1).is_some_and(|next| next.text != ".");
        if matches!(piece.kind, Kind::Repeated | Kind::Anything) && at == domain && runs_on {
            let mut other = text.to_owned();
            other.insert_str(at, "evil-");
            return Some(other);
        }
        at += piece.text.len();
    }
    None
}

/// Where the last two labels of a host begin: about what a stranger would have to register.
fn domain_begins(host: &str) -> usize {
    let mut dots = host.rmatch_indices('.');
    match (dots.next(), dots.next()) {
        (Some(_), Some((place, _))) => place + 1,
        _ => 0,
    }
}

/// A part of a pattern, and a shortest text that it matches.
struct Piece {
    text: String,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Fixed,
    /// A dot that was probably meant as one: it stands for any character.
    BareDot,
    /// A class of characters, repeated.
    Repeated,
    /// `.*` or `.+`.
    Anything,
}

/// Takes a pattern apart. Understands literals, escapes, classes, plain groups and repetitions.
fn pieces(mut rest: &str) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    while let Some(first) = rest.chars().next() {
        let (text, length) = atom(rest)?;
        rest = rest.get(length..)?;
        let (least, after) = repetition(rest)?;
        let repeated = after.len() < rest.len() && !rest.starts_with('?');
        rest = after;
        let kind = match (first, repeated) {
            ('.', true) => Kind::Anything,
            ('.', false) => Kind::BareDot,
            ('[' | '\\', true) => Kind::Repeated,
            _ => Kind::Fixed,
        };
        // The optional `s` of a scheme is taken as there.
        let text = match least {
            0 if text != "s" => String::new(),
            _ => text,
        };
        pieces.push(Piece { text, kind });
    }
    Some(pieces)
}

/// One unrepeated part: a text that it matches, and its length in the pattern.
fn atom(rest: &str) -> Option<(String, usize)> {
    match rest.chars().next()? {
        '\\' => match rest.chars().nth(1)? {
            'd' => Some(("1".to_owned(), 2)),
            'w' => Some(("a".to_owned(), 2)),
            escaped if escaped.is_ascii_punctuation() => Some((escaped.to_string(), 2)),
            _ => None,
        },
        '[' => {
            let end = rest.find(']')?;
            let member = match rest.get(1..end)?.chars().next()? {
                '^' | '\\' => 'a',
                first => first,
            };
            Some((member.to_string(), end + 1))
        }
        '(' => {
            let end = rest.find(')')?;
            let inside = rest.get(1..end)?;
            let inside = inside.strip_prefix("?:").unwrap_or(inside);
            if inside.starts_with('?') || inside.contains('(') {
                return None;
            }
            let first = pieces(inside.split('|').next()?)?;
            Some((first.into_iter().map(|piece| piece.text).collect(), end + 1))
        }
        '|' | ')' | ']' | '{' | '}' | '*' | '+' | '?' | '^' | '$' => None,
        other => Some((other.to_string(), other.len_utf8())),
    }
}

/// The least number of repetitions that the pattern asks for next, and what follows.
fn repetition(rest: &str) -> Option<(usize, &str)> {
    let (least, after) = match rest.chars().next() {
        Some('*' | '?') => (0, rest.get(1..)?),
        Some('+') => (1, rest.get(1..)?),
        Some('{') => {
            let end = rest.find('}')?;
            let least = usize::from(!rest.starts_with("{0") && !rest.starts_with("{,"));
            (least, rest.get(end + 1..)?)
        }
        _ => return Some((1, rest)),
    };
    Some((least, after.strip_prefix('?').unwrap_or(after)))
}

#[cfg(test)]
mod tests {
    use super::strangers_origin;

    #[test]
    fn patterns_that_strangers_match() {
        for (pattern, origin) in [
            (".*", "https://evil.example"),
            (r"^https://.*$", "https://evil.example"),
            (r"https://example\.org", "https://example.org.evil.example"),
            (
                r"^https://\w+\.example\.org",
                "https://a.example.org.evil.example",
            ),
            (r"^https://app.example.org$", "https://appxexample.org"),
            (r"^https://.*example\.org$", "https://evil-example.org"),
            (r"^https://[\w-]*example\.org$", "https://evil-example.org"),
            (
                r"^https://example\.org.*$",
                "https://example.org.evil.example",
            ),
            (
                r"^https?://(www|app)\.example\.org",
                "https://www.example.org.evil.example",
            ),
            (r"^http://localhost", "http://localhost.evil.example"),
        ] {
            let found = strangers_origin(pattern).flatten();
            assert_eq!(found.as_deref(), Some(origin), "{pattern}");
        }
    }

    #[test]
    fn patterns_that_hold() {
        for pattern in [
            r"^https://[\w-]+\.example\.org$",
            r"^https://.*\.example\.org$",
            r"^https://(www|app)\.example\.org$",
            r"^https://a.b\.example\.org$",
            r"^https://example.org$",
            r"^https://\w+\.example\.org(:\d+)?$",
            r"^https://example\.org\Z",
            r"^http://localhost:\d+",
            r"^https://example-[a-z0-9]+\.netlify\.app$",
        ] {
            assert_eq!(strangers_origin(pattern), Some(None), "{pattern}");
        }
    }

    #[test]
    fn what_is_too_intricate_is_said() {
        for pattern in [
            r"^(?!x)https://a\.b$",
            r"a|b",
            r"^https://((a|b)\.)?c\.d$",
            "[",
        ] {
            assert_eq!(strangers_origin(pattern), None, "{pattern}");
        }
    }
}
