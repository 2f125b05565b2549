//! The report as Markdown, for a comment on a pull request.

use std::io::{self, Write};

use crate::clean::clean;
use crate::document::{Finding, Report, Verdict, worded};
use crate::summary::count;

/// Findings that get a row; the comment of a code host holds 65,536 characters.
const ROWS: usize = 100;

/// Findings whose trail is written out.
const DETAILS: usize = 30;

/// Writes a table of findings, worst first, their trails folded away, and what is not known.
pub fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let counts = &report.summary;
    let findings = report.findings();
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
    let remedies = &report.summary.remedies;
    if !remedies.is_empty() {
        writeln!(out, "To turn unknown into answers:\n")?;
        for remedy in remedies {
            let answers = count(remedy.checks.len(), "answer");
            let text = worded(remedy, &report.environment.root);
            writeln!(out, "- {}: {answers}", escape(&text))?;
        }
    }
    Ok(())
}

fn judged(report: &Report) -> String {
    let environment = &report.environment;
    match &environment.settings_module {
        Some(module) => format!(
            "Judged: settings {}, environment: {}.",
            code(module),
            escape(&environment.variables_from_text)
        ),
        None => "No settings module was judged.".to_owned(),
    }
}

fn table(
    findings: &[(&Verdict, &Finding)],
    report: &Report,
    out: &mut dyn Write,
) -> io::Result<()> {
    let root = &report.environment.root;
    writeln!(out, "| severity | check | finding | place |")?;
    writeln!(out, "|---|---|---|---|")?;
    for (verdict, finding) in findings.iter().take(ROWS) {
        let place = finding
            .labels
            .first()
            .map(|label| code(&label.clickable(root)))
            .unwrap_or_default();
        writeln!(
            out,
            "| {} | {} | {} | {place} |",
            finding.severity.name(),
            code(&verdict.check),
            escape(&finding.message)
        )?;
    }
    if findings.len() > ROWS {
        writeln!(out, "\nand {} more.", findings.len() - ROWS)?;
    }
    writeln!(out)
}

fn details(
    findings: &[(&Verdict, &Finding)],
    report: &Report,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out, "<details><summary>Trails and what to do</summary>\n")?;
    for (verdict, finding) in findings.iter().take(DETAILS) {
        writeln!(
            out,
            "- {} {}: {}",
            code(&verdict.check),
            code(&finding.subject),
            escape(&finding.advice)
        )?;
        for link in &finding.trail {
            let text = escape(&link.text);
            match link.clickable(&report.environment.root) {
                Some(place) => writeln!(out, "  - {} {text}", code(&place))?,
                None => writeln!(out, "  - {text}")?,
            }
        }
    }
    writeln!(out, "\n</details>\n")
}

/// Text in which nothing is Markdown, HTML, a mention or a reference to a ticket.
pub(crate) fn escape(text: &str) -> String {
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
pub(crate) fn code(text: &str) -> String {
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
