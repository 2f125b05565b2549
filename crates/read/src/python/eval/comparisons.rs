//! Comparisons: `==`, `is`, `in` and the order of values.

use std::cmp::Ordering;
use std::rc::Rc;

use tightship_model::{Cause, Span};

use super::lift::is_class_name;
use super::operators::{Number, number};
use super::{Evaluator, Raise};
use crate::python::heap::{Key, Object};
use crate::python::libraries;
use crate::python::syntax::ast::CmpOp;
use crate::python::value::{Alternative, Args, Kind, Val};

impl Evaluator<'_> {
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
                    return Ok(self.has_variable(name, span));
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
}

impl Val {
    /// A value that variables decide between itself and this one other.
    pub(super) fn with_only_other(mut self, other: Self) -> Self {
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
