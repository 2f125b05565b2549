//! What the words of a command say to a shell (POSIX.1-2024, "Shell Command Language"): tests, patterns,
//! assignments, options of `set`, durations of sleep(1).

use super::shell::{self, Item, Statement, Word};
use super::text::Text;

/// `[ … ]`, where all that it asks is known.
pub(super) fn test(words: &[Text]) -> Option<bool> {
    let known: Option<Vec<&str>> = words.iter().map(Text::known).collect();
    match known?.as_slice() {
        ["!", rest @ ..] => {
            let rest: Vec<Text> = rest.iter().map(|word| Text::new(*word)).collect();
            test(&rest).map(|truth| !truth)
        }
        [] => Some(false),
        [word] => Some(!word.is_empty()),
        ["-z", word] => Some(word.is_empty()),
        ["-n", word] => Some(!word.is_empty()),
        [left, "=" | "==", right] => Some(matches(right, left)),
        [left, "!=", right] => Some(!matches(right, left)),
        [left, operator, right] => {
            let (left, right): (i64, i64) = (left.parse().ok()?, right.parse().ok()?);
            match *operator {
                "-eq" => Some(left == right),
                "-ne" => Some(left != right),
                "-gt" => Some(left > right),
                "-ge" => Some(left >= right),
                "-lt" => Some(left < right),
                "-le" => Some(left <= right),
                _ => None,
            }
        }
        _ => None,
    }
}

/// A pattern of `case`, whose `*` and `?` match anything.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let parts: Vec<String> = pattern.split('*').map(regex::escape).collect();
    let pattern = format!("^(?s:{})$", parts.join(".*").replace("\\?", "."));
    regex::Regex::new(&pattern).is_ok_and(|pattern| pattern.is_match(text))
}

/// What `set` makes the arguments of a script; `None` where it gives options alone. `-o` takes the next
/// word for its name, at the end of a cluster too: `set -euo pipefail` (POSIX.1-2024, `set`).
pub(super) fn set_arguments(words: &[Text]) -> Option<&[Text]> {
    let mut rest = words;
    while let Some((first, behind)) = rest.split_first() {
        if first.text == "--" {
            return Some(behind);
        }
        if !first.text.starts_with(['-', '+']) {
            return Some(rest);
        }
        let is_named = first.text.ends_with('o');
        rest = behind.get(usize::from(is_named)..).unwrap_or_default();
    }
    None
}

/// `NAME=value` before a command.
pub(super) fn assignment(word: &Word) -> Option<(String, Word)> {
    let shell::Part::Text(first) = word.parts.first()? else {
        return None;
    };
    let (name, value) = first.split_once('=')?;
    let is_name = name.starts_with(|c: char| c == '_' || c.is_ascii_alphabetic())
        && name.bytes().all(|b| b == b'_' || b.is_ascii_alphanumeric());
    is_name.then(|| {
        let mut parts = word.parts.clone();
        parts[0] = shell::Part::Text(value.to_owned());
        (name.to_owned(), Word { parts })
    })
}

pub(super) fn is_endless(condition: &[Item]) -> bool {
    let [item] = condition else { return false };
    let Statement::Simple(words) = &item.statement else {
        return false;
    };
    let words: Option<Vec<String>> = words.iter().map(Word::literal).collect();
    words.is_some_and(|words| {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        matches!(words.as_slice(), [":" | "true"] | ["[", "1", "]"] | ["1"])
    })
}

/// `12h`, `30`, `1d` of sleep(1), in seconds.
pub(super) fn seconds(text: &str) -> Option<u64> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let number: f64 = digits.parse().ok()?;
    let unit = match &text[digits.len()..] {
        "" | "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        "d" => 86400.0,
        _ => return None,
    };
    Some((number * unit) as u64)
}

pub(super) fn inside(folder: Option<&str>, path: &str) -> String {
    match (path.starts_with('/'), folder) {
        (true, _) | (false, None) => path.to_owned(),
        (false, Some(folder)) => {
            let path = path.trim_start_matches("./");
            format!("{}/{path}", folder.trim_end_matches('/'))
        }
    }
}
