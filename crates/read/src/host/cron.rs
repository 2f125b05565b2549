//! Crontabs (crontab(5), cron(8)): of a user, and of the system with a column for the user.

use std::collections::BTreeMap;

use tightship_model::{Argv, CronJob, SourceId, Span, Traced, Trail};

use crate::interpolate::text_value;

/// Jobs of one file.
const MOST_JOBS: usize = 1_000;

pub(super) fn is_crontab(path: &str) -> bool {
    let name = super::name(path);
    let is_named = matches!(
        name,
        "crontab" | "crontab.txt" | "cronjobs" | "cron.txt" | "root.cron"
    ) || name.ends_with(".cron")
        || name.ends_with(".crontab")
        || name.starts_with("crontab.");
    is_named || is_of_system(path) || path.contains("crontabs/")
}

/// Whether the file has a column for the user.
fn is_of_system(path: &str) -> bool {
    path.contains("cron.d/") || path.ends_with("etc/crontab")
}

/// Reads any text.
pub(super) fn parse(path: &str, source: SourceId, text: &str) -> Vec<CronJob> {
    let mut jobs = Vec::new();
    let mut variables = BTreeMap::new();
    let mut offset = 0usize;
    for raw in text.split_inclusive('\n') {
        let start = offset;
        offset += raw.len();
        let line = raw.trim();
        if line.is_empty() || line.starts_with('#') || jobs.len() == MOST_JOBS {
            continue;
        }
        let at = start + (raw.len() - raw.trim_start().len());
        let span = Span::new(source, at as u32, (at + line.len()) as u32);
        if let Some((name, value)) = assignment(line) {
            let trail = Trail::at(span, format!("sets {name}"));
            let value = Traced::new(text_value(name, value.to_owned()), trail);
            variables.insert(name.to_owned(), value);
            continue;
        }
        let fields = if line.starts_with('@') { 1 } else { 5 };
        let Some((schedule, rest)) = split(line, fields) else {
            continue;
        };
        let (user, command) = match is_of_system(path) {
            true => match split(rest, 1) {
                Some((user, command)) => (Some(user), command),
                None => continue,
            },
            false => (None, rest),
        };
        jobs.push(CronJob {
            path: path.to_owned(),
            schedule: schedule.split_whitespace().collect::<Vec<_>>().join(" "),
            user: user.map(str::to_owned),
            command: Argv {
                words: vec!["/bin/sh".to_owned(), "-c".to_owned(), unescaped(command)],
                is_shell: true,
                span,
            },
            variables: variables.clone(),
            span,
        });
    }
    jobs
}

/// `NAME = value`, quotes around the value taken away.
fn assignment(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once('=')?;
    let name = name.trim().trim_matches(['"', '\'']);
    let is_name = name.starts_with(|c: char| c == '_' || c.is_ascii_alphabetic())
        && name.bytes().all(|b| b == b'_' || b.is_ascii_alphanumeric());
    is_name.then(|| (name, value.trim().trim_matches(['"', '\''])))
}

/// The first fields, and what stands behind them.
fn split(line: &str, fields: usize) -> Option<(&str, &str)> {
    let mut rest = line;
    for _ in 0..fields {
        rest = rest.trim_start();
        rest = &rest[rest.find(char::is_whitespace)?..];
    }
    let used = line.len() - rest.len();
    let rest = rest.trim();
    (!rest.is_empty()).then(|| (line[..used].trim(), rest))
}

/// The command: what stands behind a bare `%` is its input.
fn unescaped(command: &str) -> String {
    let mut text = String::new();
    let mut chars = command.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' if chars.next_if_eq(&'%').is_some() => text.push('%'),
            '%' => break,
            c => text.push(c),
        }
    }
    text.trim_end().to_owned()
}
