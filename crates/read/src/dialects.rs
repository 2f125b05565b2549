//! Files of variables that several readers read, and the names that they read differently.
//!
//! There is no standard for `.env`: quotes, `#`, `$` and spaces mean other things to Compose, to
//! python-dotenv, to django-environ, to python-decouple and to a shell.

use std::collections::BTreeSet;

use tightship_model::compose::Compose;
use tightship_model::{Divergence, Packages, Secret, SourceId};

use crate::dotenv::{self, Dialect, First, Text, Variable};
use crate::files::{Tree, parent};

/// Scripts that are asked whether a shell reads the file.
const MOST_SCRIPTS: usize = 100;

/// Names of one file that are told.
const MOST_NAMES: usize = 50;

/// The files that Compose hands to services and another reader reads as well.
pub(crate) fn find(
    tree: &mut Tree,
    compose: Option<&Compose>,
    packages: &Packages,
    folders: &[&str],
) -> Vec<Divergence> {
    let files: BTreeSet<String> = compose
        .into_iter()
        .flat_map(|compose| &compose.services)
        .flat_map(|service| &service.env_files)
        .filter(|file| file.is_here && !file.is_raw)
        .filter_map(|file| file.path.clone())
        .collect();
    let mut found = Vec::new();
    for path in files {
        let readers = readers(tree, &path, packages, folders);
        let Some(source) = tree.read(&path).filter(|_| !readers.is_empty()) else {
            continue;
        };
        let mut here = Vec::new();
        let compose = values(tree, source, Dialect::Compose);
        for (reader, dialect) in readers {
            let theirs = values(tree, source, dialect);
            for (name, value, span) in &compose {
                let other = theirs.iter().find(|(other, ..)| other == name);
                if let Some((_, other, _)) = other.filter(|(_, other, _)| other != value) {
                    here.push(Divergence {
                        name: name.clone(),
                        span: *span,
                        reader,
                        compose: Secret::new(value.clone()),
                        other: Secret::new(other.clone()),
                    });
                }
            }
        }
        // One name, one reader that disagrees: the others say the same again.
        here.sort_by_key(|one| one.span.start);
        here.dedup_by(|one, other| one.name == other.name);
        here.truncate(MOST_NAMES);
        for divergence in &here {
            tree.mark_secret(divergence.span);
        }
        found.extend(here);
    }
    found
}

/// Who reads a file beside Compose: the packages of the project that look for a `.env` in its
/// folder, and scripts that source it.
fn readers(
    tree: &mut Tree,
    path: &str,
    packages: &Packages,
    folders: &[&str],
) -> Vec<(&'static str, Dialect)> {
    let mut readers = Vec::new();
    let (folder, name) = (parent(path), path.rsplit('/').next().unwrap_or(path));
    if name == ".env" && folders.contains(&folder) {
        if let Some(package) = packages.get("python-dotenv") {
            readers.push(("python-dotenv", Dialect::python_dotenv(package.release())));
        }
        if packages.get("python-decouple").is_some() {
            readers.push(("python-decouple", Dialect::Decouple));
        }
        // What django-environ makes of `#` is asked of each call; what both ways agree on is told.
        if packages.get("django-environ").is_some() {
            readers.push(("django-environ", Dialect::DjangoEnviron { comments: false }));
        }
    }
    if is_sourced(tree, name) {
        readers.push(("a shell", Dialect::Shell));
    }
    readers
}

fn is_sourced(tree: &Tree, name: &str) -> bool {
    let scripts = tree
        .files()
        .filter(|path| path.ends_with(".sh"))
        .take(MOST_SCRIPTS);
    scripts.into_iter().any(|path| {
        tree.load(path).is_ok_and(|text| {
            text.lines().any(|line| {
                let line = line.trim();
                let file = line
                    .strip_prefix("source ")
                    .or_else(|| line.strip_prefix(". "));
                file.is_some_and(|file| {
                    let file = file.split([';', '&']).next().unwrap_or(file).trim();
                    file.trim_matches('"').trim_start_matches("./") == name
                })
            })
        })
    })
}

/// What each name holds to a reader, where that is known without the environment.
fn values(
    tree: &Tree,
    source: SourceId,
    dialect: Dialect,
) -> Vec<(String, String, tightship_model::Span)> {
    let document = dotenv::parse(source, tree.text(source), dialect);
    let first = match dialect {
        Dialect::Compose => First::Environment,
        _ => First::File,
    };
    let open = |name: &str| Variable::Open(vec![name.to_owned()]);
    document
        .assignments(first, &open)
        .into_iter()
        .filter_map(|assignment| {
            let (place, text) = assignment.value?;
            let Text::Known(value) = text else {
                return None;
            };
            let span = tightship_model::Span::new(
                source,
                assignment.key.start.min(place.start),
                assignment.key.end.max(place.end),
            );
            Some((assignment.name, value, span))
        })
        .collect()
}
