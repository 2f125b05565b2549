//! Methods of lists, tuples, dicts, sets, and of namespaces that stand for their dict.

use std::rc::Rc;

use indexmap::IndexSet;
use tightship_model::{Cause, Span, Unknown};

use crate::python::eval::{
    Evaluator, Items, LONGEST_LIST, Raise, unbound_becomes, uncertain, unknown,
};
use crate::python::heap::{Id, Key, List, Object};
use crate::python::value::{Args, Kind, Val};

pub(super) const LIST: &[&str] = &[
    "append",
    "extend",
    "insert",
    "remove",
    "pop",
    "clear",
    "index",
    "count",
    "sort",
    "reverse",
    "copy",
    "__len__",
    "__contains__",
];

pub(super) const DICT: &[&str] = &[
    "get",
    "items",
    "keys",
    "values",
    "update",
    "setdefault",
    "pop",
    "popitem",
    "clear",
    "copy",
    "__len__",
    "__contains__",
    "__getitem__",
    "move_to_end",
];

pub(super) const SET: &[&str] = &[
    "add",
    "discard",
    "remove",
    "pop",
    "clear",
    "copy",
    "union",
    "intersection",
    "difference",
    "symmetric_difference",
    "update",
    "difference_update",
    "intersection_update",
    "symmetric_difference_update",
    "issubset",
    "issuperset",
    "isdisjoint",
    "__len__",
    "__contains__",
];

/// Methods that take their argument apart, or choose by it what they change.
pub(super) const TAKING: &[&str] = &[
    "extend",
    "update",
    "difference_update",
    "intersection_update",
    "symmetric_difference_update",
    "__imul__",
    "insert",
    "remove",
    "pop",
    "discard",
    "setdefault",
    "move_to_end",
];

pub(super) const MUTATING: &[&str] = &[
    "append",
    "extend",
    "insert",
    "remove",
    "pop",
    "popitem",
    "clear",
    "sort",
    "reverse",
    "update",
    "setdefault",
    "add",
    "discard",
    "difference_update",
    "intersection_update",
    "symmetric_difference_update",
    "move_to_end",
    "__imul__",
];

