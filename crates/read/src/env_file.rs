//! Files of environment variables, as Compose and systemd read them.

use std::collections::BTreeSet;

use tightship_model::{Dependent, SourceId, Span, Traced, Trail, Value, names_a_secret};

use crate::discover::is_ignored;
use crate::dotenv::{self, Dialect, First, Text, Variable};
use crate::files::{Tree, join, parent};
use crate::interpolate::{Found, is_secret, text_value};

/// Who hands the file to the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reader {
    Compose,
    /// Compose with `format: raw`, and `docker run --env-file`.
    Raw,
    /// systemd puts no variables in.
    Systemd,
}

/// One variable of a file.
pub(crate) struct Entry {
    pub(crate) name: String,
    /// `None` for a name alone, which hands the variable through.
    pub(crate) value: Option<Text>,
    pub(crate) span: Span,
}

/// The file that gives Compose its variables in a folder. Where the repository holds `.env` and one
/// beside it that is called production's and sets the same, the server's `.env` is made of that one.
pub(crate) fn of_folder(tree: &mut Tree, folder: &str) -> String {
    let own = join(folder, ".env");
    if !tree.has_file(&own) || is_ignored(tree, &own) {
        return own;
    }
    let common = names(tree, &own, false);
    let mut production = [".env.production", ".env.prod"]
        .into_iter()
        .map(|name| join(folder, name));
    let found = production.find(|path| {
        if !tree.has_file(path) {
            return false;
        }
        let names = names(tree, path, false);
        names.intersection(&common).count() * 2 >= common.len()
    });
    found.unwrap_or(own)
}

/// The names that a file of Compose gives a value.
pub(crate) fn names(tree: &mut Tree, path: &str, is_raw: bool) -> BTreeSet<String> {
    let Some(source) = tree.read(path) else {
        return BTreeSet::new();
    };
    let dialect = match is_raw {
        true => Dialect::Raw,
        false => Dialect::Compose,
    };
    let document = dotenv::parse(source, tree.text(source), dialect);
    let bound = document
        .bindings()
        .filter(|binding| binding.value.is_some());
    bound.map(|binding| binding.name.clone()).collect()
}

/// Takes in the `.env` files that nothing has read, so that their secrets are masked, and those that
/// hold none are known.
pub(crate) fn read_unread(tree: &mut Tree) {
    const MOST: usize = 20;
    let is_environment = |path: &&str| {
        let name = path.rsplit('/').next().unwrap_or(path);
        name == ".env" || name.starts_with(".env.") || name.ends_with(".env")
    };
    // What a frontend is built with goes to every browser.
    let is_of_frontend = |path: &str| {
        let beside = |name| tree.has_file(&join(parent(path), name));
        beside("package.json") && !beside("manage.py")
    };
    let files = tree
        .files()
        .filter(|path| is_environment(path) && !is_of_frontend(path))
        .take(MOST);
    let paths: Vec<String> = files.map(str::to_owned).collect();
    for path in paths {
        read(tree, &path, Reader::Compose, &|_| Found::Open);
    }
}

/// Reads a file and masks its secrets. `None` where there is none to read. `outside` knows the
/// variables that the file may refer to.
pub(crate) fn read(
    tree: &mut Tree,
    path: &str,
    reader: Reader,
    outside: &dyn Fn(&str) -> Found,
) -> Option<Vec<Entry>> {
    let source = tree.read(path)?;
    let dialect = match reader {
        Reader::Compose => Dialect::Compose,
        Reader::Raw => Dialect::Raw,
        Reader::Systemd => return Some(of_systemd(tree, source)),
    };
    let document = dotenv::parse(source, tree.text(source), dialect);
    let own: Vec<&str> = document
        .bindings()
        .map(|binding| binding.name.as_str())
        .collect();
    let assignments = document.assignments(First::Environment, &|name| match outside(name) {
        Found::Set(value, _) => Variable::Set(value),
        // What the file says itself is not asked of a shell that hardly sets the same name.
        Found::Open if !own.contains(&name) => Variable::Open(vec![name.to_owned()]),
        Found::Open | Found::Unset => Variable::Unset,
    });
    let mut entries = Vec::new();
    for assignment in assignments {
        let name = assignment.name;
        let mut span = assignment.key;
        if let Some((place, text)) = &assignment.value {
            span.end = span.end.max(place.end);
            let must_hide = match text {
                Text::Known(text) => is_secret(&name, text),
                _ => names_a_secret(&name),
            };
            if must_hide {
                tree.mark_secret(*place);
            }
        }
        entries.push(Entry {
            name,
            value: assignment.value.map(|(_, text)| text),
            span,
        });
    }
    Some(entries)
}

/// systemd has a syntax of its own (systemd.exec(5), `EnvironmentFile=`).
fn of_systemd(tree: &mut Tree, source: SourceId) -> Vec<Entry> {
    let found = crate::host::environment_file(source, tree.text(source));
    let entries = found.into_iter().map(|(name, value, span)| {
        if is_secret(&name, &value) {
            let start = (span.start + name.len() as u32 + 1).min(span.end);
            tree.mark_secret(Span { start, ..span });
        }
        Entry {
            name,
            value: Some(Text::Known(value)),
            span,
        }
    });
    entries.collect()
}

/// A text of a file as the value of the variable `name`.
pub(crate) fn value(name: &str, text: Text, trail: Trail) -> Traced<Value> {
    let value = match text {
        Text::Known(text) => text_value(name, text),
        Text::Open { variables, unset } => Value::Environment(Box::new(Dependent {
            variables,
            unset: unset.map(|text| Traced::new(text_value(name, text), trail.clone())),
            others: Vec::new(),
            exhaustive: false,
        })),
        Text::Unknown(unknown) => Value::Unknown(unknown),
    };
    Traced::new(value, trail)
}
