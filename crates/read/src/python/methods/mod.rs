//! Methods and items of the builtin types.

mod changes;
mod containers;
mod items;
mod paths;
mod sets;
mod text;

use std::rc::Rc;

use tightship_model::{Cause, Span};

use super::eval::{Evaluator, Raise};
use super::stdlib;
use super::value::{Args, Kind, Val};

pub(crate) use containers::mapping;
pub(crate) use items::{delete_item, item, missing, set_item};
pub(crate) use paths::{exists, read};

/// An attribute of a definite builtin value: a part of it, or one of its methods.
pub(crate) fn attribute(
    eval: &mut Evaluator<'_>,
    value: &Val,
    name: &str,
    span: Span,
) -> Option<Result<Val, Raise>> {
    let bound = || Some(Ok(Kind::Bound(Rc::new((value.clone(), name.into()))).into()));
    if value.open.is_some() || matches!(value.kind, Kind::OneOf(_) | Kind::Open) {
        if is_part(name) || !is_method(name) {
            let result = eval.lift(&[value], span, &mut |eval, values| match attribute(
                eval, &values[0], name, span,
            ) {
                Some(result) => result,
                None => Err(no_attribute(&values[0], name, span)),
            });
            return Some(result);
        }
        return bound();
    }
    match &value.kind {
        Kind::Path(path) => match paths::part(eval, path, name, value) {
            Some(part) => Some(Ok(part)),
            None if paths::METHODS.contains(&name) => bound(),
            None => None,
        },
        Kind::Timedelta(micros) => timedelta_part(*micros, name)
            .map(Ok)
            .or_else(|| (name == "total_seconds").then(&bound).flatten()),
        Kind::Tuple(sequence) => {
            // `sys.version_info` is the one tuple with names that settings meet.
            let at = ["major", "minor", "micro", "releaselevel", "serial"]
                .iter()
                .position(|part| *part == name);
            match at.and_then(|at| sequence.items.get(at)) {
                Some(item) if sequence.items.len() == 5 => Some(Ok(item.clone())),
                _ => matches!(name, "index" | "count" | "__len__")
                    .then(&bound)
                    .flatten(),
            }
        }
        Kind::Str(_) if text::METHODS.contains(&name) => bound(),
        Kind::Bytes(_) if text::BYTES_METHODS.contains(&name) => bound(),
        Kind::List(_) if containers::LIST.contains(&name) => bound(),
        Kind::Dict(_) if containers::DICT.contains(&name) => bound(),
        Kind::Set(_) if containers::SET.contains(&name) => bound(),
        Kind::Iterator(_) if matches!(name, "__next__" | "close" | "send") => bound(),
        Kind::Int(_) | Kind::Float(_) if name == "real" => Some(Ok(value.clone())),
        Kind::Int(_) | Kind::Bool(_) | Kind::Float(_)
            if matches!(name, "bit_length" | "is_integer" | "conjugate" | "to_bytes") =>
        {
            bound()
        }
        _ => match name {
            "__class__" => Some(Ok(Val::native(format!("builtins.{}", value.type_name())))),
            "__name__" => Some(Ok(eval.unknown(Cause::Code, "a name", span))),
            _ => None,
        },
    }
}

/// Calls a method of a builtin value.
pub(crate) fn call(
    eval: &mut Evaluator<'_>,
    receiver: &Val,
    name: &str,
    args: Args,
    span: Span,
) -> Result<Val, Raise> {
    if let Kind::Module(_, id) = receiver.kind {
        let taken = args.positional.first().map(|taken| eval.settled(taken));
        if let ("update", Some(taken)) = (name, taken.filter(Val::is_several)) {
            return eval.per_world(&taken, span, &mut |eval, taken| {
                let mut args = args.clone();
                args.positional[0] = taken.clone();
                containers::namespace(eval, id, name, &args, span)
            });
        }
        return containers::namespace(eval, id, name, &args, span);
    }
    if containers::MUTATING.contains(&name) && is_mutable(receiver) {
        let result = eval.per_world(receiver, span, &mut |eval, receiver| {
            if receiver.is_unknown() {
                return Ok(receiver.clone());
            }
            let taken = args
                .positional
                .first()
                .filter(|_| containers::TAKING.contains(&name));
            let Some(taken) = taken else {
                return changes::mutate(eval, receiver, name, &args, span);
            };
            let taken = match name {
                "extend" => eval.in_order(taken, span),
                _ => eval.settled(taken),
            };
            eval.per_world(&taken, span, &mut |eval, taken| {
                let mut args = args.clone();
                args.positional[0] = taken.clone();
                changes::mutate(eval, receiver, name, &args, span)
            })
        })?;
        return Ok(result.depending_on(&receiver.variables()));
    }
    // The arguments of text methods are texts; those of others may be anything.
    let mut operands = vec![receiver];
    let lifts_arguments = !is_container(receiver) && args.rest.is_none();
    if lifts_arguments {
        operands.extend(args.values());
    }
    if matches!(name, "index" | "rindex") && lifts_arguments {
        for operand in &operands {
            let unfit = Raise::new("ValueError", "substring not found", Some(span));
            eval.maybe_unfit(unfit, operand);
        }
    }
    let count = args.positional.len();
    let found = eval.lift(&operands, span, &mut |eval, values| {
        let lifted;
        let args = if lifts_arguments {
            lifted = Args {
                positional: values[1..=count].to_vec(),
                keywords: args
                    .keywords
                    .iter()
                    .zip(&values[count + 1..])
                    .map(|((name, _), value)| (name.clone(), value.clone()))
                    .collect(),
                rest: None,
            };
            &lifted
        } else {
            &args
        };
        call_settled(eval, &values[0], name, args, span)
    })?;
    Ok(match (name, args.positional.first()) {
        ("get", Some(key)) if is_container(receiver) => {
            let default = args.at(1, "default").unwrap_or(&Val::NONE);
            eval.entry_or(found, receiver, key, default)
        }
        _ => found,
    })
}

