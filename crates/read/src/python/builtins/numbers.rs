//! `int` and `float`.

use tightship_model::{Cause, Span};

use crate::python::eval::{Evaluator, Raise};
use crate::python::format;
use crate::python::value::{Kind, Val};

pub(super) fn int(
    eval: &mut Evaluator<'_>,
    value: &Val,
    base: Option<i128>,
    span: Span,
) -> Result<Val, Raise> {
    let wrong = || {
        Raise::new(
            "ValueError",
            "invalid literal for int() with base 10",
            Some(span),
        )
    };
    Ok(match &value.kind {
        Kind::Int(_) => value.clone(),
        Kind::Bool(value) => Val::int(i128::from(*value)),
        Kind::Float(value) if value.is_finite() => Val::int(value.trunc() as i128),
        Kind::Str(text) => {
            let base = u32::try_from(base.unwrap_or(10)).unwrap_or(10);
            match format::parse_int(text, base) {
                Some(value) => Val::int(value),
                None if text.len() > 38 && text.trim().chars().all(|c| c.is_ascii_digit()) => {
                    eval.unknown(Cause::Bound, "an integer of more than 128 bits", span)
                }
                None => return Err(wrong()),
            }
        }
        Kind::Bytes(bytes) => {
            let text = std::str::from_utf8(bytes).ok();
            let value = text.and_then(|text| format::parse_int(text, 10));
            Val::int(value.ok_or_else(wrong)?)
        }
        Kind::Instance(..) => {
            let plain = eval.plain(value);
            match plain.kind {
                Kind::Int(_) => plain,
                _ => eval.unknown_because(value),
            }
        }
        Kind::Made(_) | Kind::Native(_) | Kind::Object(..) => eval.unknown_because(value),
        _ => {
            return Err(Raise::new(
                "TypeError",
                format!("int() argument must not be '{}'", value.type_name()),
                Some(span),
            ));
        }
    })
}

pub(super) fn float(eval: &mut Evaluator<'_>, value: &Val, span: Span) -> Result<Val, Raise> {
    Ok(match &value.kind {
        Kind::Float(_) => value.clone(),
        Kind::Int(value) => Kind::Float(*value as f64).into(),
        Kind::Bool(value) => Kind::Float(f64::from(u8::from(*value))).into(),
        Kind::Str(text) => match format::parse_float(text) {
            Some(value) => Kind::Float(value).into(),
            None => {
                return Err(Raise::new(
                    "ValueError",
                    "could not convert string to float",
                    Some(span),
                ));
            }
        },
        Kind::Made(_) | Kind::Native(_) | Kind::Object(..) | Kind::Instance(..) => {
            eval.unknown_because(value)
        }
        _ => {
            return Err(Raise::new(
                "TypeError",
                format!("float() argument must not be '{}'", value.type_name()),
                Some(span),
            ));
        }
    })
}
