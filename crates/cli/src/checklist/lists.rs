//! Which lists are meant, and what must be true of them.

use std::io::Read;
use std::path::Path;

use tightship_checklist::{BUILT_IN, Binding, Checklist, LARGEST, built_in};
use tightship_model::Check;

use crate::config::ConfigFile;
use crate::failure::{Failure, nearest};
use crate::waivers::catalog;

/// The lists of the command line, else those of the configuration, else the complete one.
pub(crate) fn chosen(
    given: &[String],
    config: Option<&ConfigFile>,
) -> Result<Vec<Checklist>, Failure> {
    let mut names: Vec<String> = given.to_vec();
    if names.is_empty() {
        let said = config.map(|file| (file, file.config.checklists.as_slice()));
        names = match said {
            Some((file, said)) => said.iter().map(|name| resolved(file, name)).collect(),
            None => Vec::new(),
        };
    }
    if names.is_empty() {
        names.push("complete".to_owned());
    }
    names.iter().map(|name| list(name)).collect()
}

pub(crate) fn is_built_in(name: &str) -> bool {
    BUILT_IN.iter().any(|(known, _)| *known == name)
}

/// A list by its name or path, each check that it names known.
fn list(name: &str) -> Result<Checklist, Failure> {
    let list = match built_in(name) {
        Some(list) => list,
        None => file(name)?,
    };
    for item in &list.items {
        for check in &item.binding.checks {
            known(check).map_err(|help| {
                let place = format!("{name}:{}", item.line);
                Failure::new(format!("{place}: no check is called {check:?}"), help)
            })?;
        }
    }
    Ok(list)
}

/// Reads a list of the team's own, byte by byte: it may be written again.
pub(crate) fn file(name: &str) -> Result<Checklist, Failure> {
    let refuse = |reason: String| {
        let names: Vec<_> = BUILT_IN.iter().map(|(name, _)| *name).collect();
        Failure::new(
            format!("{name} {reason}"),
            format!("give a Markdown file, or one of {}", names.join(", ")),
        )
    };
    let mut bytes = Vec::new();
    std::fs::File::open(Path::new(name))
        .and_then(|file| file.take(LARGEST as u64 + 1).read_to_end(&mut bytes))
        .map_err(|error| refuse(format!("cannot be read: {error}")))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let line = 1 + error.as_bytes()[..error.utf8_error().valid_up_to()]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count();
        refuse(format!("is not UTF-8 from line {line} on"))
    })?;
    Checklist::parse(name, &text).map_err(|refusal| {
        Failure::new(
            refusal.to_string(),
            "the chapter on checklists says what may stand in a comment",
        )
    })
}

fn resolved(file: &ConfigFile, name: &str) -> String {
    match is_built_in(name) {
        true => name.to_owned(),
        false => file.resolve(Path::new(name)).display().to_string(),
    }
}

/// What helps where a list names a check that does not exist.
fn known(check: &str) -> Result<(), String> {
    let (id, _) = Binding::check_and_subject(check);
    let is_known = |one: &Check| one.id == id || id.strip_suffix("/*") == Some(one.area());
    if catalog().any(is_known) {
        return Ok(());
    }
    Err(match nearest(id, catalog().map(|check| check.id)) {
        Some(near) => format!("did you mean {near}?"),
        None => "`tightship list` names all checks".to_owned(),
    })
}
