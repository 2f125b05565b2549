//! Making things on the heap, and looking at them.

use std::rc::Rc;

use tightship_model::{Cause, SourceId, Span, Unknown};

use super::branches::By;
use super::exceptions::Maybe;
use super::{Evaluator, Guard, Raise};
use crate::python::heap::{Changes, Choice, Dict, Id, Key, List, Names, Object, Set};
use crate::python::paths;
use crate::python::value::{Kind, Sequence, Val};

/// The elements of something that can be iterated.
#[derive(Clone, Debug, Default)]
pub(crate) struct Items {
    pub(crate) items: Vec<Val>,
    /// Set where unknown elements may stand among them.
    pub(crate) rest: Option<Rc<Unknown>>,
}

impl Evaluator<'_> {
    pub(crate) fn list(&mut self, items: Vec<Val>) -> Val {
        self.open_list(items, None)
    }

    pub(crate) fn open_list(&mut self, items: Vec<Val>, rest: Option<Rc<Unknown>>) -> Val {
        Kind::List(self.heap.add(Object::List(List { items, rest }))).into()
    }

    /// A set of these; elements that are not definite make it open.
    pub(crate) fn set(&mut self, items: Vec<Val>, rest: Option<Rc<Unknown>>) -> Val {
        let mut set = Set {
            rest,
            ..Set::default()
        };
        for item in items {
            match Key::of(&item) {
                Some(key) => {
                    set.items.entry(key).or_insert(item);
                }
                None => {
                    set.rest.get_or_insert_with(|| uncertain(&item));
                }
            }
        }
        Kind::Set(self.heap.add(Object::Set(set))).into()
    }

    /// A dict of these; later entries win, keys that are not definite make it open.
    pub(crate) fn dict(&mut self, entries: Vec<(Val, Val)>) -> Val {
        let mut dict = Dict::default();
        for (key, value) in entries {
            dict.put(key, value);
        }
        self.dict_object(dict)
    }

    pub(crate) fn dict_object(&mut self, dict: Dict) -> Val {
        Kind::Dict(self.heap.add(Object::Dict(dict))).into()
    }

    pub(crate) fn iterator(&mut self, items: Items) -> Val {
        let list = List {
            items: items.items,
            rest: items.rest,
        };
        Kind::Iterator(self.heap.add(Object::List(list))).into()
    }

    /// An object of a modelled library: the dotted path of its class and its attributes.
    pub(crate) fn object(&mut self, class: &str, state: Vec<(&str, Val)>) -> Val {
        let mut names = Names::default();
        for (name, value) in state {
            names.values.insert(name.into(), value);
        }
        Kind::Object(class.into(), self.heap.add(Object::Names(names))).into()
    }

    /// A part of the state of a library object or of an instance.
    pub(crate) fn state(&self, object: &Val, name: &str) -> Option<Val> {
        let (Kind::Object(_, id) | Kind::Instance(_, id) | Kind::Module(_, id)) = object.kind
        else {
            return None;
        };
        self.heap.name(id, name).cloned()
    }

    pub(crate) fn set_state(&mut self, object: &Val, name: &str, value: Val) {
        if let Kind::Object(_, id) | Kind::Instance(_, id) | Kind::Module(_, id) = object.kind {
            self.heap.bind(id, name, value);
        }
    }

    /// The dict that an instance of a subclass of `dict` is, beside its attributes.
    pub(crate) fn own_dict(&self, value: &Val) -> Option<Val> {
        match value.kind {
            Kind::Instance(_, id) if value.open.is_none() => self.heap.name(id, OWN_DICT).cloned(),
            _ => None,
        }
    }

    /// What one definite value iterates over; `None` where Python would raise a TypeError.
    pub(crate) fn items(&self, value: &Val) -> Option<Items> {
        /// Elements that are copied in about the time of one step.
        const COPIED_IN_A_STEP: usize = 16;
        let items = self.copied_items(value)?;
        // A loop that looks at all of a growing list in each round must meet the bound too.
        self.count(items.items.len() / COPIED_IN_A_STEP);
        Some(items)
    }

    fn copied_items(&self, value: &Val) -> Option<Items> {
        let all = |items: Vec<Val>| Items { items, rest: None };
        Some(match &value.kind {
            Kind::Tuple(sequence) => {
                let Sequence { items, rest } = &**sequence;
                Items {
                    items: items.clone(),
                    rest: rest.clone(),
                }
            }
            Kind::List(id) | Kind::Iterator(id) | Kind::Set(id) | Kind::Dict(id) => {
                match &**self.heap.object(*id) {
                    Object::List(list) => Items {
                        items: list.items.clone(),
                        rest: list.rest.clone(),
                    },
                    Object::Set(set) => Items {
                        items: set.items.values().cloned().collect(),
                        rest: set.rest.clone(),
                    },
                    Object::Dict(dict) => Items {
                        items: dict.entries.values().map(|(key, _)| key.clone()).collect(),
                        rest: dict.rest.clone(),
                    },
                    _ => return None,
                }
            }
            Kind::Str(text) => all(text
                .chars()
                .map(|c| Val::str(c.to_string()).with_trail(value.trail.clone()))
                .collect()),
            Kind::Bytes(bytes) => all(bytes.iter().map(|b| Val::int(i128::from(*b))).collect()),
            Kind::Unknown(reason) => Items {
                items: Vec::new(),
                rest: Some(reason.clone()),
            },
            Kind::Open
            | Kind::OneOf(_)
            | Kind::Unbound
            | Kind::Made(_)
            | Kind::Native(_)
            | Kind::Instance(..)
            | Kind::Object(..) => Items {
                items: Vec::new(),
                rest: Some(uncertain(value)),
            },
            _ => return None,
        })
    }

    /// The entries of one definite dict, in order.
    pub(crate) fn entries(&self, value: &Val) -> Option<&Dict> {
        match &value.kind {
            Kind::Dict(id) => match &**self.heap.object(*id) {
                Object::Dict(dict) => Some(dict),
                _ => None,
            },
            _ => None,
        }
    }

    /// The same value, where its object is in one of several states: one of several values, each
    /// with an object of its own. For reading only.
    pub(crate) fn settled(&mut self, value: &Val) -> Val {
        let (Kind::List(id) | Kind::Set(id) | Kind::Dict(id) | Kind::Iterator(id)) = value.kind
        else {
            return value.clone();
        };
        match &**self.heap.object(id) {
            Object::Choice(choice) => {
                let choice = choice.clone();
                let settled = self.state_of(value, id, &choice);
                Val {
                    trail: settled.trail.and(&value.trail),
                    ..settled
                }
            }
            _ => value.clone(),
        }
    }

    fn state_of(&mut self, value: &Val, of: Id, choice: &Choice) -> Val {
        let mut case = |object: &Rc<Object>| match &**object {
            Object::Choice(inner) => self.state_of(value, of, inner),
            object => {
                let id = self.heap.add_state(object.clone(), of);
                Val {
                    kind: value.kind.at(id),
                    ..value.clone()
                }
            }
        };
        let (first, second) = (case(&choice.first), case(&choice.second));
        let mark = self.escaped.len();
        let joined = self.join(&choice.guard, first, second);
        // A state that is not told any more cannot be changed itself; what is inside it can.
        let states = self.escaped.split_off(mark);
        for state in states {
            if let Kind::List(id) | Kind::Set(id) | Kind::Dict(id) | Kind::Iterator(id) = state.kind
            {
                self.escaped.extend(self.heap.object(id).values());
            }
        }
        joined
    }

    /// The same value, with the objects themselves for states of them: what a name stands for may
    /// be changed.
    pub(crate) fn original(&self, value: Val) -> Val {
        let kind = match &value.kind {
            Kind::List(id) => Kind::List(self.heap.origin(*id)),
            Kind::Set(id) => Kind::Set(self.heap.origin(*id)),
            Kind::Dict(id) => Kind::Dict(self.heap.origin(*id)),
            Kind::Iterator(id) => Kind::Iterator(self.heap.origin(*id)),
            _ => return value,
        };
        Val { kind, ..value }
    }

    /// Changes an object in place, in each of the states that it may be in.
    pub(crate) fn mutate(
        &mut self,
        id: Id,
        change: &mut dyn FnMut(&mut Self, &mut Object) -> Result<Val, Raise>,
    ) -> Result<Val, Raise> {
        // The object is taken out, not copied: a loop that appends would copy it each time.
        let place = self.heap.change(id);
        let mut object = std::mem::replace(place, Object::Names(Names::default()));
        let mut raises = Vec::new();
        let result = self.mutate_object(&mut object, true, &mut raises, change);
        *self.heap.change(id) = object;
        for maybe in raises {
            self.note(maybe);
        }
        result
    }

    /// Puts elements at the end of a list that the program does not see yet.
    pub(super) fn put(&mut self, id: Id, more: &Items) -> Result<(), Raise> {
        let clock = self.heap.clock();
        let done = self.mutate(id, &mut |_, object| {
            if let Object::List(list) = object {
                list.items.extend(more.items.iter().cloned());
                if list.rest.is_none() {
                    list.rest = more.rest.clone();
                }
            }
            Ok(Val::NONE)
        });
        self.heap.set_clock(clock);
        done.map(drop)
    }

    /// There may be further elements or entries.
    pub(crate) fn leave_open(&mut self, id: Id, rest: &Rc<Unknown>) {
        // It cannot fail.
        let _ = self.mutate(id, &mut |_, object| {
            let place = match object {
                Object::List(list) => &mut list.rest,
                Object::Dict(dict) => &mut dict.rest,
                _ => return Ok(Val::NONE),
            };
            place.get_or_insert_with(|| rest.clone());
            Ok(Val::NONE)
        });
    }

    fn mutate_object(
        &mut self,
        object: &mut Object,
        is_outermost: bool,
        raises: &mut Vec<Maybe>,
        change: &mut dyn FnMut(&mut Self, &mut Object) -> Result<Val, Raise>,
    ) -> Result<Val, Raise> {
        match object {
            Object::Choice(choice) => {
                let guard: Rc<Guard> = choice.guard.clone();
                let first = {
                    let state = Rc::make_mut(&mut choice.first);
                    self.mutate_object(state, false, raises, change)
                };
                let second = {
                    let state = Rc::make_mut(&mut choice.second);
                    self.mutate_object(state, false, raises, change)
                };
                let (value, raise, is_first) = match (first, second) {
                    (Ok(first), Ok(second)) => return Ok(self.join(&guard, first, second)),
                    (Err(raise), Ok(value)) => (value, raise, true),
                    (Ok(value), Err(raise)) => (value, raise, false),
                    (Err(raise), Err(_)) => return Err(raise),
                };
                if raise.is_bound {
                    return Err(raise);
                }
                let when = if is_first {
                    &guard.first
                } else {
                    &guard.second
                };
                raises.push(Maybe {
                    raise,
                    when: when.clone(),
                    // What leads to an inner choice, its own guard does not say.
                    by: if is_outermost {
                        guard.by.clone()
                    } else {
                        By::Condition
                    },
                    is_first: is_first || !is_outermost,
                    changes: Changes::default(),
                });
                Ok(value)
            }
            object => change(self, object),
        }
    }

    /// The file of the tree that a path leads to: absolute, or relative to the project's folder.
    /// `None` for a file that is not in the tree or cannot be read.
    pub(crate) fn project_file(&mut self, path: &str) -> Option<SourceId> {
        let relative = self.relative(path)?;
        self.tree.read(&relative)
    }

    /// A path below the root, relative to it; `None` for one outside.
    pub(crate) fn relative(&self, path: &str) -> Option<String> {
        let absolute = paths::normal(&paths::join(&paths::join(&self.root, &self.folder), path));
        if absolute == *self.root {
            return Some(String::new());
        }
        let inside = absolute.strip_prefix(&*self.root)?;
        inside.strip_prefix('/').map(str::to_owned)
    }

    /// Why a file that is outside the tree is not known.
    pub(crate) fn outside(&self, path: &str, span: Span) -> Val {
        self.unknown(
            Cause::File,
            format!("the content of {path} is not in the project"),
            span,
        )
    }
}

