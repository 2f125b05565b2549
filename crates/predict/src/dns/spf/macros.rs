//! Macros (RFC 7208, section 7).

/// A text with macros in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Text(pub(super) Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Literal(String),
    Macro(Macro),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Macro {
    /// In small letters.
    pub(super) letter: char,
    /// Whether what it stands for is escaped as in a URL.
    escape: bool,
    /// Parts from the right that are kept; all where it is `None`.
    keep: Option<usize>,
    reverse: bool,
    delimiters: String,
}

/// Letters that stand for something in every text.
const LETTERS: &str = "slodiphv";

/// Letters that only explanations know.
const OF_EXPLANATIONS: &str = "crt";

/// Reads a name with macros: it ends in one, or in a label that can be a top-level domain.
pub(super) fn domain_spec(text: &str) -> Option<Text> {
    let spec = macro_string(text)?;
    // What a literal writes as `%%` or `%_` is an expansion too.
    if text.ends_with('}') || ["%%", "%_", "%-"].iter().any(|end| text.ends_with(end)) {
        return Some(spec);
    }
    let Some(Piece::Literal(end)) = spec.0.last() else {
        return None;
    };
    let end = end.strip_suffix('.').unwrap_or(end);
    let (_, label) = end.rsplit_once('.')?;
    is_top_label(label).then_some(spec)
}

/// Letters, digits and hyphens, not only digits, no hyphen at either end.
fn is_top_label(label: &str) -> bool {
    !label.is_empty()
        && label
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !label.bytes().all(|byte| byte.is_ascii_digit())
        && !label.starts_with('-')
        && !label.ends_with('-')
}

/// Reads a text of a record: visible letters and macros.
pub(super) fn macro_string(text: &str) -> Option<Text> {
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return None;
    }
    pieces(text, LETTERS)
}

/// Reads an explanation, which may hold spaces and more macros.
pub(super) fn explanation(text: &str) -> Option<Text> {
    if !text.is_ascii() {
        return None;
    }
    pieces(text, &format!("{LETTERS}{OF_EXPLANATIONS}"))
}

fn pieces(text: &str, letters: &str) -> Option<Text> {
    let mut pieces = Vec::new();
    let mut literal = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        literal.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let (plain, length) = match after.as_bytes().first()? {
            b'%' => ("%", 1),
            b'_' => (" ", 1),
            b'-' => ("%20", 1),
            b'{' => {
                let end = after.find('}')?;
                if !literal.is_empty() {
                    pieces.push(Piece::Literal(std::mem::take(&mut literal)));
                }
                pieces.push(Piece::Macro(expansion(&after[1..end], letters)?));
                ("", end + 1)
            }
            _ => return None,
        };
        literal.push_str(plain);
        rest = &after[length..];
    }
    literal.push_str(rest);
    if !literal.is_empty() {
        pieces.push(Piece::Literal(literal));
    }
    Some(Text(pieces))
}

/// What stands in the braces: a letter, digits, `r`, delimiters.
fn expansion(text: &str, letters: &str) -> Option<Macro> {
    let letter = text.chars().next()?;
    let small = letter.to_ascii_lowercase();
    if !letters.contains(small) {
        return None;
    }
    let rest = &text[letter.len_utf8()..];
    let end = rest
        .find(|letter: char| !letter.is_ascii_digit())
        .unwrap_or(rest.len());
    let (digits, rest) = rest.split_at(end);
    let keep = match digits {
        "" => None,
        // More than a name has labels: too many digits for a number mean all.
        digits => Some(digits.parse().unwrap_or(usize::MAX)).filter(|keep| *keep > 0),
    };
    if !digits.is_empty() && keep.is_none() {
        return None;
    }
    let (reverse, rest) = match rest.strip_prefix(['r', 'R']) {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    rest.chars().all(|c| ".-+,/_=".contains(c)).then(|| Macro {
        letter: small,
        escape: letter.is_ascii_uppercase(),
        keep,
        reverse,
        delimiters: if rest.is_empty() { "." } else { rest }.to_owned(),
    })
}

impl Macro {
    /// What becomes of the value that the letter stands for.
    pub(super) fn transform(&self, value: &str) -> String {
        let plain = self.keep.is_none() && !self.reverse && self.delimiters == ".";
        let value = match plain {
            true => value.to_owned(),
            false => {
                let mut parts: Vec<_> = value
                    .split(|letter| self.delimiters.contains(letter))
                    .collect();
                if self.reverse {
                    parts.reverse();
                }
                let kept = self.keep.unwrap_or(usize::MAX).min(parts.len());
                parts[parts.len() - kept..].join(".")
            }
        };
        match self.escape {
            true => escaped(&value),
            false => value,
        }
    }
}

/// As in a URL: all but the unreserved letters of RFC 3986 as numbers.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for byte in text.bytes() {
        match byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            true => escaped.push(char::from(byte)),
            false => escaped.push_str(&format!("%{byte:02X}")),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_split_turned_and_cut() {
        // The examples of RFC 7208, section 7.4, for strong-bad@email.example.com.
        for (text, value, expected) in [
            ("d", "email.example.com", "email.example.com"),
            ("d2", "email.example.com", "example.com"),
            ("dr", "email.example.com", "com.example.email"),
            ("d2r", "email.example.com", "example.email"),
            ("l-", "strong-bad", "strong.bad"),
            ("lr-", "strong-bad", "bad.strong"),
            ("l1r-", "strong-bad", "strong"),
            ("S", "a b@c", "a%20b%40c"),
        ] {
            let read = expansion(text, LETTERS).expect(text);
            assert_eq!(read.transform(value), expected, "{text}");
        }
        for text in ["", "x", "d0", "d2x", "c", "dé"] {
            assert_eq!(expansion(text, LETTERS), None, "{text}");
        }
    }

    #[test]
    fn names_end_in_a_macro_or_a_label() {
        for text in ["a.example", "a.example.", "%{i}._spf.%{d}", "%{d}", "x%%"] {
            assert!(domain_spec(text).is_some(), "{text}");
        }
        for text in [
            "",
            "museum",
            "abc.123",
            "a.-x",
            "%",
            "%a",
            "%{d",
            "a b.example",
            "%{d}x",
        ] {
            assert!(domain_spec(text).is_none(), "{text}");
        }
    }
}
