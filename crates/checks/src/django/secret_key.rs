//! Measuring keys as Django does.

use std::collections::BTreeSet;

use tightship_model::Value;

/// Whether Django refuses a key: `_check_secret_key` in django/core/checks/security/base.py,
/// the same in Django 4.1 to 6.1.
pub(super) fn is_weak(key: &Value) -> Option<bool> {
    let Some(text) = key.as_str() else {
        return Some(true);
    };
    if is_blank_of_template(text) {
        return None;
    }
    Some(
        text.chars().count() < LEAST_LENGTH
            || distinct(text) < LEAST_DISTINCT
            || text.starts_with(PREFIX_OF_STARTPROJECT),
    )
}

/// What is wrong with a weak key, without the key.
pub(super) fn measured(key: &Value) -> String {
    if let Value::Tuple(_) | Value::List(_) = key {
        return "is no text, as by a comma at the end of its line".to_owned();
    }
    let Some(text) = key.as_str().filter(|text| !text.is_empty()) else {
        return "is empty or missing".to_owned();
    };
    if text.starts_with(PREFIX_OF_STARTPROJECT) {
        return format!("begins with {PREFIX_OF_STARTPROJECT}, as startproject writes it");
    }
    format!(
        "has {} characters, {} distinct",
        text.chars().count(),
        distinct(text)
    )
}

/// The characters of a key.
pub(super) fn length(key: &Value) -> u64 {
    key.as_str().map_or(0, |text| text.chars().count()) as u64
}

/// `{{ secret_key }}`: `startproject --template` and Ansible write the key there.
fn is_blank_of_template(text: &str) -> bool {
    let inner = text.trim().strip_prefix("{{");
    inner.is_some_and(|inner| inner.ends_with("}}") && inner.find("}}") == Some(inner.len() - 2))
}

fn distinct(text: &str) -> usize {
    text.chars().collect::<BTreeSet<_>>().len()
}

pub(crate) const LEAST_LENGTH: usize = 50;
const LEAST_DISTINCT: usize = 5;
const PREFIX_OF_STARTPROJECT: &str = "django-insecure-";
