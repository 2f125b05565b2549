//! Django REST framework. Read from version 3.18.3.

mod basic_authentication;
mod browsable_api;
mod misspelt_key;
mod no_throttle;
mod open_by_default;
mod page_size_unread;
mod throttle_address_forged;
mod throttle_scope_without_rate;
mod throttle_without_rate;

use tightship_model::{Check, Deployment, Items, Traced, Trail, Value};

use crate::package::entry_of;

pub(crate) const CHECKS: &[&Check] = &[
    &open_by_default::CHECK,
    &basic_authentication::CHECK,
    &no_throttle::CHECK,
    &throttle_without_rate::CHECK,
    &throttle_scope_without_rate::CHECK,
    &throttle_address_forged::CHECK,
    &browsable_api::CHECK,
    &page_size_unread::CHECK,
    &misspelt_key::CHECK,
];

const PACKAGE: &str = "REST framework";

/// An entry of REST_FRAMEWORK, or else the framework's default.
fn option(deployment: &Deployment, key: &str, default: Value) -> Traced<Value> {
    entry_of(deployment, "REST_FRAMEWORK", key, PACKAGE, default)
}

/// An entry of REST_FRAMEWORK that lists classes by dotted path.
pub(crate) fn classes(deployment: &Deployment, key: &str, defaults: &[&str]) -> Traced<Value> {
    let items = defaults
        .iter()
        .map(|path| Traced::new(Value::Str((*path).to_owned()), Trail::default()))
        .collect();
    option(deployment, key, Value::List(Items { items, rest: None }))
}

/// The dotted paths of listed classes, written as text or imported.
pub(crate) fn paths(value: &Value) -> Option<Vec<&str>> {
    let items = value.as_items().filter(|items| items.rest.is_none())?;
    items.items.iter().map(|item| path(&item.value)).collect()
}

fn path(class: &Value) -> Option<&str> {
    match class {
        Value::Reference(path) => Some(path),
        other => other.as_str(),
    }
}
