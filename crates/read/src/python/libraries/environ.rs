//! django-environ. Verified against 0.12.0 and 0.14.0.

use tightship_model::{Cause, Span};

use super::environ_path::path_text;
use super::reading::{
    Answer, Call, Reading, absolute, env_file, folder_of, is_builtin, lifted, load, parsed, texts,
};
use super::{installed, version};
use crate::dotenv::{Dialect, First};
use crate::python::eval::{Evaluator, Raise, Variable};
use crate::python::paths;
use crate::python::plain;
use crate::python::value::{Args, Kind, Val};
use crate::urls::{self, Url};

/// Answers for `environ.Env.…` and `environ.FileAwareEnv.…` too.
pub(super) fn call(eval: &mut Evaluator<'_>, call: &Call<'_>) -> Answer {
    match call.path {
        "environ.Env" | "environ.FileAwareEnv" => {
            let scheme = call
                .args
                .keywords
                .iter()
                .map(|(name, value)| (Val::str(name.clone()), value.clone()))
                .collect();
            let scheme = eval.dict(scheme);
            let state = vec![
                ("scheme", scheme),
                ("smart_cast", Val::bool(true)),
                ("escape_proxy", Val::bool(false)),
                ("prefix", Val::str("")),
            ];
            return Some(Ok(eval.object(call.path, state)));
        }
        _ => {}
    }
    let (class, method) = call.path.rsplit_once('.')?;
    match class {
        "environ.Env" | "environ.FileAwareEnv" => env_method(eval, call, method),
        _ => None,
    }
}

/// What `Env` is asked for.
struct Asked<'a> {
    env: Option<&'a Val>,
    cast: Option<Val>,
    default: Option<Val>,
    parse_default: bool,
    span: Span,
}

fn env_method(eval: &mut Evaluator<'_>, call: &Call<'_>, method: &str) -> Answer {
    if method == "read_env" {
        return Some(read_env(eval, call));
    }
    let settings_in_url = match method {
        "db" | "db_url" => Some("DATABASE_URL"),
        "cache" | "cache_url" => Some("CACHE_URL"),
        "email" | "email_url" => Some("EMAIL_URL"),
        "search_url" => Some("SEARCH_URL"),
        "channels" | "channels_url" => Some("CHANNELS_URL"),
        _ => None,
    };
    let name = match (call.argument(0, "var"), settings_in_url) {
        (None, Some(usual)) => usual,
        (Some(_), _) => match call.text(0, "var") {
            Some(name) => name,
            None => return call.unknown(eval, "the name of the variable is not known"),
        },
        (None, None) => return None,
    };
    let builtin = |name: &str| Some(Val::native(format!("builtins.{name}")));
    let at = |position: usize, name: &str| call.argument(position, name).cloned();
    let mut asked = Asked {
        env: call.receiver,
        cast: None,
        default: at(1, "default"),
        parse_default: false,
        span: call.span,
    };
    match method {
        "__contains__" => return Some(Ok(eval.has_variable(name, call.span))),
        "__call__" | "get_value" => {
            asked.cast = at(1, "cast").filter(|cast| !cast.is_none());
            asked.default = at(2, "default");
            asked.parse_default = call.flag(3, "parse_default", false)?;
        }
        "str" => asked.cast = builtin("str"),
        "bytes" => asked.cast = builtin("str"),
        "bool" | "int" | "float" => asked.cast = builtin(method),
        "json" => asked.cast = Some(Val::native("json.loads")),
        "list" | "tuple" => {
            asked.default = at(2, "default");
            let inner = at(1, "cast").filter(|cast| !cast.is_none());
            asked.cast = match (inner, method) {
                (None, _) => builtin(method),
                (Some(inner), "list") => Some(eval.list(vec![inner])),
                (Some(inner), _) => Some(Val::tuple(vec![inner])),
            };
        }
        "dict" => {
            asked.cast = at(1, "cast").or_else(|| builtin("dict"));
            asked.default = at(2, "default");
        }
        "url" => {
            asked.cast = Some(Val::native("urllib.parse.urlparse"));
            asked.parse_default = true;
        }
        "path" => {
            let text = match lookup(eval, name, &asked) {
                Ok(text) => text,
                Err(raise) => return Some(Err(raise)),
            };
            return Some(lifted(eval, &text, call.span, &mut |eval, text| {
                let Some(path) = text.as_path() else {
                    let reason = "environ.Path of what is not a text";
                    return Ok(eval.unknown(Cause::Package, reason, call.span));
                };
                let root = Val::str(absolute(eval, path)).with_trail(text.trail.clone());
                Ok(eval.object("environ.Path", vec![("root", root)]))
            }));
        }
        _ if settings_in_url.is_some() => return Some(url_config(eval, call, name, method, asked)),
        _ => return None,
    }
    let value = match lookup(eval, name, &asked) {
        Ok(value) => value,
        Err(raise) => return Some(Err(raise)),
    };
    Some(match method {
        "str" if call.flag(2, "multiline", false) == Some(true) => {
            lifted(eval, &value, call.span, &mut |_, value| {
                Ok(value.as_str().map_or_else(
                    || value.clone(),
                    |text| Val::str(text.replace("\\r\\n", "\n").replace("\\n", "\n")),
                ))
            })
        }
        "bytes" => lifted(eval, &value, call.span, &mut |_, value| {
            Ok(value.as_str().map_or_else(
                || value.clone(),
                |text| Kind::Bytes(text.as_bytes().into()).into(),
            ))
        }),
        _ => Ok(value),
    })
}

