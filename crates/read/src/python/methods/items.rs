//! `value[index]` of the builtin types: reading, setting, deleting.

use std::rc::Rc;

use tightship_model::{Cause, Span};

use super::containers::{index as position, place};
use crate::python::eval::{Evaluator, Raise, uncertain, unknown};
use crate::python::heap::{Key, Object};
use crate::python::value::{Args, Kind, Made, Sequence, Val};

/// `value[index]` of one definite value.
pub(crate) fn item(
    eval: &mut Evaluator<'_>,
    value: &Val,
    index: &Val,
    span: Span,
) -> Result<Val, Raise> {
    if let Some(bounds) = slice(eval, index) {
        let operands: Vec<&Val> = bounds.iter().collect();
        return eval.lift(&operands, span, &mut |eval, bounds| match numbers(bounds) {
            Ok([lower, upper, step]) => sliced(eval, value, lower, upper, step, span),
            Err(bound) => Ok(eval.unknown_because(bound)),
        });
    }
    let out_of_range = || Raise::new("IndexError", "index out of range", Some(span));
    match &value.kind {
        Kind::Dict(_) => entry(eval, value, index, span),
        Kind::Str(text) => {
            let Some(at) = index.as_int() else {
                return Err(Raise::new(
                    "TypeError",
                    "string indices must be integers",
                    Some(span),
                ));
            };
            let at = position(at, text.chars().count()).ok_or_else(out_of_range)?;
            Ok(Val::str(
                text.chars().nth(at).map(String::from).unwrap_or_default(),
            ))
        }
        Kind::Bytes(bytes) => {
            let at = index.as_int().and_then(|at| position(at, bytes.len()));
            at.map(|at| Val::int(i128::from(bytes[at])))
                .ok_or_else(out_of_range)
        }
        Kind::List(_) | Kind::Tuple(_) => {
            let Some(at) = index.as_int() else {
                return match index.kind {
                    Kind::Native(_) | Kind::Made(_) => Ok(eval.unknown_because(index)),
                    _ => Err(Raise::new(
                        "TypeError",
                        format!("{} indices must be integers", value.type_name()),
                        Some(span),
                    )),
                };
            };
            let (length, rest) = shape(eval, value);
            if let Some(rest) = rest {
                eval.maybe(missing(value, span), "nothing stands there".to_owned());
                return Ok(Kind::Unknown(rest).into());
            }
            let at = position(at, length).ok_or_else(out_of_range)?;
            Ok(element(eval, value, at))
        }
        Kind::Set(_)
        | Kind::None
        | Kind::Bool(_)
        | Kind::Int(_)
        | Kind::Float(_)
        | Kind::Path(_)
        | Kind::Function(_) => Err(Raise::new(
            "TypeError",
            format!("'{}' object is not subscriptable", value.type_name()),
            Some(span),
        )),
        _ => Ok(eval.unknown_because(value)),
    }
}

