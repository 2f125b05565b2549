//! `abs`, `round`, `divmod`, `pow`.

use tightship_model::{Cause, Span};

use crate::python::eval::{Evaluator, Raise};
use crate::python::syntax::ast::Operator;
use crate::python::value::{Args, Kind, Val};

/// What reckons with numbers; `None` for another.
pub(super) fn call(
    eval: &mut Evaluator<'_>,
    name: &str,
    args: &Args,
    span: Span,
) -> Result<Option<Val>, Raise> {
    let first = args.positional.first();
    let argument = first.unwrap_or(&Val::NONE);
    Ok(Some(match name {
        "abs" => eval.lift(&[argument], span, &mut |eval, values| {
            Ok(match values[0].kind {
                Kind::Int(n) => Val::int(n.saturating_abs()),
                Kind::Bool(b) => Val::int(i128::from(b)),
                Kind::Float(x) => Kind::Float(x.abs()).into(),
                Kind::Timedelta(micros) => Kind::Timedelta(micros.saturating_abs()).into(),
                _ => eval.unknown(Cause::Code, "abs() of an object", span),
            })
        })?,
        "round" => eval.lift(&[argument], span, &mut |eval, values| {
            Ok(match (&values[0].kind, args.positional.get(1)) {
                (Kind::Int(n), None) => Val::int(*n),
                (Kind::Float(x), None) => Val::int(x.round_ties_even() as i128),
                // Both languages round the exact value, halves to even.
                (Kind::Float(x), Some(digits)) => {
                    let digits = Some(digits)
                        .filter(|digits| digits.is_settled())
                        .and_then(Val::as_int)
                        .and_then(|digits| usize::try_from(digits).ok())
                        .filter(|digits| *digits <= 300);
                    match digits.map(|digits| format!("{x:.digits$}").parse()) {
                        Some(Ok(rounded)) => Kind::Float(rounded).into(),
                        _ => eval.unknown(Cause::Code, "round() to digits", span),
                    }
                }
                _ => eval.unknown(Cause::Code, "round() to digits", span),
            })
        })?,
        "divmod" => {
            let other = args.positional.get(1).unwrap_or(&Val::NONE);
            let quotient = eval.binary(Operator::FloorDiv, argument, other, span)?;
            let rest = eval.binary(Operator::Mod, argument, other, span)?;
            Val::tuple(vec![quotient, rest])
        }
        "pow" => {
            let other = args.positional.get(1).unwrap_or(&Val::NONE);
            eval.binary(Operator::Pow, argument, other, span)?
        }
        _ => return Ok(None),
    }))
}
