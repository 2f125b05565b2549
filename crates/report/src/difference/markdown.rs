//! The difference as Markdown, for a comment on a pull request.

use std::io::{self, Write};

use super::{Because, Difference, Entry, summary};
use crate::markdown::{code, escape};

/// Rows of each table; the comment of a code host holds 65,536 characters.
const ROWS: usize = 60;

/// Writes what is worse in a table, and what is gone folded away.
pub fn render(difference: &Difference, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "## tightship: {}\n", escape(&summary(difference)))?;
    let grown = difference.changed.iter();
    let grown = grown.filter(|one| one.was < one.finding.severity);
    let worse: Vec<_> = difference
        .appeared
        .iter()
        .map(|entry| (entry, "new".to_owned()))
        .chain(grown.map(|one| (&one.finding, format!("was {}", one.was.name()))))
        .collect();
    if !worse.is_empty() {
        table(&worse, out)?;
    }
    let eased = difference.changed.iter();
    let eased = eased.filter(|one| one.was > one.finding.severity);
    let (fixed, gone): (Vec<_>, Vec<_>) = difference
        .gone
        .iter()
        .partition(|gone| gone.because == Because::Fixed);
    let words = |because: Because| because.words().to_owned();
    let better: Vec<_> = fixed
        .iter()
        .map(|gone| (&gone.finding, words(gone.because)))
        .chain(eased.map(|one| (&one.finding, format!("was {}", one.was.name()))))
        .collect();
    let gone = gone.iter().map(|gone| (&gone.finding, words(gone.because)));
    for (title, rows) in [
        ("Better", better),
        ("Gone, but not known to be fixed", gone.collect()),
    ] {
        if !rows.is_empty() {
            writeln!(out, "<details><summary>{title}: {}</summary>\n", rows.len())?;
            table(&rows, out)?;
            writeln!(out, "</details>\n")?;
        }
    }
    if !difference.answers.is_empty() {
        writeln!(out, "Other answers:\n")?;
        for answer in difference.answers.iter().take(ROWS) {
            let (was, is) = (answer.was.words(), answer.is.words());
            writeln!(out, "- {}: {was} → {is}", code(&answer.check))?;
        }
        more(difference.answers.len(), out)?;
    }
    Ok(())
}

fn table(rows: &[(&Entry, String)], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "| severity | check | finding | place | |")?;
    writeln!(out, "|---|---|---|---|---|")?;
    for (entry, note) in rows.iter().take(ROWS) {
        writeln!(
            out,
            "| {} | {} | {} | {} | {note} |",
            entry.severity.name(),
            code(&entry.check),
            escape(&entry.message),
            entry.place.as_deref().map(code).unwrap_or_default()
        )?;
    }
    more(rows.len(), out)?;
    writeln!(out)
}

fn more(number: usize, out: &mut dyn Write) -> io::Result<()> {
    match number.checked_sub(ROWS) {
        None | Some(0) => Ok(()),
        Some(more) => writeln!(out, "\nand {more} more."),
    }
}
