//! The report as Markdown, for a comment on a pull request.

use std::io::{self, Write};

use tightship_model::{Finding, Outcome, Report, Severity, Verdict};

use crate::clean::clean;
use crate::place::clickable;
use crate::remedies::remedies;
use crate::summary::{Counts, count, environment};

/// Findings that get a row; the comment of a code host holds 65,536 characters.
const ROWS: usize = 100;

/// Findings whose trail is written out.
const DETAILS: usize = 30;

/// Writes a table of findings, worst first, their trails folded away, and what is not known.
pub fn render(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let counts = Counts::of(report);
    let findings = findings(report);
    let title = match findings.len() {
        0 => "no findings".to_owned(),
        number => count(number, "finding"),
    };
    writeln!(out, "## tightship: {title}\n")?;
    writeln!(
        out,
        "{} failed, {} unknown, {} passed, {} not applicable. {}\n",
        counts.fail,
        counts.unknown,
        counts.pass,
        counts.not_applicable,
        judged(report)
    )?;
    if !findings.is_empty() {
        table(&findings, report, out)?;
        details(&findings, report, out)?;
    }
    let remedies = remedies(report, &report.head.root);
    if !remedies.is_empty() {
        writeln!(out, "To turn unknown into answers:\n")?;
        for remedy in remedies {
            let answers = count(remedy.checks.len(), "answer");
            writeln!(out, "- {}: {answers}", escape(&remedy.text))?;
        }
    }
    Ok(())
}

/// Failures one by one, the worst first.
fn findings<'a>(report: &'a Report<'_>) -> Vec<(Severity, &'a Verdict, &'a Finding)> {
    let mut all = Vec::new();
    for verdict in &report.verdicts {
        if let Outcome::Fail(findings) = &verdict.outcome {
            all.extend(
                findings
                    .iter()
                    .map(|finding| (finding.severity(verdict.check), verdict, finding)),
            );
        }
    }
    all.sort_by_key(|(severity, ..)| std::cmp::Reverse(*severity));
    all
}

fn judged(report: &Report<'_>) -> String {
    match &report.deployment.project.module {
        Some(module) => format!(
            "Judged: settings {}, environment: {}.",
            code(&module.name),
            escape(&environment(&report.deployment.environment))
        ),
        None => "No settings module was judged.".to_owned(),
    }
}

fn table(
    findings: &[(Severity, &Verdict, &Finding)],
    report: &Report<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out, "| severity | check | finding | place |")?;
    writeln!(out, "|---|---|---|---|")?;
    for (severity, verdict, finding) in findings.iter().take(ROWS) {
        let place = finding
            .labels
            .first()
            .map(|label| code(&clickable(report, label.span)))
            .unwrap_or_default();
        writeln!(
            out,
            "| {} | {} | {} | {place} |",
            severity.name(),
            code(verdict.check.id),
            escape(&finding.message)
        )?;
    }
    if findings.len() > ROWS {
        writeln!(out, "\nand {} more.", findings.len() - ROWS)?;
    }
    writeln!(out)
}

fn details(
    findings: &[(Severity, &Verdict, &Finding)],
    report: &Report<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out, "<details><summary>Trails and what to do</summary>\n")?;
    for (_, verdict, finding) in findings.iter().take(DETAILS) {
        writeln!(
            out,
            "- {} {}: {}",
            code(verdict.check.id),
            code(&finding.subject),
            escape(&finding.advice)
        )?;
        for link in finding.trail.links() {
            let text = escape(&link.text);
            match link.span {
                Some(span) => writeln!(out, "  - {} {text}", code(&clickable(report, span)))?,
                None => writeln!(out, "  - {text}")?,
            }
        }
    }
    writeln!(out, "\n</details>\n")
}

/// Text in which nothing is Markdown, HTML, a mention or a reference to a ticket.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in clean(text).chars() {
        match c {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '@' => escaped.push_str("&#64;"),
            '#' => escaped.push_str("&#35;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '!' => {
                escaped.push('\\');
                escaped.push(c);
            }
            // Schemes make links of their own.
            ':' => escaped.push_str("&#58;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// A code span. A fence of backticks longer than any inside keeps it closed; a pipe would end the
/// cell of a table even there (GitHub Flavored Markdown section 4.10).
fn code(text: &str) -> String {
    let text = clean(text).replace('|', "\\|");
    let longest = text
        .split(|c| c != '`')
        .map(str::len)
        .max()
        .unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    let space = if longest > 0 { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}
