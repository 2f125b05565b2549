//! Methods of lists, tuples, dicts, sets, and of namespaces that stand for their dict.

use tightship_model::{Cause, Span};

use super::changes::not_in_list;
use super::sets::set_operation;
use crate::python::eval::{Evaluator, Raise, unbound_becomes, uncertain};
use crate::python::heap::{Id, Key, Object};
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
