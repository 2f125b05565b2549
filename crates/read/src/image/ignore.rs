//! Ignore files of a build context.
//!
//! As BuildKit reads them (github.com/moby/patternmatcher, package ignorefile; Docker's manual,
//! "Build context", chapter ".dockerignore files").

use tightship_model::image::{Ignore, IgnorePattern};
use tightship_model::{SourceId, Span};

/// Patterns of one file.
const MOST_PATTERNS: usize = 10_000;

/// Reads any text.
pub(super) fn parse(source: SourceId, text: &str) -> Ignore {
    let mut offset = 0;
    let mut patterns = Vec::new();
    for raw in text.split_inclusive('\n') {
        let start = offset;
        offset += raw.len();
        let line = raw.trim();
        if raw.starts_with('#') || line.is_empty() {
            continue;
        }
        let (takes_back, written) = match line.strip_prefix('!') {
            Some(rest) => (true, rest.trim()),
            None => (false, line),
        };
        let start = start + (raw.len() - raw.trim_start().len());
        if written.is_empty() {
            continue;
        }
        patterns.push(IgnorePattern {
            pattern: cleaned(written),
            takes_back,
            span: Span::new(source, start as u32, (start + line.len()) as u32),
        });
        if patterns.len() == MOST_PATTERNS {
            break;
        }
    }
    Ignore {
        file: source,
        patterns,
    }
}

/// The shortest form of a path: Go's `filepath.Clean`, without the leading slash.
fn cleaned(path: &str) -> String {
    let is_absolute = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if is_absolute => {}
            part => parts.push(part),
        }
    }
    match (parts.is_empty(), is_absolute) {
        (true, true) => "/".to_owned(),
        (true, false) => ".".to_owned(),
        (false, _) => parts.join("/"),
    }
}
