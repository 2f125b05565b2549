//! What is made of two sets.

use std::rc::Rc;

use indexmap::IndexSet;
use tightship_model::{Span, Unknown};

use crate::python::eval::{Evaluator, Items, Raise, uncertain};
use crate::python::heap::Key;
use crate::python::value::{Args, Kind, Val};

pub(super) fn set_operation(
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
pub(super) fn combined(name: &str, own: Items, other: Items) -> Items {
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