/// `Env.get_value`.
fn lookup(eval: &mut Evaluator<'_>, name: &str, asked: &Asked<'_>) -> Result<Val, Raise> {
    lookup_at(eval, name, asked, 0)
}

fn lookup_at(
    eval: &mut Evaluator<'_>,
    name: &str,
    asked: &Asked<'_>,
    depth: usize,
) -> Result<Val, Raise> {
    if depth > LONGEST_PROXY {
        return Err(Raise::new(
            "RecursionError",
            "proxied variables in a circle",
            Some(asked.span),
        ));
    }
    let part = |eval: &Evaluator<'_>, name: &str| {
        asked
            .env
            .and_then(|env| eval.state(env, name))
            .unwrap_or(Val::NONE)
    };
    let prefix = part(eval, "prefix");
    let name = format!("{}{name}", prefix.as_str().unwrap_or_default());
    let mut cast = asked.cast.clone();
    let mut default = asked.default.clone();
    let scheme = part(eval, "scheme");
    if let Some(entry) = eval
        .entries(&scheme)
        .and_then(|scheme| scheme.get(&name))
        .cloned()
    {
        let pair = match &entry.kind {
            Kind::Tuple(_) | Kind::List(_) => eval.items(&entry),
            _ => None,
        };
        match pair.filter(|pair| pair.items.len() == 2 && pair.rest.is_none()) {
            Some(pair) => {
                cast = cast.or_else(|| pair.items.first().cloned());
                default = default.or_else(|| pair.items.get(1).cloned());
            }
            None => cast = cast.or(Some(entry)),
        }
    }
    let is_smart = !matches!(part(eval, "smart_cast").kind, Kind::Bool(false));
    if let (None, true, Some(default)) = (&cast, is_smart, &default)
        && !default.is_none()
    {
        cast = class_of(default);
    }
    let found = match file_content(eval, &name, asked)? {
        Some(value) => Variable::Set(value),
        None => eval.variable(&name, default.is_some(), asked.span),
    };
    let missing = Raise::new(
        "django.core.exceptions.ImproperlyConfigured",
        format!("Set the {name} environment variable"),
        Some(asked.span),
    );
    let escapes = matches!(part(eval, "escape_proxy").kind, Kind::Bool(true));
    let is_boolean = cast.as_ref().is_some_and(|cast| is_builtin(cast, "bool"));
    let given = default.clone();
    let default = match default {
        // A default is taken as it is, but for a name of another variable.
        Some(default) => {
            let is_proxy = default.as_str().is_some_and(|text| text.starts_with('$'));
            match (is_proxy, asked.parse_default && !default.is_none()) {
                (false, false) => Some(default),
                _ => Some(lifted(eval, &default, asked.span, &mut |eval, value| {
                    finished(eval, value, &cast, &given, escapes, asked, depth)
                })?),
            }
        }
        None => None,
    };
    let reading = Reading {
        name: &name,
        default,
        missing,
        casts_default: false,
        is_boolean,
        span: asked.span,
    };
    reading.of(eval, found, &mut |eval, value| {
        finished(eval, value, &cast, &given, escapes, asked, depth)
    })
}

