//! What the team decided, held against what is done.

mod recovery_point_exceeded;
mod recovery_time_exceeded;

use tightship_model::{Check, Outcome, Trail};

pub(crate) const CHECKS: &[&Check] = &[
    &recovery_time_exceeded::CHECK,
    &recovery_point_exceeded::CHECK,
];

const HOUR: u64 = 3600;

/// The verdict while the team has not said what it asks for.
fn undecided(what: &str, key: &str) -> Outcome {
    Outcome::Unknown {
        reason: format!("{what} is decided nowhere: tightship.toml has no {key}"),
        remedy: format!("decide it, and write {key} = 24 (in hours) below [thresholds]"),
        trail: Trail::default(),
    }
}

/// Seconds in the words of a person: `1 h 35 min`, `26 h`, `7 days`.
fn shown(seconds: u64) -> String {
    let minutes = seconds.div_ceil(60);
    match (minutes / 60, minutes % 60) {
        (49.., _) => format!("{} days", seconds.div_ceil(24 * HOUR)),
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}
