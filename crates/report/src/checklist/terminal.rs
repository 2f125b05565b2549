//! The list for a person at a terminal: every row with its verdict.

use std::io::{self, Write};

use anstyle::Style;
use tightship_model::Severity;
use tightship_model::checklist::{Judged, JudgedItem, Standing};

use super::{counts, mark, open_reasons, sections, words};
use crate::Screen;
use crate::clean::clean;
use crate::place::from_here;
use crate::style::{BOLD, CURE, DIM, GOOD, OPEN, PLACE, PLAIN, paint, severity};
use crate::summary::count;
use crate::text::{Paragraph, ruled};

/// Reasons of open rows that the summary names.
const REASONS_SHOWN: usize = 6;

/// Writes all rows by list and section, then what they come to. `root` is the folder as the user
/// named it.
pub fn render(judged: &Judged, root: &str, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
    for section in sections(judged) {
        let name = section.title(judged);
        let detail = counts(section.items.iter().copied());
        writeln!(out, "\n{}\n", ruled(&clean(&name), &detail, screen.width))?;
        for item in section.items {
            row(item, root, screen, out)?;
        }
    }
    summary(judged, screen, out)
}

fn row(item: &JudgedItem, root: &str, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
    const INDENT: usize = 9;
    let style = style(item.standing);
    let id = clean(&item.id);
    let lead = format!("{} {id:<6} ", mark(item.standing));
    Paragraph::led(0, &lead, style, PLAIN).write(&clean(&item.text), screen.width, out)?;
    let is_settled = matches!(item.standing, Standing::Pass | Standing::NotApplicable);
    if is_settled && !screen.verbose {
        return Ok(());
    }
    let mut reason = format!("{}: {}", words(item.standing), item.reason);
    if let Some(owner) = item.owner.as_ref().filter(|_| !is_settled) {
        reason.push_str(&format!(" ({owner})"));
    }
    Paragraph::indented(INDENT, DIM).write(&clean(&reason), screen.width, out)?;
    let shown = if screen.verbose { usize::MAX } else { 1 };
    let places = item.evidence.iter().filter_map(|proof| proof.place());
    let places = places.map(|place| from_here(root, &place));
    for place in places.take(shown) {
        writeln!(out, "{:INDENT$}{}", "", paint(PLACE, clean(&place)))?;
    }
    match &item.remedy {
        Some(remedy) if screen.verbose || item.standing == Standing::Fail => {
            Paragraph::led(INDENT, "→ ", CURE, CURE).write(&clean(remedy), screen.width, out)
        }
        _ => Ok(()),
    }
}

fn summary(judged: &Judged, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n{}\n", ruled("summary", "", screen.width))?;
    let all = judged.items.len();
    let ticked = judged
        .items
        .iter()
        .filter(|item| item.standing.ticks())
        .count();
    writeln!(
        out,
        "  {} of {} ticked",
        paint(BOLD, ticked),
        count(all, "row")
    )?;
    let numbers: Vec<_> = Standing::ALL
        .iter()
        .map(|standing| (standing, judged.count(*standing)))
        .filter(|(_, number)| *number > 0)
        .map(|(standing, number)| {
            let text = format!("{} {number} {}", mark(*standing), words(*standing));
            paint(style(*standing), text)
        })
        .collect();
    if !numbers.is_empty() {
        writeln!(out, "  {}", numbers.join("   "))?;
    }
    for note in &judged.notes {
        Paragraph::indented(2, DIM).write(&clean(note), screen.width, out)?;
    }
    let reasons = open_reasons(judged);
    if !reasons.is_empty() {
        writeln!(
            out,
            "\n  {}",
            paint(BOLD, "Why rows are unknown (--verbose says what to do)")
        )?;
    }
    for (reason, number) in reasons.iter().take(REASONS_SHOWN) {
        let text = format!("{}: {}", clean(reason), count(*number, "row"));
        Paragraph::led(2, "? ", OPEN, PLAIN).write(&text, screen.width, out)?;
    }
    let hidden: usize = reasons
        .iter()
        .skip(REASONS_SHOWN)
        .map(|(_, number)| number)
        .sum();
    if hidden > 0 {
        writeln!(out, "    {}", paint(DIM, format!("and {hidden} more")))?;
    }
    writeln!(out)
}

pub(super) fn style(standing: Standing) -> Style {
    match standing {
        Standing::Pass | Standing::Signed => GOOD,
        Standing::Fail => severity(Severity::High),
        Standing::Overdue | Standing::Due => severity(Severity::Medium),
        Standing::Unknown | Standing::Waived => OPEN,
        Standing::NotApplicable => DIM,
    }
}
