//! environs. Verified against 11.2.1 and 15.2.0 with marshmallow 4.4.0.

use tightship_model::{Cause, Span};

use super::reading::{
    Answer, Call, EnvFile, Reading, absolute, env_file, folder_of, is_builtin, is_file, load,
    nearest, parent, parsed, text_value, texts,
};
use super::{dj_database_url, singleton, version};
use crate::dotenv::{Dialect, First};
use crate::python::eval::{Evaluator, Mode, Raise, Variable};
use crate::python::paths;
use crate::python::plain;
use crate::python::value::{Args, Kind, Val};
use crate::urls;

pub(super) fn call(eval: &mut Evaluator<'_>, call: &Call<'_>) -> Answer {
    match call.path {
        "environs.Env" | "environs.FileAwareEnv" => {
            let state = vec![
                (
                    "prefix",
                    call.args.keyword("prefix").cloned().unwrap_or(Val::NONE),
                ),
                (
                    "eager",
                    call.args
                        .keyword("eager")
                        .cloned()
                        .unwrap_or(Val::bool(true)),
                ),
                (
                    "expand_vars",
                    call.args
                        .keyword("expand_vars")
                        .cloned()
                        .unwrap_or(Val::bool(false)),
                ),
            ];
            return Some(Ok(eval.object(call.path, state)));
        }
        "environs.Prefixed.__enter__" => return Some(enter_prefix(eval, call)),
        "environs.Prefixed.__exit__" => return Some(leave_prefix(eval, call)),
        _ => {}
    }
    let (class, method) = call.path.rsplit_once('.')?;
    let env = match class {
        "environs.Env" | "environs.FileAwareEnv" => call.receiver.cloned(),
        "environs.env" => Some(the_one(eval)),
        _ => return None,
    };
    let env = env?;
    match method {
        "read_env" => Some(read_env(eval, call, &env)),
        "prefixed" => {
            let prefix = call.argument(0, "prefix")?.clone();
            Some(Ok(eval.object(
                "environs.Prefixed",
                vec![("env", env), ("prefix", prefix)],
            )))
        }
        "seal" => Some(Ok(Val::NONE)),
        _ => value(eval, call, &env, method),
    }
}

/// `environs.env`, the instance that the package itself makes.
fn the_one(eval: &mut Evaluator<'_>) -> Val {
    singleton(eval, "environs.env", |eval| {
        let state = vec![
            ("prefix", Val::NONE),
            ("eager", Val::bool(true)),
            ("expand_vars", Val::bool(false)),
        ];
        eval.object("environs.Env", state)
    })
}

fn enter_prefix(eval: &mut Evaluator<'_>, call: &Call<'_>) -> Result<Val, Raise> {
    let part = |eval: &Evaluator<'_>, name: &str| {
        call.receiver
            .and_then(|object| eval.state(object, name))
            .unwrap_or(Val::NONE)
    };
    let (env, added) = (part(eval, "env"), part(eval, "prefix"));
    let old = eval.state(&env, "prefix").unwrap_or(Val::NONE);
    if let Some(object) = call.receiver {
        eval.set_state(object, "old", old.clone());
    }
    let text = format!(
        "{}{}",
        old.as_str().unwrap_or_default(),
        added.as_str().unwrap_or_default()
    );
    eval.set_state(&env, "prefix", Val::str(text));
    Ok(env)
}

fn leave_prefix(eval: &mut Evaluator<'_>, call: &Call<'_>) -> Result<Val, Raise> {
    if let Some(object) = call.receiver
        && let Some(env) = eval.state(object, "env")
    {
        let old = eval.state(object, "old").unwrap_or(Val::NONE);
        eval.set_state(&env, "prefix", old);
    }
    Ok(Val::NONE)
}

