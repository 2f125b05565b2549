//! One failing check with its findings.

use std::collections::HashSet;
use std::io::{self, Write};

use rayon::prelude::*;
use tightship_model::Confidence;

use super::{Screen, frame};
use crate::clean::clean;
use crate::document::{Finding, Label, Report, Verdict};
use crate::style::{self, BOLD, CURE, DIM, PLACE, PLAIN, paint};
use crate::text::{Paragraph, width_of};

/// Places of one check with the same advice that are shown with their frame.
pub(crate) const SHOWN_IN_FULL: usize = 3;

/// Advices of one check that are given, each with its places.
const ADVICES: usize = 5;

/// Findings in one place, or in further ones, that are told, and further places of one finding; the
/// rest is counted.
pub(crate) const SHOWN_IN_BRIEF: usize = 20;

/// Places of a trail wider than this do not push the texts of the others to the right.
const WIDEST_PLACE: usize = 44;

pub(super) fn render(
    verdict: &Verdict,
    report: &Report,
    screen: &Screen,
    out: &mut dyn Write,
) -> io::Result<()> {
    let findings = &verdict.findings;
    let severity = verdict.severity;
    let style = style::severity(severity);
    writeln!(
        out,
        "{} {}  {}",
        paint(style, "●"),
        paint(style, format!("{:<8}", severity.name())),
        paint(BOLD, &verdict.check),
    )?;
    // A check may have a hundred findings with a hundred places each.
    let mut groups: Vec<_> = findings.chunk_by(|a, b| a.advice == b.advice).collect();
    let rest = match screen.verbose {
        true => Vec::new(),
        false => groups.split_off(groups.len().min(ADVICES)),
    };
    let rendered: Vec<_> = groups
        .into_par_iter()
        .map(|group| {
            let mut text = Vec::new();
            alike(group, report, screen, &mut text).map(|()| text)
        })
        .collect::<io::Result<_>>()?;
    for text in rendered {
        out.write_all(&text)?;
    }
    let rest: Vec<_> = rest.into_iter().flatten().collect();
    briefly(&rest, None, report, screen, out)?;
    let mut notes: Vec<&str> = Vec::new();
    let items = verdict.items.join(" ");
    let django_ids = django_ids(findings);
    if !items.is_empty() {
        notes.push(&items);
    }
    if !django_ids.is_empty() {
        notes.push(&django_ids);
    }
    let hint = format!("tightship explain {}", verdict.check);
    notes.push(&hint);
    Paragraph::indented(2, DIM).write(&notes.join(" · "), screen.width, out)?;
    writeln!(out)
}

/// Findings with the same advice, and that advice.
fn alike(
    findings: &[Finding],
    report: &Report,
    screen: &Screen,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (in_full, in_brief) = match screen.verbose {
        true => (usize::MAX, usize::MAX),
        false => (SHOWN_IN_FULL, SHOWN_IN_BRIEF),
    };
    let mut places = findings.chunk_by(in_one_place);
    for findings in places.by_ref().take(in_full) {
        let shown = &findings[..findings.len().min(in_brief)];
        whole(shown, report, screen, out)?;
        more(findings.len() - shown.len(), screen, out)?;
    }
    let rest: Vec<_> = places.flatten().collect();
    let last = findings.len().checked_sub(rest.len() + 1);
    let before = last.and_then(|last| findings.get(last));
    briefly(&rest, before, report, screen, out)?;
    if let Some(finding) = findings.first() {
        let advice = clean(&finding.advice);
        Paragraph::led(2, "→ ", CURE, PLAIN).write(&advice, screen.width, out)?;
    }
    Ok(())
}

/// Whether one frame and one trail serve both.
fn in_one_place(a: &Finding, b: &Finding) -> bool {
    let is_one_place = match (a.labels.first(), b.labels.first()) {
        (Some(a), Some(b)) => {
            let place = |label: &Label| {
                let end = (label.end_line, label.end_column);
                (label.line, label.column, end)
            };
            place(a) == place(b) && a.path == b.path
        }
        (a, b) => a.is_none() && b.is_none(),
    };
    is_one_place && a.labels.len() == b.labels.len() && a.trail == b.trail
}