/// Calls a method that changes its object.
pub(super) fn mutate(
    eval: &mut Evaluator<'_>,
    receiver: &Val,
    name: &str,
    args: &Args,
    span: Span,
) -> Result<Val, Raise> {
    let (Kind::List(id) | Kind::Dict(id) | Kind::Set(id)) = receiver.kind else {
        return super::call_settled(eval, receiver, name, args, span);
    };
    if let Some(rest) = &args.rest {
        eval.lose(receiver, &rest.clone());
        return Ok(Kind::Unknown(rest.clone()).into());
    }
    may_miss(eval, receiver, name, args, span);
    // What the method takes is looked at before the object is taken out for changing.
    let taken = match (name, args.positional.first()) {
        (
            "extend" | "difference_update" | "intersection_update" | "symmetric_difference_update",
            Some(other),
        ) => Some(eval.iterate(other, span)?),
        ("update", Some(other)) if matches!(receiver.kind, Kind::Set(_)) => {
            Some(eval.iterate(other, span)?)
        }
        _ => None,
    };
    let merged = match (name, &receiver.kind) {
        ("update", Kind::Dict(_)) => Some(mapping(eval, args, span)?),
        _ => None,
    };
    let order = match name {
        "sort" => Some(super::super::builtins::sorted(eval, receiver, args, span)?),
        _ => None,
    };
    eval.mutate(id, &mut |eval, object| match object {
        Object::List(list) => {
            match name {
                "append" => list
                    .items
                    .push(args.at(0, "object").cloned().unwrap_or(Val::NONE)),
                "extend" => {
                    let more = taken.clone().unwrap_or_default();
                    list.items.extend(more.items);
                    if list.rest.is_none() {
                        list.rest = more.rest;
                    }
                }
                "insert" => {
                    let (Some(at), Some(value)) = (args.positional.first(), args.positional.get(1))
                    else {
                        return Ok(Val::NONE);
                    };
                    match (at.as_int(), &list.rest) {
                        (Some(at), None) => {
                            let at = place(at, list.items.len());
                            list.items.insert(at, value.clone());
                        }
                        (Some(0), Some(_)) => list.items.insert(0, value.clone()),
                        (Some(_), Some(_)) => list.items.push(value.clone()),
                        (None, _) => list.lose(uncertain(at)),
                    }
                }
                "remove" => {
                    let Some(value) = args.positional.first() else {
                        return Ok(Val::NONE);
                    };
                    let mut found = None;
                    for (at, item) in list.items.iter().enumerate() {
                        match eval.equal(item, value, 0) {
                            Some(true) => {
                                found = Some(at);
                                break;
                            }
                            Some(false) => {}
                            None => {
                                let reason =
                                    uncertain(if item.is_settled() { value } else { item });
                                list.lose(reason);
                                return Ok(Val::NONE);
                            }
                        }
                    }
                    match (found, &list.rest) {
                        (Some(at), _) => {
                            list.items.remove(at);
                        }
                        (None, Some(_)) => {}
                        (None, None) => {
                            return Err(not_in_list(span));
                        }
                    }
                }
                "pop" => {
                    if let Some(rest) = list.rest.clone() {
                        list.items.clear();
                        return Ok(Kind::Unknown(rest).into());
                    }
                    let at = args.positional.first();
                    if let Some(at) = at.filter(|at| !at.is_settled()) {
                        list.lose(uncertain(at));
                        return Ok(Kind::Unknown(uncertain(at)).into());
                    }
                    let at = at.map_or(Some(-1), Val::as_int);
                    let at = at.and_then(|at| index(at, list.items.len()));
                    return match at {
                        Some(at) => Ok(list.items.remove(at)),
                        None => Err(Raise::new(
                            "IndexError",
                            "pop index out of range",
                            Some(span),
                        )),
                    };
                }
                "clear" => {
                    list.items.clear();
                    list.rest = None;
                }
                "__imul__" => repeat(list, args.positional.first(), span)?,
                "reverse" => list.items.reverse(),
                "sort" => match &order {
                    Some(Ok(sorted)) => list.items.clone_from(sorted),
                    Some(Err(reason)) => {
                        list.items.clear();
                        list.rest = Some(reason.clone());
                    }
                    None => {}
                },
                _ => {}
            }
            if list.items.len() > LONGEST_LIST {
                list.items.clear();
                list.rest = Some(unknown(
                    Cause::Bound,
                    format!("a list of more than {LONGEST_LIST} elements"),
                    span,
                ));
            }
            Ok(Val::NONE)
        }
        Object::Dict(dict) => {
            let key = args.positional.first();
            let hashed = key.and_then(Key::of);
            match name {
                "update" => {
                    if let Some(more) = &merged {
                        if let Some(rest) = &more.rest {
                            dict.doubt_values(&Kind::Unknown(rest.clone()).into());
                        }
                        dict.has_no_order |= more.has_no_order;
                        for (key, entry) in &more.entries {
                            dict.entries.insert(key.clone(), entry.clone());
                        }
                        if dict.rest.is_none() {
                            dict.rest = more.rest.clone();
                        }
                    }
                }
                "setdefault" => {
                    let default = args.at(1, "default").cloned().unwrap_or(Val::NONE);
                    let (Some(hashed), Some(key)) = (hashed, key) else {
                        let reason = uncertain(key.unwrap_or(&default));
                        // What is given back may be changed, and may be any of the values.
                        dict.doubt_values(&Kind::Unknown(reason.clone()).into());
                        dict.rest.get_or_insert(reason.clone());
                        return Ok(Kind::Unknown(reason).into());
                    };
                    if dict.entries.get(&hashed).is_none()
                        && let Some(rest) = &dict.rest
                    {
                        return Ok(Kind::Unknown(rest.clone()).into());
                    }
                    let entry = dict.entries.entry(hashed);
                    return Ok(entry.or_insert_with(|| (key.clone(), default)).1.clone());
                }
                "pop" => {
                    let Some(hashed) = hashed else {
                        let reason = uncertain(key.unwrap_or(&Val::NONE));
                        for (_, (_, value)) in std::mem::take(&mut dict.entries) {
                            eval.lose(&value, &reason);
                        }
                        dict.rest = Some(reason.clone());
                        return Ok(Kind::Unknown(reason).into());
                    };
                    return match (dict.entries.shift_remove(&hashed), &dict.rest) {
                        (Some((_, value)), _) => Ok(value),
                        (None, Some(rest)) => Ok(Kind::Unknown(rest.clone()).into()),
                        (None, None) => match args.positional.get(1) {
                            Some(default) => Ok(default.clone()),
                            None => Err(Raise::new("KeyError", "pop", Some(span))),
                        },
                    };
                }
                "popitem" if dict.has_no_order => {
                    let reason = unknown(Cause::Random, "a set has no order", span);
                    dict.entries.clear();
                    dict.rest = Some(reason.clone());
                    return Ok(Kind::Unknown(reason).into());
                }
                "popitem" => {
                    return match (dict.entries.pop(), &dict.rest) {
                        (Some((_, (key, value))), None) => Ok(Val::tuple(vec![key, value])),
                        (_, Some(rest)) => Ok(Kind::Unknown(rest.clone()).into()),
                        (None, None) => {
                            Err(Raise::new("KeyError", "dictionary is empty", Some(span)))
                        }
                    };
                }
                "clear" => {
                    dict.entries.clear();
                    dict.rest = None;
                }
                "move_to_end" => {
                    if let Some(hashed) = hashed
                        && let Some((key, entry)) = dict.entries.shift_remove_entry(&hashed)
                    {
                        dict.entries.insert(key, entry);
                    }
                }
                _ => {}
            }
            Ok(Val::NONE)
        }
        Object::Set(set) => {
            let value = args.positional.first();
            match (name, value, value.and_then(Key::of)) {
                ("add", Some(value), Some(key)) => {
                    set.items.entry(key).or_insert_with(|| value.clone());
                }
                ("add", Some(value), None) => {
                    set.rest.get_or_insert_with(|| uncertain(value));
                }
                ("discard" | "remove", _, Some(key)) => {
                    let removed = set.items.shift_remove(&key);
                    if removed.is_none() && name == "remove" && set.rest.is_none() {
                        return Err(Raise::new("KeyError", "remove", Some(span)));
                    }
                }
                ("discard" | "remove", Some(value), None) => {
                    set.items.clear();
                    set.rest = Some(uncertain(value));
                }
                ("clear", ..) => {
                    set.items.clear();
                    set.rest = None;
                }
                ("pop", ..) => {
                    let any = || unknown(Cause::Random, "a set has no order", span);
                    return match (set.items.len(), &set.rest) {
                        (0, None) => {
                            Err(Raise::new("KeyError", "pop from an empty set", Some(span)))
                        }
                        (1, None) => Ok(set.items.pop().map_or(Val::NONE, |(_, item)| item)),
                        (_, rest) => {
                            let rest = rest.clone().unwrap_or_else(any);
                            set.items.clear();
                            set.rest = Some(rest.clone());
                            Ok(Kind::Unknown(rest).into())
                        }
                    };
                }
                ("update", ..) => {
                    let more = taken.clone().unwrap_or_default();
                    for item in more.items {
                        match Key::of(&item) {
                            Some(key) => {
                                set.items.entry(key).or_insert(item);
                            }
                            None => {
                                set.rest.get_or_insert_with(|| uncertain(&item));
                            }
                        }
                    }
                    if set.rest.is_none() {
                        set.rest = more.rest;
                    }
                }
                (
                    "difference_update" | "intersection_update" | "symmetric_difference_update",
                    ..,
                ) => {
                    let own = Items {
                        items: set.items.values().cloned().collect(),
                        rest: set.rest.take(),
                    };
                    let other = taken.clone().unwrap_or_default();
                    let joined = combined(name, own, other);
                    set.items = joined
                        .items
                        .into_iter()
                        .filter_map(|item| Some((Key::of(&item)?, item)))
                        .collect();
                    set.rest = joined.rest;
                }
                _ => {
                    set.rest.get_or_insert_with(|| {
                        unknown(Cause::Code, format!("set.{name}() is not followed"), span)
                    });
                }
            }
            Ok(Val::NONE)
        }
        _ => Ok(Val::NONE),
    })
}

