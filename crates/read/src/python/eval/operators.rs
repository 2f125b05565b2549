//! What operators mean for the builtin types.

use std::cmp::Ordering;
use std::rc::Rc;

use tightship_model::{Cause, Span};

use super::classes::is_str_enum;
use super::lift::is_class_name;
use super::{Evaluator, LONGEST_LIST, LONGEST_TEXT, Raise};
use crate::python::heap::{Key, Object};
use crate::python::syntax::ast::{CmpOp, Operator, UnaryOp};
use crate::python::value::{Alternative, Args, Dependence, Kind, Sequence, Val};
use crate::python::{format, libraries, methods, paths, stdlib};

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
            return self.arithmetic(op, a, b, span);
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
            (Operator::Add, Kind::Timedelta(a), Kind::Timedelta(b)) => {
                Ok(self.timedelta(a.checked_add(*b), span))
            }
            (Operator::Sub, Kind::Timedelta(a), Kind::Timedelta(b)) => {
                Ok(self.timedelta(a.checked_sub(*b), span))
            }
            (Operator::Mult, Kind::Timedelta(a), Kind::Int(n))
            | (Operator::Mult, Kind::Int(n), Kind::Timedelta(a)) => {
                let n = i64::try_from(*n).ok();
                Ok(self.timedelta(n.and_then(|n| a.checked_mul(n)), span))
            }
            (Operator::Mult, Kind::Timedelta(a), Kind::Float(n))
            | (Operator::Mult, Kind::Float(n), Kind::Timedelta(a)) => {
                Ok(Kind::Timedelta((*a as f64 * n).round_ties_even() as i64).into())
            }
            (Operator::Div, Kind::Timedelta(a), Kind::Timedelta(b)) if *b != 0 => {
                Ok(Kind::Float(*a as f64 / *b as f64).into())
            }
            (Operator::FloorDiv, Kind::Timedelta(a), Kind::Timedelta(b)) if *b != 0 => {
                let floor = a.div_euclid(*b) - i64::from(*b < 0 && a.rem_euclid(*b) != 0);
                Ok(Val::int(i128::from(floor)))
            }
            (Operator::Div | Operator::FloorDiv, Kind::Timedelta(a), Kind::Int(n)) if *n != 0 => {
                let result = i64::try_from(*n).ok().map(|n| match op {
                    Operator::Div => (*a as f64 / n as f64).round_ties_even() as i64,
                    _ => a.div_euclid(n),
                });
                Ok(self.timedelta(result, span))
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

    fn timedelta(&self, micros: Option<i64>, span: Span) -> Val {
        match micros {
            Some(micros) => Kind::Timedelta(micros).into(),
            None => self.unknown(Cause::Bound, "a very long time", span),
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
                Operator::FloorDiv => {
                    let quotient = a.checked_div(b);
                    quotient.map(|q| {
                        if a % b != 0 && (a < 0) != (b < 0) {
                            q - 1
                        } else {
                            q
                        }
                    })
                }
                Operator::Mod => {
                    let rest = a.checked_rem(b);
                    rest.map(|r| {
                        if r != 0 && (r < 0) != (b < 0) {
                            r + b
                        } else {
                            r
                        }
                    })
                }
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
            Operator::FloorDiv => (a / b).floor(),
            Operator::Mod => a - b * (a / b).floor(),
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
            (Operator::BitOr, Kind::Dict(_) | Kind::Set(_)) => "update",
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

    /// `not value`.
    pub(crate) fn not(&mut self, value: &Val, span: Span) -> Result<Val, Raise> {
        self.lift(&[value], span, &mut |eval, values| {
            Ok(match eval.truth(&values[0]) {
                super::Truth::Known(truth) => Val::bool(!truth),
                _ => eval.unknown_because(&values[0]),
            })
        })
    }

    pub(crate) fn compare(
        &mut self,
        op: CmpOp,
        left: &Val,
        right: &Val,
        span: Span,
    ) -> Result<Val, Raise> {
        // What environment text is compared with may be `None` only where it may be absent.
        if let (CmpOp::Is | CmpOp::IsNot, Kind::Open, Kind::None) = (op, &left.kind, &right.kind)
            && left
                .open
                .as_ref()
                .is_some_and(|open| open.others.is_empty())
        {
            return Ok(Val::bool(op == CmpOp::IsNot).with_trail(left.trail.clone()));
        }
        // An object is itself in whichever state it is.
        if matches!(op, CmpOp::Is | CmpOp::IsNot)
            && left.is_settled()
            && right.is_settled()
            && let Some(identical) = self.identical(left, right)
        {
            let trail = left.trail.and(&right.trail);
            return Ok(Val::bool(identical == (op == CmpOp::Is)).with_trail(trail));
        }
        self.lift(&[left, right], span, &mut |eval, values| {
            eval.compare_settled(op, &values[0], &values[1], span)
        })
    }

    fn compare_settled(
        &mut self,
        op: CmpOp,
        left: &Val,
        right: &Val,
        span: Span,
    ) -> Result<Val, Raise> {
        let known = |answer: Option<bool>, wanted: bool, eval: &Self| match answer {
            Some(answer) => Val::bool(answer == wanted),
            None => eval.unknown(Cause::Code, "a comparison that is not known", span),
        };
        Ok(match op {
            CmpOp::Eq | CmpOp::NotEq => {
                self.step()?;
                let equal = self.equal(left, right, 0);
                known(equal, op == CmpOp::Eq, self)
            }
            CmpOp::Is | CmpOp::IsNot => {
                let identical = self.identical(left, right);
                known(identical, op == CmpOp::Is, self)
            }
            CmpOp::In | CmpOp::NotIn => {
                let within = self.contains(right, left, span)?;
                if !within.is_settled() {
                    return if op == CmpOp::In {
                        Ok(within)
                    } else {
                        self.not(&within, span)
                    };
                }
                let within = matches!(within.kind, Kind::Bool(true));
                known(Some(within), op == CmpOp::In, self)
            }
            CmpOp::Lt | CmpOp::LtE | CmpOp::Gt | CmpOp::GtE
                if let (Some(within), Some(around)) =
                    (self.is_subset(left, right), self.is_subset(right, left)) =>
            {
                Val::bool(match op {
                    CmpOp::Lt => within && !around,
                    CmpOp::LtE => within,
                    CmpOp::Gt => around && !within,
                    _ => around,
                })
            }
            CmpOp::Lt | CmpOp::LtE | CmpOp::Gt | CmpOp::GtE => match self.order(left, right, 0) {
                Ok(Some(order)) => Val::bool(match op {
                    CmpOp::Lt => order == Ordering::Less,
                    CmpOp::LtE => order != Ordering::Greater,
                    CmpOp::Gt => order == Ordering::Greater,
                    _ => order != Ordering::Less,
                }),
                Ok(None) => self.unknown(Cause::Code, "a comparison that is not known", span),
                Err(()) => {
                    return Err(Raise::new(
                        "TypeError",
                        format!(
                            "'{}' not supported between instances of '{}' and '{}'",
                            op.as_str(),
                            left.type_name(),
                            right.type_name()
                        ),
                        Some(span),
                    ));
                }
            },
        })
    }

    /// `left == right`; `None` where that is not known.
    pub(crate) fn equal(&self, left: &Val, right: &Val, depth: usize) -> Option<bool> {
        /// Depth of structures that are compared.
        const DEEPEST: usize = 32;
        // One structure may hold another twice, and that another: it is compared as often.
        let is_known = left.is_settled() && right.is_settled();
        if depth > DEEPEST || !is_known || !self.may_go_on() {
            return None;
        }
        let left = &self.plain(left);
        let right = &self.plain(right);
        if let (Some(a), Some(b)) = (number(left), number(right)) {
            return Some(match (a, b) {
                (Number::Int(a), Number::Int(b)) => a == b,
                _ => a.float() == b.float(),
            });
        }
        let all = |one: &[Val], two: &[Val]| {
            if one.len() != two.len() {
                return Some(false);
            }
            let mut result = Some(true);
            for (a, b) in one.iter().zip(two) {
                match self.equal(a, b, depth + 1) {
                    Some(true) => {}
                    Some(false) => return Some(false),
                    None => result = None,
                }
            }
            result
        };
        match (&left.kind, &right.kind) {
            (Kind::Str(a), Kind::Str(b)) => Some(a == b),
            (Kind::Path(a), Kind::Path(b)) => Some(a == b),
            (Kind::Bytes(a), Kind::Bytes(b)) => Some(a == b),
            (Kind::Timedelta(a), Kind::Timedelta(b)) => Some(a == b),
            (Kind::None, Kind::None) | (Kind::Ellipsis, Kind::Ellipsis) => Some(true),
            (Kind::Tuple(a), Kind::Tuple(b)) => {
                if a.rest.is_some() || b.rest.is_some() {
                    return None;
                }
                all(&a.items, &b.items)
            }
            (Kind::List(a), Kind::List(b)) => {
                let (Object::List(a), Object::List(b)) =
                    (&**self.heap.object(*a), &**self.heap.object(*b))
                else {
                    return None;
                };
                if a.rest.is_some() || b.rest.is_some() {
                    return None;
                }
                all(&a.items, &b.items)
            }
            (Kind::Set(a), Kind::Set(b)) => {
                let (Object::Set(a), Object::Set(b)) =
                    (&**self.heap.object(*a), &**self.heap.object(*b))
                else {
                    return None;
                };
                if a.rest.is_some() || b.rest.is_some() {
                    return None;
                }
                let same = a.items.keys().all(|key| b.items.contains_key(key));
                Some(a.items.len() == b.items.len() && same)
            }
            (Kind::Dict(_), Kind::Dict(_)) => {
                let (a, b) = (self.entries(left)?, self.entries(right)?);
                if a.rest.is_some() || b.rest.is_some() {
                    return None;
                }
                if a.entries.len() != b.entries.len() {
                    return Some(false);
                }
                let mut result = Some(true);
                for (key, (_, value)) in &a.entries {
                    let Some((_, other)) = b.entries.get(key) else {
                        return Some(false);
                    };
                    match self.equal(value, other, depth + 1) {
                        Some(true) => {}
                        Some(false) => return Some(false),
                        None => result = None,
                    }
                }
                result
            }
            (Kind::Native(a), Kind::Native(b)) if a == b => Some(true),
            (Kind::Open, _) | (_, Kind::Open) => None,
            (Kind::Native(a), Kind::Native(b)) => {
                let is_type = |path: &str| path.starts_with("builtins.") || is_class_name(path);
                (is_type(a) && is_type(b)).then_some(false)
            }
            (Kind::Instance(class, a), Kind::Instance(_, b)) => {
                (a == b).then_some(true).or_else(|| {
                    let own = self.class_attribute(class, "__eq__").is_some()
                        || self.own_dict(left).is_some();
                    (!own && !class.is_dataclass).then_some(false)
                })
            }
            (Kind::Native(_) | Kind::Made(_) | Kind::Object(..) | Kind::Instance(..), other)
            | (other, Kind::Native(_) | Kind::Made(_) | Kind::Object(..) | Kind::Instance(..)) => {
                let is_other_class = matches!(&left.kind, Kind::Native(path) if is_class_name(path))
                    || matches!(&left.kind, Kind::Instance(..))
                    || matches!(&right.kind, Kind::Instance(..));
                (is_other_class
                    && matches!(
                        other,
                        Kind::None | Kind::Str(_) | Kind::Int(_) | Kind::Bool(_)
                    ))
                .then_some(false)
            }
            (Kind::Class(a), Kind::Class(b)) => Some(Rc::ptr_eq(a, b)),
            (Kind::Function(a), Kind::Function(b)) => Some(Rc::ptr_eq(a, b)),
            // Values of different builtin types differ.
            _ => Some(false),
        }
    }

    fn identical(&self, left: &Val, right: &Val) -> Option<bool> {
        match (&left.kind, &right.kind) {
            (Kind::None, Kind::None) => Some(true),
            (Kind::None, Kind::Native(path)) | (Kind::Native(path), Kind::None) => {
                (path.starts_with("builtins.") || is_class_name(path)).then_some(false)
            }
            (Kind::None, Kind::Made(_) | Kind::Object(..)) => Some(false),
            (Kind::Made(_) | Kind::Object(..), Kind::None) => Some(false),
            (Kind::None, _) | (_, Kind::None) => Some(false),
            (Kind::Bool(a), Kind::Bool(b)) => Some(a == b),
            (Kind::Bool(_), Kind::Native(_)) | (Kind::Native(_), Kind::Bool(_)) => None,
            (Kind::Bool(_), _) | (_, Kind::Bool(_)) => Some(false),
            (Kind::List(a), Kind::List(b))
            | (Kind::Dict(a), Kind::Dict(b))
            | (Kind::Set(a), Kind::Set(b)) => Some(self.heap.origin(*a) == self.heap.origin(*b)),
            (Kind::Instance(_, a), Kind::Instance(_, b))
            | (Kind::Object(_, a), Kind::Object(_, b))
            | (Kind::Module(_, a), Kind::Module(_, b)) => Some(a == b),
            (Kind::Native(a), Kind::Native(b)) => {
                if a == b {
                    Some(true)
                } else {
                    self.equal(left, right, 0)
                }
            }
            (Kind::Object(class, _), _) | (_, Kind::Object(class, _))
                if &**class == "builtins.object" =>
            {
                Some(false)
            }
            (Kind::Tuple(a), Kind::Tuple(b)) if Rc::ptr_eq(a, b) => Some(true),
            (Kind::Class(a), Kind::Class(b)) => Some(Rc::ptr_eq(a, b)),
            (Kind::Class(_), Kind::Native(_)) | (Kind::Native(_), Kind::Class(_)) => Some(false),
            (Kind::Ellipsis, Kind::Ellipsis) => Some(true),
            (Kind::Str(a), Kind::Str(b)) if a != b => Some(false),
            (Kind::Int(a), Kind::Int(b)) if a != b => Some(false),
            _ => None,
        }
    }

    /// `left <= right` of two sets that are wholly known.
    fn is_subset(&self, left: &Val, right: &Val) -> Option<bool> {
        let (Kind::Set(left), Kind::Set(right)) = (&left.kind, &right.kind) else {
            return None;
        };
        match (&**self.heap.object(*left), &**self.heap.object(*right)) {
            (Object::Set(left), Object::Set(right)) => (left.rest.is_none()
                && right.rest.is_none())
            .then(|| left.items.keys().all(|key| right.items.contains_key(key))),
            _ => None,
        }
    }

    /// `item in container`, as a Boolean or an unknown.
    pub(crate) fn contains(
        &mut self,
        container: &Val,
        item: &Val,
        span: Span,
    ) -> Result<Val, Raise> {
        let item = &self.plain(item);
        let doubt = |eval: &Self, container: &Val| eval.unknown_because(container);
        let answer = match &container.kind {
            Kind::Str(text) => match &item.kind {
                Kind::Str(part) => text.contains(&**part),
                _ => {
                    return Err(Raise::new(
                        "TypeError",
                        "'in <string>' requires string as left operand",
                        Some(span),
                    ));
                }
            },
            Kind::Dict(id) | Kind::Set(id) => {
                let Some(key) = Key::of(item) else {
                    return Ok(doubt(self, item));
                };
                let (within, rest) = match &**self.heap.object(*id) {
                    Object::Dict(dict) => (dict.entries.contains_key(&key), dict.rest.clone()),
                    Object::Set(set) => (set.items.contains_key(&key), set.rest.clone()),
                    _ => (false, None),
                };
                match (within, rest) {
                    (false, Some(rest)) => return Ok(Kind::Unknown(rest).into()),
                    (within, _) => within,
                }
            }
            Kind::List(_) | Kind::Tuple(_) | Kind::Iterator(_) => {
                let items = self.items(container).unwrap_or_default();
                self.spend(items.items.len())?;
                let mut unsure = None;
                for one in &items.items {
                    match self.equal(one, item, 0) {
                        Some(true) => return Ok(Val::bool(true)),
                        Some(false) => {}
                        None => unsure = Some(one.clone()),
                    }
                }
                match (items.rest, unsure) {
                    (Some(rest), _) => return Ok(Kind::Unknown(rest).into()),
                    // The container's own element is decided by variables: so is the answer.
                    (None, Some(one)) if one.is_settled() => return Ok(doubt(self, item)),
                    (None, Some(one)) => {
                        let compared = self.compare(CmpOp::Eq, &one, item, span)?;
                        return Ok(compared);
                    }
                    (None, None) => false,
                }
            }
            Kind::Native(path) => match &**path {
                "os.environ" => {
                    let Some(name) = item.as_str() else {
                        return Ok(doubt(self, item));
                    };
                    let found = self.variable(name, true, span);
                    return Ok(match found {
                        super::Variable::Set(value) => Val::bool(true).with_trail(value.trail),
                        super::Variable::Unset(trail) => Val::bool(false).with_trail(trail),
                        super::Variable::Open(open) => {
                            let answer = Val::bool(false);
                            self.load(open.or(answer).with_only_other(Val::bool(true)))
                        }
                    });
                }
                // In production neither tests nor the development server run, and the process
                // is started by a WSGI or ASGI server.
                "sys.argv" => false,
                "sys.modules" => match item.as_str() {
                    Some("pytest" | "unittest" | "coverage" | "IPython" | "_pytest") => false,
                    _ => return Ok(self.unknown(Cause::Machine, "which modules are loaded", span)),
                },
                _ => return Ok(doubt(self, container)),
            },
            Kind::Object(class, _) => {
                let path = format!("{class}.__contains__");
                let args = Args::positional(vec![item.clone()]);
                return match libraries::call(self, &path, Some(container), &args, span) {
                    Some(result) => result,
                    None => Ok(doubt(self, container)),
                };
            }
            Kind::Instance(class, _) if self.class_attribute(class, "__contains__").is_some() => {
                let method = self.attribute(container, "__contains__", span)?;
                return self.call(&method, Args::positional(vec![item.clone()]), span);
            }
            Kind::Module(_, id) => {
                let name = item.as_str().unwrap_or_default();
                let names = self.heap.names(*id);
                let rest = names.and_then(|names| names.rest.clone());
                match (self.heap.name(*id, name), rest) {
                    (Some(value), _) if value.is_settled() || value.is_unknown() => true,
                    // It may be that only some branches bind it.
                    (Some(value), _) => return Ok(doubt(self, value)),
                    (None, Some(rest)) => return Ok(Kind::Unknown(rest).into()),
                    (None, None) => false,
                }
            }
            Kind::Class(class) => {
                let class = class.clone();
                let members = self.members(&class).items;
                members.iter().any(|member| {
                    let value = self.state(member, "value");
                    self.same(member, item, 0)
                        || value.is_some_and(|v| self.equal(&v, item, 0) == Some(true))
                })
            }
            Kind::Instance(..) if self.own_dict(container).is_some() => {
                let entries = self.own_dict(container).unwrap_or(Val::NONE);
                let method = self.attribute(&entries, "__contains__", span)?;
                return self.call(&method, Args::positional(vec![item.clone()]), span);
            }
            Kind::Made(_) | Kind::Instance(..) => return Ok(doubt(self, container)),
            _ => {
                return Err(Raise::new(
                    "TypeError",
                    format!(
                        "argument of type '{}' is not iterable",
                        container.type_name()
                    ),
                    Some(span),
                ));
            }
        };
        Ok(Val::bool(answer))
    }

    /// How two values compare; `Ok(None)` where that is not known, `Err` where Python raises.
    pub(crate) fn order(
        &self,
        left: &Val,
        right: &Val,
        depth: usize,
    ) -> Result<Option<Ordering>, ()> {
        if depth > 16 || !left.is_settled() || !right.is_settled() {
            return Ok(None);
        }
        let left = &self.plain(left);
        let right = &self.plain(right);
        if let (Some(a), Some(b)) = (number(left), number(right)) {
            return Ok(match (a, b) {
                (Number::Int(a), Number::Int(b)) => Some(a.cmp(&b)),
                _ => a.float().partial_cmp(&b.float()),
            });
        }
        let is_sequence = |value: &Val| matches!(value.kind, Kind::Tuple(_) | Kind::List(_));
        match (&left.kind, &right.kind) {
            (Kind::Str(a), Kind::Str(b)) | (Kind::Path(a), Kind::Path(b)) => Ok(Some(a.cmp(b))),
            (Kind::Bytes(a), Kind::Bytes(b)) => Ok(Some(a.cmp(b))),
            (Kind::Timedelta(a), Kind::Timedelta(b)) => Ok(Some(a.cmp(b))),
            _ if is_sequence(left) && is_sequence(right) => {
                let (Some(a), Some(b)) = (self.items(left), self.items(right)) else {
                    return Ok(None);
                };
                for (x, y) in a.items.iter().zip(&b.items) {
                    match self.equal(x, y, depth) {
                        Some(true) => {}
                        Some(false) => return self.order(x, y, depth + 1),
                        None => return Ok(None),
                    }
                }
                if a.rest.is_some() || b.rest.is_some() {
                    return Ok(None);
                }
                Ok(Some(a.items.len().cmp(&b.items.len())))
            }
            (
                Kind::Native(_)
                | Kind::Made(_)
                | Kind::Object(..)
                | Kind::Instance(..)
                | Kind::Set(_),
                _,
            )
            | (
                _,
                Kind::Native(_)
                | Kind::Made(_)
                | Kind::Object(..)
                | Kind::Instance(..)
                | Kind::Set(_),
            ) => Ok(None),
            _ => Err(()),
        }
    }

    /// `value[index]`.
    pub(crate) fn subscript(&mut self, value: &Val, index: &Val, span: Span) -> Result<Val, Raise> {
        if let (Kind::Native(path), true) = (&value.kind, value.open.is_none()) {
            return self.native_subscript(&path.clone(), index, span);
        }
        for operand in [value, index] {
            self.maybe_unfit(methods::missing(value, span), operand);
        }
        let found = self.lift(&[value, index], span, &mut |eval, values| {
            eval.subscript_settled(&values[0], &values[1], span)
        })?;
        let found = self.of_table(found, value, index);
        self.leave_behind(&found, value, index);
        Ok(self.load(found))
    }

    /// What `get` finds in a table: one of its entries, or the default.
    pub(crate) fn entry_or(&mut self, found: Val, table: &Val, key: &Val, default: &Val) -> Val {
        let was_told = found.open.as_ref().is_some_and(|open| open.exhaustive);
        let mut found = self.of_table(found, table, key);
        let is_default = self.same_kind(&default.kind, &found.kind, 0);
        if let Some(open) = &mut found.open
            && open.exhaustive
            && !was_told
            && !is_default
        {
            Rc::make_mut(open).others.push(Alternative {
                when: "no entry is chosen".into(),
                value: Val {
                    open: None,
                    ..default.clone()
                },
            });
        }
        self.leave_behind(&found, table, key);
        found
    }

    /// Where not all that an index may find is told, what is found may be changed unseen.
    fn leave_behind(&mut self, found: &Val, container: &Val, index: &Val) {
        let is_told = found.open.as_ref().is_none_or(|open| open.exhaustive);
        let is_sure = index.is_settled() && container.is_settled();
        if is_sure || is_told && !found.is_unknown() && !matches!(found.kind, Kind::Open) {
            return;
        }
        let cases = match &container.kind {
            Kind::OneOf(cases) => &cases[..],
            _ => &[],
        };
        let others = container.open.iter().flat_map(|open| &open.others);
        let kinds = cases.iter().chain(others).map(|case| &case.value.kind);
        let inside = kinds.chain([&container.kind]).flat_map(|kind| match kind {
            Kind::List(id) | Kind::Dict(id) => self.heap.object(*id).values(),
            Kind::Tuple(sequence) => sequence.items.clone(),
            _ => Vec::new(),
        });
        let inside: Vec<Val> = inside.collect();
        let is_mutable = |value: &Val| {
            matches!(
                value.kind,
                Kind::List(_) | Kind::Dict(_) | Kind::Set(_) | Kind::Instance(..) | Kind::OneOf(_)
            )
        };
        self.escaped.extend(inside.into_iter().filter(is_mutable));
    }

    /// What an open key finds in a known table is one of its entries.
    fn of_table(&mut self, found: Val, table: &Val, index: &Val) -> Val {
        /// Entries that are told one by one.
        const MOST: usize = 6;
        let (Some(open), Some(dict)) = (&found.open, self.entries(table)) else {
            return found;
        };
        let is_of_key = open.variables == index.variables() && !open.exhaustive;
        if !is_of_key || table.open.is_some() || dict.rest.is_some() || dict.entries.len() > MOST {
            return found;
        }
        let entries: Vec<_> = dict.entries.values().cloned().collect();
        if entries.iter().any(|(_, value)| value.open.is_some()) {
            return found;
        }
        let mut open = Dependence {
            variables: open.variables.clone(),
            others: Vec::new(),
            exhaustive: true,
        };
        let names: Vec<_> = open.variables.iter().map(|name| &**name).collect();
        let names = names.join(", ");
        for (key, value) in entries {
            if !self.same_kind(&value.kind, &found.kind, 0) {
                let when = match key.as_str() {
                    Some(key) => format!("{names} chooses {key}"),
                    None => format!("{names} chooses another entry"),
                };
                open.others.push(Alternative {
                    when: when.into(),
                    value,
                });
            }
        }
        Val {
            open: Some(Rc::new(open)),
            ..found
        }
    }

    fn subscript_settled(&mut self, value: &Val, index: &Val, span: Span) -> Result<Val, Raise> {
        match &value.kind {
            Kind::Native(path) => self.native_subscript(&path.clone(), index, span),
            Kind::Object(class, _) => {
                let path = format!("{class}.__getitem__");
                let args = Args::positional(vec![index.clone()]);
                let found = libraries::call(self, &path, Some(value), &args, span)
                    .or_else(|| stdlib::call(self, &path, Some(value), &args, span));
                match found {
                    Some(result) => result,
                    None => Ok(self.unknown(
                        Cause::Package,
                        format!("what {class} holds is not known"),
                        span,
                    )),
                }
            }
            Kind::Instance(class, _) if self.class_attribute(class, "__getitem__").is_some() => {
                let method = self.attribute(value, "__getitem__", span)?;
                self.call(&method, Args::positional(vec![index.clone()]), span)
            }
            Kind::Instance(class, _) if self.own_dict(value).is_some() => {
                let entries = self.own_dict(value).unwrap_or(Val::NONE);
                let missing = self.class_attribute(class, "__missing__");
                match (missing, self.contains(&entries, index, span)?.kind) {
                    (None, _) | (Some(_), Kind::Bool(true)) => {
                        self.subscript(&entries, index, span)
                    }
                    (Some(_), Kind::Bool(false)) => {
                        let method = self.attribute(value, "__missing__", span)?;
                        self.call(&method, Args::positional(vec![index.clone()]), span)
                    }
                    (Some(_), _) => Ok(self.unknown_because(index)),
                }
            }
            Kind::Instance(class, _) if super::is_named_tuple(class) => {
                let fields = self.iterate(value, span)?;
                match fields.rest {
                    Some(rest) => Ok(Kind::Unknown(rest).into()),
                    None => methods::item(self, &Val::tuple(fields.items), index, span),
                }
            }
            Kind::Module(_, id) => {
                let name = index.as_str().unwrap_or_default();
                match self.heap.name(*id, name) {
                    Some(found) => Ok(found.clone()),
                    None => match self.heap.names(*id).and_then(|names| names.rest.clone()) {
                        Some(rest) => Ok(Kind::Unknown(rest).into()),
                        None => Err(Raise::new("KeyError", format!("'{name}'"), Some(span))),
                    },
                }
            }
            Kind::Class(class) => {
                // A member of an enum by its name, or a generic class.
                let name = index.as_str().unwrap_or_default();
                match self.heap.name(class.attributes, name) {
                    Some(member) => Ok(member.clone()),
                    None => Ok(value.clone()),
                }
            }
            Kind::Made(_) | Kind::Instance(..) => Ok(self.unknown_because(value)),
            _ => methods::item(self, value, index, span),
        }
    }

    fn native_subscript(&mut self, path: &str, index: &Val, span: Span) -> Result<Val, Raise> {
        match path {
            "os.environ" => self.lift(
                &[index],
                span,
                &mut |eval, values| match values[0].as_str() {
                    Some(name) => eval.read_variable(name, None, span),
                    None => Err(Raise::new("TypeError", "str expected", Some(span))),
                },
            ),
            "sys.modules" => match index.as_str() {
                Some(name) => {
                    let module = self.heap.name(self.loaded, name).cloned();
                    Ok(module.unwrap_or_else(|| Val::native(name)))
                }
                None => Ok(self.unknown(Cause::Code, "a module that is not known", span)),
            },
            _ => {
                if let Some(constant) = stdlib::constant(self, path, span) {
                    return methods::item(self, &constant, index, span);
                }
                let args = Args::positional(vec![index.clone()]);
                let full = format!("{path}.__getitem__");
                if let Some(result) = libraries::call(self, &full, None, &args, span) {
                    return result;
                }
                // `list[str]`: a generic class is the class.
                if path.starts_with("builtins.")
                    || path.starts_with("typing.")
                    || path.starts_with("collections.")
                {
                    return Ok(Val::native(path));
                }
                self.maybe_any(span);
                Ok(self.unknown(
                    Cause::Package,
                    format!("what {path} holds, its package decides"),
                    span,
                ))
            }
        }
    }
}

impl Val {
    /// A value that variables decide between itself and this one other.
    fn with_only_other(mut self, other: Self) -> Self {
        if let Some(open) = &mut self.open {
            let open = Rc::make_mut(open);
            let names: Vec<_> = open.variables.iter().map(|name| &**name).collect();
            let when = format!("{} is set", names.join(", ")).into();
            open.others = vec![Alternative { when, value: other }];
            open.exhaustive = true;
        }
        self
    }
}

#[derive(Clone, Copy)]
enum Number {
    Int(i128),
    Float(f64),
}

impl Number {
    fn float(self) -> f64 {
        match self {
            Self::Int(value) => value as f64,
            Self::Float(value) => value,
        }
    }
}

fn number(value: &Val) -> Option<Number> {
    match value.kind {
        Kind::Bool(value) => Some(Number::Int(i128::from(value))),
        Kind::Int(value) => Some(Number::Int(value)),
        Kind::Float(value) => Some(Number::Float(value)),
        _ => None,
    }
}
