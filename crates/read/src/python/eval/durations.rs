//! Operators between durations, and with numbers.

use tightship_model::{Cause, Span};

use super::operators::{Number, number};
use super::{Evaluator, Raise};
use crate::python::syntax::ast::Operator;
use crate::python::value::{Kind, Val};

impl Evaluator<'_> {
    /// What an operator makes of a `timedelta` and something else; `None` where that is no matter of
    /// durations.
    pub(super) fn duration(
        &self,
        op: Operator,
        left: &Val,
        right: &Val,
        span: Span,
    ) -> Option<Result<Val, Raise>> {
        use Operator::{Add, Div, FloorDiv, Mod, Mult, Sub};

        let by_zero = || Raise::new("ZeroDivisionError", "division by zero", Some(span));
        let micros = |value: Option<i128>| match value.and_then(|value| i64::try_from(value).ok()) {
            Some(micros) => Kind::Timedelta(micros).into(),
            None => self.unknown(Cause::Bound, "a very long time", span),
        };
        Some(Ok(match (op, &left.kind, &right.kind) {
            (_, Kind::Timedelta(a), Kind::Timedelta(b)) => {
                let (a, b) = (i128::from(*a), i128::from(*b));
                match op {
                    Add => micros(Some(a + b)),
                    Sub => micros(Some(a - b)),
                    Div | FloorDiv | Mod if b == 0 => return Some(Err(by_zero())),
                    Div => Kind::Float(a as f64 / b as f64).into(),
                    FloorDiv => Val::int(floored(a, b)),
                    Mod => micros(Some(a - b * floored(a, b))),
                    _ => return None,
                }
            }
            (Mult, Kind::Timedelta(a), _) | (Mult, _, Kind::Timedelta(a)) => {
                let other = if matches!(left.kind, Kind::Timedelta(_)) {
                    right
                } else {
                    left
                };
                match number(other)? {
                    Number::Int(n) => micros(i128::from(*a).checked_mul(n)),
                    Number::Float(n) => micros(rounded(*a as f64 * n)),
                }
            }
            (Div | FloorDiv, Kind::Timedelta(a), _) => match (op, number(right)?) {
                (_, Number::Int(0)) => return Some(Err(by_zero())),
                (Div, Number::Float(0.0)) => return Some(Err(by_zero())),
                (Div, Number::Int(n)) => micros(Some(divided(i128::from(*a), n))),
                (_, Number::Int(n)) => micros(Some(floored(i128::from(*a), n))),
                (Div, Number::Float(n)) => micros(rounded(*a as f64 / n)),
                _ => return None,
            },
            _ => return None,
        }))
    }
}

/// `a // b` of integers.
pub(super) fn floored(a: i128, b: i128) -> i128 {
    let quotient = a.wrapping_div(b);
    if a.wrapping_rem(b) != 0 && (a < 0) != (b < 0) {
        quotient - 1
    } else {
        quotient
    }
}

/// `a / b`, rounded to the nearest integer, a half to the even one.
fn divided(a: i128, b: i128) -> i128 {
    let quotient = floored(a, b);
    // The rest has the sign of `b`.
    let twice = (a - quotient * b).saturating_mul(2);
    let is_more = if b > 0 { twice > b } else { twice < b };
    quotient + i128::from(is_more || twice == b && quotient % 2 != 0)
}

/// A number of microseconds that a double tells exactly.
fn rounded(micros: f64) -> Option<i128> {
    /// 2^52.
    const MOST: f64 = 4_503_599_627_370_496.0;
    (micros.abs() < MOST).then(|| micros.round_ties_even() as i128)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The values are Python's.
    #[test]
    fn divisions_round_as_python_does() {
        assert_eq!(
            [
                floored(7, 2),
                floored(-7, 2),
                floored(7, -2),
                floored(-7, -2)
            ],
            [3, -4, -4, 3]
        );
        assert_eq!(
            [divided(5, 2), divided(7, 2), divided(-5, 2), divided(5, -2)],
            [2, 4, -2, -2]
        );
        assert_eq!([divided(8, 3), divided(-8, 3), divided(7, -3)], [3, -3, -2]);
    }
}
