//! The mutable objects of the evaluated program.
//!
//! Objects live at an [`Id`], so that names share them. While a branch is tried, a journal keeps
//! what each write replaced: undoing a branch costs what it changed, not what there is. Objects
//! that are born in a branch cannot be seen from outside of it, so they are not undone.

use std::collections::BTreeMap;
use std::rc::Rc;

use indexmap::IndexMap;
use tightship_model::Unknown;

use super::eval::Guard;
use super::value::{Alternative, Kind, Val};

/// The place of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Id(u32);

impl Id {
    /// A place that no object ever gets.
    pub(crate) const NEVER: Self = Self(u32::MAX);
}

#[derive(Clone, Debug)]
pub(crate) enum Object {
    List(List),
    Set(Set),
    Dict(Dict),
    /// Module globals, function locals, class and instance attributes, states of library objects.
    Names(Names),
    /// The object is in one of two states.
    Choice(Choice),
}

/// `rest` says that unknown elements may stand among the items.
#[derive(Clone, Debug, Default)]
pub(crate) struct List {
    pub(crate) items: Vec<Val>,
    pub(crate) rest: Option<Rc<Unknown>>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Set {
    pub(crate) items: IndexMap<Key, Val>,
    pub(crate) rest: Option<Rc<Unknown>>,
}

/// `rest` says that there may be further entries.
#[derive(Clone, Debug, Default)]
pub(crate) struct Dict {
    pub(crate) entries: IndexMap<Key, (Val, Val)>,
    pub(crate) rest: Option<Rc<Unknown>>,
    /// The factory of a `defaultdict`.
    pub(crate) default: Option<Val>,
    /// Whether the entries were put in in an order that is not known, as that of a set.
    pub(crate) has_no_order: bool,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    pub(crate) values: IndexMap<Rc<str>, Val>,
    pub(crate) rest: Option<Rc<Unknown>>,
}

/// Two states of one object, and what decides between them.
#[derive(Clone, Debug)]
pub(crate) struct Choice {
    pub(crate) guard: Rc<Guard>,
    pub(crate) first: Rc<Object>,
    pub(crate) second: Rc<Object>,
}

/// What Python hashes: equal keys are equal objects (`1 == True == 1.0`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    None,
    Int(i128),
    Float(u64),
    Str(Rc<str>),
    Bytes(Rc<[u8]>),
    Path(Rc<str>),
    Timedelta(i64),
    Tuple(Vec<Self>),
    Native(Rc<str>),
    /// Anything that is equal to itself only.
    Identity(usize),
}

/// What a branch wrote, by place.
#[derive(Clone, Debug, Default)]
pub(crate) struct Changes(pub(crate) BTreeMap<Id, Rc<Object>>);

#[derive(Debug, Default)]
pub(crate) struct Heap {
    objects: Vec<Rc<Object>>,
    /// The objects of which others are one state.
    origins: BTreeMap<Id, Id>,
    /// One frame for each branch being tried.
    journal: Vec<Frame>,
    /// Counts what was changed that was there before: elements, entries and bound names.
    clock: u64,
}

#[derive(Debug)]
struct Frame {
    /// How many objects there were when the branch began.
    born: usize,
    /// What stood there before.
    before: BTreeMap<Id, Rc<Object>>,
}

impl Heap {
    pub(crate) fn add(&mut self, object: Object) -> Id {
        self.objects.push(Rc::new(object));
        Id(self.objects.len() as u32 - 1)
    }

    /// One state of an object, as an object for reading.
    pub(crate) fn add_state(&mut self, state: Object, of: Id) -> Id {
        let id = self.add(state);
        self.origins.insert(id, self.origin(of));
        id
    }

    /// The object itself, where this is one of its states.
    pub(crate) fn origin(&self, id: Id) -> Id {
        self.origins.get(&id).copied().unwrap_or(id)
    }

    pub(crate) fn len(&self) -> usize {
        self.objects.len()
    }

    pub(crate) fn object(&self, id: Id) -> &Rc<Object> {
        &self.objects[id.0 as usize]
    }

    /// A count that stands still while nothing is changed.
    pub(crate) fn clock(&self) -> u64 {
        self.clock
    }

    /// Sets the count back after a change that no code of the program can see.
    pub(crate) fn set_clock(&mut self, clock: u64) {
        self.clock = clock;
    }

    pub(crate) fn write(&mut self, id: Id, object: impl Into<Rc<Object>>) {
        self.clock += 1;
        self.remember(id);
        self.objects[id.0 as usize] = object.into();
    }

    /// The object for changing in place.
    pub(crate) fn change(&mut self, id: Id) -> &mut Object {
        self.clock += 1;
        self.changing(id)
    }

    fn changing(&mut self, id: Id) -> &mut Object {
        self.remember(id);
        Rc::make_mut(&mut self.objects[id.0 as usize])
    }

