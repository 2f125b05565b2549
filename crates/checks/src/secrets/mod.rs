//! Secrets in places where many can read them.

mod file_committed;
mod file_open_to_all;
mod key_made_anew;
mod literal_in_settings;

use tightship_model::{Check, Deployment, Trail};

pub(crate) use literal_in_settings::CHECK as LITERAL_IN_SETTINGS;

pub(crate) const CHECKS: &[&Check] = &[
    &literal_in_settings::CHECK,
    &key_made_anew::CHECK,
    &file_committed::CHECK,
    &file_open_to_all::CHECK,
];

/// Whether a text came out of Python code: nothing but code stands on its way, the conditions that
/// chose the way aside, and no variable of the environment holds it.
pub(crate) fn written_in_code(deployment: &Deployment, text: &str, trail: &Trail) -> bool {
    let mut places = trail.own_links().filter_map(|link| link.span).peekable();
    let is_given = deployment.environment.variables.values().any(|variable| {
        variable
            .value
            .as_str()
            .is_some_and(|value| value.contains(text))
    });
    !is_given
        && places.peek().is_some()
        && places.all(|span| deployment.sources[span.source].path.ends_with(".py"))
}
