//! python-dotenv. Verified against 1.0.1 and 1.2.4.

use super::reading::{
    Answer, Call, absolute, env_file, folder_of, is_file, load, nearest, text_value, working_folder,
};
use super::version;
use crate::dotenv::{Dialect, First};
use crate::python::eval::{Evaluator, Raise, Variable};
use crate::python::value::Val;

pub(super) fn call(eval: &mut Evaluator<'_>, call: &Call<'_>) -> Answer {
    Some(match call.path {
        "dotenv.load_dotenv" => load_dotenv(eval, call),
        "dotenv.find_dotenv" => find_dotenv(eval, call),
        "dotenv.dotenv_values" => {
            let Some(path) = path(eval, call) else {
                return call.unknown(eval, "the path of its file is not known");
            };
            Ok(values(eval, call, &path))
        }
        "dotenv.get_key" => {
            let (path, name) = (path(eval, call)?, call.text(1, "key_to_get")?);
            let all = values(eval, call, &path);
            let value = eval.entries(&all).and_then(|all| all.get(name)).cloned();
            Ok(value.unwrap_or(Val::NONE))
        }
        _ => return None,
    })
}

fn load_dotenv(eval: &mut Evaluator<'_>, call: &Call<'_>) -> Result<Val, Raise> {
    if is_disabled(eval, call) {
        return Ok(Val::bool(false));
    }
    let wins = call.flag(3, "override", false).unwrap_or(false);
    let first = if wins {
        First::File
    } else {
        First::Environment
    };
    let dialect = dialect(eval, call.flag(4, "interpolate", true).unwrap_or(true));
    let file = path(eval, call)
        .filter(|path| !path.is_empty())
        .and_then(|path| env_file(eval, &path, dialect, first, call.span));
    let Some(file) = file else {
        let missing = path(eval, call).filter(|path| !path.is_empty());
        eval.misses_file(missing.as_deref().unwrap_or(".env"), call.span);
        return Ok(Val::bool(false));
    };
    load(eval, &file, wins);
    Ok(Val::bool(!file.assignments.is_empty()))
}

/// The absolute path of the file that is meant, `""` where none is found; `None` where the
/// argument is not known.
fn path(eval: &Evaluator<'_>, call: &Call<'_>) -> Option<String> {
    match call.argument(0, "dotenv_path") {
        Some(given) if !given.is_none() => match given.as_path()? {
            "" => Some(String::new()),
            path => Some(absolute(eval, path)),
        },
        _ => {
            let folder = folder_of(eval, call.span);
            Some(nearest(eval, &folder, &[".env"]).unwrap_or_default())
        }
    }
}

fn find_dotenv(eval: &mut Evaluator<'_>, call: &Call<'_>) -> Result<Val, Raise> {
    let name = call.text(0, "filename").unwrap_or(".env");
    let folder = match call.flag(2, "usecwd", false) {
        Some(true) => working_folder(eval),
        _ => folder_of(eval, call.span),
    };
    match nearest(eval, &folder, &[name]) {
        Some(path) => Ok(Val::str(path)),
        None if call.flag(1, "raise_error_if_not_found", false) == Some(true) => {
            Err(call.raise("OSError", "File not found"))
        }
        None => Ok(Val::str("")),
    }
}

/// `dotenv_values(path)`.
fn values(eval: &mut Evaluator<'_>, call: &Call<'_>, path: &str) -> Val {
    let dialect = dialect(eval, call.flag(3, "interpolate", true).unwrap_or(true));
    let file = match is_file(eval, path) {
        true => env_file(eval, path, dialect, First::File, call.span),
        false => None,
    };
    let entries = file.into_iter().flat_map(|file| {
        file.assignments.into_iter().map(move |one| {
            let value = match &one.value {
                Some((span, text)) => {
                    text_value(text, *span, &format!("{} in {}", one.name, file.path))
                }
                None => Val::NONE,
            };
            (Val::str(one.name), value)
        })
    });
    let entries = entries.collect();
    eval.dict(entries)
}

fn dialect(eval: &Evaluator<'_>, interpolate: bool) -> Dialect {
    Dialect::PythonDotenv {
        version: version(eval, "python-dotenv").unwrap_or(Dialect::NEWEST_PYTHON_DOTENV),
        interpolate,
    }
}

/// Newer versions do nothing where `PYTHON_DOTENV_DISABLED` says so.
fn is_disabled(eval: &mut Evaluator<'_>, call: &Call<'_>) -> bool {
    const SINCE: (u32, u32, u32) = (1, 2, 0);
    if version(eval, "python-dotenv").is_some_and(|version| version < SINCE) {
        return false;
    }
    match eval.variable("PYTHON_DOTENV_DISABLED", true, call.span) {
        Variable::Set(value) => value.as_str().is_some_and(|text| {
            ["1", "true", "t", "yes", "y"].contains(&text.to_lowercase().as_str())
        }),
        _ => false,
    }
}