fn not_in_list(span: Span) -> Raise {
    Raise::new("ValueError", "x is not in the list", Some(span))
}

/// Notes the error of a method that takes something out, where that may not be there.
fn may_miss(eval: &mut Evaluator<'_>, receiver: &Val, name: &str, args: &Args, span: Span) {
    let (Kind::List(id) | Kind::Dict(id) | Kind::Set(id)) = receiver.kind else {
        return;
    };
    let is_open = eval.heap.object(id).is_open();
    let raise = match (name, &receiver.kind) {
        ("remove", Kind::List(_)) => not_in_list(span),
        ("pop", Kind::Dict(_)) if args.positional.len() > 1 => return,
        ("pop" | "remove" | "popitem", _) => super::missing(receiver, span),
        _ => return,
    };
    if is_open || args.positional.iter().any(|value| !value.is_settled()) {
        eval.maybe(raise, "it is not there".to_owned());
    }
}

/// Calls a method that changes nothing.
pub(super) fn ask(
    eval: &mut Evaluator<'_>,
    receiver: &Val,
    name: &str,
    args: &Args,
    span: Span,
) -> Result<Val, Raise> {
    let first = args.positional.first();
    if let ("index" | "count", Some(wanted)) = (name, first)
        && wanted.is_choice()
    {
        if name == "index" {
            eval.maybe_unfit(not_in_list(span), wanted);
        }
        return eval.lift(&[wanted], span, &mut |eval, wanted| {
            let mut args = args.clone();
            args.positional[0] = wanted[0].clone();
            ask(eval, receiver, name, &args, span)
        });
    }
    match (&receiver.kind, name) {
        (_, "__len__") => super::super::builtins::length(eval, receiver, span),
        (_, "__contains__") => eval.contains(receiver, first.unwrap_or(&Val::NONE), span),
        (_, "__getitem__") => super::item(eval, receiver, first.unwrap_or(&Val::NONE), span),
        (Kind::List(_), "copy") => {
            let items = eval.iterate(receiver, span)?;
            Ok(eval.open_list(items.items, items.rest))
        }
        (Kind::List(_) | Kind::Tuple(_), "index") => {
            let items = eval.iterate(receiver, span)?;
            let wanted = first.cloned().unwrap_or(Val::NONE);
            let from = args.positional.get(1).and_then(Val::as_int).unwrap_or(0);
            let from = place(from, items.items.len());
            for (at, item) in items.items.iter().enumerate().skip(from) {
                match eval.equal(item, &wanted, 0) {
                    Some(true) if items.rest.is_none() => return Ok(Val::int(at as i128)),
                    Some(false) => {}
                    _ => {
                        eval.maybe(not_in_list(span), "it is not in the list".to_owned());
                        return Ok(eval.unknown(Cause::Code, "a position that is not known", span));
                    }
                }
            }
            let Some(rest) = items.rest else {
                return Err(not_in_list(span));
            };
            eval.maybe(not_in_list(span), "it is not in the list".to_owned());
            Ok(Kind::Unknown(rest).into())
        }
        (Kind::List(_) | Kind::Tuple(_), "count") => {
            let items = eval.iterate(receiver, span)?;
            let wanted = first.cloned().unwrap_or(Val::NONE);
            let mut count = 0;
            for item in &items.items {
                match eval.equal(item, &wanted, 0) {
                    Some(answer) => count += i128::from(answer),
                    None => return Ok(eval.unknown_because(item)),
                }
            }
            Ok(match items.rest {
                Some(rest) => Kind::Unknown(rest).into(),
                None => Val::int(count),
            })
        }
        (Kind::Dict(_), "get") => {
            let default = args.at(1, "default").cloned().unwrap_or(Val::NONE);
            let Some(key) = first else {
                return Ok(Val::NONE);
            };
            let receiver = receiver.clone();
            eval.lift(&[key], span, &mut |eval, keys| {
                let Some(key) = Key::of(&keys[0]) else {
                    return Ok(eval.unknown_because(&keys[0]));
                };
                let Some(dict) = eval.entries(&receiver) else {
                    return Ok(Val::NONE);
                };
                Ok(match (dict.entries.get(&key), &dict.rest) {
                    (Some((_, value)), _) => value.clone(),
                    (None, Some(rest)) => Kind::Unknown(rest.clone()).into(),
                    (None, None) => default.clone(),
                })
            })
        }
        (Kind::Dict(_), "keys" | "values" | "items") => {
            let dict = eval.entries(receiver).cloned().unwrap_or_default();
            eval.spend(dict.entries.len())?;
            let items = dict
                .entries
                .into_values()
                .map(|(key, value)| match name {
                    "keys" => key,
                    "values" => value,
                    _ => Val::tuple(vec![key, value]),
                })
                .collect();
            let view = eval.open_list(items, dict.rest);
            if let (Kind::List(id), true) = (&view.kind, dict.has_no_order) {
                eval.comes_in_no_order(*id);
            }
            Ok(view)
        }
        (Kind::Dict(_), "copy") => {
            let dict = eval.entries(receiver).cloned().unwrap_or_default();
            Ok(eval.dict_object(dict))
        }
        (Kind::Set(_), "copy") => {
            let items = eval.iterate(receiver, span)?;
            Ok(eval.set(items.items, items.rest))
        }
        (Kind::Set(_), _) => set_operation(eval, receiver, name, args, span),
        (Kind::Iterator(_), "__next__") => super::super::builtins::next(eval, receiver, None, span),
        (Kind::Iterator(_), _) => Ok(Val::NONE),
        _ => Err(super::no_attribute(receiver, name, span)),
    }
}

