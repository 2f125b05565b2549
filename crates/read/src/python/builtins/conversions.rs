//! `bool`, `str`, `int` and their kin.

use tightship_model::{Cause, Span};

use super::numbers::{float, int};
use crate::python::eval::{Evaluator, Raise, Truth};
use crate::python::value::{Args, Kind, Val};
use crate::python::{format, methods};

/// What makes a text, number or truth of a value; `None` for another.
pub(super) fn call(
    eval: &mut Evaluator<'_>,
    name: &str,
    args: &Args,
    span: Span,
) -> Result<Option<Val>, Raise> {
    let first = args.positional.first();
    let argument = first.unwrap_or(&Val::NONE);
    Ok(Some(match name {
        "bool" => match first {
            None => Val::bool(false),
            Some(value) => eval.lift(&[value], span, &mut |eval, values| {
                Ok(match eval.truth(&values[0]) {
                    Truth::Known(truth) => Val::bool(truth),
                    _ => eval.unknown_because(&values[0]),
                })
            })?,
        },
        "str" => match first {
            None => Val::str(""),
            Some(value) => eval.lift(&[value], span, &mut |eval, values| {
                if let (Kind::Bytes(bytes), true) = (&values[0].kind, args.positional.len() > 1)
                    && let Ok(text) = std::str::from_utf8(bytes)
                {
                    return Ok(Val::str(text));
                }
                format::format_value(eval, &values[0], Some(' '), &Val::str(""), span)
            })?,
        },
        "repr" | "ascii" => {
            let conversion = if name == "ascii" { 'a' } else { 'r' };
            eval.lift(&[argument], span, &mut |eval, values| {
                format::format_value(eval, &values[0], Some(conversion), &Val::str(""), span)
            })?
        }
        "format" => {
            let spec = args
                .positional
                .get(1)
                .cloned()
                .unwrap_or_else(|| Val::str(""));
            eval.lift(&[argument, &spec], span, &mut |eval, values| {
                format::format_value(eval, &values[0], None, &values[1], span)
            })?
        }
        "int" => match first {
            None => Val::int(0),
            Some(value) => {
                let base = args.at(1, "base");
                if let Some(open) = base.filter(|base| !base.is_settled()) {
                    return Ok(Some(eval.unknown_because(open)));
                }
                let base = base.and_then(Val::as_int);
                let unfit = Raise::new("ValueError", "invalid literal for int()", Some(span));
                eval.maybe_unfit(unfit, value);
                eval.lift(&[value], span, &mut |eval, values| {
                    int(eval, &values[0], base, span)
                })?
            }
        },
        "float" => match first {
            None => Kind::Float(0.0).into(),
            Some(value) => {
                let unfit = Raise::new("ValueError", "could not convert to float", Some(span));
                eval.maybe_unfit(unfit, value);
                eval.lift(&[value], span, &mut |eval, values| {
                    float(eval, &values[0], span)
                })?
            }
        },
        "ord" => eval.lift(&[argument], span, &mut |eval, values| {
            let mut chars = values[0].as_str().unwrap_or_default().chars();
            Ok(match (chars.next(), chars.next()) {
                (Some(c), None) => Val::int(i128::from(c as u32)),
                _ => eval.unknown(Cause::Code, "ord() of this", span),
            })
        })?,
        "chr" => eval.lift(&[argument], span, &mut |eval, values| {
            let code = values[0].as_int().and_then(|code| u32::try_from(code).ok());
            Ok(match code.and_then(char::from_u32) {
                Some(c) => Val::str(c.to_string()),
                None => eval.unknown(Cause::Code, "chr() of this", span),
            })
        })?,
        "hex" | "oct" | "bin" => eval.lift(&[argument], span, &mut |eval, values| {
            let Some(number) = values[0].as_int() else {
                return Ok(eval.unknown_because(&values[0]));
            };
            let sign = if number < 0 { "-" } else { "" };
            let size = number.unsigned_abs();
            Ok(Val::str(match name {
                "hex" => format!("{sign}{size:#x}"),
                "oct" => format!("{sign}{size:#o}"),
                _ => format!("{sign}{size:#b}"),
            }))
        })?,
        "bytes" => match args.positional.as_slice() {
            // As `str.encode` has it.
            [text, encoding @ ..] if !encoding.is_empty() => {
                let args = Args {
                    positional: encoding.to_vec(),
                    ..args.clone()
                };
                methods::call(eval, text, "encode", args, span)?
            }
            [bytes] if matches!(bytes.kind, Kind::Bytes(_)) && bytes.is_settled() => bytes.clone(),
            _ => eval.unknown(Cause::Code, "bytes of an object", span),
        },
        _ => return Ok(None),
    }))
}
