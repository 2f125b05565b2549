//! Python: syntax, an evaluator for settings, and facts about code.

pub(crate) mod facts;
pub(crate) mod plain;
mod symbols;
pub(crate) mod syntax;

pub(crate) use symbols::{dotted_paths, module_of, symbols};
