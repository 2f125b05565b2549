//! Pure functions over values that are one of several, or that open variables decide.

use std::rc::Rc;

use tightship_model::Span;

use super::branches::{By, Guard, Truth};
use super::exceptions::Maybe;
use super::objects::uncertain;
use super::{Evaluator, Raise};
use crate::python::heap::Object;
use crate::python::value::{Alternative, Chain, Dependence, Kind, Val};

/// What is applied to values that are each one definite value.
type Function<'e, 'f> = dyn FnMut(&mut Evaluator<'e>, &[Val]) -> Result<Val, Raise> + 'f;

impl<'e> Evaluator<'e> {
    /// Calls a pure function for each combination of definite values that the operands can be,
    /// and joins the results. The result's trail is that of the operands.
    pub(crate) fn lift(
        &mut self,
        operands: &[&Val],
        span: Span,
        function: &mut Function<'e, '_>,
    ) -> Result<Val, Raise> {
        let operands: Vec<Val> = operands.iter().map(|value| self.settled(value)).collect();
        let trail = trail_of(&operands);
        let result = self.lift_settled(operands, span, function)?;
        let trail = if result.trail.is_empty() {
            trail
        } else {
            result.trail.and(&trail)
        };
        Ok(result.with_trail(trail))
    }

    fn lift_settled(
        &mut self,
        operands: Vec<Val>,
        span: Span,
        function: &mut Function<'e, '_>,
    ) -> Result<Val, Raise> {
        if operands.iter().all(Val::is_settled) {
            return function(self, &operands);
        }
        self.step()?;
        if let Some(value) = operands
            .iter()
            .find(|value| matches!(value.kind, Kind::Unknown(_) | Kind::Unbound))
        {
            self.maybe_any(span);
            return Ok(Kind::Unknown(uncertain(value)).into());
        }
        if let Some(cases) = operands.iter().find_map(|value| match &value.kind {
            Kind::OneOf(cases) if value.open.is_none() => Some(cases.clone()),
            _ => None,
        }) {
            return self.lift_cases(&cases, &operands, span, function);
        }
        self.lift_open(operands, span, function)
    }

    fn lift_cases(
        &mut self,
        cases: &[Alternative],
        operands: &[Val],
        span: Span,
        function: &mut Function<'e, '_>,
    ) -> Result<Val, Raise> {
        let mut results: Vec<(Rc<str>, Val)> = Vec::new();
        let mut raised = None;
        for (number, case) in cases.iter().enumerate() {
            let chosen = operands
                .iter()
                .map(|value| match &value.kind {
                    Kind::OneOf(other) if same_conditions(cases, other) => {
                        other[number].value.clone()
                    }
                    _ => value.clone(),
                })
                .map(|value| self.settled(&value))
                .collect();
            let result = self.on_way(&By::Condition, true, |eval| {
                eval.lift_settled(chosen, span, function)
            });
            match result {
                Ok(value) => results.push((case.when.clone(), value)),
                Err(raise) if raise.is_bound => return Err(raise),
                Err(raise) => raised = Some((case.when.clone(), raise)),
            }
        }
        if let Some((when, raise)) = raised {
            if results.is_empty() {
                return Err(raise);
            }
            self.note(Maybe::condition(raise, when));
        }
        Ok(self.one_of(results, span))
    }

    /// One of several values, each under a condition.
    pub(crate) fn one_of(&mut self, cases: Vec<(Rc<str>, Val)>, span: Span) -> Val {
        let mut joined: Option<(Rc<str>, Val)> = None;
        for (when, value) in cases {
            joined = Some(match joined {
                None => (when, value),
                Some((before, first)) => {
                    let guard = Guard {
                        by: By::Condition,
                        first: before.clone(),
                        second: when,
                        span,
                        trail: Chain::default(),
                    };
                    (before, self.join(&guard, first, value))
                }
            });
        }
        joined.map_or(Kind::Unbound.into(), |(_, value)| value)
    }

    fn lift_open(
        &mut self,
        operands: Vec<Val>,
        span: Span,
        function: &mut Function<'e, '_>,
    ) -> Result<Val, Raise> {
        let mut open = Dependence {
            exhaustive: operands.iter().filter(|value| value.open.is_some()).count() == 1,
            ..Dependence::default()
        };
        for dependence in operands.iter().filter_map(|value| value.open.as_deref()) {
            open.variables.extend(dependence.variables.iter().cloned());
            open.exhaustive &= dependence.exhaustive;
        }
        let born = self.heap.next();
        let main = if operands
            .iter()
            .any(|value| matches!(value.kind, Kind::Open))
        {
            None
        } else {
            let closed = operands
                .iter()
                .map(|value| Val {
                    open: None,
                    ..value.clone()
                })
                .collect();
            let by = By::Unset(open.variables.clone());
            let result = self.on_way(&by, true, |eval| eval.lift_settled(closed, span, function));
            match result {
                Ok(value) => Some(value),
                Err(raise) if raise.is_bound => return Err(raise),
                Err(raise) => {
                    let variables = open.variables.clone();
                    self.maybe_unset(raise, &variables);
                    None
                }
            }
        };
        for (place, value) in operands.iter().enumerate() {
            let Some(dependence) = value.open.as_deref() else {
                continue;
            };
            for other in &dependence.others {
                let chosen: Vec<Val> = operands
                    .iter()
                    .enumerate()
                    .map(|(at, operand)| {
                        if at == place {
                            return other.value.clone();
                        }
                        let twin = operand.open.iter().flat_map(|open| &open.others);
                        let twin = twin.clone().find(|twin| twin.when == other.when);
                        twin.map_or_else(
                            || Val {
                                open: None,
                                ..operand.clone()
                            },
                            |twin| twin.value.clone(),
                        )
                    })
                    .map(|value| self.settled(&value))
                    .collect();
                if chosen.iter().any(|value| matches!(value.kind, Kind::Open)) {
                    open.exhaustive = false;
                    continue;
                }
                let by = By::Unset(open.variables.clone());
                let result =
                    self.on_way(&by, false, |eval| eval.lift_settled(chosen, span, function));
                match result {
                    Ok(value) if is_theirs(&value, &open) => open.exhaustive = false,
                    Ok(value) => {
                        // What the function made anew for each case, nothing else holds.
                        let before = std::mem::replace(&mut self.new_from, born);
                        let is_known = |value: &Val| {
                            let told = open.others.iter().map(|other| &other.value);
                            let mut known = told.chain(&main);
                            known.any(|known| self.same(known, value, 0))
                        };
                        let left = match is_known(&value) {
                            true => Vec::new(),
                            false => open.take(&other.when, &value),
                        };
                        self.new_from = before;
                        self.escaped.extend(left);
                    }
                    Err(raise) if raise.is_bound => return Err(raise),
                    Err(raise) => self.note(Maybe {
                        by: match main {
                            Some(_) => by,
                            None => By::Condition,
                        },
                        is_first: main.is_none(),
                        ..Maybe::condition(raise, other.when.clone())
                    }),
                }
            }
        }
        let Some(mut main) = main else {
            return Ok(Val {
                kind: Kind::Open,
                trail: Chain::default(),
                open: Some(Rc::new(open)),
            });
        };
        // What the function gives may depend on variables of its own.
        if let Some(own) = main.open.take() {
            open.variables.extend(own.variables.iter().cloned());
            open.exhaustive &= own.exhaustive;
            open.others.extend(own.others.iter().cloned());
        }
        // A yes or no is all that such a function gives: the other answer is the only other value.
        if let (Kind::Bool(value), false) = (&main.kind, open.exhaustive) {
            let names: Vec<_> = open.variables.iter().map(|name| &**name).collect();
            open.others = vec![Alternative {
                when: format!("{} says so", names.join(", ")).into(),
                value: Val::bool(!value),
            }];
            open.exhaustive = true;
        }
        if open.exhaustive && open.others.is_empty() {
            return Ok(main);
        }
        Ok(Val {
            open: Some(Rc::new(open)),
            ..main
        })
    }

    /// The truth value of a value.
    pub(crate) fn truth(&mut self, value: &Val) -> Truth {
        let value = self.settled(value);
        if let Some(open) = &value.open {
            let main = match value.kind {
                Kind::Open => None,
                _ => match self.truth(&Val {
                    open: None,
                    ..value.clone()
                }) {
                    Truth::Known(known) => Some(known),
                    _ => None,
                },
            };
            let others: Vec<Truth> = open
                .others
                .iter()
                .map(|other| self.truth(&other.value))
                .collect();
            let is_all = |truth: bool| {
                open.exhaustive
                    && (matches!(value.kind, Kind::Open) || main == Some(truth))
                    && others.iter().all(|other| *other == Truth::Known(truth))
                    && (main.is_some() || !others.is_empty())
            };
            return if is_all(true) {
                Truth::Known(true)
            } else if is_all(false) {
                Truth::Known(false)
            } else if main.is_none() && !matches!(value.kind, Kind::Open) {
                Truth::Unknown
            } else {
                Truth::Open(main, open.variables.clone())
            };
        }
        let some = |is_empty: bool, is_open: bool| match (is_empty, is_open) {
            (false, _) => Truth::Known(true),
            (true, false) => Truth::Known(false),
            (true, true) => Truth::Unknown,
        };
        match &value.kind {
            Kind::None => Truth::Known(false),
            Kind::Bool(value) => Truth::Known(*value),
            Kind::Int(value) => Truth::Known(*value != 0),
            Kind::Float(value) => Truth::Known(*value != 0.0),
            Kind::Str(text) => Truth::Known(!text.is_empty()),
            Kind::Bytes(bytes) => Truth::Known(!bytes.is_empty()),
            Kind::Timedelta(micros) => Truth::Known(*micros != 0),
            Kind::Tuple(sequence) => some(sequence.items.is_empty(), sequence.rest.is_some()),
            Kind::List(id) | Kind::Set(id) | Kind::Dict(id) => match &**self.heap.object(*id) {
                Object::List(list) => some(list.items.is_empty(), list.rest.is_some()),
                Object::Set(set) => some(set.items.is_empty(), set.rest.is_some()),
                Object::Dict(dict) => some(dict.entries.is_empty(), dict.rest.is_some()),
                _ => Truth::Unknown,
            },
            Kind::OneOf(cases) => {
                let mut truths = cases
                    .clone()
                    .iter()
                    .map(|case| self.truth(&case.value))
                    .collect::<Vec<_>>()
                    .into_iter();
                match truths.next() {
                    Some(first @ Truth::Known(_)) if truths.all(|truth| truth == first) => first,
                    _ => Truth::Unknown,
                }
            }
            Kind::Ellipsis
            | Kind::Path(_)
            | Kind::Iterator(_)
            | Kind::Function(_)
            | Kind::Class(_)
            | Kind::Method(_)
            | Kind::Module(..)
            | Kind::Bound(_) => Truth::Known(true),
            Kind::Native(path) => match &**path {
                "typing.TYPE_CHECKING" => Truth::Known(false),
                // Classes and functions are true; a constant of a package may be anything.
                path if path.starts_with("builtins.") || is_class_name(path) => Truth::Known(true),
                _ => Truth::Unknown,
            },
            Kind::Instance(class, _) => {
                let has = |name: &str| self.class_attribute(class, name).is_some();
                if has("__bool__") || has("__len__") || has_native_base(class) {
                    Truth::Unknown
                } else {
                    Truth::Known(true)
                }
            }
            Kind::Object(class, _) if &**class == "re.Match" => Truth::Known(true),
            Kind::Object(..) | Kind::Made(_) | Kind::Open | Kind::Unbound | Kind::Unknown(_) => {
                Truth::Unknown
            }
        }
    }
}

/// `CamelCase` at the end of a dotted path.
pub(crate) fn is_class_name(path: &str) -> bool {
    let name = crate::python::value::last_part(path);
    name.starts_with(char::is_uppercase) && name.contains(char::is_lowercase)
}

fn has_native_base(class: &crate::python::value::Class) -> bool {
    class.order.iter().any(|base| {
        !matches!(&base.kind, Kind::Class(_))
            && !matches!(&base.kind, Kind::Native(path) if &**path == "builtins.object")
    })
}

/// Whether a value is not known because of the same variables: it is no case of its own.
fn is_theirs(value: &Val, open: &Dependence) -> bool {
    match &value.kind {
        Kind::Unknown(unknown) if !unknown.variables.is_empty() => {
            let mut names = unknown.variables.iter();
            names.all(|name| open.variables.contains(name.as_str()))
        }
        _ => false,
    }
}

fn same_conditions(one: &[Alternative], two: &[Alternative]) -> bool {
    one.len() == two.len() && one.iter().zip(two).all(|(a, b)| a.when == b.when)
}

/// The trails of all operands, one after the other.
fn trail_of(operands: &[Val]) -> Chain {
    operands
        .iter()
        .fold(Chain::default(), |trail, value| trail.and(&value.trail))
}
