//! The words of an instruction: flags, lists in JSON, `name=value` pairs, heredoc names.

use std::ops::Range;

/// A list of strings in JSON, the exec form.
pub(super) fn json(arguments: &str) -> Option<Vec<String>> {
    let arguments = arguments.trim();
    arguments
        .starts_with('[')
        .then(|| serde_json::from_str(arguments).ok())?
}

/// The leading `--name=value` words, quotes taken away, and how many bytes they take.
pub(super) fn flags(text: &str, escape: char) -> (Vec<String>, usize) {
    let mut flags = Vec::new();
    let mut chars = text.char_indices().peekable();
    loop {
        while chars.next_if(|(_, c)| c.is_whitespace()).is_some() {}
        let start = chars.peek().map_or(text.len(), |(at, _)| *at);
        if !text[start..].starts_with("--") {
            return (flags, start);
        }
        let mut word = String::new();
        let mut quote = None;
        while let Some((_, c)) = chars.next_if(|(_, c)| quote.is_some() || !c.is_whitespace()) {
            match (quote, c) {
                (None, '\'' | '"') => quote = Some(c),
                (Some(open), c) if c == open => quote = None,
                (_, c) if c == escape => word.extend(chars.next().map(|(_, c)| c)),
                (_, c) => word.push(c),
            }
        }
        if word == "--" {
            let end = chars.peek().map_or(text.len(), |(at, _)| *at);
            return (flags, end);
        }
        flags.push(word);
    }
}

/// Words with their quotes and escapes still on, and their places.
pub(super) fn quoted(text: &str, escape: char) -> Vec<(String, Range<usize>)> {
    let mut words = Vec::new();
    let mut chars = text.char_indices().peekable();
    loop {
        while chars.next_if(|(_, c)| c.is_whitespace()).is_some() {}
        let Some((start, _)) = chars.peek().copied() else {
            return words;
        };
        let mut quote = None;
        while let Some((_, c)) = chars.next_if(|(_, c)| quote.is_some() || !c.is_whitespace()) {
            match (quote, c) {
                (None, '\'' | '"') => quote = Some(c),
                (Some(open), c) if c == open => quote = None,
                (None | Some('"'), c) if c == escape => {
                    chars.next();
                }
                _ => {}
            }
        }
        let end = chars.peek().map_or(text.len(), |(at, _)| *at);
        let word = text[start..end].strip_suffix(escape);
        // An escape at the very end protects nothing.
        let word = match word {
            Some(kept) if end == text.len() && !kept.ends_with(escape) => kept,
            _ => &text[start..end],
        };
        words.push((word.to_owned(), start..end));
    }
}

/// A `<<NAME` of a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct HeredocWord {
    pub(super) name: String,
    pub(super) expands: bool,
    pub(super) strips_tabs: bool,
}

/// The heredocs that a line begins, in their order.
pub(super) fn heredocs(line: &str) -> Vec<HeredocWord> {
    shell_words(line)
        .iter()
        .filter_map(|word| heredoc(word))
        .collect()
}

/// What a word that is a heredoc names: `<<EOF`, `3<<-"EOF"`.
pub(super) fn heredoc(word: &str) -> Option<HeredocWord> {
    let rest = word
        .trim_start_matches(|c: char| c.is_ascii_digit())
        .strip_prefix("<<")?;
    let (strips_tabs, rest) = match rest.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    let rest = rest.trim_start();
    if rest.is_empty() || rest.contains('<') {
        return None;
    }
    let mut name = String::new();
    let mut quote = None;
    let mut is_quoted = false;
    let mut chars = rest.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (None, '\'' | '"') => {
                is_quoted = true;
                quote = Some(c);
            }
            (Some(open), c) if c == open => quote = None,
            (None | Some('"'), '\\') => name.extend(chars.next()),
            (None, c) if c.is_whitespace() => return None,
            (_, c) => name.push(c),
        }
    }
    (quote.is_none() && !name.is_empty()).then_some(HeredocWord {
        name,
        expands: !is_quoted,
        strips_tabs,
    })
}

/// Words as a shell splits them, quotes and escapes kept; `<< EOF` is one word.
fn shell_words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            (None | Some('"'), '\\') => {
                word.push(c);
                word.extend(chars.next());
                continue;
            }
            (None, '<') if chars.peek() == Some(&'<') => {
                word.push(c);
                word.extend(chars.next());
                while let Some(space) = chars.next_if(|c| c.is_whitespace()) {
                    word.push(space);
                }
                continue;
            }
            (None, c) if c.is_whitespace() => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                continue;
            }
            _ => {}
        }
        word.push(c);
    }
    // A quote that is never closed makes BuildKit drop the whole line's words.
    if quote.is_some() {
        return Vec::new();
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}