/// Methods of `globals()`, `locals()` and `vars(module)`.
pub(super) fn namespace(
    eval: &mut Evaluator<'_>,
    id: Id,
    name: &str,
    args: &Args,
    span: Span,
) -> Result<Val, Raise> {
    let key = args.positional.first();
    let found = |eval: &Evaluator<'_>| {
        let name = key.and_then(Val::as_str)?;
        eval.heap.name(id, name).cloned()
    };
    match name {
        "update" => {
            let more = mapping(eval, args, span)?;
            for (key, value) in more.entries.into_values() {
                eval.set_name(id, &key, value, span);
            }
            match more.rest {
                // What a reader gives for an unset variable has the keys that it always has.
                Some(rest) if key.is_some_and(|mapping| mapping.open.is_some()) => {
                    eval.open_names(id, rest);
                }
                Some(rest) => eval.open_scope(id, &Kind::Unknown(rest).into(), span),
                None => {}
            }
            Ok(Val::NONE)
        }
        "get" => {
            let default = args.positional.get(1).cloned().unwrap_or(Val::NONE);
            let rest = eval.heap.names(id).and_then(|names| names.rest.clone());
            match (found(eval), rest) {
                (Some(value), _) => {
                    let value = eval.load(value);
                    Ok(unbound_becomes(eval, value, Some(default), span))
                }
                (None, Some(rest)) => Ok(Kind::Unknown(rest).into()),
                (None, None) => Ok(default),
            }
        }
        "setdefault" => match found(eval) {
            Some(value) => Ok(eval.load(value)),
            None => {
                let value = args.positional.get(1).cloned().unwrap_or(Val::NONE);
                if let Some(key) = key {
                    eval.set_name(id, key, value.clone(), span);
                }
                Ok(value)
            }
        },
        "pop" => {
            let value = found(eval);
            if let Some(key) = key {
                eval.set_name(id, key, Kind::Unbound.into(), span);
            }
            Ok(value
                .or_else(|| args.positional.get(1).cloned())
                .unwrap_or(Val::NONE))
        }
        _ => {
            let entries = eval.heap.names(id).cloned().unwrap_or_default();
            let rest = entries.rest;
            let pairs: Vec<_> = entries
                .values
                .into_iter()
                .filter(|(name, value)| {
                    !matches!(value.kind, Kind::Unbound) && !name.starts_with('*')
                })
                .map(|(name, value)| (Val::str(name), value))
                .collect();
            Ok(match name {
                "copy" => {
                    let dict = eval.dict(pairs);
                    if let (Kind::Dict(id), Some(rest)) = (&dict.kind, rest)
                        && let Object::Dict(dict) = eval.heap.change(*id)
                    {
                        dict.rest = Some(rest);
                    }
                    dict
                }
                "keys" => eval.open_list(pairs.into_iter().map(|(key, _)| key).collect(), rest),
                "values" => {
                    eval.open_list(pairs.into_iter().map(|(_, value)| value).collect(), rest)
                }
                _ => {
                    let pairs = pairs.into_iter();
                    let items = pairs
                        .map(|(key, value)| Val::tuple(vec![key, value]))
                        .collect();
                    eval.open_list(items, rest)
                }
            })
        }
    }
}

