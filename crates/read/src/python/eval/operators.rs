//! What operators mean for the builtin types.

use std::rc::Rc;

use tightship_model::{Cause, Span};

use super::durations::floored;
use super::enums::is_str_enum;
use super::{Evaluator, LONGEST_LIST, LONGEST_TEXT, Raise};
use crate::python::syntax::ast::{Operator, UnaryOp};
use crate::python::value::{Args, Kind, Sequence, Val};
use crate::python::{format, libraries, methods, paths};

impl Evaluator<'_> {
    pub(crate) fn binary(
        &mut self,
        op: Operator,
        left: &Val,
        right: &Val,
        span: Span,
    ) -> Result<Val, Raise> {
        self.lift(&[left, right], span, &mut |eval, values| {
            eval.binary_settled(op, &values[0], &values[1], span)
        })
    }

    fn binary_settled(
        &mut self,
        op: Operator,
        left: &Val,
        right: &Val,
        span: Span,
    ) -> Result<Val, Raise> {
        if let Kind::Instance(class, _) = &left.kind
            && self.class_attribute(class, op.dunder()).is_some()
        {
            let method = self.attribute(left, op.dunder(), span)?;
            return self.call(&method, Args::positional(vec![right.clone()]), span);
        }
        let left = &self.plain(left);
        let right = &self.plain(right);
        if let (Some(a), Some(b)) = (number(left), number(right)) {
            return match (op, &left.kind, &right.kind) {
                (Operator::BitOr, Kind::Bool(a), Kind::Bool(b)) => Ok(Val::bool(a | b)),
                (Operator::BitAnd, Kind::Bool(a), Kind::Bool(b)) => Ok(Val::bool(a & b)),
                (Operator::BitXor, Kind::Bool(a), Kind::Bool(b)) => Ok(Val::bool(a ^ b)),
                _ => self.arithmetic(op, a, b, span),
            };
        }
        if let Some(result) = self.duration(op, left, right, span) {
            return result;
        }
        match (op, &left.kind, &right.kind) {
            (Operator::Add, Kind::Str(a), Kind::Str(b)) => {
                if a.len() + b.len() > LONGEST_TEXT {
                    return Ok(self.too_long(span));
                }
                if b.is_empty() {
                    return Ok(left.clone());
                }
                Ok(Val::str(format!("{a}{b}")))
            }
            (Operator::Add, Kind::Bytes(a), Kind::Bytes(b)) => {
                let both: Vec<u8> = a.iter().chain(b.iter()).copied().collect();
                Ok(Kind::Bytes(both.into()).into())
            }
            (Operator::Add, Kind::List(_), Kind::List(_)) => {
                let (a, b) = (self.iterate(left, span)?, self.iterate(right, span)?);
                let items = [a.items, b.items].concat();
                Ok(self.open_list(items, a.rest.or(b.rest)))
            }
            (Operator::Add, Kind::Tuple(a), Kind::Tuple(b)) => {
                self.spend(a.items.len() + b.items.len())?;
                Ok(Kind::Tuple(Rc::new(Sequence {
                    items: [a.items.clone(), b.items.clone()].concat(),
                    rest: a.rest.clone().or(b.rest.clone()),
                }))
                .into())
            }
            (Operator::Div, Kind::Path(a), Kind::Path(b) | Kind::Str(b)) => {
                Ok(Val::path(paths::pathlib(&paths::join(a, b))))
            }
            (Operator::Div, Kind::Str(a), Kind::Path(b)) => {
                Ok(Val::path(paths::pathlib(&paths::join(a, b))))
            }
            (Operator::Mult, Kind::Int(_) | Kind::Bool(_), _) => {
                self.repeat(right, left.as_int().unwrap_or(0), span)
            }
            (Operator::Mult, _, Kind::Int(_) | Kind::Bool(_)) => {
                self.repeat(left, right.as_int().unwrap_or(0), span)
            }
            (Operator::Mod, Kind::Str(text), _) => format::percent(self, text, right, span),
            (Operator::BitOr, Kind::Dict(_), Kind::Dict(_)) => {
                let mut dict = self.entries(left).cloned().unwrap_or_default();
                self.merge_entries(&mut dict, right, span);
                Ok(self.dict_object(dict))
            }
            (
                Operator::BitOr | Operator::BitAnd | Operator::BitXor | Operator::Sub,
                Kind::Set(_),
                Kind::Set(_),
            ) => {
                let name = match op {
                    Operator::BitOr => "union",
                    Operator::BitAnd => "intersection",
                    Operator::BitXor => "symmetric_difference",
                    _ => "difference",
                };
                methods::call(
                    self,
                    left,
                    name,
                    Args::positional(vec![right.clone()]),
                    span,
                )
            }
            // A union of types, as annotations have it.
            (Operator::BitOr, Kind::Native(_) | Kind::Class(_) | Kind::None, _)
                if matches!(
                    right.kind,
                    Kind::Native(_) | Kind::Class(_) | Kind::None | Kind::Made(_)
                ) =>
            {
                Ok(self.unknown(Cause::Package, "a combination of classes", span))
            }
            (Operator::Add | Operator::Sub, Kind::Object(class, _), _)
                if let Some(result) = libraries::call(
                    self,
                    &format!(
                        "{class}.__{}__",
                        if op == Operator::Add { "add" } else { "sub" }
                    ),
                    Some(left),
                    &Args::positional(vec![right.clone()]),
                    span,
                ) =>
            {
                result
            }
            (Operator::BitOr, Kind::Module(..), _) | (Operator::BitOr, _, Kind::Module(..)) => {
                Ok(self.unknown(Cause::Code, "a namespace joined with a dict", span))
            }
            (_, Kind::Native(_) | Kind::Made(_) | Kind::Object(..) | Kind::Instance(..), _)
            | (_, _, Kind::Native(_) | Kind::Made(_) | Kind::Object(..) | Kind::Instance(..)) => {
                Ok(self.unknown(
                    Cause::Package,
                    "an operator between objects of a package",
                    span,
                ))
            }
            _ => Err(Raise::new(
                "TypeError",
                format!(
                    "unsupported operand type(s) for {}: '{}' and '{}'",
                    op.as_str(),
                    left.type_name(),
                    right.type_name()
                ),
                Some(span),
            )),
        }
    }

    /// The string or number that a member of a mixed-in enum is.
    pub(crate) fn plain(&self, value: &Val) -> Val {
        match &value.kind {
            Kind::Instance(class, _) if is_str_enum(class) => {
                self.state(value, "value").unwrap_or_else(|| value.clone())
            }
            _ => value.clone(),
        }
    }

    fn arithmetic(
        &mut self,
        op: Operator,
        left: Number,
        right: Number,
        span: Span,
    ) -> Result<Val, Raise> {
        let by_zero = || Raise::new("ZeroDivisionError", "division by zero", Some(span));
        if let (Number::Int(a), Number::Int(b)) = (left, right) {
            let small = |b: i128| u32::try_from(b).ok();
            let result = match op {
                Operator::Add => a.checked_add(b),
                Operator::Sub => a.checked_sub(b),
                Operator::Mult => a.checked_mul(b),
                Operator::FloorDiv if b == 0 => return Err(by_zero()),
                Operator::Mod if b == 0 => return Err(by_zero()),
                Operator::FloorDiv => Some(floored(a, b)),
                Operator::Mod => b.checked_mul(floored(a, b)).map(|whole| a - whole),
                Operator::LShift | Operator::RShift if b < 0 => {
                    return Err(Raise::new("ValueError", "negative shift count", Some(span)));
                }
                Operator::Pow if a == 0 && b < 0 => return Err(by_zero()),
                Operator::Pow if b >= 0 => small(b).and_then(|b| a.checked_pow(b)),
                Operator::LShift if b >= 0 => small(b)
                    .filter(|b| *b < 127)
                    .and_then(|b| a.checked_mul(1_i128.checked_shl(b)?)),
                Operator::RShift if b >= 0 => {
                    small(b).map(|b| a.checked_shr(b).unwrap_or(if a < 0 { -1 } else { 0 }))
                }
                Operator::BitOr => Some(a | b),
                Operator::BitAnd => Some(a & b),
                Operator::BitXor => Some(a ^ b),
                Operator::Div if b == 0 => return Err(by_zero()),
                Operator::Div => return Ok(Kind::Float(a as f64 / b as f64).into()),
                Operator::Pow => return Ok(Kind::Float((a as f64).powf(b as f64)).into()),
                _ => {
                    return Err(Raise::new(
                        "TypeError",
                        "unsupported operand type(s)",
                        Some(span),
                    ));
                }
            };
            return Ok(match result {
                Some(value) => Val::int(value),
                None => self.unknown(Cause::Bound, "an integer of more than 128 bits", span),
            });
        }
        let (a, b) = (left.float(), right.float());
        let result = match op {
            Operator::Add => a + b,
            Operator::Sub => a - b,
            Operator::Mult => a * b,
            Operator::Div | Operator::FloorDiv | Operator::Mod if b == 0.0 => {
                return Err(by_zero());
            }
            Operator::Div => a / b,
            Operator::FloorDiv => parts_of(a, b).0,
            Operator::Mod => parts_of(a, b).1,
            Operator::Pow if a == 0.0 && b < 0.0 => return Err(by_zero()),
            Operator::Pow if a < 0.0 && b.fract() != 0.0 => {
                return Ok(self.unknown(Cause::Code, "a complex number", span));
            }
            Operator::Pow if a.is_finite() && b.is_finite() && a.powf(b).is_infinite() => {
                let message = "Numerical result out of range";
                return Err(Raise::new("OverflowError", message, Some(span)));
            }
            Operator::Pow => a.powf(b),
            _ => {
                return Err(Raise::new(
                    "TypeError",
                    "unsupported operand type(s)",
                    Some(span),
                ));
            }
        };
        Ok(Kind::Float(result).into())
    }

    fn repeat(&mut self, value: &Val, times: i128, span: Span) -> Result<Val, Raise> {
        let times = usize::try_from(times.max(0)).unwrap_or(usize::MAX);
        let too_long = |eval: &Self| {
            eval.unknown(Cause::Bound, format!("a repetition of {times} times"), span)
        };
        match &value.kind {
            Kind::Str(text) => {
                if text.len().saturating_mul(times) > LONGEST_TEXT {
                    return Ok(too_long(self));
                }
                Ok(Val::str(text.repeat(times)))
            }
            Kind::Bytes(bytes) if bytes.len().saturating_mul(times) <= LONGEST_TEXT => {
                Ok(Kind::Bytes(bytes.repeat(times).into()).into())
            }
            Kind::List(_) | Kind::Tuple(_) => {
                let items = self.iterate(value, span)?;
                let length = items.items.len().saturating_mul(times);
                if length > LONGEST_LIST {
                    return Ok(too_long(self));
                }
                self.spend(length)?;
                let repeated = std::iter::repeat_n(items.items, times).flatten().collect();
                Ok(if matches!(value.kind, Kind::List(_)) {
                    self.open_list(repeated, items.rest)
                } else {
                    Kind::Tuple(Rc::new(Sequence {
                        items: repeated,
                        rest: items.rest,
                    }))
                    .into()
                })
            }
            Kind::Bytes(_) => Ok(too_long(self)),
            _ => Err(Raise::new(
                "TypeError",
                format!("can't multiply '{}'", value.type_name()),
                Some(span),
            )),
        }
    }

    /// `left op= right`: in place for what can be changed, else a new value.
    pub(crate) fn in_place(
        &mut self,
        op: Operator,
        left: &Val,
        right: &Val,
        span: Span,
    ) -> Result<Val, Raise> {
        let method = match (op, &left.kind) {
            (Operator::Add, Kind::List(_)) => "extend",
            (Operator::Mult, Kind::List(_)) => "__imul__",
            // A namespace stands for its dict.
            (Operator::BitOr, Kind::Dict(_) | Kind::Set(_) | Kind::Module(..)) => "update",
            (Operator::BitXor, Kind::Set(_)) => "symmetric_difference_update",
            (Operator::Sub, Kind::Set(_)) => "difference_update",
            (Operator::BitAnd, Kind::Set(_)) => "intersection_update",
            (_, Kind::OneOf(_) | Kind::Open) if methods::is_mutable(left) => {
                return self.per_case(left, span, &mut |eval, left| {
                    eval.in_place(op, left, right, span)
                });
            }
            _ => return self.binary(op, left, right, span),
        };
        let args = Args::positional(vec![right.clone()]);
        methods::call(self, left, method, args, span)?;
        Ok(left.clone())
    }

    pub(crate) fn unary(&mut self, op: UnaryOp, value: &Val, span: Span) -> Result<Val, Raise> {
        if op == UnaryOp::Not {
            return self.not(value, span);
        }
        self.lift(&[value], span, &mut |eval, values| {
            let value = &values[0];
            match (op, number(value), &value.kind) {
                (UnaryOp::USub, _, Kind::Timedelta(micros)) => {
                    Ok(Kind::Timedelta(micros.saturating_neg()).into())
                }
                (UnaryOp::USub, Some(Number::Int(n)), _) => match n.checked_neg() {
                    Some(n) => Ok(Val::int(n)),
                    None => Ok(eval.unknown(Cause::Bound, "a very large integer", span)),
                },
                (UnaryOp::USub, Some(Number::Float(x)), _) => Ok(Kind::Float(-x).into()),
                (UnaryOp::UAdd, Some(Number::Int(n)), _) => Ok(Val::int(n)),
                (UnaryOp::UAdd, Some(Number::Float(x)), _) => Ok(Kind::Float(x).into()),
                (UnaryOp::Invert, Some(Number::Int(n)), _) => Ok(Val::int(!n)),
                (_, _, Kind::Native(_) | Kind::Made(_) | Kind::Object(..) | Kind::Instance(..)) => {
                    Ok(eval.unknown(Cause::Package, "an operator of a package's object", span))
                }
                _ => Err(Raise::new(
                    "TypeError",
                    format!("bad operand type for unary {}", op.as_str()),
                    Some(span),
                )),
            }
        })
    }
}

/// `divmod` of doubles, as `float_divmod` of CPython's `floatobject.c` has it.
fn parts_of(a: f64, b: f64) -> (f64, f64) {
    let mut rest = a % b;
    let mut quotient = (a - rest) / b;
    if rest == 0.0 {
        rest = rest.copysign(b);
    } else if (b < 0.0) != (rest < 0.0) {
        rest += b;
        quotient -= 1.0;
    }
    if quotient == 0.0 {
        return (0.0_f64.copysign(a / b), rest);
    }
    let floor = quotient.floor();
    (
        if quotient - floor > 0.5 {
            floor + 1.0
        } else {
            floor
        },
        rest,
    )
}

#[derive(Clone, Copy)]
pub(super) enum Number {
    Int(i128),
    Float(f64),
}

impl Number {
    pub(super) fn float(self) -> f64 {
        match self {
            Self::Int(value) => value as f64,
            Self::Float(value) => value,
        }
    }
}

pub(super) fn number(value: &Val) -> Option<Number> {
    match value.kind {
        Kind::Bool(value) => Some(Number::Int(i128::from(value))),
        Kind::Int(value) => Some(Number::Int(value)),
        Kind::Float(value) => Some(Number::Float(value)),
        _ => None,
    }
}