/// From the text of a variable to its value.
fn finished(
    eval: &mut Evaluator<'_>,
    value: &Val,
    cast: &Option<Val>,
    default: &Option<Val>,
    escapes: bool,
    asked: &Asked<'_>,
    depth: usize,
) -> Result<Val, Raise> {
    let mut value = value.clone();
    if let Some(text) = value.as_str().filter(|text| text.starts_with('$')) {
        let other = text.trim_start_matches('$').to_owned();
        let proxied = Asked {
            env: asked.env,
            cast: cast.clone(),
            default: default.clone(),
            parse_default: false,
            span: asked.span,
        };
        let trail = value.trail.clone();
        value = lookup_at(eval, &other, &proxied, depth + 1)?;
        value.trail = value.trail.and(&trail);
        // The value is cast once more, which changes none that is a number or a truth.
        if value.as_str().is_none() {
            return Ok(value);
        }
    }
    if let Some(text) = value.as_str() {
        let trail = value.trail.clone();
        if escapes && text.contains("\\$") {
            value = Val::str(text.replace("\\$", "$")).with_trail(trail);
        } else if text.is_empty() && default.as_ref().is_some_and(Val::is_none) {
            return Ok(Val::NONE.with_trail(trail));
        }
    }
    let is_default = default
        .as_ref()
        .is_some_and(|default| eval.same(default, &value, 0));
    if is_default && !asked.parse_default {
        return Ok(value);
    }
    let Some(cast) = cast else {
        return Ok(value);
    };
    let trail = value.trail.clone();
    Ok(parse_value(eval, &value, cast, asked.span)?.with_trail(trail))
}

