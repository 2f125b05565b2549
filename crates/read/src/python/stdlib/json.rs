//! Text that is read as data: `json`, `ast.literal_eval`, files.

use tightship_model::{Cause, Span};

use super::os::content;
use crate::python::eval::{Evaluator, Raise};
use crate::python::plain::{self, Plain};
use crate::python::value::{Args, Kind, Val};

pub(super) fn call(
    eval: &mut Evaluator<'_>,
    path: &str,
    receiver: Option<&Val>,
    args: &Args,
    span: Span,
) -> Option<Result<Val, Raise>> {
    run(eval, path, receiver, args, span).transpose()
}

fn run(
    eval: &mut Evaluator<'_>,
    path: &str,
    receiver: Option<&Val>,
    args: &Args,
    span: Span,
) -> Result<Option<Val>, Raise> {
    let none = Val::NONE;
    let first = args.positional.first().unwrap_or(&none);
    Ok(Some(match path {
        "json.loads" => {
            let unfit = Raise::new("json.JSONDecodeError", "not JSON", Some(span));
            eval.maybe_unfit(unfit, first);
            eval.lift(
                &[first],
                span,
                &mut |eval, values| match values[0].as_str() {
                    Some(text) => json(eval, text, span),
                    None => Ok(eval.unknown_because(&values[0])),
                },
            )?
        }
        "json.load" => {
            let text = content(eval, first, span)?;
            match text.as_str() {
                Some(source) => {
                    let value = json(eval, source, span)?;
                    let trail = value.trail.and(&text.trail);
                    value.with_trail(trail)
                }
                None => eval.unknown_because(&text),
            }
        }
        "json.dumps" => {
            let sorts = matches!(
                args.keyword("sort_keys").map(|value| &value.kind),
                Some(Kind::Bool(true))
            );
            let others = args.keywords.iter().any(|(name, _)| &**name != "sort_keys");
            let text = (!others).then(|| dumped(eval, first, sorts, 0)).flatten();
            match text {
                Some(text) => Val::str(text),
                None => eval.unknown(Cause::Code, "json.dumps() of this", span),
            }
        }
        "ast.literal_eval" => {
            for class in ["ValueError", "SyntaxError"] {
                eval.maybe_unfit(Raise::new(class, "not a literal", Some(span)), first);
            }
            eval.lift(&[first], span, &mut |eval, values| {
                let Some(text) = values[0].as_str() else {
                    return Ok(eval.unknown_because(&values[0]));
                };
                eval.literal(text, span).ok_or_else(
                    || match crate::python::syntax::parse_expression(text.trim()) {
                        Some(_) => Raise::new("ValueError", "malformed node or string", Some(span)),
                        None => Raise::new("SyntaxError", "invalid syntax", Some(span)),
                    },
                )
            })?
        }
        "builtins.file.read"
        | "builtins.file.readline"
        | "builtins.file.readlines"
        | "builtins.file.__iter__" => {
            let Some(file) = receiver else {
                return Ok(None);
            };
            let text = content(eval, file, span)?;
            let name = path.to_owned();
            eval.lift(&[&text], span, &mut |eval, values| {
                let Some(text) = values[0].as_str() else {
                    return Ok(eval.unknown_because(&values[0]));
                };
                let mut lines = text.split_inclusive('\n').map(Val::str);
                Ok(match &*name {
                    "builtins.file.read" => values[0].clone(),
                    "builtins.file.readline" => lines.next().unwrap_or_else(|| Val::str("")),
                    _ => eval.list(lines.collect()),
                })
            })?
        }
        "builtins.file.write" | "builtins.file.close" => Val::NONE,
        _ => return Ok(None),
    }))
}

