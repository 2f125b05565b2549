//! systemd units (systemd.unit(5), systemd.service(5), systemd.timer(5), systemd.exec(5)).

use tightship_model::{
    Argv, EnvOrigin, Environment, ServiceUnit, SourceId, Span, TimerUnit, Traced,
};

use super::{environment as environment_of, keys};
use crate::ini::{self, Dialect, Ini, Key};

/// Reads any text.
pub(super) fn service(path: &str, source: SourceId, text: &str) -> ServiceUnit {
    let ini = ini::parse(source, text, Dialect::Systemd);
    let is_plain = |key: &&Key| key.name != "Environment";
    ServiceUnit {
        path: path.to_owned(),
        file: source,
        service: keys(ini.section("Service").filter(is_plain)),
        unit: keys(ini.section("Unit")),
        install: keys(ini.section("Install")),
        exec_start: exec_start(&ini),
        environment: environment(path, &ini),
        environment_files: environment_files(&ini),
    }
}

pub(super) fn timer(path: &str, source: SourceId, text: &str) -> TimerUnit {
    let ini = ini::parse(source, text, Dialect::Systemd);
    let named = ini.section("Timer").filter(|key| key.name == "Unit").last();
    let own = super::name(path).trim_end_matches(".timer");
    TimerUnit {
        path: path.to_owned(),
        timer: keys(ini.section("Timer")),
        starts: named.map_or_else(|| format!("{own}.service"), |key| key.value.clone()),
    }
}

/// An empty assignment takes back what came before it.
fn environment(path: &str, ini: &Ini) -> Environment {
    let mut found: Vec<(String, String, Span)> = Vec::new();
    for key in ini
        .section("Service")
        .filter(|key| key.name == "Environment")
    {
        if key.value.is_empty() {
            found.clear();
        }
        for word in words(&key.value) {
            if let Some((name, value)) = word.split_once('=') {
                found.push((name.to_owned(), value.to_owned(), key.span));
            }
        }
    }
    environment_of(EnvOrigin::Systemd(path.to_owned()), found)
}

fn environment_files(ini: &Ini) -> Vec<Traced<String>> {
    let mut files = Vec::new();
    for key in ini
        .section("Service")
        .filter(|key| key.name == "EnvironmentFile")
    {
        match key.value.trim_start_matches('-') {
            "" => files.clear(),
            path => files.push(Traced::new(path.to_owned(), super::traced(key).trail)),
        }
    }
    files
}

fn exec_start(ini: &Ini) -> Vec<Argv> {
    let mut starts: Vec<Argv> = Vec::new();
    for key in ini.section("Service").filter(|key| key.name == "ExecStart") {
        if key.value.is_empty() {
            starts.clear();
            continue;
        }
        // The special executable prefixes of systemd.service(5).
        let line = key.value.trim_start_matches(['-', '@', ':', '+', '!', '|']);
        starts.push(Argv {
            words: words(line),
            is_shell: false,
            span: key.span,
        });
    }
    starts
}

/// Words as systemd splits them: quotes group, `\` escapes as in C, `;` and `|` are no operators
/// (systemd.syntax(7), "Quoting").
pub(super) fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            // A quote groups only at the start of a word.
            (None, '\'' | '"') if word.is_none() => {
                quote = Some(c);
                word = Some(String::new());
            }
            (Some(open), c) if c == open => {
                quote = None;
                words.extend(word.take());
            }
            (_, '\\') => match chars.next() {
                Some('n') => word.get_or_insert_default().push('\n'),
                Some('t') => word.get_or_insert_default().push('\t'),
                Some('s') => word.get_or_insert_default().push(' '),
                Some(c) => word.get_or_insert_default().push(c),
                None => {}
            },
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

/// Reads a file that `EnvironmentFile=` names: `NAME=value` with a shell's quotes, `\` continues a
/// line, `#` and `;` begin comment lines, and no variables are put in (systemd.exec(5)).
pub(crate) fn environment_file(source: SourceId, text: &str) -> Vec<(String, String, Span)> {
    let mut found = Vec::new();
    let mut chars = text.char_indices().peekable();
    while let Some((start, c)) = chars.next() {
        if c.is_whitespace() {
            continue;
        }
        if matches!(c, '#' | ';') {
            // A comment, too, goes on behind a backslash.
            let mut escaped = false;
            for (_, c) in chars.by_ref() {
                if c == '\n' && !escaped {
                    break;
                }
                escaped = c == '\\' && !escaped;
            }
            continue;
        }
        let mut name = String::from(c);
        let mut is_assignment = false;
        while let Some((_, c)) = chars.next_if(|(_, c)| *c != '\n') {
            if c == '=' {
                is_assignment = true;
                break;
            }
            name.push(c);
        }
        if !is_assignment {
            continue;
        }
        let (value, end) = value(&mut chars, text.len());
        let name = name.trim();
        let is_name = name.starts_with(|c: char| c == '_' || c.is_ascii_alphabetic())
            && name.bytes().all(|b| b == b'_' || b.is_ascii_alphanumeric());
        if is_name {
            let span = Span::new(source, start as u32, end as u32);
            found.push((name.to_owned(), value, span));
        }
    }
    found
}

fn value(
    chars: &mut std::iter::Peekable<std::str::CharIndices<'_>>,
    length: usize,
) -> (String, usize) {
    let mut value = String::new();
    let mut quote = None;
    // Unquoted blanks at the end are no part of the value.
    let mut kept = 0;
    while chars
        .next_if(|(_, c)| *c != '\n' && c.is_whitespace())
        .is_some()
    {}
    while let Some((at, c)) = chars.next() {
        match (quote, c) {
            (None, '\n') => {
                value.truncate(kept);
                return (value, at);
            }
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), c) if c == open => {
                quote = None;
                kept = value.len();
            }
            (None, '\\') => match chars.next() {
                Some((_, '\n')) | None => {}
                Some((_, c)) => {
                    value.push(c);
                    kept = value.len();
                }
            },
            (Some('"'), '\\') => match chars.next() {
                Some((_, '\n')) | None => {}
                Some((_, c @ ('"' | '\\' | '`' | '$'))) => value.push(c),
                Some((_, c)) => value.extend(['\\', c]),
            },
            (None, c) if c.is_whitespace() => value.push(c),
            (_, c) => {
                value.push(c);
                kept = value.len();
            }
        }
    }
    value.truncate(kept.max(if quote.is_some() { value.len() } else { kept }));
    (value, length)
}
