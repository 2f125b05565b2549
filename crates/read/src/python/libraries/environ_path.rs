//! `environ.Path`. Verified against django-environ 0.14.0.

use tightship_model::Cause;

use super::reading::{Answer, Call, absolute, parent};
use crate::python::eval::Evaluator;
use crate::python::paths;
use crate::python::value::{Kind, Val};

pub(super) fn call(eval: &mut Evaluator<'_>, call: &Call<'_>) -> Answer {
    match call.path.strip_prefix("environ.Path")? {
        "" => Some(Ok(path_object(eval, call))),
        method => path_method(eval, call, method.strip_prefix('.')?),
    }
}

/// The text of a `str`, a `pathlib` path or an `environ.Path`.
pub(super) fn path_text(eval: &Evaluator<'_>, value: &Val) -> Option<String> {
    match &value.kind {
        Kind::Object(class, _) if &**class == "environ.Path" => {
            eval.state(value, "root")?.as_path().map(str::to_owned)
        }
        _ => value.as_path().map(str::to_owned),
    }
}

fn path_object(eval: &mut Evaluator<'_>, call: &Call<'_>) -> Val {
    match joined(eval, None, call) {
        Some(root) => eval.object("environ.Path", vec![("root", Val::str(root))]),
        None => eval.unknown(Cause::Package, "environ.Path of unknown parts", call.span),
    }
}

fn path_method(eval: &mut Evaluator<'_>, call: &Call<'_>, method: &str) -> Answer {
    let root = path_text(eval, call.receiver?)?;
    let other = call.args.positional.first();
    let path = match method {
        "__call__" => return Some(Ok(Val::str(joined(eval, Some(&root), call)?))),
        "__str__" | "__fspath__" => return Some(Ok(Val::str(root))),
        "path" => joined(eval, Some(&root), call)?,
        "__add__" => paths::normal(&paths::join(&root, &path_text(eval, other?)?)),
        "__sub__" => {
            let levels = usize::try_from(other?.as_int()?).ok()?;
            (0..levels.min(LONGEST_PATH)).fold(root, |path, _| parent(&path).to_owned())
        }
        "__invert__" => parent(&root).to_owned(),
        _ => return None,
    };
    Some(Ok(
        eval.object("environ.Path", vec![("root", Val::str(path))])
    ))
}

/// `Path(start, *parts, is_file=…)`: where it is a file, its folder is meant.
fn joined(eval: &Evaluator<'_>, root: Option<&str>, call: &Call<'_>) -> Option<String> {
    let mut parts = call.args.positional.iter();
    let mut path = match root {
        Some(root) => root.to_owned(),
        None => {
            let start = parts
                .next()
                .map_or(Some(String::new()), |one| path_text(eval, one))?;
            match call.flag(usize::MAX, "is_file", false)? {
                true => parent(&start).to_owned(),
                false => start,
            }
        }
    };
    for part in parts {
        path = paths::join(&path, &path_text(eval, part)?);
    }
    Some(absolute(eval, &path))
}

/// Parts of a path.
const LONGEST_PATH: usize = 256;
