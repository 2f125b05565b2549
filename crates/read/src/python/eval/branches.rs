//! Tests that are not known: both ways are run, and one state is made of the two.
//!
//! A statement ends in a [`Flow`]. Where a test is not known, both branches run in a journal of the
//! heap and are undone. If they leave in the same way, their changes are joined at once; else the
//! flow is a [`Fork`] whose arms hold what each would change, and the block around it runs the rest
//! of its statements in those arms that go on.

use std::collections::BTreeSet;
use std::rc::Rc;

use tightship_model::{Span, Unknown};

use super::exceptions::Maybe;
use super::{Evaluator, Raise};
use crate::python::heap::Changes;
use crate::python::value::Val;

/// How a statement leaves.
#[derive(Debug)]
pub(crate) enum Flow {
    Next,
    Return(Val),
    Break,
    Continue,
    /// `break` in the `else` of a loop: it leaves the loop around that.
    BreakOuter,
    Raise(Raise),
    Fork(Box<Fork>),
}

/// Two ways, not yet made one.
#[derive(Debug)]
pub(crate) struct Fork {
    pub(super) guard: Rc<Guard>,
    pub(super) first: Arm,
    pub(super) second: Arm,
}

/// One way: what it changes, and how it leaves.
#[derive(Debug)]
pub(crate) struct Arm {
    pub(super) flow: Flow,
    pub(super) changes: Changes,
}

/// What decides between two ways.
#[derive(Clone, Debug)]
pub(crate) struct Guard {
    pub(crate) by: By,
    /// The conditions in source text.
    pub(crate) first: Rc<str>,
    pub(crate) second: Rc<str>,
    pub(crate) span: Span,
    pub(crate) trail: crate::python::value::Chain,
}

#[derive(Clone, Debug)]
pub(crate) enum By {
    /// The first way is taken while these variables are unset; set, they decide.
    Unset(BTreeSet<Rc<str>>),
    /// These variables decide; unset, they stop the program.
    Set(BTreeSet<Rc<str>>),
    /// Something that the files do not tell.
    Condition,
    /// There are further ways, which are not run: what is not alike in these two is not known.
    Untold(Rc<Unknown>),
}

/// The truth value of a test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Truth {
    Known(bool),
    /// Decided by variables: this while they are unset (`None` where that stops the program).
    Open(Option<bool>, BTreeSet<Rc<str>>),
    Unknown,
}

impl Guard {
    pub(super) fn variables(&self) -> Option<&BTreeSet<Rc<str>>> {
        match &self.by {
            By::Unset(variables) | By::Set(variables) => Some(variables),
            By::Condition | By::Untold(_) => None,
        }
    }
}

