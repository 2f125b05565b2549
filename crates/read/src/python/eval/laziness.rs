//! Iterators whose elements own code makes. Python runs that code only when something is taken from
//! them; here it runs at once, and what it gave counts only while nothing is changed that it reads.

use std::collections::BTreeSet;
use std::rc::Rc;

use tightship_model::{Cause, Span, Unknown};

use super::loss::Words;
use super::objects::Items;
use super::{Evaluator, Raise, Tried, unknown};
use crate::python::heap::{Changes, Id, Object};
use crate::python::value::{Code, Function, Kind, Val};

/// What an iterator was made of.
#[derive(Debug, Default)]
pub(super) struct Made {
    /// What it goes over or its code reads, as that was.
    of: Vec<(Id, Rc<Object>)>,
    /// Names that its code reads, where they stand, and what they stood for.
    names: Vec<(Id, Rc<str>, Option<Val>)>,
    /// The heap's clock, where it is not known what its code reads.
    clock: Option<u64>,
    /// Whether its elements come in no order.
    has_no_order: bool,
    /// Whether its code may raise an error.
    may_raise: bool,
}

/// The way to everything that code reads.
struct Reading<'m> {
    made: &'m mut Made,
    seen: BTreeSet<Id>,
    functions: BTreeSet<usize>,
    left: Vec<Val>,
}