/// `owner[index] = value` of a list or dict.
pub(crate) fn set_item(
    eval: &mut Evaluator<'_>,
    owner: &Val,
    index: &Val,
    value: Val,
    span: Span,
) -> Result<(), Raise> {
    let bounds = slice(eval, index);
    if let Some(bounds) = &bounds
        && let Some(at) = bounds.iter().position(Val::is_choice)
    {
        let bound = bounds[at].clone();
        return eval
            .per_world(&bound, span, &mut |eval, bound| {
                let mut bounds = bounds.clone();
                bounds[at] = bound.clone();
                let index = eval.object(SLICE, vec![("bounds", Val::tuple(bounds))]);
                set_item(eval, owner, &index, value.clone(), span)?;
                Ok(Val::NONE)
            })
            .map(drop);
    }
    let items = match bounds {
        Some(_) => {
            let value = eval.in_order(&value, span);
            Some(eval.iterate(&value, span)?)
        }
        None => None,
    };
    let bounds = bounds.map(|bounds| numbers(&bounds).map_err(uncertain));
    let (Kind::Dict(id) | Kind::List(id)) = owner.kind else {
        return Ok(());
    };
    eval.mutate(id, &mut |_, object| {
        match object {
            Object::Dict(dict) => {
                dict.put(index.clone(), value.clone());
            }
            Object::List(list) => match (&bounds, position_of(index), &list.rest) {
                (Some(Err(reason)), ..) => list.lose(reason.clone()),
                (Some(Ok([lower, upper, None])), _, None) => {
                    let length = list.items.len();
                    let from = lower.map_or(0, |at| place(at, length));
                    let to = upper.map_or(length, |at| place(at, length)).max(from);
                    let new = items.clone().unwrap_or_default();
                    list.items.splice(from..to, new.items);
                    list.rest = new.rest;
                }
                (None, Some(at), None) => match position(at, list.items.len()) {
                    Some(at) => list.items[at] = value.clone(),
                    None => {
                        return Err(Raise::new(
                            "IndexError",
                            "list assignment index out of range",
                            Some(span),
                        ));
                    }
                },
                _ => {
                    let reason = "an element is set at a place that is not known";
                    let reason = || unknown(Cause::Code, reason, span);
                    let rest = list.rest.take().unwrap_or_else(reason);
                    list.lose(rest);
                }
            },
            _ => {}
        }
        Ok(Val::NONE)
    })?;
    Ok(())
}

/// `del owner[index]` of a list or dict.
pub(crate) fn delete_item(
    eval: &mut Evaluator<'_>,
    owner: &Val,
    index: &Val,
    span: Span,
) -> Result<(), Raise> {
    if slice(eval, index).is_some() {
        let empty = eval.list(Vec::new());
        return set_item(eval, owner, index, empty, span);
    }
    if index.is_choice() {
        return eval
            .per_world(index, span, &mut |eval, index| {
                delete_item(eval, owner, index, span)?;
                Ok(Val::NONE)
            })
            .map(drop);
    }
    if !index.is_settled() {
        eval.maybe(missing(owner, span), "nothing stands there".to_owned());
        let reason = uncertain(index);
        eval.lose(owner, &reason);
        return Ok(());
    }
    let method = Args::positional(vec![index.clone()]);
    super::call(eval, owner, "pop", method, span)?;
    Ok(())
}

/// What Python raises for a place of a container at which nothing stands.
pub(crate) fn missing(owner: &Val, span: Span) -> Raise {
    let class = match owner.kind {
        Kind::Dict(_) | Kind::Set(_) => "KeyError",
        _ => "IndexError",
    };
    Raise::new(class, "nothing stands there", Some(span))
}

fn entry(eval: &mut Evaluator<'_>, value: &Val, index: &Val, span: Span) -> Result<Val, Raise> {
    let Some(key) = Key::of(index) else {
        return Ok(eval.unknown_because(index));
    };
    let Some(dict) = eval.entries(value) else {
        return Ok(Val::NONE);
    };
    if let Some((_, found)) = dict.entries.get(&key) {
        return Ok(found.clone());
    }
    if let Some(rest) = dict.rest.clone() {
        eval.maybe(missing(value, span), "nothing stands there".to_owned());
        return Ok(Kind::Unknown(rest).into());
    }
    let Some(factory) = dict.default.clone() else {
        let name = match &index.kind {
            Kind::Str(text) => format!("'{text}'"),
            _ => "a key".to_owned(),
        };
        let error = Kind::Made(Rc::new(Made {
            class: "builtins.KeyError".into(),
            positional: vec![index.clone()],
            keywords: Vec::new(),
        }));
        let class = Val::native("builtins.KeyError");
        return Err(Raise::of(class, name, Some(error.into()), Some(span)));
    };
    let made = eval.call(&factory, Args::default(), span)?;
    set_item(eval, value, index, made.clone(), span)?;
    Ok(made)
}

/// Length of a list or tuple, and why there may be more.
fn shape(eval: &Evaluator<'_>, value: &Val) -> (usize, Option<Rc<tightship_model::Unknown>>) {
    match &value.kind {
        Kind::Tuple(sequence) => (sequence.items.len(), sequence.rest.clone()),
        Kind::List(id) => match &**eval.heap.object(*id) {
            Object::List(list) => (list.items.len(), list.rest.clone()),
            _ => (0, None),
        },
        _ => (0, None),
    }
}

