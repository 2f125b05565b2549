//! python-decouple. Verified against 3.8.

use tightship_model::{Cause, Span};

use super::reading::{
    Answer, Call, Reading, absolute, env_file, folder_of, is_builtin, lifted, nearest, text_value,
};
use crate::dotenv::{Dialect, First, parse_ini};
use crate::python::eval::{Evaluator, Mode, Raise};
use crate::python::value::{Args, Kind, Val};

pub(super) fn call(eval: &mut Evaluator<'_>, call: &Call<'_>) -> Answer {
    Some(match call.path {
        "decouple.config" => auto_config(eval, call, None),
        "decouple.AutoConfig" => {
            let path = call.argument(0, "search_path").cloned();
            let state = vec![("search_path", path.unwrap_or(Val::NONE))];
            Ok(eval.object("decouple.AutoConfig", state))
        }
        "decouple.AutoConfig.__call__" => {
            let path = call
                .receiver
                .and_then(|object| eval.state(object, "search_path"));
            auto_config(eval, call, path)
        }
        "decouple.Config" => {
            let repository = call.argument(0, "repository").cloned();
            let state = vec![("repository", repository.unwrap_or(Val::NONE))];
            Ok(eval.object("decouple.Config", state))
        }
        "decouple.Config.__call__" | "decouple.Config.get" => {
            let repository = call
                .receiver
                .and_then(|object| eval.state(object, "repository"));
            match repository.as_ref().and_then(Repository::of_object) {
                Some(kind) => {
                    let source = repository.and_then(|object| eval.state(&object, "source"));
                    match source.as_ref().and_then(Val::as_path) {
                        Some(path) => value(eval, call, kind, Some(path)),
                        None if kind == Repository::Empty => value(eval, call, kind, None),
                        None => return call.unknown(eval, "the path of its file is not known"),
                    }
                }
                None => return call.unknown(eval, "its repository is not known"),
            }
        }
        "decouple.RepositoryEnv" | "decouple.RepositoryIni" | "decouple.RepositoryEmpty" => {
            let source = call.argument(0, "source").cloned().unwrap_or(Val::NONE);
            let is_missing = source
                .as_path()
                .is_some_and(|path| !super::reading::is_file(eval, path));
            match call.path {
                "decouple.RepositoryEmpty" => {}
                _ if is_missing => {
                    let message = "[Errno 2] No such file or directory";
                    return Some(Err(call.raise("FileNotFoundError", message)));
                }
                _ => {}
            }
            Ok(eval.object(call.path, vec![("source", source)]))
        }
        "decouple.Csv" => {
            let argument = |position, name| call.argument(position, name).cloned();
            let state = [
                (
                    "cast",
                    argument(0, "cast").unwrap_or(Val::native("builtins.str")),
                ),
                (
                    "delimiter",
                    argument(1, "delimiter").unwrap_or(Val::str(",")),
                ),
                (
                    "strip",
                    argument(2, "strip").unwrap_or(Val::str(WHITESPACE)),
                ),
                (
                    "post_process",
                    argument(3, "post_process").unwrap_or(Val::native("builtins.list")),
                ),
            ];
            Ok(eval.object("decouple.Csv", state.into()))
        }
        "decouple.Choices" => {
            let argument = |position, name| call.argument(position, name).cloned();
            let state = [
                ("flat", argument(0, "flat").unwrap_or(Val::NONE)),
                (
                    "cast",
                    argument(1, "cast").unwrap_or(Val::native("builtins.str")),
                ),
                ("choices", argument(2, "choices").unwrap_or(Val::NONE)),
            ];
            Ok(eval.object("decouple.Choices", state.into()))
        }
        "decouple.Csv.__call__" | "decouple.Choices.__call__" => {
            let (object, text) = (call.receiver?, call.argument(0, "value")?);
            lifted(eval, text, call.span, &mut |eval, known| {
                cast(eval, object, known, call.span)
            })
        }
        "decouple.strtobool" => {
            let text = call.argument(0, "value")?;
            lifted(eval, text, call.span, &mut |_, known| {
                truth(known, call.span, false)
            })
        }
        // The one that decouple copied; it gives 1 and 0.
        "distutils.util.strtobool" => {
            let text = call.argument(0, "val")?;
            lifted(eval, text, call.span, &mut |_, known| {
                let truth = truth(known, call.span, false)?;
                Ok(Val::int(i128::from(matches!(truth.kind, Kind::Bool(true)))))
            })
        }
        _ => return None,
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Repository {
    Env,
    Ini,
    Empty,
}

impl Repository {
    fn of_object(object: &Val) -> Option<Self> {
        match &object.kind {
            Kind::Object(class, _) => match &**class {
                "decouple.RepositoryEnv" => Some(Self::Env),
                "decouple.RepositoryIni" => Some(Self::Ini),
                "decouple.RepositoryEmpty" => Some(Self::Empty),
                _ => None,
            },
            _ => None,
        }
    }
}

/// `config(…)`, which looks for its file from the caller's folder upwards.
fn auto_config(
    eval: &mut Evaluator<'_>,
    call: &Call<'_>,
    search_path: Option<Val>,
) -> Result<Val, Raise> {
    let folder = match search_path.filter(|path| !path.is_none()) {
        None => folder_of(eval, call.span),
        Some(path) => match path.as_path() {
            Some(path) => absolute(eval, path),
            None => {
                let reason = "decouple.AutoConfig: the search path is not known";
                return Ok(eval.unknown(Cause::Package, reason, call.span));
            }
        },
    };
    match nearest(eval, &folder, &["settings.ini", ".env"]) {
        Some(path) if path.ends_with("/settings.ini") => {
            value(eval, call, Repository::Ini, Some(&path))
        }
        Some(path) => value(eval, call, Repository::Env, Some(&path)),
        None => {
            eval.misses_file(".env", call.span);
            value(eval, call, Repository::Empty, None)
        }
    }
}

/// `Config.get`: the environment first, then the file, then the default; all go through the cast.
fn value(
    eval: &mut Evaluator<'_>,
    call: &Call<'_>,
    repository: Repository,
    path: Option<&str>,
) -> Result<Val, Raise> {
    let Some(name) = call.text(0, "option") else {
        let reason = "decouple: the name of the variable is not known";
        return Ok(eval.unknown(Cause::Package, reason, call.span));
    };
    let default = call.argument(1, "default").cloned();
    let given = call.argument(2, "cast");
    // The world without variables that have defaults is one without this file, too.
    let reads_file = default.is_none() || eval.mode() == Mode::Given;
    let found = eval.variable(name, default.is_some(), call.span);
    let in_file = match (path, reads_file) {
        (Some(path), true) => in_file(eval, repository, path, name, call.span)?,
        _ => None,
    };
    let message = format!("{name} not found. Declare it as envvar or define a default value.");
    let reading = Reading {
        name,
        default: in_file.or(default),
        missing: call.raise("decouple.UndefinedValueError", message),
        casts_default: true,
        is_boolean: given.is_some_and(|cast| is_builtin(cast, "bool")),
        span: call.span,
    };
    reading.of(eval, found, &mut |eval, known| match given {
        None => Ok(known.clone()),
        Some(given) => cast(eval, given, known, call.span),
    })
}

fn in_file(
    eval: &mut Evaluator<'_>,
    repository: Repository,
    path: &str,
    name: &str,
    span: Span,
) -> Result<Option<Val>, Raise> {
    let found = match repository {
        Repository::Empty => None,
        Repository::Env => {
            env_file(eval, path, Dialect::Decouple, First::File, span).and_then(|file| {
                let found = file.assignments.into_iter().find(|one| one.name == name)?;
                Some((file.path, found.value?))
            })
        }
        Repository::Ini => match eval.project_file(path) {
            None => None,
            Some(source) => {
                let file = &eval.tree.sources()[source];
                let (path, text) = (file.path.clone(), file.raw().to_owned());
                match parse_ini(source, &text) {
                    Ok(ini) => ini.get(name).map(|found| (path, found)),
                    Err(unknown) => {
                        let raise = Raise::new("configparser.Error", unknown.reason, unknown.span);
                        return Err(raise);
                    }
                }
            }
        },
    };
    Ok(found.map(|(path, (at, text))| text_value(&text, at, &format!("{name} in {path}"))))
}

fn cast(eval: &mut Evaluator<'_>, cast: &Val, value: &Val, span: Span) -> Result<Val, Raise> {
    match &cast.kind {
        Kind::Native(path) if &**path == "builtins.bool" => truth(value, span, true),
        Kind::Object(class, _) if &**class == "decouple.Csv" => csv(eval, cast, value, span),
        Kind::Object(class, _) if &**class == "decouple.Choices" => {
            choices(eval, cast, value, span)
        }
        _ => eval.call(cast, Args::positional(vec![value.clone()]), span),
    }
}

/// `Config._cast_boolean`, which lets an empty text be false, and `strtobool`, which does not.
fn truth(value: &Val, span: Span, empty_is_false: bool) -> Result<Val, Raise> {
    let text = match &value.kind {
        Kind::Bool(_) => return Ok(value.clone()),
        Kind::Str(text) => text.to_lowercase(),
        Kind::Int(number) => number.to_string(),
        Kind::None => "none".to_owned(),
        _ => "an object".to_owned(),
    };
    match text.as_str() {
        "y" | "yes" | "t" | "true" | "on" | "1" => Ok(Val::bool(true)),
        "n" | "no" | "f" | "false" | "off" | "0" => Ok(Val::bool(false)),
        "" if empty_is_false => Ok(Val::bool(false)),
        _ => Err(Raise::new("ValueError", "Invalid truth value", Some(span))),
    }
}

/// `Csv.__call__`.
fn csv(eval: &mut Evaluator<'_>, csv: &Val, value: &Val, span: Span) -> Result<Val, Raise> {
    let part = |eval: &Evaluator<'_>, name: &str| eval.state(csv, name).unwrap_or(Val::NONE);
    let (inner, post_process) = (part(eval, "cast"), part(eval, "post_process"));
    let (delimiter, strip) = (part(eval, "delimiter"), part(eval, "strip"));
    if value.is_none() {
        return eval.call(&post_process, Args::default(), span);
    }
    let (Some(text), Some(delimiter), Some(strip)) =
        (value.as_str(), delimiter.as_str(), strip.as_str())
    else {
        let reason = "decouple.Csv is given what is not a text";
        return Ok(eval.unknown(Cause::Package, reason, span));
    };
    let tokens =
        split(text, delimiter).map_err(|message| Raise::new("ValueError", message, Some(span)))?;
    let mut items = Vec::with_capacity(tokens.len());
    for token in tokens {
        let item = Val::str(token.trim_matches(|c| strip.contains(c)));
        items.push(match is_builtin(&inner, "str") {
            true => item,
            false => eval.call(&inner, Args::positional(vec![item]), span)?,
        });
    }
    let list = eval.list(items);
    match is_builtin(&post_process, "list") {
        true => Ok(list),
        false => eval.call(&post_process, Args::positional(vec![list]), span),
    }
}

/// `Choices.__call__`.
fn choices(eval: &mut Evaluator<'_>, choices: &Val, value: &Val, span: Span) -> Result<Val, Raise> {
    let part = |eval: &Evaluator<'_>, name: &str| eval.state(choices, name).unwrap_or(Val::NONE);
    let inner = part(eval, "cast");
    let value = eval.call(&inner, Args::positional(vec![value.clone()]), span)?;
    let mut valid = Vec::new();
    for (name, takes_first) in [("flat", false), ("choices", true)] {
        let listed = part(eval, name);
        let Some(items) = eval.items(&listed) else {
            continue;
        };
        if items.rest.is_some() {
            return Ok(value);
        }
        for item in items.items {
            let item = match takes_first {
                true => eval
                    .items(&item)
                    .and_then(|pair| pair.items.into_iter().next()),
                false => Some(item),
            };
            valid.extend(item);
        }
    }
    match valid.iter().any(|known| eval.same(known, &value, 0)) {
        true => Ok(value),
        false => Err(Raise::new("ValueError", "Value not in list", Some(span))),
    }
}

/// Python's `shlex` in POSIX mode with `whitespace_split` and these characters as white space.
fn split(text: &str, delimiters: &str) -> Result<Vec<String>, &'static str> {
    let mut tokens = Vec::new();
    let mut token = String::new();
    let mut quoted = false;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            c if delimiters.contains(c) => {
                if quoted || !token.is_empty() {
                    tokens.push(std::mem::take(&mut token));
                    quoted = false;
                }
            }
            // A comment ends the token and goes to the end of the line.
            '#' => {
                if quoted || !token.is_empty() {
                    tokens.push(std::mem::take(&mut token));
                    quoted = false;
                }
                chars.by_ref().find(|c| *c == '\n');
            }
            '\\' => token.push(chars.next().ok_or("No escaped character")?),
            '\'' | '"' => {
                quoted = true;
                loop {
                    match chars.next().ok_or("No closing quotation")? {
                        end if end == c => break,
                        '\\' if c == '"' => {
                            let next = chars.next().ok_or("No escaped character")?;
                            if next != '"' && next != '\\' {
                                token.push('\\');
                            }
                            token.push(next);
                        }
                        inner => token.push(inner),
                    }
                }
            }
            c => token.push(c),
        }
    }
    if quoted || !token.is_empty() {
        tokens.push(token);
    }
    Ok(tokens)
}

/// Python's `string.whitespace`.
const WHITESPACE: &str = " \t\n\r\x0b\x0c";

#[cfg(test)]
mod tests {
    use super::*;

    /// Each result from `decouple.Csv()` 3.8 without the strip.
    #[test]
    fn csv_splits_as_shlex_does() {
        let found = |text| split(text, ",").map(|tokens| tokens.join("|"));
        assert_eq!(found("a, b,,c"), Ok("a| b|c".into()));
        assert_eq!(found("'a,b',c"), Ok("a,b|c".into()));
        assert_eq!(found("a,'',b"), Ok("a||b".into()));
        assert_eq!(found("a#b,c\nd,e"), Ok("a|d|e".into()));
        assert_eq!(found("\"a\\\"b\\c\",d\\,e"), Ok("a\"b\\c|d,e".into()));
        assert_eq!(found("it's"), Err("No closing quotation"));
        assert_eq!(found("a\\"), Err("No escaped character"));
        assert_eq!(found(""), Ok(String::new()));
    }
}