impl Evaluator<'_> {
    /// Runs one way and undoes it.
    pub(crate) fn arm(&mut self, run: impl FnOnce(&mut Self) -> Flow) -> Arm {
        self.heap.begin();
        let flow = run(self);
        let changes = self.heap.undo();
        Arm { flow, changes }
    }

    /// Runs both ways of a test that is not known.
    pub(crate) fn both(
        &mut self,
        guard: Guard,
        first: impl FnOnce(&mut Self) -> Flow,
        second: impl FnOnce(&mut Self) -> Flow,
    ) -> Flow {
        let guard = Rc::new(guard);
        let first = self.on_way(&guard.by, true, |eval| eval.arm(first));
        let second = self.on_way(&guard.by, false, |eval| eval.arm(second));
        self.fork(guard, first, second)
    }

    /// Runs what happens on one way only: so do its errors, and there only these variables are set.
    pub(crate) fn on_way<R>(
        &mut self,
        by: &By,
        is_first_way: bool,
        run: impl FnOnce(&mut Self) -> R,
    ) -> R {
        let assumed = self.assumed.len();
        let mark = self.maybe.len();
        match by {
            By::Set(variables) => self.assume(variables),
            By::Unset(variables) if !is_first_way => self.assume(variables),
            By::Unset(_) | By::Condition | By::Untold(_) => {}
        }
        let result = run(self);
        self.assumed.truncate(assumed);
        let mark = mark.min(self.maybe.len());
        for maybe in &mut self.maybe[mark..] {
            match (by, &mut maybe.by) {
                (By::Unset(outer), By::Unset(variables)) => {
                    variables.extend(outer.iter().cloned());
                    maybe.is_first &= is_first_way;
                }
                (By::Unset(outer), by) if !is_first_way => {
                    *by = By::Unset(outer.clone());
                    maybe.is_first = false;
                }
                (_, by) => {
                    *by = By::Condition;
                    maybe.is_first = true;
                }
            }
        }
        result
    }

    /// One of these is set here: of several, it is not known which.
    pub(super) fn assume(&mut self, variables: &BTreeSet<Rc<str>>) {
        if let (Some(name), 1) = (variables.first(), variables.len()) {
            self.assumed.push(name.clone());
        }
    }

    /// Makes one flow of two ways: joined where they leave alike.
    pub(crate) fn fork(&mut self, guard: Rc<Guard>, first: Arm, second: Arm) -> Flow {
        let flow = match (first.flow, second.flow) {
            (Flow::Next, Flow::Next) => Flow::Next,
            (Flow::Break, Flow::Break) => Flow::Break,
            (Flow::Continue, Flow::Continue) => Flow::Continue,
            (Flow::BreakOuter, Flow::BreakOuter) => Flow::BreakOuter,
            (Flow::Return(one), Flow::Return(two)) => Flow::Return(self.join(&guard, one, two)),
            (one, two) => {
                return Flow::Fork(Box::new(Fork {
                    guard,
                    first: Arm {
                        flow: one,
                        changes: first.changes,
                    },
                    second: Arm {
                        flow: two,
                        changes: second.changes,
                    },
                }));
            }
        };
        self.join_changes(&guard, first.changes, second.changes);
        self.lose_what_escaped();
        flow
    }

    /// Runs `rest` in all ways of `flow` that go on, made one.
    pub(crate) fn resume(
        &mut self,
        flow: Flow,
        goes_on: fn(&Flow) -> bool,
        rest: impl FnOnce(&mut Self) -> Flow,
    ) -> Flow {
        match flow {
            Flow::Fork(fork) => {
                let outer = fork.guard.clone();
                let only_second_goes_on = fork.first.flow.all(|flow| !goes_on(flow));
                let unset_goes_on = fork.while_unset(goes_on);
                let guard = Rc::new(fork.parting(unset_goes_on));
                let (going, left) = self.part(fork.into_arm().into_next(goes_on), goes_on);
                match (going, left) {
                    (None, None) => Flow::Next,
                    (None, Some(left)) => {
                        self.heap.apply(left.changes);
                        left.flow
                    }
                    (Some(going), None) => {
                        self.heap.apply(going.changes);
                        rest(self)
                    }
                    (Some(going), Some(left)) => {
                        let assumed = self.assumed.len();
                        if let Some(variables) = outer.variables()
                            && (only_second_goes_on || matches!(outer.by, By::Set(_)))
                        {
                            self.assume(variables);
                        }
                        let going = self.arm(|eval| {
                            eval.heap.apply(going.changes);
                            rest(eval)
                        });
                        self.assumed.truncate(assumed);
                        if unset_goes_on == Some(false) {
                            self.fork(guard, left, going)
                        } else {
                            self.fork(guard, going, left)
                        }
                    }
                }
            }
            flow if goes_on(&flow) => rest(self),
            flow => flow,
        }
    }

    /// Replaces the flow of each way, run in the state of that way.
    pub(crate) fn each(
        &mut self,
        flow: Flow,
        replace: &mut dyn FnMut(&mut Self, Flow) -> Flow,
    ) -> Flow {
        match flow {
            Flow::Fork(fork) => {
                let Fork {
                    guard,
                    first,
                    second,
                } = *fork;
                let mut run = |eval: &mut Self, way: Arm, is_first_way: bool| {
                    eval.on_way(&guard.by, is_first_way, |eval| {
                        eval.arm(|eval| {
                            eval.heap.apply(way.changes);
                            eval.each(way.flow, replace)
                        })
                    })
                };
                let first = run(self, first, true);
                let second = run(self, second, false);
                self.fork(guard, first, second)
            }
            flow => replace(self, flow),
        }
    }

    /// Parts a way into what goes on and what has left, the arms of each made one where alike.
    pub(super) fn part(
        &mut self,
        arm: Arm,
        goes_on: fn(&Flow) -> bool,
    ) -> (Option<Arm>, Option<Arm>) {
        let Flow::Fork(fork) = arm.flow else {
            return if goes_on(&arm.flow) {
                (Some(arm), None)
            } else {
                (None, Some(arm))
            };
        };
        let Fork {
            guard,
            first,
            second,
        } = *fork;
        self.heap.begin();
        self.heap.apply(arm.changes.clone());
        let (first_going, first_left) = self.part(first, goes_on);
        let (second_going, second_left) = self.part(second, goes_on);
        let going = self.one_arm(&guard, first_going, second_going);
        let left = self.one_arm(&guard, first_left, second_left);
        self.heap.undo();
        let onto = |inner: Arm| Arm {
            flow: inner.flow,
            changes: arm.changes.clone().then(inner.changes),
        };
        (going.map(onto), left.map(onto))
    }

    fn one_arm(&mut self, guard: &Rc<Guard>, one: Option<Arm>, two: Option<Arm>) -> Option<Arm> {
        match (one, two) {
            (Some(one), Some(two)) => Some(self.arm(|eval| eval.fork(guard.clone(), one, two))),
            (one, two) => one.or(two),
        }
    }
}

