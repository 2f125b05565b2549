//! gunicorn's settings from all that gives them.
//!
//! Later ones win: defaults, which some variables change; the configuration file; GUNICORN_CMD_ARGS;
//! the command line (docs.gunicorn.org, "Configuration Overview").

use std::collections::BTreeMap;

use tightship_model::{Cause, Environment, Link, Program, Unknown, Value};

use super::World;
use super::run::Found;
use super::servers::{self, Grammar, Line};
use super::text::Text;
use crate::python;

/// What gunicorn and uvicorn take from the environment where nothing else is said.
const VARIABLES: [(&str, &str); 2] = [
    ("WEB_CONCURRENCY", "workers"),
    ("FORWARDED_ALLOW_IPS", "forwarded_allow_ips"),
];

/// The file that is read where none is named.
const USUAL_FILE: &str = "./gunicorn.conf.py";

/// Adds what the environment and the configuration file set; gives why there may be more.
pub(super) fn complete(
    world: &mut World<'_>,
    line: &mut Line,
    variables: &BTreeMap<String, Text>,
    found: &Found,
    environment: &Environment,
) -> Option<Unknown> {
    if let Some(arguments) = variables.get("GUNICORN_CMD_ARGS") {
        let words: Vec<Text> = crate::command::words(&arguments.text)
            .into_iter()
            .map(|word| Text {
                text: word,
                ..arguments.clone()
            })
            .collect();
        let mut given = Grammar::of(&Program::Gunicorn).read(&words, found.span);
        for value in given.options.values_mut() {
            let link = Link::new(None, "GUNICORN_CMD_ARGS sets it");
            let mut links = vec![link];
            links.extend(arguments.links.iter().cloned());
            value.trail = tightship_model::Trail::new(links);
        }
        for (name, value) in given.options {
            line.options.entry(name).or_insert(value);
        }
    }
    let rest = file(world, line, found, environment);
    defaults_of_environment(line, variables);
    rest
}

/// Adds the variables that stand in for defaults.
pub(super) fn defaults_of_environment(line: &mut Line, variables: &BTreeMap<String, Text>) {
    for (variable, option) in VARIABLES {
        if let Some(value) = variables.get(variable)
            && !line.options.contains_key(option)
        {
            let link = Link::new(None, format!("{variable} sets {option}"));
            let value = value.value(option, link, &servers::typed);
            line.options.insert(option.to_owned(), value);
        }
    }
}

fn file(
    world: &mut World<'_>,
    line: &mut Line,
    found: &Found,
    environment: &Environment,
) -> Option<Unknown> {
    let named = line
        .options
        .get("config")
        .map(|config| config.value.as_str());
    let (written, is_named) = match named {
        Some(Some(written)) => (written.to_owned(), true),
        Some(None) => {
            let reason = "the name of gunicorn's configuration file is not known".to_owned();
            return Some(Unknown::new(Cause::File, reason, Some(found.span)));
        }
        None => (USUAL_FILE.to_owned(), false),
    };
    let path = match written.strip_prefix("python:") {
        Some(module) => format!("{}.py", module.replace('.', "/")),
        None => written.strip_prefix("file:").unwrap_or(&written).to_owned(),
    };
    let folder = match line
        .options
        .get("chdir")
        .and_then(|chdir| chdir.value.as_str())
    {
        Some(folder) => Some(folder.to_owned()),
        None => found.folder.clone(),
    };
    let Some(path) = world.path(&path, folder.as_deref()) else {
        let reason = format!("{written}, which gunicorn reads, is not here");
        return is_named.then(|| Unknown::new(Cause::File, reason, Some(found.span)));
    };
    let is_setting =
        |name: &str| name.starts_with(|c: char| c.is_ascii_lowercase()) && !name.starts_with("__");
    // The variables that the start script sets are seen by the file, too.
    let mut seen = environment.clone();
    for (name, value) in &found.variables {
        let link = Link::new(Some(found.span), format!("the start sets {name}"));
        seen.variables
            .insert(name.clone(), value.value(name, link, &super::text::plain));
    }
    let (names, rest) = python::names_of(world.tree, &path, &seen, &is_setting)?;
    for (name, value) in names {
        // Functions of the file are hooks, modules are its imports.
        if !matches!(value.value, Value::Reference(_)) {
            line.options.entry(name).or_insert(value);
        }
    }
    rest
}
