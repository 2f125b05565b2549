//! Python: syntax, an evaluator for settings, and facts about code.

mod addresses;
mod builtins;
mod django;
mod eval;
mod examples;
mod export;
pub(crate) mod facts;
mod format;
mod heap;
mod libraries;
mod masking;
mod methods;
mod modules;
mod passwords;
mod paths;
pub(crate) mod plain;
pub(crate) mod routes;
mod second_factors;
mod secrets;
mod settings;
mod stdlib;
mod symbols;
pub(crate) mod syntax;
mod throttles;
mod trackers;
mod uploads;
mod value;
mod views;

pub(crate) use django::prepare;
pub(crate) use eval::Mode;
pub(crate) use settings::{Task, django_defaults, evaluate, names_of, written_variable};
pub(crate) use symbols::{dotted_paths, module_of, symbols};