/// `Env.parse_value`.
fn parse_value(
    eval: &mut Evaluator<'_>,
    value: &Val,
    cast: &Val,
    span: Span,
) -> Result<Val, Raise> {
    let one = |value: &Val| Args::positional(vec![value.clone()]);
    let Some(text) = value.as_str() else {
        return eval.call(cast, one(value), span);
    };
    let filled = |text: &'_ str| -> Vec<String> {
        text.split(',')
            .filter(|item| !item.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let in_parentheses = || text.trim_matches('(').trim_matches(')');
    let wrong = |message: &str| Err(Raise::new("ValueError", message, Some(span)));
    match &cast.kind {
        Kind::Native(path) => match &**path {
            "builtins.bool" => Ok(Val::bool(urls::django_environ_boolean(text))),
            "builtins.str" => Ok(value.clone()),
            "builtins.list" => Ok(texts(eval, filled(text).iter().map(String::as_str))),
            "builtins.tuple" => {
                let items = filled(in_parentheses());
                Ok(Val::tuple(items.into_iter().map(Val::str).collect()))
            }
            "builtins.dict" => {
                let mut entries = Vec::new();
                for item in filled(text) {
                    let Some((key, value)) = item.split_once('=') else {
                        return wrong("a part of the dict has no `=`");
                    };
                    entries.push((Val::str(key), Val::str(value)));
                }
                Ok(eval.dict(entries))
            }
            "builtins.float" => match float(text) {
                Some(number) => Ok(Kind::Float(number).into()),
                None => wrong("could not convert string to float"),
            },
            _ => eval.call(cast, one(value), span),
        },
        Kind::List(_) | Kind::Tuple(_) => {
            let inner = eval
                .items(cast)
                .and_then(|items| items.items.into_iter().next());
            let Some(inner) = inner else {
                return Err(Raise::new(
                    "IndexError",
                    "list index out of range",
                    Some(span),
                ));
            };
            let is_list = matches!(cast.kind, Kind::List(_));
            let parts = filled(if is_list { text } else { in_parentheses() });
            let mut items = Vec::with_capacity(parts.len());
            for part in parts {
                items.push(eval.call(&inner, one(&Val::str(part)), span)?);
            }
            Ok(match is_list {
                true => eval.list(items),
                false => Val::tuple(items),
            })
        }
        Kind::Dict(_) => dict_by_scheme(eval, text, cast, span),
        _ => eval.call(cast, one(value), span),
    }
}

/// `KEY=VALUE;…` with `{"key": …, "value": …, "cast": {…}}`.
fn dict_by_scheme(
    eval: &mut Evaluator<'_>,
    text: &str,
    scheme: &Val,
    span: Span,
) -> Result<Val, Raise> {
    let part = |eval: &Evaluator<'_>, name: &str| {
        eval.entries(scheme)
            .and_then(|scheme| scheme.get(name))
            .cloned()
    };
    let text_class = || Val::native("builtins.str");
    let key_cast = part(eval, "key").unwrap_or_else(text_class);
    let value_cast = part(eval, "value").unwrap_or_else(text_class);
    let by_key = part(eval, "cast");
    let mut entries = Vec::new();
    for pair in text.split(';').filter(|pair| !pair.is_empty()) {
        let mut parts = pair.split('=');
        let (Some(key), Some(value)) = (parts.next(), parts.next()) else {
            return Err(Raise::new(
                "IndexError",
                "list index out of range",
                Some(span),
            ));
        };
        let cast = by_key
            .as_ref()
            .and_then(|casts| eval.entries(casts)?.get(key).cloned())
            .unwrap_or_else(|| value_cast.clone());
        let key = eval.call(&key_cast, Args::positional(vec![Val::str(key)]), span)?;
        let value = parse_value(eval, &Val::str(value), &cast, span)?;
        entries.push((key, value));
    }
    Ok(eval.dict(entries))
}

/// A number with any of the separators that people write.
fn float(text: &str) -> Option<f64> {
    let kept: String = text
        .chars()
        .filter(|c| c.is_ascii_digit() || matches!(c, ',' | '.' | '-'))
        .collect();
    let parts: Vec<&str> = kept.split([',', '.']).collect();
    match parts.split_last() {
        Some((last, [])) => last.parse().ok(),
        Some((last, first)) => format!("{}.{last}", first.concat()).parse().ok(),
        None => None,
    }
}

/// `env.db(…)` and its kin.
fn url_config(
    eval: &mut Evaluator<'_>,
    call: &Call<'_>,
    name: &str,
    method: &str,
    asked: Asked<'_>,
) -> Result<Val, Raise> {
    let text = lookup(eval, name, &asked)?;
    let other = match method {
        "db" | "db_url" | "search_url" => call.argument(2, "engine"),
        _ => call.argument(2, "backend"),
    };
    let other = other.cloned().unwrap_or(Val::NONE);
    let installed = installed(eval);
    eval.lift(&[&text, &other], call.span, &mut |eval, known| {
        let chosen = known[1].as_str();
        let Some(text) = known[0].as_str() else {
            if known[0].is_none() && method.starts_with("cache") {
                return Ok(eval.dict(Vec::new()));
            }
            let reason = format!("environ.Env.{method} of what is not a text");
            return Ok(eval.unknown(Cause::Package, reason, call.span));
        };
        let url = |parse: &dyn Fn(&Url) -> Result<plain::Plain, urls::Refusal>| {
            Url::parse(text).and_then(|url| parse(&url))
        };
        let is_guess = installed_is_unknown(eval) && chosen.is_none();
        let result = match method {
            "db" | "db_url" => urls::db_url(text, chosen, installed),
            "cache" | "cache_url" => url(&|url| urls::cache_url(url, chosen, installed)),
            "email" | "email_url" => url(&|url| urls::email_url(url, chosen)),
            "search_url" => url(&|url| urls::search_url(url, chosen)),
            _ => url(&|url| urls::channels_url(url, chosen, installed)),
        };
        let is_redis = Url::parse(text).is_ok_and(|url| url.scheme.starts_with("redis"));
        let config = parsed(eval, result, call.span)?;
        if is_guess && is_redis && method.starts_with("cache") {
            for key in ["BACKEND", "OPTIONS"] {
                if eval
                    .entries(&config)
                    .is_some_and(|config| config.get(key).is_some())
                {
                    let reason = "whether django-redis is installed decides";
                    let why = eval.unknown(Cause::Package, reason, call.span);
                    eval.set_item(&config, &Val::str(key), why, call.span)?;
                }
            }
        }
        Ok(config)
    })
}

