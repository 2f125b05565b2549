//! Python: syntax, an evaluator for settings, and facts about code.

mod syntax;
