//! The report as workflow commands of GitHub Actions, which annotate the changed lines.
//!
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>

use std::io::{self, Write};

use tightship_model::Severity;

use crate::clean::clean;
use crate::document::{Report, worded};
use crate::place::from_here;
use crate::summary::count;

/// Writes a command for each finding, and a notice with the counts.
pub fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    for verdict in &report.verdicts {
        for finding in &verdict.findings {
            let command = match finding.severity {
                Severity::Critical | Severity::High => "error",
                Severity::Medium => "warning",
                Severity::Low => "notice",
            };
            write!(out, "::{command} ")?;
            if let Some(place) = finding.labels.first() {
                let path = from_here(&report.environment.root, &place.path);
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
            writeln!(out, "title={}::{}", property(&verdict.check), data(&text))?;
        }
    }
    let counts = &report.summary;
    let mut text = format!(
        "{} of {} failed checks, {} unknown, {} passed, {} not applicable",
        count(counts.findings, "finding"),
        counts.fail,
        counts.unknown,
        counts.pass,
        counts.not_applicable
    );
    for remedy in &counts.remedies {
        let answers = count(remedy.checks.len(), "answer");
        let remedy = worded(remedy, &report.environment.root);
        text.push_str(&format!("\n{}: {answers}", clean(&remedy)));
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