/// `Env.read_env(path, recurse=True, override=False)`. Until 14 it fills the environment; since 15
/// what it reads is known to this object only, below the environment.
fn read_env(eval: &mut Evaluator<'_>, call: &Call<'_>, env: &Val) -> Result<Val, Raise> {
    let start = match call.argument(0, "path").filter(|path| !path.is_none()) {
        None => Some(paths::join(&folder_of(eval, call.span), ".env")),
        Some(path) => path.as_path().map(|path| absolute(eval, path)),
    };
    let recurse = call.flag(1, "recurse", true).unwrap_or(true);
    let wins = call
        .args
        .keyword("override")
        .is_some_and(|flag| matches!(flag.kind, Kind::Bool(true)));
    let is_own = version(eval, "environs").is_none_or(|version| version >= OWN_VARIABLES);
    let dialect = Dialect::python_dotenv(version(eval, "python-dotenv"));
    let first = match is_own || wins {
        true => First::File,
        false => First::Environment,
    };
    let path = start.and_then(|start| match recurse {
        true => nearest(eval, parent(&start), &[paths::name(&start)]),
        false => is_file(eval, &start).then_some(start),
    });
    let file = path.and_then(|path| env_file(eval, &path, dialect, first, call.span));
    let Some(file) = file else {
        return Ok(Val::bool(false));
    };
    match is_own {
        true => keep(eval, env, &file, wins),
        false => load(eval, &file, wins),
    }
    Ok(Val::bool(true))
}

/// Keeps what a file sets in the object: under names that no attribute has.
fn keep(eval: &mut Evaluator<'_>, env: &Val, file: &EnvFile, wins: bool) {
    for one in &file.assignments {
        let name = format!("= {}", one.name);
        if let Some((span, text)) = &one.value
            && (wins || eval.state(env, &name).is_none())
        {
            let value = text_value(text, *span, &format!("{} in {}", one.name, file.path));
            eval.set_state(env, &name, value);
        }
    }
}

/// `env.bool("NAME", default)` and its kin.
fn value(eval: &mut Evaluator<'_>, call: &Call<'_>, env: &Val, method: &str) -> Answer {
    if !METHODS.contains(&method) {
        return None;
    }
    let Some(name) = call.text(0, "name") else {
        return call.unknown(eval, "the name of the variable is not known");
    };
    if !matches!(
        eval.state(env, "expand_vars").map(|flag| flag.kind),
        Some(Kind::Bool(false))
    ) {
        return call.unknown(eval, "variables are put into values here");
    }
    let prefix = eval.state(env, "prefix").unwrap_or(Val::NONE);
    let name = format!("{}{name}", prefix.as_str().unwrap_or_default());
    let default = call.argument(1, "default");
    let default = default
        .filter(|value| !matches!(value.kind, Kind::Ellipsis))
        .cloned();
    let mut found = eval.variable(&name, default.is_some(), call.span);
    if (default.is_none() || eval.mode() == Mode::Given)
        && let Some(own) = eval.state(env, &format!("= {name}"))
    {
        found = match found {
            Variable::Unset(_) => Variable::Set(own),
            Variable::Open(open) => Variable::Set(open.or(own)),
            set => set,
        };
    }
    let is_lazy = matches!(
        eval.state(env, "eager").map(|flag| flag.kind),
        Some(Kind::Bool(false))
    );
    let default = match (default, is_lazy) {
        (None, true) => Some(Val::NONE),
        (default, _) => default,
    };
    let message = format!("Environment variable \"{name}\" not set");
    let reading = Reading {
        name: &name,
        default,
        missing: call.raise("environs.EnvNotSetError", message),
        // What stands on a package's parser takes its default through it.
        casts_default: method.starts_with("dj_"),
        is_boolean: method == "bool",
        span: call.span,
    };
    Some(reading.of(eval, found, &mut |eval, value| {
        cast(eval, call, method, value)
    }))
}

