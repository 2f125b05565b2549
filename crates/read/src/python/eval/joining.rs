//! One value, and one state of the heap, made of two.

use std::collections::BTreeSet;
use std::rc::Rc;

use tightship_model::{Cause, Unknown};

use super::Evaluator;
use super::branches::{By, Guard};
use crate::python::heap::{Changes, Choice, Dict, Id, List, Names, Object, Set};
use crate::python::value::{Alternative, Dependence, Kind, Val};

impl Evaluator<'_> {
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
    pub(super) fn join_changes(&mut self, guard: &Rc<Guard>, first: Changes, mut second: Changes) {
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

    pub(super) fn join_objects(
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
                        // Among names that are not known it may have been set before.
                        value.unwrap_or_else(|| match &names.rest {
                            Some(rest) => Kind::Unknown(rest.clone()).into(),
                            None => Kind::Unbound.into(),
                        })
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
}

/// Values that one value can be, at most.
const MOST_CASES: usize = 8;

/// How deep two objects are compared before they count as different.
const DEEPEST_COMPARISON: usize = 8;

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
pub(super) fn dependence(value: &Val) -> Dependence {
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
