//! The difference for a person at a terminal.

use std::io::{self, Write};

use anstyle::Style;

use super::{Difference, Entry, summary};
use crate::clean::clean;
use crate::style::{BOLD, DIM, GOOD, OPEN, PLACE, PLAIN, paint, severity};
use crate::text::{Paragraph, ruled};

/// Writes what is worse, what is gone and why, and what else changed.
pub fn render(difference: &Difference, width: usize, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out)?;
    let grown: Vec<_> = difference.changed.iter().collect();
    if difference.worse().next().is_some() {
        writeln!(out, "{}\n", ruled("worse", "", width))?;
        for entry in &difference.appeared {
            finding("+", severity(entry.severity), entry, "", width, out)?;
        }
        for one in grown.iter().filter(|one| one.was < one.finding.severity) {
            let note = format!("was {}", one.was.name());
            finding(
                "↑",
                severity(one.finding.severity),
                &one.finding,
                &note,
                width,
                out,
            )?;
        }
        writeln!(out)?;
    }
    let eased = grown.iter().filter(|one| one.was > one.finding.severity);
    let eased: Vec<_> = eased.collect();
    if !difference.gone.is_empty() || !eased.is_empty() {
        writeln!(out, "{}\n", ruled("better or gone", "", width))?;
        for gone in &difference.gone {
            let (sign, style) = match gone.because {
                super::Because::Fixed => ("✓", GOOD),
                _ => ("?", OPEN),
            };
            finding(sign, style, &gone.finding, gone.because.words(), width, out)?;
        }
        for one in eased {
            let note = format!("was {}", one.was.name());
            finding("↓", GOOD, &one.finding, &note, width, out)?;
        }
        writeln!(out)?;
    }
    if !difference.answers.is_empty() {
        writeln!(out, "{}\n", ruled("other answers", "", width))?;
        for answer in &difference.answers {
            let lead = format!("{}  ", clean(&answer.check));
            let text = format!("{} → {}", answer.was.words(), answer.is.words());
            Paragraph::led(2, &lead, BOLD, PLAIN).write(&text, width, out)?;
        }
        writeln!(out)?;
    }
    writeln!(out, "{}\n", ruled("summary", "", width))?;
    Paragraph::indented(2, BOLD).write(&summary(difference), width, out)?;
    for (name, side) in [("old", &difference.old), ("new", &difference.new)] {
        let day = side
            .judged_on
            .as_deref()
            .unwrap_or("on a day that it does not tell");
        let text = format!("{}, judged {day} by tightship {}", side.root, side.version);
        Paragraph::led(2, &format!("{name}  "), DIM, DIM).write(&clean(&text), width, out)?;
    }
    writeln!(out)
}

fn finding(
    sign: &str,
    style: Style,
    entry: &Entry,
    note: &str,
    width: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    let note = if note.is_empty() {
        String::new()
    } else {
        format!("  {note}")
    };
    writeln!(
        out,
        "{} {} {}{}",
        paint(style, sign),
        paint(style, format!("{:<8}", entry.severity.name())),
        paint(BOLD, clean(&entry.fingerprint)),
        paint(DIM, note)
    )?;
    Paragraph::indented(2, PLAIN).write(&clean(&entry.message), width, out)?;
    if let Some(place) = &entry.place {
        writeln!(out, "  {}", paint(PLACE, place))?;
    }
    Ok(())
}
