//! Settings as a prediction needs them: known, or the reason why there is none.

use tightship_model::{Cause, Settings, State, Traced, Trail, Unknown, Value};

use super::Known;

/// The value of a setting, which is wholly known.
pub(super) fn value(settings: &Settings, name: &str) -> Known<Traced<Value>> {
    let Some(setting) = settings.get(name) else {
        return Ok(Traced::new(Value::None, Trail::default()));
    };
    let traced = setting.value.into_owned();
    match traced.value.state() {
        State::Known => Ok(traced),
        _ => Err(doubt(name, &traced)),
    }
}

/// Whether a setting counts as true.
pub(super) fn is_on(settings: &Settings, name: &str) -> Known<bool> {
    let traced = value(settings, name)?;
    traced.value.truthy().ok_or_else(|| doubt(name, &traced))
}

/// A text; `None` for Python's None and for the empty text.
pub(super) fn text(settings: &Settings, name: &str) -> Known<Option<String>> {
    let traced = value(settings, name)?;
    Ok(traced
        .value
        .as_path()
        .filter(|text| !text.is_empty())
        .map(str::to_owned))
}

/// The texts of a list.
pub(super) fn texts(settings: &Settings, name: &str) -> Known<Vec<String>> {
    let traced = value(settings, name)?;
    let items = traced.value.as_items();
    Ok(items
        .into_iter()
        .flat_map(|items| &items.items)
        .filter_map(|item| item.value.as_str().map(str::to_owned))
        .collect())
}

/// Where a setting comes from.
pub(super) fn trail(settings: &Settings, name: &str) -> Trail {
    let setting = settings.get(name);
    setting
        .map(|setting| setting.value.trail.clone())
        .unwrap_or_default()
}

pub(super) fn doubt(name: &str, traced: &Traced<Value>) -> Unknown {
    let part = traced
        .value
        .open_part()
        .unwrap_or_else(|| "its value does not tell".to_owned());
    let variables = traced.value.variables();
    let reason = match variables.is_empty() {
        true => format!("{name} is not known: {part}"),
        false => format!(
            "{name} depends on the environment ({})",
            variables.join(", ")
        ),
    };
    Unknown::new(Cause::Code, reason, traced.trail.first_span())
}