/// The mapping that the arguments of `dict(...)` and `update(...)` make.
pub(crate) fn mapping(
    eval: &mut Evaluator<'_>,
    args: &Args,
    span: Span,
) -> Result<crate::python::heap::Dict, Raise> {
    let mut dict = crate::python::heap::Dict::default();
    if let Some(first) = args.positional.first() {
        let first = eval.own_dict(first).unwrap_or_else(|| first.clone());
        let first = eval.settled(&first);
        match &first.kind {
            Kind::Dict(_) if first.open.is_some() => {
                let variables = first.variables();
                let main = Val {
                    open: None,
                    ..first.clone()
                };
                eval.merge_entries(&mut dict, &main, span);
                for (_, value) in dict.entries.values_mut() {
                    *value = value.clone().depending_on(&variables);
                }
                dict.rest = Some(uncertain(&first));
            }
            Kind::Dict(_) => eval.merge_entries(&mut dict, &first, span),
            Kind::Module(_, id) => {
                let names = eval.heap.names(*id).cloned().unwrap_or_default();
                for (name, value) in names.values {
                    if !name.starts_with('*') {
                        // A string key is always definite.
                        let _ = dict.insert(Val::str(name), value);
                    }
                }
                dict.rest = names.rest;
            }
            Kind::List(_) | Kind::Tuple(_) | Kind::Iterator(_) | Kind::Set(_) => {
                dict.has_no_order = eval.has_no_order(&first);
                let pairs = eval.iterate(&first, span)?;
                dict.rest = pairs.rest;
                for pair in pairs.items {
                    let pair = eval.iterate(&pair, span)?;
                    match <[Val; 2]>::try_from(pair.items) {
                        Ok([key, value]) => dict.put(key, value),
                        Err(_) => match pair.rest {
                            Some(rest) => dict.rest = Some(rest),
                            None => {
                                return Err(Raise::new(
                                    "ValueError",
                                    "dictionary update sequence element has another length than 2",
                                    Some(span),
                                ));
                            }
                        },
                    }
                }
            }
            Kind::None | Kind::Bool(_) | Kind::Int(_) | Kind::Float(_) => {
                return Err(Raise::new(
                    "TypeError",
                    format!("'{}' object is not iterable", first.type_name()),
                    Some(span),
                ));
            }
            _ => eval.merge_entries(&mut dict, &first, span),
        }
    }
    for (name, value) in &args.keywords {
        // A string key is always definite.
        let _ = dict.insert(Val::str(name.clone()), value.clone());
    }
    if dict.rest.is_none() {
        dict.rest = args.rest.clone();
    }
    Ok(dict)
}