fn element(eval: &Evaluator<'_>, value: &Val, at: usize) -> Val {
    let found = match &value.kind {
        Kind::Tuple(sequence) => sequence.items.get(at),
        Kind::List(id) => match &**eval.heap.object(*id) {
            Object::List(list) => list.items.get(at),
            _ => None,
        },
        _ => None,
    };
    found.cloned().unwrap_or(Val::NONE)
}

/// The place that an index means, where that is known.
fn position_of(index: &Val) -> Option<i128> {
    index.as_int().filter(|_| index.is_settled())
}

/// The bounds of a slice object.
fn slice(eval: &Evaluator<'_>, index: &Val) -> Option<Vec<Val>> {
    let is_slice = matches!(&index.kind, Kind::Object(class, _) if &**class == SLICE);
    let bounds = eval.state(index, "bounds").filter(|_| is_slice)?;
    Some(eval.items(&bounds)?.items)
}

/// Bounds as numbers; a bound that is none.
fn numbers(bounds: &[Val]) -> Result<[Option<i128>; 3], &Val> {
    let mut numbers = [None; 3];
    for (number, bound) in numbers.iter_mut().zip(bounds) {
        *number = position_of(bound);
        if number.is_none() && !bound.is_none() {
            return Err(bound);
        }
    }
    Ok(numbers)
}

/// The class of a slice; its state holds the bounds.
const SLICE: &str = "builtins.slice";

fn sliced(
    eval: &mut Evaluator<'_>,
    value: &Val,
    lower: Option<i128>,
    upper: Option<i128>,
    step: Option<i128>,
    span: Span,
) -> Result<Val, Raise> {
    let pick = |length: usize| -> Vec<usize> {
        let step = step.unwrap_or(1);
        let length = length as i128;
        let clamp = |at: i128, low: i128, high: i128| {
            let at = if at < 0 { at + length } else { at };
            at.clamp(low, high)
        };
        let mut picked = Vec::new();
        if step > 0 {
            let mut at = lower.map_or(0, |at| clamp(at, 0, length));
            let end = upper.map_or(length, |at| clamp(at, 0, length));
            while at < end {
                picked.push(at as usize);
                at = at.saturating_add(step);
            }
        } else if step < 0 {
            let mut at = lower.map_or(length - 1, |at| clamp(at, -1, length - 1));
            let end = upper.map_or(-1, |at| clamp(at, -1, length - 1));
            while at > end {
                picked.push(at as usize);
                at = at.saturating_add(step);
            }
        }
        picked
    };
    match &value.kind {
        Kind::Str(text) => {
            let chars: Vec<char> = text.chars().collect();
            eval.spend(chars.len() / 16)?;
            Ok(Val::str(
                pick(chars.len())
                    .into_iter()
                    .map(|at| chars[at])
                    .collect::<String>(),
            ))
        }
        Kind::Bytes(bytes) => {
            let picked: Vec<u8> = pick(bytes.len()).into_iter().map(|at| bytes[at]).collect();
            Ok(Kind::Bytes(picked.into()).into())
        }
        Kind::List(_) | Kind::Tuple(_) => {
            let items = eval.iterate(value, span)?;
            if let Some(rest) = items.rest {
                return Ok(Kind::Unknown(rest).into());
            }
            let picked = pick(items.items.len())
                .into_iter()
                .map(|at| items.items[at].clone())
                .collect();
            Ok(if matches!(value.kind, Kind::List(_)) {
                eval.list(picked)
            } else {
                Kind::Tuple(Rc::new(Sequence {
                    items: picked,
                    rest: None,
                }))
                .into()
            })
        }
        Kind::Made(_) | Kind::Native(_) | Kind::Object(..) | Kind::Instance(..) => {
            Ok(eval.unknown_because(value))
        }
        _ => Err(Raise::new(
            "TypeError",
            format!("'{}' object is not subscriptable", value.type_name()),
            Some(span),
        )),
    }
}
