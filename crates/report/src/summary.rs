//! Words for counts and origins.

use tightship_model::{EnvOrigin, Environment};

/// What gave the environment, as a phrase.
pub(crate) fn environment(environment: &Environment) -> String {
    match &environment.origin {
        EnvOrigin::Nothing if !environment.variables.is_empty() => {
            "none was found, but for what --env and the image set: a variable may be set or not"
                .to_owned()
        }
        EnvOrigin::Nothing => "none was found: a variable may be set or not".to_owned(),
        EnvOrigin::Given(what) => what.clone(),
        EnvOrigin::Compose { service, files } => {
            format!("service {service} of {}", files.join(", "))
        }
        EnvOrigin::Systemd(unit) => format!("systemd unit {unit}"),
        EnvOrigin::DotEnv(file) => file.clone(),
    }
}

/// `1 finding`, `3 findings`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        _ => format!("{number} {noun}s"),
    }
}
