//! Whether what is promised of settings is so.

use std::collections::{BTreeMap, BTreeSet};

use tightship_model::{Items, Settings, Traced, Value, stands_for};

/// Whether what is promised of each setting is so; `set` are the variables of the world.
pub(crate) fn agree(
    promised: &Settings,
    real: &BTreeMap<String, Value>,
    set: &BTreeSet<&str>,
) -> Result<(), String> {
    for (name, promise) in &promised.overridden {
        match real.get(name) {
            Some(value) if holds(&promise.value, value, set) => {}
            None if may_be_missing(&promise.value, set) => {}
            value => {
                return Err(format!(
                    "{name} is\n  {}\nand was promised to be\n  {}",
                    value.map_or("not set".to_owned(), show),
                    show(&promise.value)
                ));
            }
        }
    }
    let missing = |name: &&String| !promised.overridden.contains_key(*name);
    match real.keys().find(missing) {
        Some(name) if promised.rest.is_none() => Err(format!("{name} was not promised")),
        _ => Ok(()),
    }
}

fn holds(promise: &Value, real: &Value, set: &BTreeSet<&str>) -> bool {
    let all = |promised: &Items, real: &Items| match (&promised.rest, &real.rest) {
        (_, Some(_)) => true,
        (None, None) => {
            promised.items.len() == real.items.len()
                && promised
                    .items
                    .iter()
                    .zip(&real.items)
                    .all(|(one, two)| holds(&one.value, &two.value, set))
        }
        // The items that are told stand there in this order.
        (Some(_), None) => {
            let mut rest = real.items.iter();
            promised
                .items
                .iter()
                .all(|one| rest.any(|two| holds(&one.value, &two.value, set)))
        }
    };
    match (promise, real) {
        (Value::Unknown(_), _) | (_, Value::Unknown(_) | Value::OneOf(_)) => true,
        (Value::OneOf(cases), _) => cases.iter().any(|case| holds(&case.value.value, real, set)),
        (Value::Environment(dependent), _) => {
            let is_set = |name: &String| set.iter().any(|set| stands_for(name, set));
            let is_unset = !dependent.variables.iter().any(is_set);
            match &dependent.unset {
                Some(unset) if is_unset => holds(&unset.value, real, set),
                unset => {
                    !dependent.exhaustive
                        || unset
                            .iter()
                            .chain(dependent.others.iter().map(|case| &case.value))
                            .any(|value| holds(&value.value, real, set))
                }
            }
        }
        (Value::List(one), Value::List(two)) | (Value::Tuple(one), Value::Tuple(two)) => {
            all(one, two)
        }
        // A set has no order.
        (Value::Set(one), Value::Set(two)) => {
            let is_there = |item: &Traced<Value>| {
                let mut real = two.items.iter();
                real.any(|real| holds(&item.value, &real.value, set))
            };
            two.rest.is_some()
                || (one.rest.is_some() || one.items.len() == two.items.len())
                    && one.items.iter().all(is_there)
        }
        (Value::Dict(one), Value::Dict(two)) => {
            two.rest.is_some()
                || (one.rest.is_some() || one.entries.len() == two.entries.len())
                    && one.entries.iter().all(|(key, value)| {
                        let mut real = two.entries.iter();
                        let real = real.find(|(other, _)| holds(key, other, set));
                        real.is_some_and(|(_, real)| holds(&value.value, &real.value, set))
                    })
        }
        // By its name a text may be a secret.
        (Value::Secret(_), Value::Str(_) | Value::Secret(_)) => promise.as_str() == real.as_str(),
        (Value::Str(_), Value::Secret(_)) => promise.as_str() == real.as_str(),
        // Python does not tell what is inside.
        (Value::Instance(one), Value::Instance(two)) => one.class == two.class,
        (one, two) => one == two,
    }
}

fn show(value: &Value) -> String {
    let all = |items: &Items| {
        let mut parts: Vec<_> = items.items.iter().map(|item| show(&item.value)).collect();
        parts.extend(items.rest.iter().map(|_| "...".to_owned()));
        format!("[{}]", parts.join(", "))
    };
    match value {
        Value::List(items) | Value::Tuple(items) | Value::Set(items) => all(items),
        Value::Dict(dict) => {
            let entries = dict.entries.iter();
            let entries =
                entries.map(|(key, value)| format!("{}: {}", show(key), show(&value.value)));
            let mut entries: Vec<_> = entries.collect();
            entries.extend(dict.rest.iter().map(|_| "...".to_owned()));
            format!("{{{}}}", entries.join(", "))
        }
        Value::OneOf(cases) => {
            let cases: Vec<_> = cases.iter().map(|case| show(&case.value.value)).collect();
            format!("one of {}", cases.join(" | "))
        }
        Value::Environment(dependent) => {
            let unset = dependent.unset.as_ref().map(|unset| show(&unset.value));
            let others = dependent.others.iter().map(|case| show(&case.value.value));
            format!(
                "<{}: {unset:?} | {}{}>",
                dependent.variables.join(","),
                others.collect::<Vec<_>>().join(" | "),
                if dependent.exhaustive { "" } else { " | ..." }
            )
        }
        other => format!("{other:?}"),
    }
}

/// Whether a promise leaves room for the setting not to be set.
fn may_be_missing(promise: &Value, set: &BTreeSet<&str>) -> bool {
    holds(promise, &Value::Reference("nothing".to_owned()), set)
}
