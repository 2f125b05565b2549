//! Parts and methods of `pathlib` paths.

use std::rc::Rc;

use tightship_model::{Cause, Span};

use crate::discover::{example_of, is_ignored};
use crate::python::eval::{Evaluator, Raise};
use crate::python::paths;
use crate::python::value::{Args, Kind, Val};

pub(super) const METHODS: &[&str] = &[
    "resolve",
    "absolute",
    "joinpath",
    "exists",
    "is_file",
    "is_dir",
    "read_text",
    "read_bytes",
    "with_name",
    "with_suffix",
    "with_stem",
    "as_posix",
    "as_uri",
    "relative_to",
    "expanduser",
    "open",
    "mkdir",
    "is_absolute",
    "is_relative_to",
    "iterdir",
    "glob",
    "rglob",
    "touch",
    "stat",
    "write_text",
    "unlink",
    "samefile",
    "chmod",
    "is_symlink",
    "__str__",
    "__fspath__",
];

/// An attribute that is part of the path.
pub(super) fn part(
    eval: &mut Evaluator<'_>,
    path: &Rc<str>,
    name: &str,
    value: &Val,
) -> Option<Val> {
    let file = || paths::split_suffix(last(path));
    let trail = value.trail.clone();
    let found = match name {
        "parent" => Val::path(paths::parent(path)),
        "parents" => {
            let mut all = Vec::new();
            let mut at = path.to_string();
            loop {
                let next = paths::parent(&at);
                if next == at {
                    break;
                }
                all.push(Val::path(next.as_str()).with_trail(trail.clone()));
                at = next;
            }
            Val::tuple(all)
        }
        "name" => Val::str(last(path)),
        "stem" => Val::str(file().0),
        "suffix" => Val::str(file().1),
        "suffixes" => {
            let name = last(path).trim_start_matches('.');
            let parts = name.split('.').skip(1);
            let parts = parts.map(|part| Val::str(format!(".{part}"))).collect();
            eval.list(parts)
        }
        "parts" => {
            let root = path.starts_with('/').then(|| Val::str("/"));
            let parts = path
                .split('/')
                .filter(|part| !part.is_empty() && &**path != ".")
                .map(Val::str);
            Val::tuple(root.into_iter().chain(parts).collect())
        }
        "anchor" | "root" => Val::str(if path.starts_with('/') { "/" } else { "" }),
        "drive" => Val::str(""),
        _ => return None,
    };
    Some(found.with_trail(trail))
}

pub(super) fn call(
    eval: &mut Evaluator<'_>,
    path: &Rc<str>,
    name: &str,
    args: &Args,
    span: Span,
) -> Result<Val, Raise> {
    let text = |at: usize| args.positional.get(at).and_then(Val::as_path);
    Ok(match name {
        "resolve" | "absolute" => {
            let base = paths::join(&eval.root, &eval.folder);
            let joined = paths::join(&base, path);
            Val::path(if name == "resolve" {
                paths::normal(&joined)
            } else {
                paths::pathlib(&joined)
            })
        }
        "joinpath" => {
            let mut joined = path.to_string();
            for part in &args.positional {
                match part.as_path() {
                    Some(part) => joined = paths::join(&joined, part),
                    None => return Ok(eval.unknown_because(part)),
                }
            }
            Val::path(paths::pathlib(&joined))
        }
        "exists" | "is_file" | "is_dir" => exists(eval, path, name, span),
        "read_text" => read(eval, path, span)?,
        "read_bytes" => match read(eval, path, span)? {
            Val {
                kind: Kind::Str(text),
                ..
            } => Kind::Bytes(text.as_bytes().into()).into(),
            other => other,
        },
        "open" => eval.object("builtins.file", vec![("path", Val::path(path.clone()))]),
        "with_name" => match text(0) {
            Some(name) => renamed(path, name, span)?,
            None => eval.unknown(Cause::Code, "a name that is not known", span),
        },
        "with_suffix" => match text(0) {
            Some(suffix) if !suffix.is_empty() && (!suffix.starts_with('.') || suffix == ".") => {
                let message = format!("Invalid suffix '{suffix}'");
                return Err(Raise::new("ValueError", message, Some(span)));
            }
            Some(suffix) => {
                let stem = paths::split_suffix(last(path)).0;
                renamed(path, &format!("{stem}{suffix}"), span)?
            }
            None => eval.unknown(Cause::Code, "a suffix that is not known", span),
        },
        "as_posix" | "__str__" | "__fspath__" => Val::str(path.clone()),
        "as_uri" => Val::str(format!("file://{path}")),
        "is_absolute" => Val::bool(path.starts_with('/')),
        "relative_to" if args.values().count() > 1 => {
            eval.unknown(Cause::Code, "relative_to() of several parts", span)
        }
        "relative_to" => match text(0).map(|base| below(path, &paths::pathlib(base))) {
            Some(Some(rest)) => Val::path(paths::pathlib(rest)),
            Some(None) => {
                return Err(Raise::new("ValueError", "not in the subpath", Some(span)));
            }
            None => eval.unknown(Cause::Code, "a path that is not known", span),
        },
        "expanduser" if !path.starts_with('~') => Val::path(path.clone()),
        "expanduser" => eval.unknown(Cause::Machine, "the user's home folder", span),
        "mkdir" | "touch" | "write_text" | "unlink" | "chmod" => Val::NONE,
        _ => eval.unknown(
            Cause::File,
            format!("what {name}() finds is not known"),
            span,
        ),
    })
}

