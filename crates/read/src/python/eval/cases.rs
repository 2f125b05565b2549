//! Running something that has effects for each value that one may be.

use std::collections::VecDeque;
use std::rc::Rc;

use tightship_model::Span;

use super::branches::{By, Flow, Guard};
use super::{Evaluator, Raise};
use crate::python::value::{Alternative, Dependence, Kind, Val};

impl Evaluator<'_> {
    /// The same, also for what open variables may make of the value that is not told.
    pub(crate) fn per_world(
        &mut self,
        value: &Val,
        span: Span,
        run: &mut dyn FnMut(&mut Self, &Val) -> Result<Val, Raise>,
    ) -> Result<Val, Raise> {
        self.per_case(&with_untold(value), span, run)
    }

    /// Runs something that has effects for each value that one may be.
    pub(crate) fn per_case(
        &mut self,
        value: &Val,
        span: Span,
        run: &mut dyn FnMut(&mut Self, &Val) -> Result<Val, Raise>,
    ) -> Result<Val, Raise> {
        let mut run = |eval: &mut Self, value: &Val| eval.flow_of(|eval| run(eval, value));
        let flow = self.each_case(value, span, &mut run);
        self.value_of(flow)
    }

    /// Runs statements for each value that one may be.
    pub(crate) fn each_case(
        &mut self,
        value: &Val,
        span: Span,
        run: &mut dyn FnMut(&mut Self, &Val) -> Flow,
    ) -> Flow {
        match cases_of(value) {
            Some((by, mut cases)) => match cases.pop_front() {
                Some((when, first)) => self.one_by_one(when, first, cases, by, span, run),
                None => Flow::Next,
            },
            None => run(self, value),
        }
    }

    fn one_by_one(
        &mut self,
        when: Rc<str>,
        value: Val,
        mut rest: Cases,
        by: By,
        span: Span,
        run: &mut dyn FnMut(&mut Self, &Val) -> Flow,
    ) -> Flow {
        let Some((next, other)) = rest.pop_front() else {
            return self.each_case(&value, span, run);
        };
        let guard = Rc::new(Guard {
            by,
            first: when,
            second: next.clone(),
            span,
            trail: value.trail.clone(),
        });
        let first = self.on_way(&guard.by, true, |eval| {
            eval.arm(|eval| eval.each_case(&value, span, run))
        });
        let second = self.on_way(&guard.by, false, |eval| {
            eval.arm(|eval| eval.one_by_one(next, other, rest, By::Condition, span, run))
        });
        self.fork(guard, first, second)
    }
}

/// Values with their conditions.
type Cases = VecDeque<(Rc<str>, Val)>;

/// A value with one more case, where open variables may make something of it, or of one of its cases,
/// that is not told.
pub(super) fn with_untold(value: &Val) -> Val {
    let is_told = |open: &Dependence| open.exhaustive && !open.others.is_empty();
    match (&value.kind, &value.open) {
        (Kind::OneOf(cases), None) => {
            let cases = cases.iter().map(|case| Alternative {
                when: case.when.clone(),
                value: with_untold(&case.value),
            });
            Val {
                kind: Kind::OneOf(cases.collect()),
                ..value.clone()
            }
        }
        (kind, Some(open)) if !is_told(open) && !matches!(kind, Kind::Open) => {
            let mut open = Dependence::clone(open);
            open.others.push(Alternative {
                when: "set to something else".into(),
                value: Kind::Unknown(super::uncertain(value)).into(),
            });
            Val {
                open: Some(Rc::new(open)),
                ..value.clone()
            }
        }
        _ => value.clone(),
    }
}

/// The values that one may be, and what decides between the first and the others.
fn cases_of(value: &Val) -> Option<(By, Cases)> {
    let told = |cases: &[Alternative]| -> Cases {
        let cases = cases.iter();
        cases
            .map(|case| (case.when.clone(), case.value.clone()))
            .collect()
    };
    match (&value.kind, &value.open) {
        (Kind::OneOf(cases), None) => Some((By::Condition, told(cases))),
        (Kind::OneOf(cases), Some(open)) => {
            let mut cases = told(cases);
            cases.extend(told(&open.others));
            Some((By::Condition, cases))
        }
        (Kind::Open, Some(open)) if !open.others.is_empty() => {
            let mut cases = told(&open.others);
            if !open.exhaustive {
                let reason = super::uncertain(value);
                cases.push_back(("set to something else".into(), Kind::Unknown(reason).into()));
            }
            Some((By::Condition, cases))
        }
        (_, Some(open)) if !open.others.is_empty() => {
            let names: Vec<_> = open.variables.iter().map(|name| &**name).collect();
            let main = Val {
                open: None,
                ..value.clone()
            };
            let mut cases = told(&open.others);
            cases.push_front((format!("{} is not set", names.join(", ")).into(), main));
            Some((By::Unset(open.variables.clone()), cases))
        }
        _ => None,
    }
}
