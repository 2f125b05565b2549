//! `tomllib` and `configparser`: documents of the project that settings read.

use tightship_model::{Cause, SourceId, Span};
use toml_edit::{Document, Item, Value};

use super::os::content;
use crate::dotenv::{Text, parse_ini_sections};
use crate::python::eval::{Evaluator, Raise};
use crate::python::format;
use crate::python::methods;
use crate::python::value::{Args, Kind, Val};

pub(super) fn call(
    eval: &mut Evaluator<'_>,
    path: &str,
    receiver: Option<&Val>,
    args: &Args,
    span: Span,
) -> Option<Result<Val, Raise>> {
    let (module, name) = path.split_once('.')?;
    match module {
        "tomllib" | "tomli" => toml(eval, name, args, span),
        "configparser" => {
            let (class, method) = name.split_once('.').unwrap_or((name, ""));
            match (class, method, receiver) {
                // Other delimiters, prefixes and interpolations are not followed.
                ("ConfigParser" | "SafeConfigParser", "", _) if args.is_empty() => {
                    let sections = eval.dict(Vec::new());
                    Some(Ok(eval.object(PARSER, vec![("sections", sections)])))
                }
                ("ConfigParser", method, Some(parser)) => {
                    ask_parser(eval, parser, method, args, span).transpose()
                }
                _ => None,
            }
        }
        _ => None,
    }
}

fn toml(
    eval: &mut Evaluator<'_>,
    name: &str,
    args: &Args,
    span: Span,
) -> Option<Result<Val, Raise>> {
    let first = args.positional.first()?;
    let text = match name {
        "load" => match content(eval, first, span) {
            Ok(text) => text,
            Err(raise) => return Some(Err(raise)),
        },
        "loads" => first.clone(),
        _ => return None,
    };
    Some(eval.lift(&[&text], span, &mut |eval, values| {
        let Some(source) = values[0].as_str() else {
            return Ok(eval.unknown_because(&values[0]));
        };
        match Document::parse(source) {
            Ok(document) => Ok(of_item(eval, document.as_item(), span)),
            Err(_) => Err(Raise::new(
                "tomllib.TOMLDecodeError",
                "not valid TOML",
                Some(span),
            )),
        }
    }))
}

fn of_item(eval: &mut Evaluator<'_>, item: &Item, span: Span) -> Val {
    if let Some(tables) = item.as_array_of_tables() {
        let tables = tables
            .iter()
            .map(|table| of_item(eval, &Item::Table(table.clone()), span))
            .collect();
        return eval.list(tables);
    }
    match item {
        Item::Value(value) => of_value(eval, value, span),
        Item::Table(table) => {
            let entries = table
                .iter()
                .map(|(key, item)| (Val::str(key), of_item(eval, item, span)))
                .collect();
            eval.dict(entries)
        }
        Item::None | Item::ArrayOfTables(_) => Val::NONE,
    }
}

fn of_value(eval: &mut Evaluator<'_>, value: &Value, span: Span) -> Val {
    match value {
        Value::String(text) => Val::str(text.value().as_str()),
        Value::Integer(number) => Val::int(i128::from(*number.value())),
        Value::Float(number) => Kind::Float(*number.value()).into(),
        Value::Boolean(truth) => Val::bool(*truth.value()),
        Value::Datetime(_) => eval.unknown(Cause::Code, "a date", span),
        Value::Array(items) => {
            let items = items
                .iter()
                .map(|item| of_value(eval, item, span))
                .collect();
            eval.list(items)
        }
        Value::InlineTable(table) => {
            let entries = table
                .iter()
                .map(|(key, value)| (Val::str(key), of_value(eval, value, span)))
                .collect();
            eval.dict(entries)
        }
    }
}

/// The class of a parser; its state holds a dict of sections, each a dict of texts.
const PARSER: &str = "configparser.ConfigParser";

