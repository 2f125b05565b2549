//! Secrets in places where many can read them.

mod literal_in_settings;

use tightship_model::{Check, Deployment, Trail};

pub(crate) use literal_in_settings::CHECK as LITERAL_IN_SETTINGS;

pub(crate) const CHECKS: &[&Check] = &[&literal_in_settings::CHECK];

/// Whether a value's way ends in Python code: the last place of its trail is the literal itself.
pub(crate) fn written_in_code(deployment: &Deployment, trail: &Trail) -> bool {
    trail
        .links()
        .last()
        .and_then(|link| link.span)
        .is_some_and(|span| deployment.sources[span.source].path.ends_with(".py"))
}
