//! One failing check with its findings.

use std::io::{self, Write};

use tightship_model::{Confidence, Finding, Label, Link, Outcome, Report, Verdict};

use super::text::{Paragraph, width_of};
use super::{Screen, frame};
use crate::clean::clean;
use crate::place::clickable;
use crate::style::{self, BOLD, CURE, DIM, PLACE, PLAIN, paint};

/// Findings of one check that are shown in full; the others are a line each.
const SHOWN_IN_FULL: usize = 3;

/// Places of a trail wider than this do not push the texts of the others to the right.
const WIDEST_PLACE: usize = 44;

pub(super) fn render(
    verdict: &Verdict,
    report: &Report<'_>,
    screen: &Screen,
    out: &mut dyn Write,
) -> io::Result<()> {
    let Outcome::Fail(findings) = &verdict.outcome else {
        return Ok(());
    };
    let severity = verdict.severity();
    let style = style::severity(severity);
    writeln!(
        out,
        "{} {}  {}",
        paint(style, "●"),
        paint(style, format!("{:<8}", severity.name())),
        paint(BOLD, verdict.check.id),
    )?;
    let in_full = if screen.verbose {
        findings.len()
    } else {
        SHOWN_IN_FULL
    };
    for (i, finding) in findings.iter().enumerate() {
        if i < in_full {
            let repeats = i > 0 && findings[i - 1].advice == finding.advice;
            let closes = findings
                .get(i + 1)
                .is_none_or(|next| next.advice != finding.advice);
            if i > 0 && !repeats {
                writeln!(out)?;
            }
            whole(finding, verdict, report, screen, out)?;
            if closes || i + 1 == in_full {
                Paragraph::led(2, "→ ", CURE, PLAIN).write(
                    &clean(&finding.advice),
                    screen.width,
                    out,
                )?;
            }
        } else {
            one_line(finding, report, screen, out)?;
        }
    }
    let mut notes: Vec<&str> = Vec::new();
    let items = verdict.check.items.join(" ");
    let django_ids = django_ids(findings);
    if !items.is_empty() {
        notes.push(&items);
    }
    if !django_ids.is_empty() {
        notes.push(&django_ids);
    }
    let hint = format!("tightship explain {}", verdict.check.id);
    notes.push(&hint);
    Paragraph::indented(2, DIM).write(&notes.join(" · "), screen.width, out)?;
    writeln!(out)
}

/// Message, frame and trail.
fn whole(
    finding: &Finding,
    verdict: &Verdict,
    report: &Report<'_>,
    screen: &Screen,
    out: &mut dyn Write,
) -> io::Result<()> {
    let style = style::severity(finding.severity(verdict.check));
    let message = clean(&finding.message);
    let message = match finding.confidence {
        Confidence::High => message.into_owned(),
        confidence => format!("{message} ({} confidence)", confidence.name()),
    };
    Paragraph::indented(2, PLAIN).write(&message, screen.width, out)?;
    writeln!(out)?;
    if let Some(label) = finding.labels.first() {
        writeln!(out, "  {}", paint(PLACE, clickable(report, label.span)))?;
        frame::render(
            label,
            &report.deployment.sources,
            style,
            2,
            screen.width,
            out,
        )?;
    }
    trail(finding, report, screen, out)?;
    if !finding.labels.is_empty() || !finding.trail.is_empty() {
        writeln!(out)?;
    }
    Ok(())
}

/// The way of the value after its frame, and further labels: a place and a text in two columns.
fn trail(
    finding: &Finding,
    report: &Report<'_>,
    screen: &Screen,
    out: &mut dyn Write,
) -> io::Result<()> {
    let primary = finding.labels.first().map(|label| label.span);
    let mut seen: Vec<_> = primary.into_iter().collect();
    let mut rows = Vec::new();
    let links = finding
        .trail
        .links()
        .iter()
        .map(|Link { span, text }| (*span, text));
    let labels = finding
        .labels
        .iter()
        .skip(1)
        .map(|Label { span, text }| (Some(*span), text));
    for (span, text) in links.chain(labels) {
        match span {
            Some(span) if seen.contains(&span) => {}
            Some(span) => {
                seen.push(span);
                rows.push((clickable(report, span), clean(text)));
            }
            None => rows.push((String::new(), clean(text))),
        }
    }
    let column = rows
        .iter()
        .map(|(place, _)| width_of(place))
        .filter(|width| *width <= WIDEST_PLACE)
        .max()
        .unwrap_or(0);
    for (place, text) in rows {
        write!(out, "  {} ", paint(DIM, "↳"))?;
        if place.is_empty() {
            Paragraph::indented(0, PLAIN).write(&text, screen.width - 4, out)?;
            continue;
        }
        let padding = column.saturating_sub(width_of(&place)) + 2;
        let used = 4 + width_of(&place) + padding;
        write!(out, "{}", paint(PLACE, &place))?;
        if used + width_of(&text) <= screen.width {
            writeln!(out, "{:padding$}{text}", "")?;
        } else {
            writeln!(out)?;
            Paragraph::indented(6, PLAIN).write(&text, screen.width, out)?;
        }
    }
    Ok(())
}

fn one_line(
    finding: &Finding,
    report: &Report<'_>,
    screen: &Screen,
    out: &mut dyn Write,
) -> io::Result<()> {
    let place = finding
        .labels
        .first()
        .map(|label| clickable(report, label.span))
        .unwrap_or_default();
    if !place.is_empty() {
        writeln!(out, "  {}", paint(PLACE, place))?;
    }
    Paragraph::indented(4, PLAIN).write(&clean(&finding.message), screen.width, out)
}

/// The ids of Django and packages, each once.
fn django_ids(findings: &[Finding]) -> String {
    let mut ids: Vec<_> = findings
        .iter()
        .filter_map(|finding| finding.django_id)
        .collect();
    ids.dedup();
    ids.join(" ")
}
