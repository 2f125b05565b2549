//! `os`, `os.path`, `pathlib`, files.

use std::rc::Rc;

use tightship_model::{Cause, Span, Unknown};

use crate::python::eval::{Evaluator, Raise, Variable};
use crate::python::methods::{exists, read};
use crate::python::paths;
use crate::python::value::{Args, Kind, Val};

pub(super) fn call(
    eval: &mut Evaluator<'_>,
    path: &str,
    args: &Args,
    span: Span,
) -> Option<Result<Val, Raise>> {
    let path = path
        .strip_prefix("posixpath.")
        .map_or_else(|| path.to_owned(), |name| format!("os.path.{name}"));
    run(eval, &path, args, span).transpose()
}

fn run(
    eval: &mut Evaluator<'_>,
    path: &str,
    args: &Args,
    span: Span,
) -> Result<Option<Val>, Raise> {
    let none = Val::NONE;
    let first = args.positional.first().unwrap_or(&none);
    Ok(Some(match path {
        "os.environ.get" | "os.getenv" => {
            let key = args.at(0, "key").unwrap_or(&none);
            let default = args.at(1, "default").cloned().unwrap_or(Val::NONE);
            eval.lift(&[key], span, &mut |eval, keys| match keys[0].as_str() {
                Some(name) => eval.read_variable(name, Some(default.clone()), span),
                None => Err(Raise::new("TypeError", "str expected", Some(span))),
            })?
        }
        "os.environ.setdefault" => {
            let value = args.positional.get(1).cloned().unwrap_or(Val::NONE);
            match first.as_str() {
                Some(name) => match eval.variable(name, false, span) {
                    Variable::Set(found) => found,
                    Variable::Unset(_) => {
                        eval.write_variable(name, value.clone());
                        value
                    }
                    Variable::Open(open) => {
                        let value = open.or(value);
                        eval.write_variable(name, value.clone());
                        value
                    }
                },
                None => eval.unknown_because(first),
            }
        }
        "os.environ.pop" | "os.unsetenv" => match first.as_str() {
            Some(name) => {
                let default = args.positional.get(1).cloned();
                let value = eval.read_variable(name, default, span)?;
                eval.write_variable(name, Val::NONE);
                value
            }
            None => eval.unknown_because(first),
        },
        "os.putenv" | "os.environ.__setitem__" => {
            if let (Some(name), Some(value)) = (first.as_str(), args.positional.get(1)) {
                eval.write_variable(name, value.clone());
            }
            Val::NONE
        }
        "os.environ.update" => {
            let more = crate::python::methods::mapping(eval, args, span)?;
            for (name, value) in more.entries.into_values() {
                if let Some(name) = name.as_str() {
                    eval.write_variable(name, value);
                }
            }
            Val::NONE
        }
        "os.environ.copy"
        | "os.environ.items"
        | "os.environ.keys"
        | "os.environ.values"
        | "os.environ.__iter__" => eval.all_variables(path, span),
        "pathlib.Path"
        | "pathlib.PurePath"
        | "pathlib.PosixPath"
        | "pathlib.PurePosixPath"
        | "os.path.join"
        | "pathlib.Path.joinpath" => {
            let operands: Vec<&Val> = args.positional.iter().collect();
            let is_text = path == "os.path.join";

            eval.lift(&operands, span, &mut |eval, values| {
                let mut joined = String::new();
                for (at, value) in values.iter().enumerate() {
                    match value.as_path() {
                        Some(part) if at == 0 => joined = part.to_owned(),
                        Some(part) => {
                            // Joining an empty part adds the slash.
                            joined = if part.is_empty() && !joined.ends_with('/') {
                                format!("{joined}/")
                            } else {
                                paths::join(&joined, part)
                            };
                        }
                        None if crate::python::methods::is_data(value) => {
                            return Err(Raise::new(
                                "TypeError",
                                "expected str, bytes or os.PathLike object",
                                Some(span),
                            ));
                        }
                        None => return Ok(eval.unknown_because(value)),
                    }
                }
                Ok(if is_text {
                    Val::str(joined)
                } else {
                    Val::path(paths::pathlib(&joined))
                })
            })?
        }
        "pathlib.Path.cwd" | "os.getcwd" => {
            // The server is started from the folder of manage.py.
            let folder = paths::join(&eval.root, &eval.folder);
            if path == "os.getcwd" {
                Val::str(folder)
            } else {
                Val::path(folder)
            }
        }
        "pathlib.Path.home" => {
            let home = home(eval, "", span);
            home.as_str().map_or(home.clone(), Val::path)
        }
        "os.fspath" => eval.lift(&[first], span, &mut |eval, values| {
            Ok(match values[0].as_path() {
                Some(path) => Val::str(path),
                None => eval.unknown_because(&values[0]),
            })
        })?,
        "os.path.abspath" | "os.path.realpath" | "os.path.normpath" | "os.path.dirname"
        | "os.path.basename" | "os.path.expanduser" | "os.path.expandvars" | "os.path.exists"
        | "os.path.isfile" | "os.path.isdir" | "os.path.isabs" | "os.path.split"
        | "os.path.splitext" => {
            let name = path.to_owned();
            eval.lift(&[first], span, &mut |eval, values| {
                let Some(text) = values[0].as_path().map(str::to_owned) else {
                    return Ok(eval.unknown_because(&values[0]));
                };
                Ok(of_path(eval, &name, &text, span))
            })?
        }
        "os.path.relpath" => eval.unknown(Cause::Code, "os.path.relpath()", span),
        "os.makedirs" | "os.mkdir" | "os.chdir" | "os.umask" | "os.chmod" | "os.remove" => {
            Val::NONE
        }
        "os.listdir" | "os.walk" | "os.scandir" | "glob.glob" => eval.unknown(
            Cause::File,
            format!("what {path}() finds is not known"),
            span,
        ),
        "os.uname"
        | "os.cpu_count"
        | "os.getpid"
        | "os.getuid"
        | "os.getlogin"
        | "os.getloadavg"
        | "os.popen"
        | "os.system"
        | "os.access"
        | "os.stat"
        | "os.sched_getaffinity" => {
            eval.maybe_any(span);
            eval.unknown(Cause::Machine, format!("{path}() asks the machine"), span)
        }
        "builtins.file.read"
        | "builtins.file.readlines"
        | "builtins.file.readline"
        | "builtins.file.write"
        | "builtins.file.close"
        | "builtins.file.__iter__" => {
            return Ok(None);
        }
        _ => return Ok(None),
    }))
}

