//! The report as JSON, and the form that all JSON documents share.

use std::io::{self, Write};

use serde::Serialize;

use crate::clean::is_harmless;
use crate::document::Report;

/// Writes the report as one JSON document. Equal reports give identical bytes.
pub fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    write(report, out)
}

/// Writes any document with one field a line. Characters that a terminal or an editor would obey
/// are written as `\u` escapes, so that a reader gets the exact text and a screen no surprise.
pub(crate) fn write(document: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    escape(&serde_json::to_string_pretty(document)?, out)
}

/// As [`write`], with the whole document on one line.
pub(crate) fn write_line(document: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    escape(&serde_json::to_string(document)?, out)
}

fn escape(text: &str, out: &mut dyn Write) -> io::Result<()> {
    let mut rest = text;
    let obeyed = |c: char| c != '\n' && !is_harmless(c);
    while let Some(at) = rest.find(obeyed) {
        out.write_all(&rest.as_bytes()[..at])?;
        let c = rest[at..].chars().next().unwrap_or_default();
        for unit in c.encode_utf16(&mut [0; 2]) {
            write!(out, "\\u{unit:04x}")?;
        }
        rest = &rest[at + c.len_utf8()..];
    }
    out.write_all(rest.as_bytes())?;
    out.write_all(b"\n")
}