/// Whether nothing says which packages are installed.
fn installed_is_unknown(eval: &Evaluator<'_>) -> bool {
    eval.packages.by_name.is_empty()
}

/// `FileAwareEnv` takes the content of the file that `NAME_FILE` names.
fn file_content(
    eval: &mut Evaluator<'_>,
    name: &str,
    asked: &Asked<'_>,
) -> Result<Option<Val>, Raise> {
    let is_aware = asked.env.is_some_and(
        |env| matches!(&env.kind, Kind::Object(class, _) if &**class == "environ.FileAwareEnv"),
    );
    if !is_aware {
        return Ok(None);
    }
    let Variable::Set(path) = eval.variable(&format!("{name}_FILE"), true, asked.span) else {
        return Ok(None);
    };
    Ok(match path.as_str() {
        Some("") => None,
        Some(path) => Some(eval.outside(path, asked.span)),
        None => Some(eval.unknown(Cause::File, format!("{name}_FILE is not known"), asked.span)),
    })
}

/// `Env.read_env(path, overwrite=False)`: fills the environment, and keeps what is there.
fn read_env(eval: &mut Evaluator<'_>, call: &Call<'_>) -> Result<Val, Raise> {
    let path = match call.argument(0, "env_file") {
        None => Some(paths::join(&folder_of(eval, call.span), ".env")),
        Some(value) if value.is_none() => Some(paths::join(&folder_of(eval, call.span), ".env")),
        Some(value) => path_text(eval, value).map(|path| absolute(eval, &path)),
    };
    let always = version(eval, "django-environ")
        .is_some_and(|version| version >= COMMENTS_ALWAYS_FROM && version < COMMENTS_ALWAYS_UNTIL);
    let wins = call.flag(1, "overwrite", false).unwrap_or(false);
    let comments = call.flag(2, "parse_comments", false).unwrap_or(false);
    let dialect = Dialect::DjangoEnviron {
        comments: always || comments,
    };
    let Some(path) = path else {
        return Ok(Val::NONE);
    };
    match env_file(eval, &path, dialect, First::File, call.span) {
        Some(file) => load(eval, &file, wins),
        None => eval.misses_file(&path, call.span),
    }
    Ok(Val::NONE)
}

/// `type(default)` as a cast.
fn class_of(default: &Val) -> Option<Val> {
    let name = match &default.kind {
        Kind::Bool(_) => "bool",
        Kind::Int(_) => "int",
        Kind::Float(_) => "float",
        Kind::Str(_) => "str",
        Kind::List(_) => "list",
        Kind::Tuple(_) => "tuple",
        Kind::Dict(_) => "dict",
        Kind::Set(_) => "set",
        _ => return None,
    };
    Some(Val::native(format!("builtins.{name}")))
}

const COMMENTS_ALWAYS_FROM: (u32, u32, u32) = (0, 11, 0);
const COMMENTS_ALWAYS_UNTIL: (u32, u32, u32) = (0, 12, 0);

/// Variables that name each other.
const LONGEST_PROXY: usize = 16;
