//! The report for a person at a terminal.

mod finding;
mod folded;
mod frame;
pub(crate) mod head;
mod summary;

use std::collections::BTreeMap;
use std::io::{self, Write};

use rayon::prelude::*;
use tightship_model::Severity;

pub(crate) use finding::{SHOWN_IN_BRIEF, SHOWN_IN_FULL};

use crate::clean::clean;
use crate::document::{Link, Report, Status, Verdict};
use crate::style::{BOLD, DIM, GOOD, OPEN, PLAIN, paint};
use crate::text::{Paragraph, ruled};

/// The screen to write for. Colours are always written; the caller strips them.
#[derive(Clone, Copy, Debug)]
pub struct Screen {
    /// Columns, from 60 on.
    pub width: usize,
    /// Shows passes with their evidence, what does not apply, and each finding in full.
    pub verbose: bool,
    /// The caller writes all of it by [`crate::ascii`]: what is placed below something else is placed
    /// for that.
    pub ascii: bool,
}

impl Screen {
    /// The width for what is not a terminal, and the most that is comfortable to read.
    pub const DEFAULT_WIDTH: usize = 100;
    pub const WIDEST: usize = 120;
    pub const NARROWEST: usize = 60;
}

/// Writes the report: what was judged, findings by area with the worst first, what is not known,
/// and a summary. Of many failed checks the worst are shown in full, the others on a line each.
pub fn render(report: &Report, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
    head::render(report, screen, out)?;
    let folded = folded::folded(report, screen);
    for area in areas(&report.verdicts) {
        let detail = area.severities();
        writeln!(out, "{}\n", ruled(area.name, &detail, screen.width))?;
        let (in_brief, in_full): (Vec<_>, Vec<_>) = area
            .failures
            .iter()
            .copied()
            .partition(|verdict| folded.contains(&*verdict.check));
        let rendered: Vec<_> = in_full
            .par_iter()
            .map(|verdict| {
                let mut text = Vec::new();
                finding::render(verdict, report, screen, &mut text).map(|()| text)
            })
            .collect::<io::Result<_>>()?;
        for text in rendered {
            out.write_all(&text)?;
        }
        folded::render(&in_brief, report, screen, out)?;
    }
    if screen.verbose {
        unknowns(report, screen, out)?;
        passes(report, screen, out)?;
        not_applicable(report, screen, out)?;
    }
    summary::render(report, screen, !folded.is_empty(), out)
}

/// The failures of one area, worst first.
struct Area<'a> {
    name: &'a str,
    failures: Vec<&'a Verdict>,
    /// Findings by severity, the worst first.
    findings: [(Severity, usize); 4],
}

impl Area<'_> {
    /// `3 critical, 1 low`
    fn severities(&self) -> String {
        let named = self.findings.iter().filter(|(_, count)| *count > 0);
        named
            .map(|(severity, count)| format!("{count} {}", severity.name()))
            .collect::<Vec<_>>()
            .join(", ")
    }
}

/// Areas with failures: the one with the most critical findings first, then by the less severe
/// ones, then by name.
fn areas(verdicts: &[Verdict]) -> Vec<Area<'_>> {
    const NONE: [(Severity, usize); 4] = [
        (Severity::Critical, 0),
        (Severity::High, 0),
        (Severity::Medium, 0),
        (Severity::Low, 0),
    ];
    let mut areas: BTreeMap<&str, Area<'_>> = BTreeMap::new();
    for verdict in verdicts {
        if verdict.status != Status::Fail {
            continue;
        }
        let name = verdict.area();
        let area = areas.entry(name).or_insert_with(|| Area {
            name,
            failures: Vec::new(),
            findings: NONE,
        });
        area.failures.push(verdict);
        for finding in &verdict.findings {
            for (severity, count) in &mut area.findings {
                *count += usize::from(*severity == finding.severity);
            }
        }
    }
    let mut areas: Vec<_> = areas.into_values().collect();
    areas.sort_by_key(|area| std::cmp::Reverse(area.findings.map(|(_, count)| count)));
    areas
}

fn unknowns(report: &Report, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
    let lines: Vec<_> = report
        .with_status(Status::Unknown)
        .map(|verdict| {
            let reason = verdict.reason.clone().unwrap_or_default();
            let remedy = verdict.remedy.as_deref().unwrap_or_default();
            (&*verdict.check, vec![reason, format!("→ {remedy}")])
        })
        .collect();
    section("unknown", "?", OPEN, &lines, screen, out)
}

fn passes(report: &Report, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
    let place = |link: &Link| link.clickable(&report.environment.root);
    let lines: Vec<_> = report
        .with_status(Status::Pass)
        .map(|verdict| {
            let proofs = verdict.evidence.iter();
            let proofs = proofs.map(|evidence| match evidence.trail.iter().find_map(place) {
                Some(place) => format!("{}  {place}", evidence.text),
                None => evidence.text.clone(),
            });
            (&*verdict.check, proofs.collect())
        })
        .collect();
    section("passed", "✓", GOOD, &lines, screen, out)
}

fn not_applicable(report: &Report, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
    let lines: Vec<_> = report
        .with_status(Status::NotApplicable)
        .map(|verdict| (&*verdict.check, verdict.reason.iter().cloned().collect()))
        .collect();
    section("not applicable", "–", DIM, &lines, screen, out)
}

/// A list of verdicts, each an id with its texts below it.
fn section(
    name: &str,
    sign: &str,
    style: anstyle::Style,
    lines: &[(&str, Vec<String>)],
    screen: &Screen,
    out: &mut dyn Write,
) -> io::Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "{}\n",
        ruled(name, &lines.len().to_string(), screen.width)
    )?;
    for (id, texts) in lines {
        writeln!(out, "{} {}", paint(style, sign), paint(BOLD, id))?;
        for text in texts {
            Paragraph::indented(2, PLAIN).write(&clean(text), screen.width, out)?;
        }
    }
    writeln!(out)
}