impl Evaluator<'_> {
    /// An iterator goes over these: it gives what it was made with only while they are unchanged.
    pub(crate) fn goes_over(&mut self, iterator: &Val, values: &[Val]) {
        let mut made = Made::default();
        for value in values.iter().flat_map(in_each_case) {
            made.has_no_order |= self.has_no_order(value);
            match value.kind {
                Kind::List(id) | Kind::Dict(id) | Kind::Set(id) => {
                    let id = self.heap.origin(id);
                    made.of.push((id, self.heap.object(id).clone()));
                }
                Kind::Iterator(inner) => {
                    if let Some(inner) = self.lazy.get(&self.heap.origin(inner)) {
                        made.of.extend(inner.of.iter().cloned());
                        made.names.extend(inner.names.iter().cloned());
                        made.clock = made.clock.or(inner.clock);
                        made.may_raise |= inner.may_raise;
                    }
                }
                _ => {}
            }
        }
        self.reads(iterator, &made);
        for id in iterators(iterator) {
            let all = self.lazy.entry(id).or_default();
            all.has_no_order |= made.has_no_order;
            all.may_raise |= made.may_raise;
        }
    }

    /// An iterator gives the elements of a set: in no order.
    pub(crate) fn comes_in_no_order(&mut self, id: Id) {
        self.lazy.entry(id).or_default().has_no_order = true;
    }

    /// Whether the elements of one definite value come in no order that is known.
    pub(crate) fn has_no_order(&self, value: &Val) -> bool {
        let (Kind::Set(id) | Kind::Dict(id) | Kind::Iterator(id) | Kind::List(id)) = value.kind
        else {
            return false;
        };
        match &**self.heap.object(id) {
            Object::Set(set) => set.items.len() > 1 || set.rest.is_some(),
            Object::Dict(dict) => dict.has_no_order,
            _ => {
                let made = self.lazy.get(&self.heap.origin(id));
                made.is_some_and(|made| made.has_no_order)
            }
        }
    }

    /// Why an iterator may give something else than it was made with.
    pub(crate) fn stale(&self, id: Id, span: Span) -> Option<Rc<Unknown>> {
        let reason = "something was changed before an iterator was taken from";
        self.has_changed_sources(id)
            .then(|| unknown(Cause::Code, reason, span))
    }

    /// Whether what an iterator goes over, or its code reads, was changed since.
    pub(super) fn has_changed_sources(&self, id: Id) -> bool {
        let Some(made) = self.lazy.get(&self.heap.origin(id)) else {
            return false;
        };
        let is_other = |now: Option<&Val>, then: Option<&Val>| match (now, then) {
            (Some(now), Some(then)) => !self.same(now, then, 0),
            (None, None) => false,
            _ => true,
        };
        let mut of = made.of.iter();
        let mut names = made.names.iter();
        made.clock.is_some_and(|clock| clock != self.heap.clock())
            || of.any(|(id, then)| !Rc::ptr_eq(self.heap.object(*id), then))
            || names
                .any(|(scope, name, then)| is_other(self.heap.name(*scope, name), then.as_ref()))
    }

    /// Something was taken from an iterator: that itself changes nothing that it reads.
    pub(crate) fn take(&mut self, id: Id, span: Span) {
        let clock = self.heap.clock();
        let Some(made) = self.lazy.get_mut(&self.heap.origin(id)) else {
            return;
        };
        made.clock = made.clock.map(|_| clock);
        if made.may_raise {
            self.maybe_any(span);
        }
    }

    /// What a function reads that makes the elements of an iterator, beside these values.
    pub(super) fn read_by_call(&self, function: &Rc<Function>, values: Vec<Val>) -> Made {
        let function = Kind::Function(function.clone()).into();
        self.read_from([values, vec![function]].concat())
    }

    /// What code reads that finds its names in these scopes, nearest first.
    pub(super) fn read_by(&self, words: &Words, scopes: &[Id]) -> Made {
        let mut made = Made::default();
        let mut reading = Reading::to(&mut made, Vec::new());
        self.follow_words(words, scopes, &mut reading);
        self.follow(reading);
        made
    }

    pub(super) fn read_from(&self, values: Vec<Val>) -> Made {
        let mut made = Made::default();
        self.follow(Reading::to(&mut made, values));
        made
    }

    fn follow(&self, mut reading: Reading<'_>) {
        /// Objects that are looked at: where there are more, any change counts.
        const MOST: usize = 2000;
        while let Some(value) = reading.left.pop() {
            let others = value.open.iter().flat_map(|open| &open.others);
            reading.left.extend(others.map(|other| other.value.clone()));
            match &value.kind {
                Kind::List(id)
                | Kind::Set(id)
                | Kind::Dict(id)
                | Kind::Iterator(id)
                | Kind::Object(_, id)
                | Kind::Module(_, id) => self.follow_object(*id, &mut reading),
                Kind::Instance(class, id) => {
                    reading.left.push(Kind::Class(class.clone()).into());
                    self.follow_object(*id, &mut reading);
                }
                Kind::Class(class) => {
                    reading.left.extend(class.order.iter().cloned());
                    self.follow_object(class.attributes, &mut reading);
                }
                Kind::Tuple(sequence) => reading.left.extend(sequence.items.iter().cloned()),
                Kind::OneOf(cases) => {
                    let cases = cases.iter().map(|case| case.value.clone());
                    reading.left.extend(cases);
                }
                Kind::Method(parts) => reading.left.extend([parts.0.clone(), parts.1.clone()]),
                Kind::Bound(parts) => reading.left.push(parts.0.clone()),
                Kind::Made(made) => {
                    reading.left.extend(made.positional.iter().cloned());
                    let keywords = made.keywords.iter().map(|(_, value)| value.clone());
                    reading.left.extend(keywords);
                }
                Kind::Function(function) => self.follow_function(function, &mut reading),
                Kind::Native(path) if path.starts_with("os.") => {
                    for id in [self.overlay, self.from_files] {
                        self.follow_object(id, &mut reading);
                    }
                }
                _ => {}
            }
            if reading.seen.len() > MOST {
                reading.made.clock = Some(self.heap.clock());
                return;
            }
        }
    }

    fn follow_object(&self, id: Id, reading: &mut Reading<'_>) {
        for id in [id, self.heap.origin(id)] {
            if reading.seen.insert(id) {
                let object = self.heap.object(id);
                reading.left.extend(object.values());
                reading.made.of.push((id, object.clone()));
            }
        }
    }

    fn follow_function(&self, function: &Rc<Function>, reading: &mut Reading<'_>) {
        if !reading.functions.insert(Rc::as_ptr(function) as usize) {
            return;
        }
        let defaults = function.defaults.iter().map(|(_, value)| value.clone());
        reading.left.extend(defaults);
        let words = match &function.code {
            Code::Def(node) => Words::of(&node.body),
            Code::Lambda(node) => Words::of_expr(&node.body),
        };
        let home = &function.home;
        let scopes = [home.enclosing.as_slice(), &[home.globals]].concat();
        self.follow_words(&words, &scopes, reading);
    }

    fn follow_words(&self, words: &Words, scopes: &[Id], reading: &mut Reading<'_>) {
        // Through these it may read any name.
        if words.writes_names {
            reading.made.clock = Some(self.heap.clock());
        }
        for name in &words.named {
            if words.bound.contains(name) && !words.declared.contains(name) {
                continue;
            }
            let mut scopes = scopes.iter().copied();
            let scope = scopes.find(|scope| self.heap.name(*scope, name).is_some());
            let Some(scope) = scope else {
                continue;
            };
            let value = self.heap.name(scope, name).cloned();
            reading.left.extend(value.clone());
            reading.made.names.push((scope, name.clone(), value));
        }
    }

    /// Runs code that makes the elements of an iterator, of which it is not known how many will be
    /// taken, nor when. What it changes beside its own objects, and whether it raises, is then not
    /// known.
    pub(crate) fn lazily(
        &mut self,
        own: &[Id],
        span: Span,
        run: impl FnOnce(&mut Self) -> Result<Val, Raise>,
    ) -> Result<Val, Raise> {
        let mark = self.maybe.len();
        self.tries += 1;
        self.tried.push(Tried {
            branches: self.heap.branches(),
            maybes: mark,
        });
        self.heap.begin();
        let result = run(self);
        let mut changes = self.heap.undo();
        for id in own {
            if let Some(object) = changes.0.remove(id) {
                self.heap.write(*id, object);
            }
        }
        self.tried.pop();
        self.tries -= 1;
        let may_raise = self.maybe.len() > mark;
        self.maybe.truncate(mark);
        if !changes.0.is_empty() {
            let reason = "an iterator changes this, when something is taken from it";
            self.lose_changes(changes, &unknown(Cause::Code, reason, span));
        }
        match result {
            Ok(value) => {
                for id in iterators(&value) {
                    self.lazy.entry(id).or_default().may_raise |= may_raise;
                }
                Ok(value)
            }
            Err(raise) if raise.is_bound => Err(raise),
            Err(_) => {
                let reason = "an iterator that may raise an error before it gives this";
                Ok(self.iterator(Items {
                    items: Vec::new(),
                    rest: Some(unknown(Cause::Code, reason, span)),
                }))
            }
        }
    }

    /// An iterator is made by code that reads this.
    pub(super) fn reads(&mut self, iterator: &Val, more: &Made) {
        for id in iterators(iterator) {
            let made = self.lazy.entry(id).or_default();
            made.of.extend(more.of.iter().cloned());
            made.names.extend(more.names.iter().cloned());
            made.clock = made.clock.or(more.clock);
        }
    }

    /// What these changes touch is not known, as it is not known whether they are made.
    fn lose_changes(&mut self, changes: Changes, reason: &Rc<Unknown>) {
        for (id, after) in changes.0 {
            let before = self.heap.object(id).clone();
            let (Object::Names(old), Object::Names(new)) = (&*before, &*after) else {
                self.escaped
                    .extend([before.values(), after.values()].concat());
                self.heap.write(id, before.lost(reason));
                continue;
            };
            for (name, value) in &new.values {
                let known = old.values.get(name);
                if known.is_none_or(|known| !self.same(known, value, 0)) {
                    self.escaped
                        .extend(known.into_iter().chain([value]).cloned());
                    self.heap
                        .bind(id, name, Kind::Unknown(reason.clone()).into());
                }
            }
        }
    }
}

/// The iterators that a value may be.
fn iterators(value: &Val) -> Vec<Id> {
    let all = in_each_case(value).filter_map(|value| match value.kind {
        Kind::Iterator(id) => Some(id),
        _ => None,
    });
    all.collect()
}

/// A value, and what it is in each case.
fn in_each_case(value: &Val) -> impl Iterator<Item = &Val> {
    let cases = match &value.kind {
        Kind::OneOf(cases) => &cases[..],
        _ => &[],
    };
    let others = value.open.iter().flat_map(|open| &open.others);
    let cases = cases.iter().chain(others).map(|case| &case.value);
    cases.chain([value])
}

impl<'m> Reading<'m> {
    fn to(made: &'m mut Made, left: Vec<Val>) -> Self {
        Self {
            made,
            seen: BTreeSet::new(),
            functions: BTreeSet::new(),
            left,
        }
    }
}
