//! Methods that change lists, dicts and sets in place.

use tightship_model::{Cause, Span};

use super::containers::{index, mapping, place};
use super::sets::combined;

use crate::python::eval::{Evaluator, Items, LONGEST_LIST, Raise, uncertain, unknown};
use crate::python::heap::{Key, List, Object};
use crate::python::value::{Args, Kind, Val};

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

pub(super) fn not_in_list(span: Span) -> Raise {
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
