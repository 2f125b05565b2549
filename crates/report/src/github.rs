//! The report as workflow commands of GitHub Actions, which annotate the changed lines.
//!
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>

use std::io::{self, Write};

use tightship_model::{Outcome, Report, Severity};

use crate::clean::clean;
use crate::place::{Place, from_here};
use crate::remedies::remedies;
use crate::summary::{Counts, count};

/// Writes a command for each finding, and a notice with the counts.
pub fn render(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    for verdict in &report.verdicts {
        let Outcome::Fail(findings) = &verdict.outcome else {
            continue;
        };
        for finding in findings {
            let command = match finding.severity(verdict.check) {
                Severity::Critical | Severity::High => "error",
                Severity::Medium => "warning",
                Severity::Low => "notice",
            };
            write!(out, "::{command} ")?;
            if let Some(label) = finding.labels.first() {
                let place = Place::of(&report.deployment.sources, label.span);
                let path = from_here(&report.head.root, &place.path);
                write!(
                    out,
                    "file={},line={},endLine={},col={},",
                    property(&path),
                    place.line,
                    place.end_line,
                    place.column
                )?;
                // An end column counts only within one line.
                if place.end_line == place.line {
                    write!(out, "endColumn={},", place.end_column)?;
                }
            }
            let text = format!("{}\n{}", clean(&finding.message), clean(&finding.advice));
            writeln!(out, "title={}::{}", property(verdict.check.id), data(&text))?;
        }
    }
    let counts = Counts::of(report);
    let mut text = format!(
        "{} of {} failed checks, {} unknown, {} passed, {} not applicable",
        count(counts.all_findings(), "finding"),
        counts.fail,
        counts.unknown,
        counts.pass,
        counts.not_applicable
    );
    for remedy in remedies(report, &report.head.root) {
        let answers = count(remedy.checks.len(), "answer");
        text.push_str(&format!("\n{}: {answers}", clean(&remedy.text)));
    }
    writeln!(out, "::notice title=tightship::{}", data(&text))
}

/// The text of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// The value of a property.
fn property(text: &str) -> String {
    data(&clean(text)).replace(':', "%3A").replace(',', "%2C")
}
