//! Evaluated settings: each with what is known of it, and its trail.

mod json;
mod python;
mod terminal;

pub(crate) use json::Known;
pub use json::{Document, render as render_json};
pub use terminal::render as render_terminal;
pub(crate) use terminal::{entry, trail};

use tightship_model::{Settings, State};

/// The names to show: those asked for, else all that the project sets.
fn names<'a>(settings: &'a Settings, only: &'a [String]) -> Vec<&'a str> {
    match only {
        [] => settings.overridden.keys().map(String::as_str).collect(),
        only => only
            .iter()
            .map(String::as_str)
            .filter(|name| settings.get(name).is_some())
            .collect(),
    }
}

/// The word of the machine contract.
fn word(state: State) -> &'static str {
    match state {
        State::Known => "known",
        State::OneOf => "one-of",
        State::Environment => "environment",
        State::Unknown => "unknown",
    }
}
