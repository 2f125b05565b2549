//! Regular expressions as nginx means them: those of PCRE, run by an engine without PCRE.
//!
//! What the two would read differently is translated or refused. What is refused is not known,
//! never guessed.

use std::sync::Arc;

use fancy_regex::Regex;

use crate::compiled::{Limits, compiled};

/// A compiled expression.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    written: String,
    regex: Arc<Regex>,
    /// In the syntax of the engine.
    translated: String,
    caseless: bool,
    /// Whether it has a `$`, which PCRE also finds before a line break at the very end.
    has_dollar: bool,
}

/// What an expression found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// The whole match, then the groups by number; empty for those that took no part.
    pub(super) groups: Vec<String>,
    pub(super) named: Vec<(String, String)>,
}

/// Steps of the engine beyond which an answer is not known.
const MOST_STEPS: usize = 100_000;

/// Bytes of a compiled expression.
const LARGEST: usize = 1 << 20;

impl Pattern {
    /// Fails with the reason why it cannot be told what it finds.
    pub(super) fn compile(pattern: &str, caseless: bool) -> Result<Self, String> {
        let refusal = || format!("what the expression {pattern} finds");
        let (translated, has_dollar) = translate(pattern).ok_or_else(refusal)?;
        let limits = Limits {
            caseless,
            most_steps: MOST_STEPS,
            largest: LARGEST,
        };
        let regex = compiled(&translated, limits).ok_or_else(refusal)?;
        Ok(Self {
            written: pattern.to_owned(),
            regex,
            translated,
            caseless,
            has_dollar,
        })
    }

    /// `None` where it finds nothing.
    pub(super) fn find(&self, subject: &str) -> Result<Option<Found>, String> {
        let refusal = || format!("what the expression {} finds", self.written);
        if self.has_dollar && subject.ends_with('\n') {
            return Err(refusal());
        }
        if !subject.is_ascii() {
            return self.find_bytes(subject).ok_or_else(refusal);
        }
        let captures = self.regex.captures(subject).map_err(|_| refusal())?;
        Ok(captures.map(|captures| {
            let text = |group: Option<fancy_regex::Match<'_>>| {
                group.map_or_else(String::new, |group| group.as_str().to_owned())
            };
            let names = self.regex.capture_names().flatten();
            Found {
                groups: captures.iter().map(text).collect(),
                named: names
                    .map(|name| (name.to_owned(), text(captures.name(name))))
                    .collect(),
            }
        }))
    }

    /// The same over bytes, as PCRE runs here, for what is not ASCII. `None` where the engine over
    /// bytes cannot tell, or a group ends inside of a character.
    fn find_bytes(&self, subject: &str) -> Option<Option<Found>> {
        let bytes = regex::bytes::RegexBuilder::new(&self.translated)
            .unicode(false)
            .case_insensitive(self.caseless)
            .size_limit(LARGEST)
            .build()
            .ok()?;
        let Some(captures) = bytes.captures(subject.as_bytes()) else {
            return Some(None);
        };
        let text = |group: Option<regex::bytes::Match<'_>>| match group {
            Some(group) => String::from_utf8(group.as_bytes().to_vec()).ok(),
            None => Some(String::new()),
        };
        let names = bytes.capture_names().flatten();
        Some(Some(Found {
            groups: captures.iter().map(text).collect::<Option<_>>()?,
            named: names
                .map(|name| Some((name.to_owned(), text(captures.name(name))?)))
                .collect::<Option<_>>()?,
        }))
    }
}

