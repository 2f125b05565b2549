//! What `for`, unpacking and the like see of a value.

use std::rc::Rc;

use tightship_model::{Cause, Span, Unknown};

use super::objects::{Items, uncertain};
use super::{Evaluator, Raise, unknown};
use crate::python::heap::{Id, List, Object};
use crate::python::value::{Args, Kind, Val};

/// Elements without an order of which all orders are told.
pub(super) const MOST_ORDERED: usize = 3;

/// The turns of a `for` loop that are to come. What it loops over may be changed by its own turns.
pub(super) struct Turns {
    items: std::vec::IntoIter<Val>,
    /// Turns that there were.
    done: usize,
    over: Over,
    span: Span,
}

enum Over {
    /// Elements that nothing changes.
    Fixed,
    /// A list: each turn takes what then stands at its place.
    List(Id),
    /// An iterator: each turn takes what then is its first.
    Iterator(Id),
    /// A dict or set of so many elements, which must not become more or fewer.
    Keys(Id, usize),
    /// One state of an object that may be in several, and all of these.
    State(Id, Rc<Object>),
}

pub(super) enum Turn {
    Item(Val),
    End,
    /// It is not known what comes.
    Lost(Rc<Unknown>),
}

impl Evaluator<'_> {
    /// The turns of a loop over a value, and why there may be others.
    pub(super) fn turns_over(
        &mut self,
        value: &Val,
        span: Span,
    ) -> Result<(Turns, Option<Rc<Unknown>>), Raise> {
        let value = &self.in_this_state(value);
        let before = match value.kind {
            Kind::Iterator(id) => Some(self.heap.object(id).clone()),
            _ => None,
        };
        let items = self.iterate(value, span)?;
        let over = match value.kind {
            _ if items.rest.is_some() => Over::Fixed,
            Kind::List(id) | Kind::Set(id) | Kind::Dict(id) if self.heap.origin(id) != id => {
                let origin = self.heap.origin(id);
                Over::State(origin, self.heap.object(origin).clone())
            }
            Kind::List(id) => Over::List(id),
            Kind::Set(id) | Kind::Dict(id) => Over::Keys(id, items.items.len()),
            Kind::Iterator(id) => match before {
                Some(before) => {
                    self.heap.write(id, before);
                    Over::Iterator(id)
                }
                None => Over::Fixed,
            },
            _ => Over::Fixed,
        };
        let turns = Turns {
            items: items.items.into_iter(),
            done: 0,
            over,
            span,
        };
        Ok((turns, items.rest))
    }

    /// An iterator that may be in several states is in this one, on the way that is taken: what its
    /// turns take from it, and what they change that it goes over, then counts.
    fn in_this_state(&mut self, value: &Val) -> Val {
        match value.kind {
            Kind::Iterator(id) if self.heap.origin(id) != id && value.open.is_none() => {
                let clock = self.heap.clock();
                let state = self.heap.object(id).clone();
                self.heap.write(self.heap.origin(id), state);
                self.heap.set_clock(clock);
                self.original(value.clone())
            }
            _ => value.clone(),
        }
    }

    pub(super) fn next_turn(&mut self, turns: &mut Turns) -> Result<Turn, Raise> {
        /// Elements of an iterator that move up in about the time of one step.
        const MOVED_IN_A_STEP: usize = 256;
        let lost = |reason: &str| Turn::Lost(unknown(Cause::Code, reason, turns.span));
        let at = turns.done;
        turns.done += 1;
        match &turns.over {
            Over::Fixed => {}
            Over::List(id) => {
                return Ok(match &**self.heap.object(*id) {
                    Object::List(list) if list.rest.is_none() => match list.items.get(at) {
                        Some(item) => Turn::Item(item.clone()),
                        None => Turn::End,
                    },
                    _ => lost("the loop changes the list that it goes over"),
                });
            }
            Over::Iterator(id) => {
                if self.has_changed_sources(*id) {
                    return Ok(lost("the loop changes what it goes over"));
                }
                let clock = self.heap.clock();
                let turn = match self.heap.change(*id) {
                    Object::List(list) if list.rest.is_none() => {
                        if list.items.is_empty() {
                            Turn::End
                        } else {
                            let left = list.items.len();
                            let item = list.items.remove(0);
                            self.count(left / MOVED_IN_A_STEP);
                            Turn::Item(item)
                        }
                    }
                    _ => lost("the loop changes the iterator that it goes over"),
                };
                self.heap.set_clock(clock);
                self.take(*id, turns.span);
                return Ok(turn);
            }
            Over::Keys(id, length) => {
                let now = match &**self.heap.object(*id) {
                    Object::Dict(dict) if dict.rest.is_none() => dict.entries.len(),
                    Object::Set(set) if set.rest.is_none() => set.items.len(),
                    _ => return Ok(lost("the loop changes what it goes over")),
                };
                if now != *length {
                    let message = "it changed its size during iteration";
                    return Err(Raise::new("RuntimeError", message, Some(turns.span)));
                }
            }
            Over::State(id, before) => {
                if !Rc::ptr_eq(self.heap.object(*id), before) {
                    return Ok(lost("the loop changes what it goes over"));
                }
            }
        }
        Ok(turns.items.next().map_or(Turn::End, Turn::Item))
    }

    /// A value whose elements are asked for in their order: a set has none of its own, so that it is
    /// one of several lists, or one that is not known.
    pub(crate) fn in_order(&mut self, value: &Val, span: Span) -> Val {
        let value = self.settled(value);
        let is_set = |value: &Val| self.has_no_order(value);
        let cases = value.open.iter().flat_map(|open| &open.others);
        let is_set_in_a_case = match &value.kind {
            Kind::OneOf(cases) => cases.iter().any(|case| is_set(&case.value)),
            _ => is_set(&value) && value.open.is_some(),
        } || cases.clone().any(|case| is_set(&case.value));
        if is_set_in_a_case {
            let each = self.lift(&[&value], span, &mut |eval, values| {
                Ok(eval.in_order(&values[0], span))
            });
            return each.unwrap_or(value);
        }
        if !self.has_no_order(&value) {
            return value;
        }
        let trail = value.trail.clone();
        let Ok(Items { items, rest }) = self.iterate(&value, span) else {
            return value;
        };
        if items.len() > MOST_ORDERED || rest.is_some() {
            let none = || unknown(Cause::Random, "a set has no order", span);
            let rest = Some(rest.unwrap_or_else(none));
            // Of one that is known, there is no other order.
            let items = if items.len() > 1 { Vec::new() } else { items };
            return self.open_list(items, rest).with_trail(trail);
        }
        let mut orders = vec![Vec::new()];
        for item in items {
            orders = orders
                .iter()
                .flat_map(|order: &Vec<Val>| {
                    let item = &item;
                    (0..=order.len()).map(move |at| {
                        let mut order = order.clone();
                        order.insert(at, item.clone());
                        order
                    })
                })
                .collect();
        }
        let cases = orders.into_iter().enumerate();
        let cases: Vec<_> = cases
            .map(|(at, order)| {
                let when = format!("the set has its order {}", at + 1);
                (when.into(), self.list(order))
            })
            .collect();
        self.one_of(cases, span).with_trail(trail)
    }

    /// The elements of a value, as `for` sees them.
    pub(crate) fn iterate(&mut self, value: &Val, span: Span) -> Result<Items, Raise> {
        let value = self.settled(value);
        if value.open.is_some() {
            // Set, the variables may leave none of the elements that there are while they are unset.
            return Ok(Items {
                items: Vec::new(),
                rest: Some(uncertain(&value)),
            });
        }
        match &value.kind {
            Kind::Instance(class, _) if self.class_attribute(class, "__iter__").is_some() => {
                let method = self.attribute(&value, "__iter__", span)?;
                let iterator = self.call(&method, Args::default(), span)?;
                return self.iterate(&iterator, span);
            }
            Kind::Instance(..) if self.own_dict(&value).is_some() => {
                let entries = self.own_dict(&value).unwrap_or(Val::NONE);
                return self.iterate(&entries, span);
            }
            Kind::Class(class) => return Ok(self.members(class)),
            // A namespace as a mapping: what Python itself puts in, only Python knows.
            Kind::Module(..) => {
                return Ok(Items {
                    items: Vec::new(),
                    rest: Some(unknown(Cause::Code, "the names of a namespace", span)),
                });
            }
            Kind::Native(path) if &**path == "os.environ" => {
                let names = self.all_variables("os.environ.keys", span);
                return self.iterate(&names, span);
            }
            Kind::Native(path) => {
                if let Some(constant) = crate::python::stdlib::constant(self, &path.clone(), span) {
                    return self.iterate(&constant, span);
                }
            }
            Kind::Object(class, _) if &**class == "builtins.file" => {
                let lines = self.attribute(&value, "readlines", span)?;
                let lines = self.call(&lines, Args::default(), span)?;
                return self.iterate(&lines, span);
            }
            Kind::Instance(class, id) if super::is_named_tuple(class) => {
                let names = self.heap.names(*id).cloned().unwrap_or_default();
                return Ok(Items {
                    items: names.values.into_values().collect(),
                    rest: names.rest,
                });
            }
            _ => {}
        }
        if let Kind::Iterator(id) = value.kind
            && let Some(rest) = self.stale(id, span)
        {
            return Ok(Items {
                items: Vec::new(),
                rest: Some(rest),
            });
        }
        let Some(items) = self.items(&value) else {
            return Err(Raise::new(
                "TypeError",
                format!("'{}' object is not iterable", value.type_name()),
                Some(span),
            ));
        };
        if let Kind::Iterator(id) = value.kind {
            let clock = self.heap.clock();
            if items.rest.is_some() {
                self.maybe_any(span);
            }
            for id in [id, self.heap.origin(id)] {
                self.heap.write(id, Object::List(List::default()));
            }
            self.heap.set_clock(clock);
            self.take(id, span);
        }
        self.spend(items.items.len())?;
        Ok(items)
    }
}
