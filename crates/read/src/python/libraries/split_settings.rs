//! django-split-settings. Verified against 1.3.2.

use tightship_model::Cause;

use super::reading::{Answer, Call};
use crate::python::eval::{Evaluator, Raise};
use crate::python::paths;
use crate::python::value::{Kind, Val};

pub(super) fn call(eval: &mut Evaluator<'_>, call: &Call<'_>) -> Answer {
    match call.path {
        "split_settings.tools.optional" => {
            let file = call
                .argument(0, "filename")
                .cloned()
                .unwrap_or(Val::str(""));
            Some(Ok(eval.object(
                "split_settings.tools.Optional",
                vec![("file", file)],
            )))
        }
        "split_settings.tools.include" => Some(include(eval, call)),
        _ => None,
    }
}

/// Runs files in the namespace of the module that calls it. A relative path starts at the folder
/// of the file that is running.
fn include(eval: &mut Evaluator<'_>, call: &Call<'_>) -> Result<Val, Raise> {
    let file = eval.tree.sources()[call.span.source].path.clone();
    let folder = paths::dirname(&paths::join(&eval.root, &file));
    for wanted in &call.args.positional {
        let (path, is_optional) = match &wanted.kind {
            Kind::Object(class, _) if &**class == "split_settings.tools.Optional" => {
                (eval.state(wanted, "file").unwrap_or(Val::NONE), true)
            }
            _ => (wanted.clone(), false),
        };
        let variables = path.variables();
        let Some(path) = path.as_path() else {
            let reason = "split_settings includes a file whose name is not known";
            let why = eval.unknown(Cause::Code, reason, call.span);
            eval.open_globals(&why, call.span);
            continue;
        };
        if path.is_empty() && is_optional {
            continue;
        }
        let pattern = paths::normal(&paths::join(&folder, path));
        let found = eval
            .relative(&pattern)
            .map(|pattern| matching(eval, &pattern));
        let found = found.unwrap_or_default();
        if found.is_empty() && !is_optional {
            return Err(call.raise("OSError", "No such file"));
        }
        for file in found {
            eval.run_here(&file, call.span)?;
        }
        if !variables.is_empty() {
            eval.let_globals_depend(&variables, call.span);
        }
    }
    Ok(Val::NONE)
}

/// Files of the tree, sorted, whose paths match a pattern with `*` and `?` within one folder each.
fn matching(eval: &Evaluator<'_>, pattern: &str) -> Vec<String> {
    eval.tree
        .files()
        .filter(|file| {
            let parts = file.split('/');
            parts.clone().count() == pattern.split('/').count()
                && parts.zip(pattern.split('/')).all(|(name, pattern)| {
                    fits(name.as_bytes(), pattern.as_bytes())
                        && (!name.starts_with('.') || pattern.starts_with('.'))
                })
        })
        .map(str::to_owned)
        .collect()
}

fn fits(name: &[u8], pattern: &[u8]) -> bool {
    let (mut at, mut place) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while at < name.len() {
        match pattern.get(place) {
            Some(b'*') => {
                star = Some((at, place));
                place += 1;
            }
            Some(c) if *c == b'?' || *c == name[at] => {
                at += 1;
                place += 1;
            }
            _ => match star {
                Some((from, mark)) => {
                    star = Some((from + 1, mark));
                    at = from + 1;
                    place = mark + 1;
                }
                None => return false,
            },
        }
    }
    pattern[place..].iter().all(|c| *c == b'*')
}