    /// The names at a place that holds names; nothing for any other.
    pub(crate) fn names(&self, id: Id) -> Option<&Names> {
        match &**self.object(id) {
            Object::Names(names) => Some(names),
            _ => None,
        }
    }

    pub(crate) fn name(&self, id: Id, name: &str) -> Option<&Val> {
        self.names(id)?
            .values
            .get(name)
            .filter(|value| !matches!(value.kind, Kind::Unbound) || value.open.is_some())
    }

    pub(crate) fn bind(&mut self, id: Id, name: &str, value: Val) {
        let mut is_changed = false;
        if let Object::Names(names) = self.changing(id) {
            match names.values.get_mut(name) {
                Some(place) => {
                    *place = value;
                    is_changed = true;
                }
                None => {
                    names.values.insert(name.into(), value);
                }
            }
        }
        self.clock += u64::from(is_changed);
    }

    /// Begins a branch: what is written from here on can be undone.
    pub(crate) fn begin(&mut self) {
        self.journal.push(Frame {
            born: self.objects.len(),
            before: BTreeMap::new(),
        });
    }

    /// The place that the next object gets.
    pub(crate) fn next(&self) -> Id {
        Id(self.objects.len() as u32)
    }

    /// Ends the branch: undoes what it wrote and says what that was.
    pub(crate) fn undo(&mut self) -> Changes {
        let before = self.journal.pop().map(|frame| frame.before);
        let changes = before.into_iter().flatten().map(|(id, old)| {
            let place = &mut self.objects[id.0 as usize];
            (id, std::mem::replace(place, old))
        });
        Changes(changes.collect())
    }

    /// Branches being tried.
    pub(crate) fn branches(&self) -> usize {
        self.journal.len()
    }

    /// What was written since there were so many branches, as it is now. What was born since then
    /// is part of it: it may be changed later on.
    pub(crate) fn written_since(&self, branches: usize) -> Changes {
        let Some(outermost) = self.journal.get(branches) else {
            return Changes::default();
        };
        let born = (outermost.born..self.objects.len()).map(|at| Id(at as u32));
        let written = self.journal[branches..].iter();
        let written = written.flat_map(|frame| frame.before.keys().copied());
        let all = written.chain(born);
        Changes(all.map(|id| (id, self.object(id).clone())).collect())
    }

    /// An object as it was when there were so many branches; as it is now, where it is younger.
    pub(crate) fn object_before(&self, id: Id, branches: usize) -> &Rc<Object> {
        let mut frames = self.journal[branches.min(self.journal.len())..].iter();
        let before = frames.find_map(|frame| frame.before.get(&id));
        before.unwrap_or_else(|| self.object(id))
    }

    pub(crate) fn apply(&mut self, changes: Changes) {
        for (id, object) in changes.0 {
            self.write(id, object);
        }
    }

    fn remember(&mut self, id: Id) {
        if let Some(frame) = self.journal.last_mut()
            && (id.0 as usize) < frame.born
        {
            frame
                .before
                .entry(id)
                .or_insert_with(|| self.objects[id.0 as usize].clone());
        }
    }
}

impl Object {
    /// An object of the same kind of which nothing is known.
    pub(crate) fn lost(&self, reason: &Rc<Unknown>) -> Self {
        let rest = Some(reason.clone());
        match self {
            Self::Choice(choice) => choice.first.lost(reason),
            Self::Set(_) => Self::Set(Set {
                rest,
                ..Set::default()
            }),
            Self::Dict(_) => Self::Dict(Dict {
                rest,
                ..Dict::default()
            }),
            Self::List(_) => Self::List(List {
                items: Vec::new(),
                rest,
            }),
            Self::Names(_) => Self::Names(Names {
                rest,
                ..Names::default()
            }),
        }
    }

    /// Whether there may be more inside than is told, in any of its states.
    pub(crate) fn is_open(&self) -> bool {
        match self {
            Self::List(list) => list.rest.is_some(),
            Self::Set(set) => set.rest.is_some(),
            Self::Dict(dict) => dict.rest.is_some(),
            Self::Names(names) => names.rest.is_some(),
            Self::Choice(choice) => choice.first.is_open() || choice.second.is_open(),
        }
    }

    /// What is inside, in any of its states.
    pub(crate) fn values(&self) -> Vec<Val> {
        match self {
            Self::List(list) => list.items.clone(),
            Self::Set(set) => set.items.values().cloned().collect(),
            Self::Dict(dict) => dict
                .entries
                .values()
                .map(|(_, value)| value.clone())
                .collect(),
            Self::Names(names) => names.values.values().cloned().collect(),
            Self::Choice(choice) => [choice.first.values(), choice.second.values()].concat(),
        }
    }
}

impl Changes {
    /// These changes, and then those.
    pub(crate) fn then(mut self, later: Self) -> Self {
        self.0.extend(later.0);
        self
    }
}