/// The messages of findings in one place, then its frame and trail.
fn whole(
    findings: &[Finding],
    report: &Report,
    screen: &Screen,
    out: &mut dyn Write,
) -> io::Result<()> {
    let lead = if findings.len() > 1 { "- " } else { "" };
    for finding in findings {
        let message = clean(&finding.message);
        let message = match finding.confidence {
            Confidence::High => message.into_owned(),
            confidence => format!("{message} ({} confidence)", confidence.name()),
        };
        Paragraph::led(2, lead, DIM, PLAIN).write(&message, screen.width, out)?;
    }
    writeln!(out)?;
    let Some(finding) = findings.first() else {
        return Ok(());
    };
    if let Some(label) = finding.labels.first() {
        let style = style::severity(finding.severity);
        let place = label.clickable(&report.environment.root);
        writeln!(out, "  {}", paint(PLACE, place))?;
        frame::render(label, style, 2, screen, out)?;
    }
    trail(finding, report, screen, out)?;
    if !finding.labels.is_empty() || !finding.trail.is_empty() {
        writeln!(out)?;
    }
    Ok(())
}

fn more(number: usize, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
    if number == 0 {
        return Ok(());
    }
    let text = format!("and {number} more: see --verbose");
    Paragraph::indented(2, DIM).write(&text, screen.width, out)
}

/// The way of the value after its frame, and further labels: a place and a text in two columns.
fn trail(
    finding: &Finding,
    report: &Report,
    screen: &Screen,
    out: &mut dyn Write,
) -> io::Result<()> {
    let root = &report.environment.root;
    let first = finding.labels.first();
    let mut seen: HashSet<_> = first
        .map(|label| (&*label.path, label.line))
        .into_iter()
        .collect();
    let mut rows = Vec::new();
    let links = finding.trail.iter().map(|link| {
        let line = link.path.as_deref().zip(link.line);
        (line, link.clickable(root), &link.text)
    });
    let others = finding.labels.get(1..).unwrap_or_default();
    let (others, hidden) = others.split_at(match screen.verbose {
        true => others.len(),
        false => others.len().min(SHOWN_IN_BRIEF),
    });
    let labels = others.iter().map(|label| {
        let line = Some((&*label.path, label.line));
        (line, Some(label.clickable(root)), &label.text)
    });
    for (line, place, text) in links.chain(labels) {
        // The frame, or an earlier row, may show that line already.
        if line.is_none_or(|line| seen.insert(line)) {
            rows.push((place.unwrap_or_default(), clean(text)));
        }
    }
    let column = rows
        .iter()
        .map(|(place, _)| width_of(place))
        .filter(|width| *width <= WIDEST_PLACE)
        .max()
        .unwrap_or(0);
    let arrow = paint(DIM, "↳");
    for (place, text) in rows {
        if place.is_empty() {
            Paragraph::led(2, "↳ ", DIM, PLAIN).write(&text, screen.width, out)?;
            continue;
        }
        write!(out, "  {arrow} ")?;
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
    more(hidden.len(), screen, out)
}

/// A line or two for each finding; where it says the same as the one `before` it, its place alone.
fn briefly<'a>(
    findings: &[&'a Finding],
    mut before: Option<&'a Finding>,
    report: &Report,
    screen: &Screen,
    out: &mut dyn Write,
) -> io::Result<()> {
    if findings.is_empty() {
        return Ok(());
    }
    let most = match screen.verbose {
        true => usize::MAX,
        false => SHOWN_IN_BRIEF,
    };
    for finding in findings.iter().take(most) {
        match finding.labels.first() {
            Some(label) if before.is_some_and(|before| before.message == finding.message) => {
                let place = label.clickable(&report.environment.root);
                writeln!(out, "  {}", paint(PLACE, place))?;
            }
            _ => brief(finding, report, screen, out)?,
        }
        before = Some(finding);
    }
    more(findings.len().saturating_sub(most), screen, out)?;
    writeln!(out)
}

/// Place and message.
fn brief(
    finding: &Finding,
    report: &Report,
    screen: &Screen,
    out: &mut dyn Write,
) -> io::Result<()> {
    let place = match finding.labels.first() {
        Some(label) => format!("{}  ", label.clickable(&report.environment.root)),
        None => String::new(),
    };
    let message = clean(&finding.message);
    if 2 + width_of(&place) + width_of(&message) <= screen.width {
        return writeln!(out, "  {}{message}", paint(PLACE, place));
    }
    Paragraph::indented(2, PLACE).write(place.trim_end(), screen.width, out)?;
    Paragraph::indented(4, PLAIN).write(&message, screen.width, out)
}

/// The ids of Django and packages, each once.
fn django_ids(findings: &[Finding]) -> String {
    let mut ids: Vec<_> = findings
        .iter()
        .filter_map(|finding| finding.django_id.as_deref())
        .collect();
    ids.dedup();
    ids.join(" ")
}