fn set_operation(
    eval: &mut Evaluator<'_>,
    receiver: &Val,
    name: &str,
    args: &Args,
    span: Span,
) -> Result<Val, Raise> {
    let mut own = eval.iterate(receiver, span)?;
    for other in &args.positional {
        let other = eval.iterate(other, span)?;
        match name {
            "union" | "intersection" | "difference" | "symmetric_difference" => {
                own = combined(name, own, other);
            }
            "issubset" | "issuperset" | "isdisjoint" => {
                let (own, other) = (keyed(own), keyed(other));
                if let Some(rest) = own.rest.or(other.rest) {
                    return Ok(Kind::Unknown(rest).into());
                }
                let within = |one: &[Item], two: &[Item]| {
                    one.iter().all(|(key, _)| two.iter().any(|(k, _)| k == key))
                };
                let meet = |(key, _): &Item| other.items.iter().any(|(k, _)| k == key);
                return Ok(Val::bool(match name {
                    "issubset" => within(&own.items, &other.items),
                    "issuperset" => within(&other.items, &own.items),
                    _ => !own.items.iter().any(meet),
                }));
            }
            _ => return Err(super::no_attribute(receiver, name, span)),
        }
    }
    Ok(eval.set(own.items, own.rest))
}

/// An element of a set that is known.
type Item = (Key, Val);

