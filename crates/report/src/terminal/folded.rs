//! Checks that are told on one line each, where all in full would scroll past.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::io::{self, Write};

use tightship_model::Severity;

use super::Screen;
use crate::clean::clean;
use crate::document::{Report, Status, Verdict};
use crate::style::{self, BOLD, DIM, PLACE, paint};
use crate::text::width_of;

/// So many failed checks are all shown in full: what a person reads from its top to its end.
const READ_TO_THE_END: usize = 20;

/// Where more have failed, so many of the worst are, and all critical ones up to the number above.
const SHOWN_IN_FULL: usize = 10;

/// The failed checks that are told on one line.
pub(super) fn folded<'a>(report: &'a Report, screen: &Screen) -> HashSet<&'a str> {
    let mut failed: Vec<_> = report.with_status(Status::Fail).collect();
    if screen.verbose || failed.len() <= READ_TO_THE_END {
        return HashSet::new();
    }
    failed.sort_by_key(|verdict| Reverse(verdict.severity));
    let critical = failed.partition_point(|verdict| verdict.severity == Severity::Critical);
    let in_full = critical.clamp(SHOWN_IN_FULL, READ_TO_THE_END);
    let rest = failed[in_full..].iter();
    rest.map(|verdict| &*verdict.check).collect()
}

/// A line for each: how severe, which check, where first, how many more.
pub(super) fn render(
    verdicts: &[&Verdict],
    report: &Report,
    screen: &Screen,
    out: &mut dyn Write,
) -> io::Result<()> {
    if verdicts.is_empty() {
        return Ok(());
    }
    let names = verdicts.iter().map(|verdict| width_of(&verdict.check));
    let column = names.max().unwrap_or(0);
    for verdict in verdicts {
        let style = style::severity(verdict.severity);
        let sign = paint(style, format!("● {:<8}", verdict.severity.name()));
        let name = clean(&verdict.check);
        let gap = column.saturating_sub(width_of(&name)) + 2;
        write!(out, "{sign}  {}", paint(BOLD, &name))?;
        let first = verdict.findings.first();
        let label = first.and_then(|finding| finding.labels.first());
        let place = match label {
            Some(label) => label.clickable(&report.environment.root),
            None => clean(&verdict.title).into_owned(),
        };
        let mut more = match verdict.findings.len() {
            0 | 1 => String::new(),
            all => format!("  and {} more", all - 1),
        };
        let place_style = if label.is_some() { PLACE } else { style::PLAIN };
        let used = 12 + width_of(&name) + gap + width_of(&place) + width_of(&more);
        let gap = match used <= screen.width {
            true => " ".repeat(gap),
            // A path stays whole, so that it can be clicked and copied.
            false => {
                if 12 + width_of(&place) + width_of(&more) > screen.width {
                    more = format!("\n{:12}{}", "", more.trim_start());
                }
                format!("\n{:12}", "")
            }
        };
        writeln!(
            out,
            "{gap}{}{}",
            paint(place_style, place),
            paint(DIM, more)
        )?;
    }
    writeln!(out)
}