fn of_path(eval: &mut Evaluator<'_>, name: &str, text: &str, span: Span) -> Val {
    match name {
        "os.path.abspath" | "os.path.realpath" => {
            let base = paths::join(&eval.root, &eval.folder);
            Val::str(paths::normal(&paths::join(&base, text)))
        }
        "os.path.normpath" => Val::str(paths::normal(text)),
        "os.path.dirname" => Val::str(paths::dirname(text)),
        "os.path.basename" => Val::str(paths::name(text)),
        "os.path.isabs" => Val::bool(text.starts_with('/')),
        "os.path.exists" => exists(eval, text, "exists", span),
        "os.path.isfile" => exists(eval, text, "is_file", span),
        "os.path.isdir" => exists(eval, text, "is_dir", span),
        "os.path.expanduser" if !text.starts_with('~') => Val::str(text),
        "os.path.expanduser" if text == "~" || text.starts_with("~/") => {
            home(eval, &text[1..], span)
        }
        "os.path.expandvars" if !text.contains('$') => Val::str(text),
        "os.path.split" => Val::tuple(vec![
            Val::str(paths::dirname(text)),
            Val::str(paths::name(text)),
        ]),
        "os.path.splitext" => {
            let suffix = paths::split_suffix(paths::name(text)).1;
            let stem = &text[..text.len() - suffix.len()];
            Val::tuple(vec![Val::str(stem), Val::str(suffix)])
        }
        _ => eval.unknown(
            Cause::Machine,
            "a path of the user or the environment",
            span,
        ),
    }
}

/// A path below the user's home folder.
fn home(eval: &mut Evaluator<'_>, below: &str, span: Span) -> Val {
    match eval.variable("HOME", false, span) {
        Variable::Set(home) if home.is_settled() && home.as_str().is_some() => {
            let home = home.as_str().unwrap_or_default().trim_end_matches('/');
            Val::str(format!("{home}{below}"))
        }
        Variable::Open(_) => {
            let reason = "the user's home folder";
            let unknown = Unknown::new(Cause::Machine, reason, Some(span));
            Kind::Unknown(Rc::new(unknown.decided_by(["HOME"]))).into()
        }
        _ => eval.unknown(Cause::Machine, "the user's home folder", span),
    }
}

/// The content of a file object that `open` made.
pub(super) fn content(eval: &mut Evaluator<'_>, file: &Val, span: Span) -> Result<Val, Raise> {
    let path = eval.state(file, "path");
    match path.as_ref().and_then(Val::as_path) {
        Some(path) => read(eval, path, span),
        None => Ok(eval.unknown(Cause::File, "a file that is not known", span)),
    }
}