fn ask_parser(
    eval: &mut Evaluator<'_>,
    parser: &Val,
    method: &str,
    args: &Args,
    span: Span,
) -> Result<Option<Val>, Raise> {
    let (Some(sections), Some(first)) = (eval.state(parser, "sections"), args.positional.first())
    else {
        return Ok(None);
    };
    Ok(Some(match (method, args.at(1, "option")) {
        ("read", _) => {
            let names = match first.as_path() {
                Some(_) => vec![first.clone()],
                None => eval.iterate(first, span)?.items,
            };
            for name in names {
                read_ini(eval, &sections, &name, span)?;
            }
            Val::NONE
        }
        ("__getitem__", _) => methods::item(eval, &sections, first, span)?,
        ("__contains__" | "has_section", _) => Val::bool(has(eval, &sections, first)),
        ("has_option", Some(option)) => match section(eval, &sections, first) {
            Some(options) => Val::bool(has(eval, &options, option)),
            None => Val::bool(false),
        },
        ("get" | "getint" | "getfloat" | "getboolean", Some(option)) => {
            let found = section(eval, &sections, first).filter(|it| has(eval, it, option));
            match (found, args.keyword("fallback")) {
                (Some(options), _) => {
                    let text = methods::item(eval, &options, option, span)?;
                    return converted(&text, method, span).map(Some);
                }
                (None, Some(fallback)) => fallback.clone(),
                (None, None) => {
                    return Err(Raise::new(
                        "configparser.NoOptionError",
                        "no such option or section",
                        Some(span),
                    ));
                }
            }
        }
        _ => return Ok(None),
    }))
}

fn read_ini(eval: &mut Evaluator<'_>, sections: &Val, path: &Val, span: Span) -> Result<(), Raise> {
    // A file that is not there is passed over, as by configparser.
    let Some(source) = path.as_path().and_then(|path| eval.project_file(path)) else {
        return Ok(());
    };
    let text = eval.tree.sources()[source].raw().to_owned();
    let parsed = parse_ini_sections(source, &text)
        .map_err(|unknown| Raise::new("configparser.Error", unknown.reason, Some(span)))?;
    for (name, ini) in parsed {
        let entries = ini
            .options()
            .into_iter()
            .map(|(option, text)| {
                let value = match text {
                    Text::Known(text) => Val::str(text),
                    Text::Unknown(unknown) => {
                        Val::unknown(unknown.cause, unknown.reason, unknown.span)
                    }
                    Text::Open { .. } => eval.unknown(Cause::Code, "a reference", span),
                };
                (Val::str(option), value)
            })
            .collect();
        let options = eval.dict(entries);
        methods::set_item(eval, sections, &Val::str(name), options, span)?;
    }
    Ok(())
}

fn section(eval: &mut Evaluator<'_>, sections: &Val, name: &Val) -> Option<Val> {
    has(eval, sections, name)
        .then(|| methods::item(eval, sections, name, Span::new(SourceId(0), 0, 0)).ok())?
}

/// Whether a dict of known texts has a key.
fn has(eval: &Evaluator<'_>, dict: &Val, key: &Val) -> bool {
    eval.items(dict).is_some_and(|keys| {
        keys.items
            .iter()
            .any(|known| known.as_str() == key.as_str())
    })
}

/// What `getint` and its kin make of a text.
fn converted(text: &Val, method: &str, span: Span) -> Result<Val, Raise> {
    let Some(known) = text.as_str() else {
        return Ok(text.clone());
    };
    let value = match method {
        "getint" => format::parse_int(known, 10).map(Val::int),
        "getfloat" => known
            .trim()
            .parse()
            .ok()
            .map(|number| Kind::Float(number).into()),
        "getboolean" => match known.to_lowercase().as_str() {
            "1" | "yes" | "true" | "on" => Some(Val::bool(true)),
            "0" | "no" | "false" | "off" => Some(Val::bool(false)),
            _ => None,
        },
        _ => return Ok(text.clone()),
    };
    match value {
        Some(value) => Ok(value.with_trail(text.trail.clone())),
        None => Err(Raise::new(
            "ValueError",
            format!("{method}() of another text"),
            Some(span),
        )),
    }
}
