//! Programs of supervisor (supervisord.org, "Configuration File").

use tightship_model::{Argv, EnvOrigin, Environment, SourceId, Span, SupervisorProgram};

use super::{environment as environment_of, keys};
use crate::command;
use crate::ini::{self, Dialect, Key};

/// Reads any text.
pub(super) fn parse(path: &str, source: SourceId, text: &str) -> Vec<SupervisorProgram> {
    let ini = ini::parse(source, text, Dialect::Configparser);
    let programs = ini.sections.iter().filter_map(|(section, span)| {
        let name = section.strip_prefix("program:")?;
        let command = ini.section(section).find(|key| key.name == "command");
        Some(SupervisorProgram {
            name: name.to_owned(),
            path: path.to_owned(),
            command: command.map(|key| Argv {
                words: command::words(&key.value),
                is_shell: false,
                span: key.span,
            }),
            keys: keys(ini.section(section).filter(|key| key.name != "environment")),
            environment: environment(ini.section(section)),
            span: *span,
        })
    });
    programs.collect()
}

/// `environment=A="1",B="2"`.
fn environment<'a>(keys: impl Iterator<Item = &'a Key>) -> Environment {
    let mut found: Vec<(String, String, Span)> = Vec::new();
    for key in keys.filter(|key| key.name == "environment") {
        for pair in pairs(&key.value) {
            if let Some((name, value)) = pair.split_once('=') {
                let value = value.trim().trim_matches(['"', '\'']);
                // A doubled percent sign is one (Python's interpolation).
                let value = value.replace("%%", "%");
                found.push((name.trim().to_owned(), value, key.span));
            }
        }
    }
    environment_of(EnvOrigin::Nothing, found)
}

/// Splits at commas and line breaks outside of quotes.
fn pairs(text: &str) -> Vec<&str> {
    let mut pairs = Vec::new();
    let mut quote = None;
    let mut start = 0;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            (None, ',' | '\n') => {
                pairs.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    pairs.push(&text[start..]);
    pairs
}
