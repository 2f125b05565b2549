//! Places as text.

use tightship_model::{Sources, Span};

/// Where a span begins and ends: lines and columns from 1.
pub(crate) struct Place {
    /// Relative to the project's root.
    pub(crate) path: String,
    pub(crate) line: usize,
    pub(crate) column: usize,
    pub(crate) end_line: usize,
    pub(crate) end_column: usize,
}

impl Place {
    pub(crate) fn of(sources: &Sources, span: Span) -> Self {
        let source = &sources[span.source];
        let (line, column) = source.line_column(span.start);
        let (end_line, end_column) = source.line_column(span.end.max(span.start));
        Self {
            path: source.path.clone(),
            line,
            column,
            end_line,
            end_column,
        }
    }
}

/// A path below the root as seen from where the user stands, so that a terminal or a code host
/// finds the file.
pub(crate) fn from_here(root: &str, path: &str) -> String {
    let mut root = root.trim_end_matches('/');
    while let Some(rest) = root.strip_prefix("./") {
        root = rest;
    }
    match root {
        "" | "." => path.to_owned(),
        // A file of the machine or the image that stands for itself.
        _ if path.starts_with('/') => path.to_owned(),
        root => [root, "/", path].concat(),
    }
}
