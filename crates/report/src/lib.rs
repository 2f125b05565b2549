//! Verdicts to text: one module for each format, each with a `render` that takes finished data and
//! a writer. Nothing here judges, reads a file or knows a terminal.
//!
//! What comes from files is hostile: every text passes [`clean`], and source lines come from
//! [`tightship_model::Source::line_text`], which masks secrets. Styled output carries ANSI codes;
//! the caller strips them where they are not wanted.

mod clean;
mod place;
mod style;
mod summary;

pub mod json;
pub mod terminal;

pub use clean::clean;
pub use terminal::Screen;
