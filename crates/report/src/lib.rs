//! Verdicts to text: one module for each format, each with a `render` that takes finished data and
//! a writer. Nothing here judges, reads a file or knows a terminal.
//!
//! What comes from files is hostile: every text passes [`clean`], and source lines come from
//! [`tightship_model::Sources::line_text`], which masks secrets. Styled output carries ANSI codes;
//! the caller strips them where they are not wanted.

mod ascii;
mod catalog;
mod clean;
mod located;
mod page;
mod place;
mod style;
mod summary;
mod text;

pub mod answer;
pub mod badge;
pub mod chart;
pub mod checklist;
pub mod checks;
pub mod csv;
pub mod difference;
pub mod document;
pub mod env;
pub mod github;
pub mod gitlab;
pub mod html;
pub mod json;
pub mod junit;
pub mod many;
pub mod markdown;
pub mod oscal;
pub mod sarif;
pub mod settings;
pub mod terminal;
pub mod visit;

pub use ascii::ascii;
pub use catalog::Catalog;
pub use clean::clean;
pub use difference::Difference;
pub use document::{Report, Unreadable};
pub use page::explain;
pub use terminal::Screen;