/// From the syntax of PCRE to that of the engine, with whether a `$` stands in it. `None` where
/// that has no counterpart.
fn translate(pattern: &str) -> Option<(String, bool)> {
    // The one takes `{,3}` as it stands, the other as a repetition.
    if pattern.contains("{,") {
        return None;
    }
    let mut out = String::with_capacity(pattern.len() + 8);
    let mut has_dollar = false;
    let mut chars = pattern.chars().peekable();
    // The number of characters that the open class holds.
    let mut class: Option<usize> = None;
    while let Some(c) = chars.next() {
        match (c, class) {
            ('\\', _) => {
                let escaped = chars.next()?;
                match escaped {
                    'Z' if class.is_none() => {
                        has_dollar = true;
                        out.push_str("\\z");
                    }
                    'd' | 'D' | 'w' | 'W' | 's' | 'S' | 't' | 'n' | 'r' | 'f' | 'a' | 'x' => {
                        out.push('\\');
                        out.push(escaped);
                    }
                    'b' | 'B' | 'A' | 'z' | '1'..='9' if class.is_none() => {
                        out.push('\\');
                        out.push(escaped);
                    }
                    escaped if escaped.is_ascii_alphanumeric() => return None,
                    // The engine does not take a backslash before each of these.
                    '<' | '>' | '_' | ' ' => out.push(escaped),
                    escaped => {
                        out.push('\\');
                        out.push(escaped);
                    }
                }
                class = class.map(|held| held + 1);
            }
            ('[', None) => {
                out.push('[');
                if chars.next_if_eq(&'^').is_some() {
                    out.push('^');
                }
                class = Some(0);
            }
            (']', Some(0)) => {
                out.push_str("\\]");
                class = Some(1);
            }
            (']', Some(_)) => {
                out.push(']');
                class = None;
            }
            // Inside a class the engine nests classes and has operators; PCRE has neither.
            ('[', Some(held)) => {
                if chars.peek() == Some(&':') {
                    out.push('[');
                    for inner in chars.by_ref() {
                        out.push(inner);
                        if inner == ']' {
                            break;
                        }
                    }
                } else {
                    out.push_str("\\[");
                }
                class = Some(held + 1);
            }
            ('&' | '~', Some(held)) => {
                out.push('\\');
                out.push(c);
                class = Some(held + 1);
            }
            (c, Some(held)) => {
                out.push(c);
                class = Some(held + 1);
            }
            ('$', None) => {
                has_dollar = true;
                out.push('$');
            }
            (c, None) => out.push(c),
        }
    }
    Some((out, has_dollar))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(pattern: &str, subject: &str) -> Option<Vec<String>> {
        let pattern = Pattern::compile(pattern, false).expect("a pattern");
        Some(pattern.find(subject).expect("known")?.groups)
    }

    #[test]
    fn pcre_is_meant() {
        assert_eq!(
            groups("^/(a|b)(c)?", "/ad"),
            Some(vec!["/a".into(), "a".into(), "".into()])
        );
        assert_eq!(
            groups(r"\.php$", "/x.php").map(|found| found.len()),
            Some(1)
        );
        assert_eq!(groups("^/[^/&&]+$", "/a&b"), None);
        assert_eq!(groups("[[]x", "[x").map(|found| found.len()), Some(1));
        assert_eq!(groups("^[]a]+$", "]a").map(|found| found.len()), Some(1));
        assert_eq!(groups(r"^\/a\_b", "/a_b").map(|found| found.len()), Some(1));
        assert_eq!(groups("^/(?!api)", "/api"), None);
        assert_eq!(groups("[[:digit:]]+", "a12"), Some(vec!["12".into()]));
        let named = Pattern::compile("^(?<year>[0-9]{4})", false).expect("a pattern");
        let found = named.find("2024/").expect("known").expect("found");
        assert_eq!(found.named, [("year".to_owned(), "2024".to_owned())]);
    }

    #[test]
    fn what_the_engines_read_differently_is_not_known() {
        assert!(Pattern::compile(r"^\Qa", false).is_err());
        assert!(Pattern::compile(r"\h", false).is_err());
        let dollar = Pattern::compile(r"\.php$", false).expect("a pattern");
        assert!(dollar.find("/x.php\n").is_err());
        assert!(dollar.find("/ü.php").expect("known").is_some());
        let ahead = Pattern::compile("^/(?!x)", false).expect("a pattern");
        assert!(ahead.find("/ü").is_err());
        let one = Pattern::compile("^/(.)", false).expect("a pattern");
        assert!(one.find("/ü").is_err());
    }
}