/// Elements by their keys; those that are not one definite value are among the rest.
struct Keyed {
    items: Vec<Item>,
    rest: Option<Rc<Unknown>>,
}

fn keyed(items: Items) -> Keyed {
    let mut keyed = Keyed {
        items: Vec::new(),
        rest: items.rest,
    };
    for item in items.items {
        match Key::of(&item) {
            Some(key) => keyed.items.push((key, item)),
            None => {
                keyed.rest.get_or_insert_with(|| uncertain(&item));
            }
        }
    }
    keyed
}

/// The set that an operation makes of two. Only what is in it for certain is among the items.
fn combined(name: &str, own: Items, other: Items) -> Items {
    let (own, other) = (keyed(own), keyed(other));
    let takes_away = !matches!(name, "union" | "intersection" | "intersection_update");
    let keys: IndexSet<Key> = other.items.iter().map(|(key, _)| key.clone()).collect();
    let own_keys: IndexSet<Key> = own.items.iter().map(|(key, _)| key.clone()).collect();
    let mut items = own.items;
    match name {
        "union" => items.extend(other.items.iter().cloned()),
        "intersection" | "intersection_update" => items.retain(|(key, _)| keys.contains(key)),
        _ if other.rest.is_some() => items.clear(),
        _ => items.retain(|(key, _)| !keys.contains(key)),
    }
    if name.starts_with("symmetric") && own.rest.is_none() {
        let more = other.items.into_iter();
        items.extend(more.filter(|(key, _)| !own_keys.contains(key)));
    }
    let is_cleared = takes_away && other.rest.is_some();
    Items {
        items: items.into_iter().map(|(_, item)| item).collect(),
        rest: if is_cleared {
            other.rest
        } else {
            own.rest.or(other.rest)
        },
    }
}

/// `list *= times`.
fn repeat(list: &mut List, times: Option<&Val>, span: Span) -> Result<(), Raise> {
    let Some(times) = times else {
        return Ok(());
    };
    if !times.is_settled() {
        list.lose(uncertain(times));
        return Ok(());
    }
    let Some(times) = times.as_int() else {
        let message = "can't multiply sequence by non-int";
        return Err(Raise::new("TypeError", message, Some(span)));
    };
    let times = usize::try_from(times.max(0)).unwrap_or(usize::MAX);
    if list.items.len().saturating_mul(times) > LONGEST_LIST {
        list.lose(unknown(
            Cause::Bound,
            format!("a list of more than {LONGEST_LIST} elements"),
            span,
        ));
        return Ok(());
    }
    let items = std::mem::take(&mut list.items);
    list.items = std::iter::repeat_n(items, times).flatten().collect();
    if times == 0 {
        list.rest = None;
    }
    Ok(())
}

/// Where `insert` and slices put a position.
pub(super) fn place(at: i128, length: usize) -> usize {
    let at = if at < 0 { at + length as i128 } else { at };
    usize::try_from(at.max(0)).unwrap_or(usize::MAX).min(length)
}

/// The element that a position, perhaps from the end, means.
pub(super) fn index(at: i128, length: usize) -> Option<usize> {
    let at = if at < 0 { at + length as i128 } else { at };
    usize::try_from(at).ok().filter(|at| *at < length)
}