fn cast(
    eval: &mut Evaluator<'_>,
    call: &Call<'_>,
    method: &str,
    value: &Val,
) -> Result<Val, Raise> {
    let span = call.span;
    let Some(text) = value.as_str() else {
        return Ok(value.clone());
    };
    let invalid = |message: &str| {
        Err(Raise::new(
            "environs.EnvValidationError",
            message,
            Some(span),
        ))
    };
    match method {
        "__call__" | "str" => Ok(value.clone()),
        "int" => match plain::int(text) {
            Some(number) => Ok(eval.plain_value(&number, span)),
            None => invalid("Not a valid integer."),
        },
        "float" => match text.trim().replace('_', "").parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Kind::Float(number).into()),
            _ => invalid("Not a valid number."),
        },
        "bool" => match text {
            "t" | "T" | "true" | "True" | "TRUE" | "on" | "On" | "ON" | "y" | "Y" | "yes"
            | "Yes" | "YES" | "1" => Ok(Val::bool(true)),
            "f" | "F" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" | "n" | "N" | "no"
            | "No" | "NO" | "0" => Ok(Val::bool(false)),
            _ => invalid("Not a valid boolean."),
        },
        "list" => {
            let delimiter = call
                .args
                .keyword("delimiter")
                .and_then(Val::as_str)
                .unwrap_or(",");
            let parts: Vec<&str> = match text {
                "" => Vec::new(),
                text => text.split(delimiter).collect(),
            };
            match call
                .argument(2, "subcast")
                .filter(|subcast| !subcast.is_none())
            {
                None => Ok(texts(eval, parts)),
                Some(subcast) => {
                    let mut items = Vec::with_capacity(parts.len());
                    for part in parts {
                        items.push(subcast_of(eval, subcast, part, span)?);
                    }
                    Ok(eval.list(items))
                }
            }
        }
        "dict" => {
            let word = |name: &str, usual: &'static str| {
                call.args
                    .keyword(name)
                    .and_then(Val::as_str)
                    .unwrap_or(usual)
                    .to_owned()
            };
            let (between, within) = (word("delimiter", ","), word("key_value_delimiter", "="));
            let mut entries = Vec::new();
            for pair in text.split(between.as_str()).filter(|_| !text.is_empty()) {
                let Some((key, value)) = pair.split_once(within.as_str()) else {
                    return Err(Raise::new(
                        "ValueError",
                        "a part of the dict has no `=`",
                        Some(span),
                    ));
                };
                let mut part = |name: &str, text: &str| match call.args.keyword(name) {
                    Some(subcast) if !subcast.is_none() => {
                        subcast_of(eval, subcast, text.trim(), span)
                    }
                    _ => Ok(Val::str(text.trim())),
                };
                entries.push((part("subcast_keys", key)?, part("subcast_values", value)?));
            }
            Ok(eval.dict(entries))
        }
        "json" => {
            let loads = Val::native("json.loads");
            eval.call(&loads, Args::positional(vec![value.clone()]), span)
        }
        "path" => Ok(Val::path(paths::pathlib(text))),
        "log_level" => match (plain::int(text), log_level(&text.to_uppercase())) {
            (Some(number), _) => Ok(eval.plain_value(&number, span)),
            (None, Some(level)) => Ok(Val::int(level)),
            (None, None) => invalid("Not a valid log level."),
        },
        "timedelta" => match duration(text) {
            Some(micros) => Ok(Kind::Timedelta(micros).into()),
            None => invalid("Not a valid period of time."),
        },
        "url" => {
            let parse = Val::native("urllib.parse.urlparse");
            eval.call(&parse, Args::positional(vec![value.clone()]), span)
        }
        "dj_db_url" => dj_database_url::parse_url(eval, call, value),
        "dj_email_url" => parsed(eval, urls::dj_email_url(text), span),
        "dj_cache_url" => parsed(eval, urls::django_cache_url(text), span),
        "enum" => enum_member(eval, call, text),
        _ => {
            let reason = format!("environs.Env.{method} is not followed");
            Ok(eval.unknown(Cause::Package, reason, span))
        }
    }
}

/// One element through a type that marshmallow has a field for, or through a function.
fn subcast_of(
    eval: &mut Evaluator<'_>,
    subcast: &Val,
    text: &str,
    span: Span,
) -> Result<Val, Raise> {
    let value = Val::str(text);
    let empty = Args::default();
    let call = Call {
        path: "environs.Env.list",
        receiver: None,
        args: &empty,
        span,
    };
    for method in ["str", "int", "float", "bool"] {
        if is_builtin(subcast, method) {
            return cast(eval, &call, method, &value);
        }
    }
    eval.call(subcast, Args::positional(vec![value]), span)
}