/// `json.dumps(value, sort_keys=sorts)`; `None` for what is not wholly known or not JSON.
fn dumped(eval: &Evaluator<'_>, value: &Val, sorts: bool, depth: usize) -> Option<String> {
    /// Depth of structures that are written.
    const DEEPEST: usize = 32;
    if depth > DEEPEST || !value.is_settled() {
        return None;
    }
    let quoted = |text: &str| {
        text.is_ascii()
            .then(|| serde_json::to_string(text).ok())
            .flatten()
    };
    match &value.kind {
        Kind::None => Some("null".to_owned()),
        Kind::Bool(truth) => Some(truth.to_string()),
        Kind::Int(number) => Some(number.to_string()),
        Kind::Str(text) => quoted(text),
        Kind::List(_) | Kind::Tuple(_) => {
            let items = eval.items(value).filter(|items| items.rest.is_none())?;
            let texts = items
                .items
                .iter()
                .map(|item| dumped(eval, item, sorts, depth + 1));
            Some(format!(
                "[{}]",
                texts.collect::<Option<Vec<_>>>()?.join(", ")
            ))
        }
        Kind::Dict(_) => {
            let dict = eval.entries(value).filter(|dict| dict.rest.is_none())?;
            let mut entries: Vec<_> = dict.entries.values().collect();
            if sorts {
                entries.sort_by(|(one, _), (two, _)| one.as_str().cmp(&two.as_str()));
            }
            let texts = entries.iter().map(|(key, item)| {
                Some(format!(
                    "{}: {}",
                    quoted(key.as_str()?)?,
                    dumped(eval, item, sorts, depth + 1)?
                ))
            });
            Some(format!(
                "{{{}}}",
                texts.collect::<Option<Vec<_>>>()?.join(", ")
            ))
        }
        _ => None,
    }
}

fn json(eval: &mut Evaluator<'_>, text: &str, span: Span) -> Result<Val, Raise> {
    match serde_json::from_str(text) {
        Ok(value) => Ok(of_json(eval, &value, span)),
        Err(_) => Err(Raise::new(
            "json.JSONDecodeError",
            "not valid JSON",
            Some(span),
        )),
    }
}

fn of_json(eval: &mut Evaluator<'_>, value: &serde_json::Value, span: Span) -> Val {
    match value {
        serde_json::Value::Null => Val::NONE,
        serde_json::Value::Bool(value) => Val::bool(*value),
        serde_json::Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(value), _) => Val::int(i128::from(value)),
            (None, Some(value)) => Kind::Float(value).into(),
            _ => eval.unknown(Cause::Bound, "a large number", span),
        },
        serde_json::Value::String(text) => Val::str(text.as_str()),
        serde_json::Value::Array(items) => {
            let items = items.iter().map(|item| of_json(eval, item, span)).collect();
            eval.list(items)
        }
        serde_json::Value::Object(entries) => {
            let entries = entries
                .iter()
                .map(|(key, value)| (Val::str(key.as_str()), of_json(eval, value, span)))
                .collect();
            eval.dict(entries)
        }
    }
}

impl Evaluator<'_> {
    /// The value of a Python literal, as `ast.literal_eval` reads it; `None` for any other text.
    pub(crate) fn literal(&mut self, text: &str, span: Span) -> Option<Val> {
        let value = plain::literal(text)?;
        Some(self.plain_value(&value, span))
    }

    /// A plain value, made anew on the heap.
    pub(crate) fn plain_value(&mut self, value: &Plain, span: Span) -> Val {
        let mut all = |items: &[Plain]| -> Vec<Val> {
            items
                .iter()
                .map(|item| self.plain_value(item, span))
                .collect()
        };
        match value {
            Plain::None => Val::NONE,
            Plain::Bool(value) => Val::bool(*value),
            Plain::Int(value) => Val::int(*value),
            Plain::Float(value) => Kind::Float(*value).into(),
            Plain::Str(text) => Val::str(text.as_str()),
            Plain::Bytes(bytes) => Kind::Bytes(bytes.as_slice().into()).into(),
            Plain::List(items) => {
                let items = all(items);
                self.list(items)
            }
            Plain::Tuple(items) => Val::tuple(all(items)),
            Plain::Set(items) => {
                let items = all(items);
                self.set(items, None)
            }
            Plain::Dict(entries) => {
                let entries = entries
                    .iter()
                    .map(|(key, value)| {
                        (self.plain_value(key, span), self.plain_value(value, span))
                    })
                    .collect();
                self.dict(entries)
            }
            Plain::Unknown(reason) => self.unknown(Cause::Bound, *reason, span),
        }
    }
}