/// A path with another last part.
fn renamed(path: &str, name: &str, span: Span) -> Result<Val, Raise> {
    if last(path).is_empty() || name.is_empty() || name == "." || name.contains('/') {
        let message = format!("Invalid name '{name}'");
        return Err(Raise::new("ValueError", message, Some(span)));
    }
    let renamed = paths::join(&paths::parent(path), name);
    Ok(Val::path(paths::pathlib(&renamed)))
}

/// What is left of a path below another.
fn below<'p>(path: &'p str, base: &str) -> Option<&'p str> {
    match base {
        "." if !path.starts_with('/') => Some(path),
        "/" => path.strip_prefix('/'),
        _ => match path.strip_prefix(base)? {
            "" => Some(""),
            rest => rest.strip_prefix('/'),
        },
    }
}

/// Whether a path is there: told by the tree below the root, unknown outside of it.
pub(crate) fn exists(eval: &Evaluator<'_>, path: &str, how: &str, span: Span) -> Val {
    match eval.relative(path) {
        Some(inside) => {
            let is_file = eval.tree.has_file(&inside);
            let is_folder = eval.tree.has_folder(&inside);
            // A module that is kept out of the repository lies where the site runs.
            let is_left_out =
                || example_of(eval.tree, &inside).is_some() || is_ignored(eval.tree, &inside);
            if !is_file && !is_folder && inside.ends_with(".py") && is_left_out() {
                let reason = format!("whether {inside} is there: it is kept out of the repository");
                return eval.unknown(Cause::File, reason, span);
            }
            Val::bool(match how {
                "is_file" => is_file,
                "is_dir" => is_folder,
                _ => is_file || is_folder,
            })
        }
        None => eval.unknown(
            Cause::File,
            format!("whether {path} exists is not in the project"),
            span,
        ),
    }
}

/// The text of a file of the tree.
pub(crate) fn read(eval: &mut Evaluator<'_>, path: &str, span: Span) -> Result<Val, Raise> {
    let Some(inside) = eval.relative(path) else {
        eval.maybe_any(span);
        return Ok(eval.outside(path, span));
    };
    match eval.project_file(path) {
        Some(source) => {
            let text = eval.tree.sources()[source].raw();
            if text.len() > crate::python::eval::LONGEST_TEXT {
                return Ok(eval.too_long(span));
            }
            let text: Rc<str> = text.into();
            let whole = Span::new(source, 0, text.len() as u32);
            Ok(Val::from(Kind::Str(text)).via(Some(whole), format!("content of {inside}")))
        }
        None if eval.tree.has_file(&inside) => Ok(eval.outside(path, span)),
        None => {
            // A file that is kept out of the repository may be there in production.
            eval.maybe(
                Raise::new("FileNotFoundError", inside.clone(), Some(span)),
                format!("{inside} does not exist"),
            );
            Ok(eval.outside(&inside, span))
        }
    }
}

fn last(path: &str) -> &str {
    match paths::name(path) {
        "." | ".." if path == "." => "",
        name => name,
    }
}