/// `env.enum("NAME", type=Class, ignore_case=False, by_value=False)`.
fn enum_member(eval: &mut Evaluator<'_>, call: &Call<'_>, text: &str) -> Result<Val, Raise> {
    let class = call
        .args
        .keyword("type")
        .or_else(|| call.args.keyword("enum"));
    let plain = |name: &str| call.args.keyword(name).is_none();
    let Some(class) = class.filter(|_| plain("ignore_case") && plain("by_value")) else {
        let reason = "environs.Env.enum with these arguments is not followed";
        return Ok(eval.unknown(Cause::Package, reason, call.span));
    };
    match eval.attribute(class, text, call.span) {
        Ok(member) => Ok(member),
        Err(raise) if raise.is_bound => Err(raise),
        Err(_) => {
            let message = "Must be one of the members of the enum.";
            Err(Raise::new(
                "environs.EnvValidationError",
                message,
                Some(call.span),
            ))
        }
    }
}

fn log_level(name: &str) -> Option<i128> {
    Some(match name {
        "CRITICAL" | "FATAL" => 50,
        "ERROR" => 40,
        "WARNING" | "WARN" => 30,
        "INFO" => 20,
        "DEBUG" => 10,
        "NOTSET" => 0,
        _ => return None,
    })
}

/// Seconds, or `1w 2d 3h 4m 5s 6ms 7us` in this order; in microseconds.
fn duration(text: &str) -> Option<i64> {
    const UNITS: [(&str, i64); 8] = [
        ("w", 7 * 24 * 3600 * 1_000_000),
        ("d", 24 * 3600 * 1_000_000),
        ("h", 3600 * 1_000_000),
        ("ms", 1_000),
        ("m", 60 * 1_000_000),
        ("s", 1_000_000),
        ("us", 1),
        ("µs", 1),
    ];
    const ORDER: [&str; 8] = ["w", "d", "h", "m", "s", "ms", "us", "µs"];
    if let Ok(seconds) = text.trim().parse::<f64>() {
        let micros = (seconds * 1e6).round_ties_even();
        return (micros.abs() < 9e17).then_some(micros as i64);
    }
    let mut total = 0_i64;
    let mut last = None;
    let mut rest = text.trim();
    while !rest.is_empty() {
        let digits = rest.trim_start_matches('-');
        let length = rest.len()
            - digits
                .trim_start_matches(|c: char| c.is_ascii_digit())
                .len();
        let number: i64 = rest[..length].parse().ok()?;
        let after = rest[length..].trim_start();
        let (unit, size) = UNITS.iter().find(|(unit, _)| after.starts_with(unit))?;
        let place = ORDER.iter().position(|known| known == unit);
        if place <= last {
            return None;
        }
        last = place;
        total = total.checked_add(number.checked_mul(*size)?)?;
        rest = after[unit.len()..].trim_start();
    }
    last.map(|_| total)
}

const METHODS: [&str; 22] = [
    "__call__",
    "str",
    "int",
    "float",
    "bool",
    "list",
    "dict",
    "json",
    "path",
    "log_level",
    "timedelta",
    "url",
    "dj_db_url",
    "dj_email_url",
    "dj_cache_url",
    "enum",
    "decimal",
    "uuid",
    "datetime",
    "date",
    "time",
    "yaml",
];

const OWN_VARIABLES: (u32, u32, u32) = (15, 0, 0);

#[cfg(test)]
mod tests {
    use super::*;

    /// Each result from `environs` 15.2.0.
    #[test]
    fn durations() {
        assert_eq!(duration("30"), Some(30_000_000));
        assert_eq!(duration("1.5"), Some(1_500_000));
        assert_eq!(duration("1h 30m"), Some(5_400_000_000));
        assert_eq!(duration("2w3d"), Some(1_468_800_000_000));
        assert_eq!(duration("5ms"), Some(5_000));
        assert_eq!(duration("30m 1h"), None);
        assert_eq!(duration("soon"), None);
        assert_eq!(duration(""), None);
    }
}
