//! The report as a table for spreadsheets: RFC 4180, a row for each finding and for each verdict
//! without one, so that what is unknown does not look as if it were not there.
//!
//! Written here as it is one function: the care goes to what a spreadsheet would run as a formula.

use std::io::{self, Write};

use crate::clean::clean;
use crate::document::{Report, Status};
use crate::place::from_here;

const COLUMNS: [&str; 14] = [
    "status",
    "severity",
    "confidence",
    "check",
    "title",
    "subject",
    "message",
    "advice",
    "path",
    "line",
    "column",
    "rows",
    "also",
    "fingerprint",
];

/// Writes the head and the rows, worst first.
pub fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let root = &report.environment.root;
    row(&COLUMNS, out)?;
    for (verdict, finding) in report.findings() {
        let label = finding.labels.first();
        let number = |number: Option<usize>| number.map_or_else(String::new, |one| one.to_string());
        let path = label.map_or_else(String::new, |label| from_here(root, &label.path));
        row(
            &[
                "fail",
                finding.severity.name(),
                finding.confidence.name(),
                &verdict.check,
                &verdict.title,
                &finding.subject,
                &finding.message,
                &finding.advice,
                &path,
                &number(label.map(|label| label.line)),
                &number(label.map(|label| label.column)),
                &verdict.items.join(" "),
                finding.django_id.as_deref().unwrap_or_default(),
                &finding.fingerprint,
            ],
            out,
        )?;
    }
    for verdict in &report.verdicts {
        let status = match verdict.status {
            Status::Fail => continue,
            Status::Unknown => "unknown",
            Status::Pass => "pass",
            Status::NotApplicable => "not-applicable",
        };
        let proofs: Vec<_> = verdict.evidence.iter().map(|one| &*one.text).collect();
        let reason = match &verdict.reason {
            Some(reason) => reason.clone(),
            None => proofs.join("; "),
        };
        row(
            &[
                status,
                verdict.severity.name(),
                "",
                &verdict.check,
                &verdict.title,
                "",
                &reason,
                verdict.remedy.as_deref().unwrap_or_default(),
                "",
                "",
                "",
                &verdict.items.join(" "),
                &verdict.django_ids.join(" "),
                "",
            ],
            out,
        )?;
    }
    Ok(())
}

fn row(cells: &[&str; 14], out: &mut dyn Write) -> io::Result<()> {
    for (i, text) in cells.iter().enumerate() {
        let comma = if i > 0 { "," } else { "" };
        write!(out, "{comma}{}", cell(text))?;
    }
    out.write_all(b"\r\n")
}

/// A cell in quotes where it needs them. Spreadsheets take what begins with one of `=+-@` for a
/// formula; an apostrophe before it makes it text (OWASP, CSV Injection).
fn cell(text: &str) -> String {
    let text = clean(text);
    let apostrophe = if text.starts_with(['=', '+', '-', '@']) {
        "'"
    } else {
        ""
    };
    let text = format!("{apostrophe}{text}");
    match text.contains(['"', ',']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn cells_hold_any_text_and_run_nothing() {
        assert_eq!(cell("plain"), "plain");
        assert_eq!(cell("a, \"b\""), "\"a, \"\"b\"\"\"");
        assert_eq!(cell("=HYPERLINK(\"x\",1)"), "\"'=HYPERLINK(\"\"x\"\",1)\"");
        assert_eq!(cell("a\r\nb\t"), "a  b ");
    }
}