fn call_settled(
    eval: &mut Evaluator<'_>,
    receiver: &Val,
    name: &str,
    args: &Args,
    span: Span,
) -> Result<Val, Raise> {
    if let Some(rest) = &args.rest {
        return Ok(Kind::Unknown(rest.clone()).into());
    }
    match &receiver.kind {
        Kind::Str(text) => text::call(eval, text, name, args, span),
        Kind::Bytes(bytes) => text::call_bytes(eval, bytes, name, args, span),
        Kind::Path(path) => paths::call(eval, path, name, args, span),
        Kind::List(_) | Kind::Tuple(_) | Kind::Dict(_) | Kind::Set(_) | Kind::Iterator(_) => {
            containers::ask(eval, receiver, name, args, span)
        }
        Kind::Timedelta(micros) if name == "total_seconds" => {
            Ok(Kind::Float(*micros as f64 / 1e6).into())
        }
        Kind::Int(value) if name == "bit_length" => Ok(Val::int(i128::from(
            128 - value.unsigned_abs().leading_zeros(),
        ))),
        Kind::Float(value) if name == "is_integer" => Ok(Val::bool(value.fract() == 0.0)),
        Kind::None => Err(no_attribute(receiver, name, span)),
        Kind::Instance(..) | Kind::Module(..) | Kind::Class(_) | Kind::Object(..) => {
            let method = eval.attribute(receiver, name, span)?;
            eval.call(&method, args.clone(), span)
        }
        Kind::Made(_) | Kind::Native(_) => {
            stdlib::regexes::call_compiled(eval, receiver, name, args.clone(), span)
                .unwrap_or_else(|| Ok(eval.unknown_because(receiver)))
        }
        _ => Err(no_attribute(receiver, name, span)),
    }
}

/// Whether a value is, in all its cases, of a builtin type, so that its methods are known by name.
pub(crate) fn is_data(value: &Val) -> bool {
    match &value.kind {
        Kind::OneOf(cases) => cases.iter().all(|case| is_data(&case.value)),
        Kind::None
        | Kind::Bool(_)
        | Kind::Int(_)
        | Kind::Float(_)
        | Kind::Str(_)
        | Kind::Bytes(_)
        | Kind::Path(_)
        | Kind::Timedelta(_)
        | Kind::Tuple(_)
        | Kind::List(_)
        | Kind::Set(_)
        | Kind::Dict(_)
        | Kind::Open => true,
        _ => false,
    }
}

/// Whether a value can be changed in place in some case.
pub(crate) fn is_mutable(value: &Val) -> bool {
    let others = value.open.iter().flat_map(|open| &open.others);
    match &value.kind {
        Kind::OneOf(cases) => cases.iter().any(|case| is_mutable(&case.value)),
        Kind::List(_) | Kind::Set(_) | Kind::Dict(_) => true,
        _ => others.into_iter().any(|other| is_mutable(&other.value)),
    }
}

/// Methods that a namespace has where it stands for its dict, as `globals()` does.
pub(crate) fn is_mapping_method(name: &str) -> bool {
    matches!(
        name,
        "update" | "get" | "setdefault" | "pop" | "items" | "keys" | "values" | "copy"
    )
}

fn is_container(value: &Val) -> bool {
    match &value.kind {
        Kind::OneOf(cases) => cases.iter().any(|case| is_container(&case.value)),
        Kind::List(_) | Kind::Set(_) | Kind::Dict(_) | Kind::Tuple(_) | Kind::Iterator(_) => true,
        _ => false,
    }
}

/// Attributes that are values, not methods.
fn is_part(name: &str) -> bool {
    matches!(
        name,
        "parent"
            | "parents"
            | "name"
            | "stem"
            | "suffix"
            | "suffixes"
            | "parts"
            | "anchor"
            | "root"
            | "days"
            | "seconds"
            | "microseconds"
            | "major"
            | "minor"
            | "micro"
    )
}

/// Whether some builtin type has a method of this name.
pub(crate) fn is_method(name: &str) -> bool {
    [
        text::METHODS,
        text::BYTES_METHODS,
        paths::METHODS,
        containers::LIST,
        containers::DICT,
        containers::SET,
        OTHER_METHODS,
    ]
    .iter()
    .any(|methods| methods.contains(&name))
}

/// Methods of numbers, iterators and durations.
const OTHER_METHODS: &[&str] = &[
    "__next__",
    "close",
    "send",
    "bit_length",
    "is_integer",
    "conjugate",
    "to_bytes",
    "total_seconds",
];

fn no_attribute(value: &Val, name: &str, span: Span) -> Raise {
    Raise::new(
        "AttributeError",
        format!("'{}' object has no attribute '{name}'", value.type_name()),
        Some(span),
    )
}

fn timedelta_part(micros: i64, name: &str) -> Option<Val> {
    /// Microseconds of a day.
    const DAY: i64 = 86_400_000_000;
    let within = micros.rem_euclid(DAY);
    Some(Val::int(i128::from(match name {
        "days" => micros.div_euclid(DAY),
        "seconds" => within / 1_000_000,
        "microseconds" => within % 1_000_000,
        _ => return None,
    })))
}
