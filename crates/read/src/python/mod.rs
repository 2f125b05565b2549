//! Python: syntax, an evaluator for settings, and facts about code.

pub(crate) mod plain;
pub(crate) mod syntax;
