//! Tests that are not known: both ways are run, and one state is made of the two.
//!
//! A statement ends in a [`Flow`]. Where a test is not known, both branches run in a journal of the
//! heap and are undone. If they leave in the same way, their changes are joined at once; else the
//! flow is a [`Fork`] whose arms hold what each would change, and the block around it runs the rest
//! of its statements in those arms that go on.

use std::collections::BTreeSet;
use std::rc::Rc;

use tightship_model::{Cause, SourceId, Span, Unknown};

use super::exceptions::Maybe;
use super::{Evaluator, Raise};
use crate::python::heap::{Changes, Choice, Dict, Id, List, Names, Object, Set};
use crate::python::value::{Alternative, Dependence, Kind, Val};

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
    guard: Rc<Guard>,
    first: Arm,
    second: Arm,
}

/// One way: what it changes, and how it leaves.
#[derive(Debug)]
pub(crate) struct Arm {
    flow: Flow,
    changes: Changes,
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

/// Values that one value can be, at most.
const MOST_CASES: usize = 8;

/// Errors of one statement that are followed each for itself.
const FOLLOWED: usize = 4;

/// How deep two objects are compared before they count as different.
const DEEPEST_COMPARISON: usize = 8;

impl Guard {
    fn variables(&self) -> Option<&BTreeSet<Rc<str>>> {
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
    fn assume(&mut self, variables: &BTreeSet<Rc<str>>) {
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

    /// One value of two.
    pub(crate) fn join(&mut self, guard: &Guard, first: Val, second: Val) -> Val {
        if self.is_one(&first, &second) && self.same(&first, &second, 0) {
            return first;
        }
        let trail = first.trail.and(&second.trail).and(&guard.trail);
        match &guard.by {
            By::Condition => {
                let mut cases = Vec::new();
                flatten(&guard.first, first, &mut cases);
                flatten(&guard.second, second, &mut cases);
                if cases.len() > MOST_CASES {
                    self.escaped
                        .extend(cases.into_iter().map(|case| case.value));
                    return self
                        .unknown(
                            Cause::Bound,
                            format!("one of more than {MOST_CASES} values"),
                            guard.span,
                        )
                        .with_trail(trail);
                }
                Val::from(Kind::OneOf(cases.into())).with_trail(trail)
            }
            By::Untold(reason) => {
                let reason = reason.clone();
                self.escaped.extend([first, second]);
                Val::from(Kind::Unknown(reason)).with_trail(trail)
            }
            By::Unset(variables) => {
                let mut open = dependence(&first);
                open.variables.extend(variables.iter().cloned());
                self.escaped.extend(open.take(&guard.second, &second));
                Val {
                    kind: first.kind,
                    trail,
                    open: Some(Rc::new(open)),
                }
            }
            By::Set(variables) => {
                let mut open = Dependence {
                    variables: variables.clone(),
                    others: Vec::new(),
                    exhaustive: true,
                };
                self.escaped.extend(open.take(&guard.first, &first));
                self.escaped.extend(open.take(&guard.second, &second));
                Val {
                    kind: Kind::Open,
                    trail,
                    open: Some(Rc::new(open)),
                }
            }
        }
    }

    /// Whether two values are not two objects: of equal ones, each may be changed for itself later.
    fn is_one(&self, one: &Val, two: &Val) -> bool {
        match (&one.kind, &two.kind) {
            (Kind::List(a), Kind::List(b))
            | (Kind::Set(a), Kind::Set(b))
            | (Kind::Dict(a), Kind::Dict(b)) => self.heap.origin(*a) == self.heap.origin(*b),
            _ => true,
        }
    }

    /// Whether two values are one and the same as far as the program can tell: of two equal lists,
    /// each may be changed for itself later.
    pub(crate) fn same(&self, one: &Val, two: &Val, depth: usize) -> bool {
        let open = match (&one.open, &two.open) {
            (None, None) => true,
            (Some(a), Some(b)) => Rc::ptr_eq(a, b) || self.same_dependence(a, b, depth),
            _ => false,
        };
        open && self.same_kind(&one.kind, &two.kind, depth)
    }

    fn same_dependence(&self, one: &Dependence, two: &Dependence, depth: usize) -> bool {
        one.variables == two.variables
            && one.exhaustive == two.exhaustive
            && self.same_cases(&one.others, &two.others, depth)
    }

    fn same_cases(&self, one: &[Alternative], two: &[Alternative], depth: usize) -> bool {
        depth < DEEPEST_COMPARISON
            && one.len() == two.len()
            && one
                .iter()
                .zip(two)
                .all(|(a, b)| self.same(&a.value, &b.value, depth + 1))
    }

    pub(crate) fn same_kind(&self, one: &Kind, two: &Kind, depth: usize) -> bool {
        let all = |one: &[Val], two: &[Val]| {
            depth < DEEPEST_COMPARISON
                && one.len() == two.len()
                && one.iter().zip(two).all(|(a, b)| self.same(a, b, depth + 1))
        };
        match (one, two) {
            (Kind::None, Kind::None)
            | (Kind::Ellipsis, Kind::Ellipsis)
            | (Kind::Open, Kind::Open)
            | (Kind::Unbound, Kind::Unbound) => true,
            (Kind::Bool(a), Kind::Bool(b)) => a == b,
            (Kind::Int(a), Kind::Int(b)) => a == b,
            (Kind::Float(a), Kind::Float(b)) => a.to_bits() == b.to_bits(),
            (Kind::Str(a), Kind::Str(b))
            | (Kind::Path(a), Kind::Path(b))
            | (Kind::Native(a), Kind::Native(b)) => a == b,
            (Kind::Bytes(a), Kind::Bytes(b)) => a == b,
            (Kind::Timedelta(a), Kind::Timedelta(b)) => a == b,
            (Kind::Tuple(a), Kind::Tuple(b)) => {
                Rc::ptr_eq(a, b)
                    || (a.rest.is_none() && b.rest.is_none() && all(&a.items, &b.items))
            }
            (Kind::List(a), Kind::List(b))
            | (Kind::Set(a), Kind::Set(b))
            | (Kind::Dict(a), Kind::Dict(b)) => {
                let both_are_new = *a.min(b) >= self.new_from;
                let is_one = both_are_new || self.heap.origin(*a) == self.heap.origin(*b);
                a == b || is_one && self.same_object(*a, *b, depth)
            }
            (Kind::Iterator(a), Kind::Iterator(b)) => a == b,
            (Kind::Function(a), Kind::Function(b)) => Rc::ptr_eq(a, b),
            (Kind::Class(a), Kind::Class(b)) => Rc::ptr_eq(a, b),
            (Kind::Instance(_, a), Kind::Instance(_, b))
            | (Kind::Object(_, a), Kind::Object(_, b))
            | (Kind::Module(_, a), Kind::Module(_, b)) => a == b,
            (Kind::Method(a), Kind::Method(b)) => {
                self.same(&a.0, &b.0, depth) && self.same(&a.1, &b.1, depth)
            }
            (Kind::Bound(a), Kind::Bound(b)) => a.1 == b.1 && self.same(&a.0, &b.0, depth),
            (Kind::Made(a), Kind::Made(b)) => {
                Rc::ptr_eq(a, b)
                    || (a.class == b.class
                        && all(&a.positional, &b.positional)
                        && a.keywords.len() == b.keywords.len()
                        && a.keywords
                            .iter()
                            .zip(&b.keywords)
                            .all(|(x, y)| x.0 == y.0 && self.same(&x.1, &y.1, depth + 1)))
            }
            (Kind::OneOf(a), Kind::OneOf(b)) => self.same_cases(a, b, depth),
            (Kind::Unknown(a), Kind::Unknown(b)) => a == b,
            _ => false,
        }
    }

    fn same_object(&self, one: Id, two: Id, depth: usize) -> bool {
        depth < DEEPEST_COMPARISON
            && self.same_content(self.heap.object(one), self.heap.object(two), depth + 1)
    }

    fn same_content(&self, one: &Rc<Object>, two: &Rc<Object>, depth: usize) -> bool {
        /// Longer objects are not compared element by element.
        const LONGEST_COMPARISON: usize = 200;
        if Rc::ptr_eq(one, two) {
            return true;
        }
        match (&**one, &**two) {
            (Object::List(a), Object::List(b)) => {
                a.rest == b.rest
                    && a.items.len() == b.items.len()
                    && a.items.len() <= LONGEST_COMPARISON
                    && a.items
                        .iter()
                        .zip(&b.items)
                        .all(|(x, y)| self.same(x, y, depth))
            }
            (Object::Set(a), Object::Set(b)) => {
                a.rest == b.rest && a.items.keys().eq(b.items.keys())
            }
            (Object::Dict(a), Object::Dict(b)) => {
                a.rest == b.rest
                    && a.entries.len() <= LONGEST_COMPARISON
                    && a.has_no_order == b.has_no_order
                    && a.entries.keys().eq(b.entries.keys())
                    && a.entries
                        .values()
                        .zip(b.entries.values())
                        .all(|(x, y)| self.same(&x.1, &y.1, depth))
            }
            _ => false,
        }
    }

    /// Makes one state of what two ways changed.
    fn join_changes(&mut self, guard: &Rc<Guard>, first: Changes, mut second: Changes) {
        for (id, one) in first.0 {
            let two = second.0.remove(&id);
            let two = two.unwrap_or_else(|| self.heap.object(id).clone());
            let joined = self.join_objects(guard, &one, &two);
            self.heap.write(id, joined);
        }
        for (id, two) in second.0 {
            let one = self.heap.object(id).clone();
            let joined = self.join_objects(guard, &one, &two);
            self.heap.write(id, joined);
        }
    }

    fn join_objects(
        &mut self,
        guard: &Rc<Guard>,
        one: &Rc<Object>,
        two: &Rc<Object>,
    ) -> Rc<Object> {
        if self.same_content(one, two, 0) {
            return one.clone();
        }
        match (&**one, &**two) {
            (Object::Names(a), Object::Names(b)) => {
                let mut names = Names {
                    rest: a.rest.clone().or(b.rest.clone()),
                    ..Names::default()
                };
                for name in a.values.keys().chain(b.values.keys()) {
                    if names.values.contains_key(name) {
                        continue;
                    }
                    let side = |names: &Names| {
                        let value = names.values.get(name).cloned();
                        value.unwrap_or_else(|| Kind::Unbound.into())
                    };
                    let joined = self.join(guard, side(a), side(b));
                    names.values.insert(name.clone(), joined);
                }
                Rc::new(Object::Names(names))
            }
            (Object::Dict(a), Object::Dict(b))
                if a.entries.len() == b.entries.len() && a.entries.keys().eq(b.entries.keys()) =>
            {
                let mut dict = Dict {
                    rest: a.rest.clone().or(b.rest.clone()),
                    default: a.default.clone(),
                    has_no_order: a.has_no_order || b.has_no_order,
                    ..Dict::default()
                };
                for (key, (name, value)) in &a.entries {
                    let other = b.entries.get(key).map_or(value, |(_, other)| other);
                    let joined = self.join(guard, value.clone(), other.clone());
                    dict.entries.insert(key.clone(), (name.clone(), joined));
                }
                Rc::new(Object::Dict(dict))
            }
            _ => {
                let choice = Choice {
                    guard: guard.clone(),
                    first: one.clone(),
                    second: two.clone(),
                };
                let is_told = !matches!(guard.by, By::Untold(_));
                if is_told && leaves(&choice.first) + leaves(&choice.second) <= MOST_CASES {
                    return Rc::new(Object::Choice(choice));
                }
                let decided_by = variables_of(guard, &choice);
                let reason = match &guard.by {
                    By::Untold(reason) => reason.clone(),
                    _ => {
                        let reason = Unknown::new(
                            Cause::Bound,
                            format!("one of more than {MOST_CASES} states"),
                            Some(guard.span),
                        );
                        let names = decided_by.iter().flatten().map(|name| &**name);
                        Rc::new(reason.decided_by(names))
                    }
                };
                let common = self.in_common(one, two, &reason);
                let unset = unset_state(guard, &choice);
                let kept = common.values();
                let is_kept = |value: &Val| {
                    let mut kept = kept.iter();
                    kept.any(|kept| self.is_one(kept, value) && self.same(kept, value, 0))
                };
                let mut values = [one.values(), two.values()].concat();
                values.retain(|value| !is_kept(value));
                self.escaped.extend(values);
                match unset {
                    // What holds while the variables are unset is still told.
                    Some((by, first)) => Rc::new(Object::Choice(Choice {
                        guard: Rc::new(Guard {
                            by,
                            ..Guard::clone(guard)
                        }),
                        first,
                        second: Rc::new(common),
                    })),
                    None => Rc::new(common),
                }
            }
        }
    }

    /// What too many cases no longer tell may be changed from here on by what is not known.
    pub(super) fn lose_what_escaped(&mut self) {
        for value in std::mem::take(&mut self.escaped) {
            let reason = Unknown::new(
                Cause::Bound,
                format!("what one of more than {MOST_CASES} values holds may be changed unseen"),
                value.trail.links().find_map(|link| link.span),
            );
            self.lose(&value, &Rc::new(reason));
        }
    }

    /// What two objects hold in any of their states, with room for the rest.
    fn in_common(&self, one: &Object, two: &Object, reason: &Rc<Unknown>) -> Object {
        let rest = Some(reason.clone());
        match (one, two) {
            (Object::Choice(choice), other) | (other, Object::Choice(choice)) => {
                let both = self.in_common(&choice.first, &choice.second, reason);
                self.in_common(&both, other, reason)
            }
            (Object::List(a), Object::List(b)) => {
                let mut others = b.items.iter();
                let mut items = Vec::new();
                for item in &a.items {
                    let mut ahead = others.clone();
                    if ahead.any(|other| self.is_one(item, other) && self.same(item, other, 0)) {
                        items.push(item.clone());
                        others = ahead;
                    }
                }
                Object::List(List { items, rest })
            }
            (Object::Set(a), Object::Set(b)) => {
                let mut set = a.clone();
                set.items.retain(|key, _| b.items.contains_key(key));
                Object::Set(Set { rest, ..set })
            }
            (Object::Dict(a), Object::Dict(b)) => {
                let mut dict = a.clone();
                dict.entries.retain(|key, (_, value)| {
                    b.entries.get(key).is_some_and(|(_, other)| {
                        self.is_one(value, other) && self.same(value, other, 0)
                    })
                });
                Object::Dict(Dict { rest, ..dict })
            }
            (one, _) => one.lost(reason),
        }
    }

    /// Parts a way into what goes on and what has left, the arms of each made one where alike.
    fn part(&mut self, arm: Arm, goes_on: fn(&Flow) -> bool) -> (Option<Arm>, Option<Arm>) {
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
    fn into_arm(self: Box<Self>) -> Arm {
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
    fn raises(&self, is_outermost: bool, before: &Changes, found: &mut Vec<Maybe>) {
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

impl Dependence {
    /// Adds what a value can be as one of the others; gives back those that are too many.
    pub(super) fn take(&mut self, when: &Rc<str>, value: &Val) -> Vec<Val> {
        let mut left = Vec::new();
        match &value.open {
            Some(open) => {
                self.variables.extend(open.variables.iter().cloned());
                self.exhaustive &= open.exhaustive;
                if !matches!(value.kind, Kind::Open) {
                    left.extend(self.add(when, value.kind.clone(), value));
                }
                for other in &open.others {
                    left.extend(self.add(&other.when, other.value.kind.clone(), &other.value));
                }
            }
            None => left.extend(self.add(when, value.kind.clone(), value)),
        }
        left
    }

    fn add(&mut self, when: &Rc<str>, kind: Kind, value: &Val) -> Option<Val> {
        if self.others.len() + 1 >= MOST_CASES {
            self.exhaustive = false;
            return Some(Val {
                kind,
                ..value.clone()
            });
        }
        self.others.push(Alternative {
            when: when.clone(),
            value: Val {
                kind,
                trail: value.trail.clone(),
                open: None,
            },
        });
        None
    }
}

/// How a value depends on variables already; where it does not, it is all that it can be.
fn dependence(value: &Val) -> Dependence {
    match &value.open {
        Some(open) => Dependence::clone(open),
        None => Dependence {
            exhaustive: true,
            ..Dependence::default()
        },
    }
}

/// Adds the cases of a value under a condition.
fn flatten(when: &Rc<str>, value: Val, cases: &mut Vec<Alternative>) {
    /// Characters of a compound condition.
    const LONGEST_CONDITION: usize = 160;
    match &value.kind {
        Kind::OneOf(inner) if value.open.is_none() => {
            for case in inner.iter() {
                let both =
                    if *case.when == **when || when.len() + case.when.len() > LONGEST_CONDITION {
                        case.when.clone()
                    } else {
                        format!("{when} and {}", case.when).into()
                    };
                cases.push(Alternative {
                    when: both,
                    value: case.value.clone(),
                });
            }
        }
        _ => cases.push(Alternative {
            when: when.clone(),
            value,
        }),
    }
}

/// How many states an object can be in.
fn leaves(object: &Object) -> usize {
    match object {
        Object::Choice(choice) => leaves(&choice.first) + leaves(&choice.second),
        _ => 1,
    }
}

/// The state of an object while all variables are unset, and these; `None` where no variable, or
/// something else too, decides.
fn unset_state(guard: &Guard, choice: &Choice) -> Option<(By, Rc<Object>)> {
    let By::Unset(variables) = &guard.by else {
        return None;
    };
    let mut variables = variables.clone();
    let mut state = &choice.first;
    while let Object::Choice(inner) = &**state {
        let By::Unset(more) = &inner.guard.by else {
            return None;
        };
        variables.extend(more.iter().cloned());
        state = &inner.first;
    }
    Some((By::Unset(variables), state.clone()))
}

/// All variables that decide between the states; `None` where something else decides too.
fn variables_of(guard: &Guard, choice: &Choice) -> Option<BTreeSet<Rc<str>>> {
    let mut variables = guard.variables()?.clone();
    for state in [&choice.first, &choice.second] {
        if let Object::Choice(inner) = &**state {
            variables.extend(variables_of(&inner.guard, inner)?);
        }
    }
    Some(variables)
}