impl Flow {
    pub(crate) fn is_next(&self) -> bool {
        matches!(self, Self::Next)
    }

    /// Whether all ways are so.
    fn all(&self, is_so: impl Fn(&Self) -> bool + Copy) -> bool {
        match self {
            Self::Fork(fork) => fork.first.flow.all(is_so) && fork.second.flow.all(is_so),
            flow => is_so(flow),
        }
    }
}

impl Arm {
    /// The same way, where `continue` and the like that go on count as the end of a block: ways
    /// that go on can then be made one.
    fn into_next(mut self, goes_on: fn(&Flow) -> bool) -> Self {
        self.flow = match self.flow {
            Flow::Fork(fork) => {
                let Fork {
                    guard,
                    first,
                    second,
                } = *fork;
                Flow::Fork(Box::new(Fork {
                    guard,
                    first: first.into_next(goes_on),
                    second: second.into_next(goes_on),
                }))
            }
            flow if goes_on(&flow) => Flow::Next,
            flow => flow,
        };
        self
    }
}

impl Fork {
    pub(super) fn into_arm(self: Box<Self>) -> Arm {
        Arm {
            flow: Flow::Fork(self),
            changes: Changes::default(),
        }
    }

    /// Whether the way that is taken while all variables are unset is so; `None` where a condition
    /// decides that too.
    fn while_unset(&self, is_so: fn(&Flow) -> bool) -> Option<bool> {
        let of = |arm: &Arm| match &arm.flow {
            Flow::Fork(inner) => inner.while_unset(is_so),
            flow => Some(is_so(flow)),
        };
        let first = of(&self.first);
        match self.guard.by {
            By::Unset(_) => first,
            By::Set(_) | By::Condition | By::Untold(_) => {
                first.filter(|_| first == of(&self.second))
            }
        }
    }

    /// What decides between the ways that go on and those that have left, when inner tests take
    /// part in that: all their variables.
    fn parting(&self, unset: Option<bool>) -> Guard {
        let mut guard = Guard::clone(&self.guard);
        guard.by = match &self.guard.by {
            By::Unset(_) if unset.is_none() => By::Condition,
            By::Unset(_) => {
                let mut variables = BTreeSet::new();
                self.collect_variables(&mut variables);
                By::Unset(variables)
            }
            by => by.clone(),
        };
        guard
    }

    fn collect_variables(&self, found: &mut BTreeSet<Rc<str>>) {
        found.extend(self.guard.variables().into_iter().flatten().cloned());
        for arm in [&self.first, &self.second] {
            if let Flow::Fork(inner) = &arm.flow {
                inner.collect_variables(found);
            }
        }
    }

    /// The ways that raise, with what leads there. Variables are named only by the outermost test:
    /// an inner one is not reached in all cases. `before` is what was changed on the way here.
    pub(super) fn raises(&self, is_outermost: bool, before: &Changes, found: &mut Vec<Maybe>) {
        for (arm, is_first) in [(&self.first, true), (&self.second, false)] {
            match &arm.flow {
                Flow::Raise(raise) => found.push(Maybe {
                    raise: raise.clone(),
                    when: if is_first {
                        self.guard.first.clone()
                    } else {
                        self.guard.second.clone()
                    },
                    by: match &self.guard.by {
                        By::Unset(variables) if is_first && is_outermost => {
                            By::Unset(variables.clone())
                        }
                        _ => By::Condition,
                    },
                    is_first: true,
                    changes: before.clone().then(arm.changes.clone()),
                }),
                Flow::Fork(inner) => {
                    let before = before.clone().then(arm.changes.clone());
                    inner.raises(false, &before, found);
                }
                _ => {}
            }
        }
    }
}
