//! Asking values of which only parts are known: three answers, yes, no and `None`.

use tightship_model::{Dict, State, Value};

/// Python's `any` over answers that may not be known.
pub(crate) fn any<T>(
    may_be_more: bool,
    items: impl Iterator<Item = T>,
    ask: impl Fn(T) -> Option<bool>,
) -> Option<bool> {
    let mut open = may_be_more;
    for item in items {
        match ask(item) {
            Some(true) => return Some(true),
            Some(false) => {}
            None => open = true,
        }
    }
    (!open).then_some(false)
}

/// Asks the entry of a dict: no without one, not known where there may be one.
pub(crate) fn entry(dict: &Dict, key: &str, ask: impl Fn(&Value) -> Option<bool>) -> Option<bool> {
    match dict.get(key) {
        Some(value) => ask(&value.value),
        None => dict.rest.is_none().then_some(false),
    }
}

/// Whether everything in a value is known.
pub(crate) fn is_known(value: &Value) -> bool {
    value.state() == State::Known
}
