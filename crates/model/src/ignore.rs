//! What an ignore file of a build context lets through.
//!
//! As BuildKit decides (github.com/moby/patternmatcher): a path is left out when the last pattern
//! that matches it, or a folder above it, is no `!` pattern. `*` and `?` stop at a `/`, `**` does
//! not.

use crate::Trail;
use crate::image::{Ignore, IgnorePattern, Ignored};

/// Characters of a pattern; longer ones match nothing.
const LONGEST: usize = 4096;

impl Ignore {
    /// Whether a path of the context, relative to it, is left out of the build.
    pub fn judge(&self, path: &str) -> Ignored {
        let mut decisive: Option<&IgnorePattern> = None;
        let mut is_ignored = false;
        for pattern in &self.patterns {
            // A pattern that would change nothing is not asked.
            if pattern.takes_back == is_ignored && covers(&pattern.pattern, path) {
                is_ignored = !pattern.takes_back;
                decisive = Some(pattern);
            }
        }
        let text = match is_ignored {
            true => "leaves it out of the build",
            false => "takes it into the build again",
        };
        Ignored {
            is_ignored,
            trail: decisive.map_or_else(Trail::default, |found| Trail::at(found.span, text)),
        }
    }
}

/// Whether a pattern matches a path or a folder above it.
pub(crate) fn covers(pattern: &str, path: &str) -> bool {
    // Most patterns are names: there are thousands of paths to ask.
    let begins = |path: &str, name: &str| {
        let rest = path.strip_prefix(name);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    match pattern.strip_prefix("**/") {
        _ if !is_pattern(pattern) => return begins(path, pattern),
        Some(name) if !is_pattern(name) && !name.is_empty() => {
            let mut below = path.match_indices('/').map(|(at, _)| &path[at + 1..]);
            return begins(path, name) || below.any(|path| begins(path, name));
        }
        _ => {}
    }
    // What has no `**` and no class, which may stand for a slash, reaches as deep as it has slashes.
    let is_flat = !pattern.contains("**") && !pattern.contains('[');
    let depth = pattern.matches('/').count();
    let end = path.match_indices('/').nth(depth).filter(|_| is_flat);
    let path = end.map_or(path, |(at, _)| &path[..at]);
    Pattern::parse(pattern).is_some_and(|pattern| pattern.matches(path, |c| c == '/'))
}

/// Whether a name matches a pattern of COPY: as in an ignore file, without `**` (Go's
/// `filepath.Match`).
pub(crate) fn matches_path(pattern: &str, path: &str) -> bool {
    Pattern::parse(&pattern.replace("**", "*"))
        .is_some_and(|pattern| pattern.matches(path, |_| false))
}

/// Whether a pattern of COPY has anything to match.
pub(crate) fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?', '[', '\\'])
}

struct Pattern {
    tokens: Vec<Token>,
}

enum Token {
    Char(char),
    /// `?`
    One,
    /// `*`
    Star,
    /// `**` at the end.
    Rest,
    /// `**` before something: nothing, or folders.
    Folders,
    /// `[a-z]`, `[^a]`.
    Class {
        is_negated: bool,
        ranges: Vec<(char, char)>,
    },
}

impl Pattern {
    fn parse(text: &str) -> Option<Self> {
        if text.len() > LONGEST {
            return None;
        }
        let mut tokens = Vec::new();
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            tokens.push(match c {
                '*' if chars.next_if_eq(&'*').is_some() => {
                    chars.next_if_eq(&'/');
                    match chars.peek() {
                        Some(_) => Token::Folders,
                        None => Token::Rest,
                    }
                }
                '*' => Token::Star,
                '?' => Token::One,
                '\\' => Token::Char(chars.next().unwrap_or('\\')),
                '[' => class(&mut chars)?,
                c => Token::Char(c),
            });
        }
        Some(Self { tokens })
    }

    /// Token by token from the last one: `row[at]` is whether the tokens behind match the
    /// characters from `at` on. They may end at the end, and before a character that `ends` them.
    fn matches(&self, path: &str, ends: fn(char) -> bool) -> bool {
        let chars: Vec<char> = path.chars().collect();
        let may_end = |at: usize| chars.get(at).is_none_or(|c| ends(*c));
        let mut row: Vec<bool> = (0..=chars.len()).map(may_end).collect();
        for token in self.tokens.iter().rev() {
            let mut next = vec![false; row.len()];
            let mut behind_slash = false;
            for at in (0..row.len()).rev() {
                let c = chars.get(at).copied();
                behind_slash |= c == Some('/') && row[at + 1];
                next[at] = match token {
                    Token::Char(wanted) => c == Some(*wanted) && row[at + 1],
                    Token::One => c.is_some_and(|c| c != '/') && row[at + 1],
                    Token::Star => row[at] || c.is_some_and(|c| c != '/') && next[at + 1],
                    Token::Rest => row[at] || c.is_some() && next[at + 1],
                    Token::Folders => row[at] || behind_slash,
                    Token::Class { is_negated, ranges } => {
                        let holds =
                            |c: char| ranges.iter().any(|(from, to)| (*from..=*to).contains(&c));
                        c.is_some_and(|c| holds(c) != *is_negated) && row[at + 1]
                    }
                };
            }
            row = next;
        }
        row[0]
    }
}

fn class(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<Token> {
    let is_negated = chars.next_if_eq(&'^').is_some();
    let mut ranges = Vec::new();
    loop {
        let mut one = || match chars.next()? {
            '\\' => chars.next(),
            c => Some(c),
        };
        let from = one()?;
        let to = match chars.next_if_eq(&'-') {
            Some(_) => match chars.next()? {
                '\\' => chars.next()?,
                c => c,
            },
            None => from,
        };
        ranges.push((from, to));
        if chars.next_if_eq(&']').is_some() {
            return Some(Token::Class { is_negated, ranges });
        }
    }
}