impl Kind {
    /// The same kind of container at another place.
    fn at(&self, id: Id) -> Self {
        match self {
            Self::Set(_) => Self::Set(id),
            Self::Dict(_) => Self::Dict(id),
            Self::Iterator(_) => Self::Iterator(id),
            _ => Self::List(id),
        }
    }
}

/// Where an instance of a subclass of `dict` keeps its entries: no attribute has such a name.
pub(crate) const OWN_DICT: &str = "*entries";

/// Why a value is not one definite value.
pub(crate) fn uncertain(value: &Val) -> Rc<Unknown> {
    let span = value.trail.links().find_map(|link| link.span);
    let (cause, reason) = match &value.kind {
        Kind::Unknown(reason) => return reason.clone(),
        Kind::OneOf(_) => (Cause::Code, "one of several values".to_owned()),
        Kind::Unbound => (Cause::Code, "a name that may not be set".to_owned()),
        Kind::Made(made) => (
            Cause::Package,
            format!("what {} makes is not known", made.class),
        ),
        Kind::Native(path) => (Cause::Package, format!("what {path} holds is not known")),
        Kind::Object(path, _) => (Cause::Package, format!("what {path} holds is not known")),
        _ if value.open.is_some() => {
            let names = value.variables();
            let names = names.iter().map(|name| name.to_string()).collect();
            return Rc::new(Unknown::environment(names, span));
        }
        _ => (Cause::Code, "not a plain value".to_owned()),
    };
    Rc::new(Unknown::new(cause, reason, span))
}
