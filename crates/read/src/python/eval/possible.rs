//! Errors that happen in some cases only: kept in mind for the `try` around.

use std::collections::BTreeSet;
use std::rc::Rc;

use tightship_model::{Cause, SourceId, Span};

use super::branches::{Arm, By, Flow, Fork, Guard};
use super::exceptions::Maybe;
use super::{Evaluator, Raise};
use crate::python::heap::{Changes, Id};
use crate::python::value::{Kind, Val};

impl Evaluator<'_> {
    /// Takes from a flow the ways that raise, unless all do. They are kept in mind as what may
    /// happen, and the state of the other ways is applied.
    pub(crate) fn without_raises(&mut self, flow: Flow) -> Flow {
        let Flow::Fork(fork) = flow else {
            return flow;
        };
        let mut raises = Vec::new();
        fork.raises(true, &Changes::default(), &mut raises);
        // Where the evaluator gave up on one way, the others do not speak for all.
        if let Some(maybe) = raises.iter().find(|maybe| maybe.raise.is_bound) {
            return Flow::Raise(maybe.raise.clone());
        }
        let (going, _) = self.part(fork.into_arm(), |flow| !matches!(flow, Flow::Raise(_)));
        let Some(going) = going else {
            // All raise: the last is what happens, where none of the others does.
            let Some(last) = raises.pop() else {
                return Flow::Next;
            };
            for maybe in raises {
                self.note(maybe);
            }
            self.heap.apply(last.changes);
            return Flow::Raise(last.raise);
        };
        for maybe in raises {
            self.note(maybe);
        }
        self.heap.apply(going.changes);
        going.flow
    }

    /// What the errors that may have happened since `mark` make of a statement's way.
    pub(crate) fn with_maybes(&mut self, mark: usize, arm: Arm, span: Span) -> Flow {
        let maybes: Vec<_> = self.maybe.drain(mark..).collect();
        let mut arm = arm;
        for maybe in maybes.into_iter().rev() {
            let raised = Arm {
                flow: Flow::Raise(maybe.raise),
                changes: maybe.changes,
            };
            let opposite = format!("not ({})", maybe.when).into();
            let ((when, first), (otherwise, second)) = if maybe.is_first {
                ((maybe.when, raised), (opposite, arm))
            } else {
                ((opposite, arm), (maybe.when, raised))
            };
            let guard = Guard {
                by: maybe.by,
                first: when,
                second: otherwise,
                span,
                trail: crate::python::value::Chain::default(),
            };
            let fork = Box::new(Fork {
                guard: Rc::new(guard),
                first,
                second,
            });
            arm = fork.into_arm();
        }
        self.heap.apply(arm.changes);
        arm.flow
    }

    /// Keeps in mind that an error happens in some cases: for the `try` around, or, without one,
    /// that those cases are over.
    pub(crate) fn note(&mut self, mut maybe: Maybe) {
        if let Some(tried) = self.tried.last().copied() {
            let written = self.heap.written_since(tried.branches);
            self.count(written.0.len());
            maybe.changes = written.then(maybe.changes);
            if self.maybe.len() - tried.maybes < FOLLOWED {
                self.maybe.push(maybe);
            } else if let Some(last) = self.maybe.pop() {
                let both = self.either(last, maybe, tried.branches);
                self.maybe.push(both);
            }
        } else if let By::Unset(variables) = &maybe.by
            && maybe.is_first
        {
            self.assume(variables);
        }
    }

    /// One error that stands for two.
    fn either(&mut self, one: Maybe, two: Maybe, branches: usize) -> Maybe {
        let class = match self.same(&one.raise.class, &two.raise.class, 0) {
            true => one.raise.class.clone(),
            false => {
                let span = one.raise.span.or(two.raise.span);
                Val::unknown(Cause::Code, "one of several exceptions", span)
            }
        };
        let guard = Rc::new(Guard {
            by: By::Condition,
            first: one.when.clone(),
            second: two.when,
            span: one.raise.span.unwrap_or(Span::new(SourceId(0), 0, 0)),
            trail: crate::python::value::Chain::default(),
        });
        let ids: BTreeSet<Id> = one
            .changes
            .0
            .keys()
            .chain(two.changes.0.keys())
            .copied()
            .collect();
        let mut changes = Changes::default();
        for id in ids {
            let state = |changes: &Changes| {
                let changed = changes.0.get(&id);
                changed
                    .unwrap_or_else(|| self.heap.object_before(id, branches))
                    .clone()
            };
            let (first, second) = (state(&one.changes), state(&two.changes));
            changes
                .0
                .insert(id, self.join_objects(&guard, &first, &second));
        }
        Maybe {
            changes,
            ..Maybe::condition(Raise::of(class, "", None, one.raise.span), one.when)
        }
    }

    /// Notes an error that happens while these variables are unset.
    pub(crate) fn maybe_unset(&mut self, raise: Raise, variables: &BTreeSet<Rc<str>>) {
        if variables.iter().any(|name| self.assumed.contains(name)) {
            return;
        }
        let names: Vec<_> = variables.iter().map(|name| &**name).collect();
        self.note(Maybe {
            raise,
            when: format!("{} is not set", names.join(", ")).into(),
            by: By::Unset(variables.clone()),
            is_first: true,
            changes: Changes::default(),
        });
    }

    /// Notes, for a `try` around, the error that a function raises for operands that do not fit,
    /// where variables that are set, or something unknown, may make this one such.
    pub(crate) fn maybe_unfit(&mut self, raise: Raise, operand: &Val) {
        if self.tried.is_empty() {
            return;
        }
        let operand = self.settled(operand);
        match (&operand.open, &operand.kind) {
            (Some(open), kind) if !open.exhaustive => {
                let names: Vec<_> = open.variables.iter().map(|name| &**name).collect();
                self.note(Maybe {
                    raise,
                    when: format!("{} does not fit", names.join(", ")).into(),
                    by: match kind {
                        Kind::Open => By::Set(open.variables.clone()),
                        _ => By::Unset(open.variables.clone()),
                    },
                    is_first: false,
                    changes: Changes::default(),
                });
            }
            (None, Kind::Unknown(_)) => self.maybe(raise, "a value does not fit".to_owned()),
            _ => {}
        }
    }
}

/// Errors of one statement that are followed each for itself.
const FOLLOWED: usize = 4;