impl Key {
    /// The key that a value is in a dict or set; `None` where it is not one definite value, or
    /// Python would not hash it, or it is a tuple of too many.
    pub(crate) fn of(value: &Val) -> Option<Self> {
        /// Values inside of one tuple. A tuple that holds another twice is written out twice.
        const MOST_VALUES: usize = 10_000;
        Self::within(value, &mut { MOST_VALUES })
    }

    fn within(value: &Val, left: &mut usize) -> Option<Self> {
        if value.open.is_some() {
            return None;
        }
        *left = left.checked_sub(1)?;
        Some(match &value.kind {
            Kind::None => Self::None,
            Kind::Bool(value) => Self::Int(i128::from(*value)),
            Kind::Int(value) => Self::Int(*value),
            Kind::Float(value) if value.fract() == 0.0 && value.abs() < 1e15 => {
                Self::Int(*value as i128)
            }
            Kind::Float(value) => Self::Float(value.to_bits()),
            Kind::Str(text) => Self::Str(text.clone()),
            Kind::Bytes(bytes) => Self::Bytes(bytes.clone()),
            Kind::Path(path) => Self::Path(path.clone()),
            Kind::Timedelta(micros) => Self::Timedelta(*micros),
            Kind::Tuple(sequence) if sequence.rest.is_none() => Self::Tuple(
                sequence
                    .items
                    .iter()
                    .map(|item| Self::within(item, left))
                    .collect::<Option<Vec<_>>>()?,
            ),
            Kind::Native(path) => Self::Native(path.clone()),
            Kind::Function(function) => Self::Identity(Rc::as_ptr(function) as usize),
            Kind::Class(class) => Self::Identity(Rc::as_ptr(class) as usize),
            Kind::Instance(_, id) | Kind::Object(_, id) | Kind::Module(_, id) => {
                Self::Identity(id.0 as usize)
            }
            Kind::Made(made) => Self::Identity(Rc::as_ptr(made) as usize),
            _ => return None,
        })
    }
}

impl List {
    /// Elements may have been taken out or put in, no one knows where.
    pub(crate) fn lose(&mut self, reason: Rc<Unknown>) {
        self.items.clear();
        self.rest = Some(reason);
    }
}

impl Dict {
    /// Any of the values may have been replaced by another. They stay among what it can be, as
    /// whatever changes an entry then may change them.
    pub(crate) fn doubt_values(&mut self, another: &Val) {
        for (_, value) in self.entries.values_mut() {
            if value.is_unknown() {
                continue;
            }
            let case = |when: &str, value: &Val| Alternative {
                when: when.into(),
                value: value.clone(),
            };
            let cases = [case("as it was", value), case("set anew", another)];
            *value = Val::from(Kind::OneOf(cases.into())).with_trail(value.trail.clone());
        }
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Val> {
        self.entries
            .get(&Key::Str(key.into()))
            .map(|(_, value)| value)
    }

    /// Sets an entry; where its key is not one definite value, it may be any.
    pub(crate) fn put(&mut self, key: Val, value: Val) {
        if let Err(key) = self.insert(key, value.clone()) {
            self.doubt_values(&value);
            self.rest
                .get_or_insert_with(|| super::eval::uncertain(&key));
        }
    }

    pub(crate) fn insert(&mut self, key: Val, value: Val) -> Result<(), Val> {
        match Key::of(&key) {
            Some(name) => {
                match self.entries.get_mut(&name) {
                    Some(entry) => entry.1 = value,
                    None => {
                        self.entries.insert(name, (key, value));
                    }
                }
                Ok(())
            }
            None => Err(key),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_undone_branch_leaves_no_trace_and_tells_what_it_wrote() {
        let mut heap = Heap::default();
        let id = heap.add(Object::Names(Names::default()));
        heap.bind(id, "A", Val::int(1));
        heap.begin();
        heap.bind(id, "A", Val::int(2));
        heap.begin();
        heap.bind(id, "A", Val::int(3));
        let inner = heap.undo();
        assert_eq!(heap.name(id, "A").and_then(Val::as_int), Some(2));
        heap.apply(inner);
        let changes = heap.undo();
        assert_eq!(heap.name(id, "A").and_then(Val::as_int), Some(1));
        heap.apply(changes);
        assert_eq!(heap.name(id, "A").and_then(Val::as_int), Some(3));
    }

    #[test]
    fn keys_are_equal_as_python_has_it() {
        let keys = [Val::bool(true), Val::int(1), Kind::Float(1.0).into()].map(|v| Key::of(&v));
        assert_eq!(keys[0], keys[1]);
        assert_eq!(keys[1], keys[2]);
        assert_eq!(
            Key::of(&Val::unknown(tightship_model::Cause::Code, "x", None)),
            None
        );
    }
}
