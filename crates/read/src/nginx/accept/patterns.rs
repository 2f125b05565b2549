//! Regular expressions that PCRE refuses, as far as their brackets tell.

use tightship_model::nginx::{Fault, Word};

use super::Found;

/// nginx takes no longer word.
const LONGEST: usize = 4096;

/// The fault of a word that is a regular expression, its `~` or `~*` still on or not.
pub(super) fn refused(word: &Word) -> Option<Found> {
    let text = word.text.strip_prefix('~').unwrap_or(&word.text);
    let text = text
        .strip_prefix('*')
        .filter(|_| word.text.starts_with('~'))
        .unwrap_or(text);
    refused_text(text).map(|message| (word.span, Fault::InvalidValue, message))
}

/// Unbalanced brackets, and a quantifier that repeats nothing.
pub(super) fn refused_text(pattern: &str) -> Option<String> {
    if pattern.len() > LONGEST {
        return None;
    }
    let fault = |what: &str| Some(format!("pcre2_compile() failed: {what} in \"{pattern}\""));
    let mut depth = 0_u32;
    let mut can_repeat = false;
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                None => return fault("\\ at end of pattern"),
                Some('Q') => return None,
                Some(_) => can_repeat = true,
            },
            '[' => {
                if !skip_class(&mut chars) {
                    return fault("missing terminating ] for character class");
                }
                can_repeat = true;
            }
            '(' => {
                depth += 1;
                can_repeat = false;
                if matches!(chars.peek(), Some('?' | '*')) {
                    chars.next();
                    if chars.peek() == Some(&'#') {
                        return None;
                    }
                }
            }
            ')' => {
                let Some(outer) = depth.checked_sub(1) else {
                    return fault("unmatched closing parenthesis");
                };
                depth = outer;
                can_repeat = true;
            }
            '*' | '+' | '?' if !can_repeat => {
                return fault("quantifier does not follow a repeatable item");
            }
            '*' | '+' | '?' => {
                // A second one makes it lazy or possessive.
                if matches!(chars.peek(), Some('?' | '+')) {
                    chars.next();
                }
                can_repeat = false;
            }
            '|' => can_repeat = false,
            _ => can_repeat = true,
        }
    }
    if depth > 0 {
        fault("missing closing parenthesis")
    } else {
        None
    }
}

/// Goes behind the `]`; `false` where there is none.
fn skip_class(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> bool {
    chars.next_if_eq(&'^');
    // A bracket that comes first is a member.
    chars.next_if_eq(&']');
    while let Some(c) = chars.next() {
        match c {
            ']' => return true,
            '\\' => {
                chars.next();
            }
            '[' if chars.peek() == Some(&':') => {
                // `[:alpha:]`, unless it does not end as one.
                let rest: String = chars.clone().collect();
                if let Some(end) = rest[1..].find(":]") {
                    for _ in rest[..end + 3].chars() {
                        chars.next();
                    }
                }
            }
            _ => {}
        }
    }
    false
}
