//! Lines and paragraphs of a given width.

use std::io::{self, Write};

use anstyle::Style;

use crate::style::{BOLD, DIM, paint};

/// Columns by which lines hang where there is no room below the lead.
const NARROW_HANG: usize = 4;

/// Text that is wrapped to the width of the screen.
pub(crate) struct Paragraph<'a> {
    /// Spaces before each line.
    indent: usize,
    /// What stands at the beginning of the first line; the next lines are indented by its width.
    lead: &'a str,
    lead_style: Style,
    style: Style,
}

impl<'a> Paragraph<'a> {
    pub(crate) fn indented(indent: usize, style: Style) -> Self {
        Self::led(indent, "", style, style)
    }

    pub(crate) fn led(indent: usize, lead: &'a str, lead_style: Style, style: Style) -> Self {
        Self {
            indent,
            lead,
            lead_style,
            style,
        }
    }

    pub(crate) fn write(&self, text: &str, width: usize, out: &mut dyn Write) -> io::Result<()> {
        let start = self.indent + width_of(self.lead);
        // A character takes at least as many bytes as columns.
        if start + text.len() <= width && !text.contains('\n') {
            self.begin(out)?;
            return writeln!(
                out,
                "{}",
                paint(self.style, text.trim_start().trim_end_matches(' '))
            );
        }
        let longest = text.split_whitespace().map(width_of).max().unwrap_or(0);
        // A narrow column is hard to read.
        let room = longest.max(width / 3);
        let hang = match start + room <= width {
            true => start,
            // A long lead leaves no room below its end.
            false => start.min(self.indent + NARROW_HANG),
        };
        let (first, next) = (" ".repeat(start), " ".repeat(hang));
        let options = options(width)
            .initial_indent(&first)
            .subsequent_indent(&next);
        for (i, line) in textwrap::wrap(text, options).iter().enumerate() {
            let line = line.trim_start();
            if i == 0 {
                self.begin(out)?;
            } else {
                write!(out, "{next}")?;
            }
            writeln!(out, "{}", paint(self.style, line))?;
        }
        Ok(())
    }

    /// What stands before the first word.
    fn begin(&self, out: &mut dyn Write) -> io::Result<()> {
        let lead = match self.lead {
            "" => String::new(),
            lead => paint(self.lead_style, lead),
        };
        write!(out, "{:indent$}{lead}", "", indent = self.indent)
    }
}

/// `── name ────────── detail ──` over the whole width.
pub(crate) fn ruled(name: &str, detail: &str, width: usize) -> String {
    let line = |used: usize| paint(DIM, "─".repeat(width.saturating_sub(used).max(1)));
    let start = format!("{} {}", paint(DIM, "──"), paint(BOLD, name));
    let used = 4 + width_of(name);
    match detail {
        "" => format!("{start} {}", line(used)),
        detail => format!(
            "{start} {} {}",
            line(used + width_of(detail) + 4),
            paint(DIM, format!("{detail} ──"))
        ),
    }
}

pub(crate) fn width_of(text: &str) -> usize {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return text.len();
    }
    textwrap::core::display_width(text)
}

/// Breaks between words; a word that is longer than a line stays whole, so that a path can still be
/// clicked and copied.
fn options<'a>(width: usize) -> textwrap::Options<'a> {
    textwrap::Options::new(width)
        .break_words(false)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
}
