//! The report as JUnit XML: a suite for each area, a case for each check.
//!
//! The form that CI servers read (Jenkins' xunit plugin, GitLab): `testsuites`, `testsuite`,
//! `testcase` with `failure` or `skipped`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use crate::clean::clean;
use crate::document::{Report, Status, Verdict};

/// Writes failures with their places; unknown and not applicable verdicts are skipped cases, so
/// that none of them looks green.
pub fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut areas: BTreeMap<&str, Vec<&Verdict>> = BTreeMap::new();
    for verdict in &report.verdicts {
        areas.entry(verdict.area()).or_default().push(verdict);
    }
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    let all: Vec<_> = report.verdicts.iter().collect();
    writeln!(out, r#"<testsuites name="tightship" {}>"#, tally(&all))?;
    for (area, verdicts) in areas {
        writeln!(
            out,
            r#"  <testsuite name="{}" {}>"#,
            escape(area),
            tally(&verdicts)
        )?;
        for verdict in verdicts {
            case(verdict, report, out)?;
        }
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

fn tally(verdicts: &[&Verdict]) -> String {
    let number = |statuses: &[Status]| {
        let has = |verdict: &&&Verdict| statuses.contains(&verdict.status);
        verdicts.iter().filter(has).count()
    };
    format!(
        r#"tests="{}" failures="{}" errors="0" skipped="{}""#,
        verdicts.len(),
        number(&[Status::Fail]),
        number(&[Status::Unknown, Status::NotApplicable]),
    )
}

fn case(verdict: &Verdict, report: &Report, out: &mut dyn Write) -> io::Result<()> {
    write!(
        out,
        r#"    <testcase classname="tightship.{}" name="{}""#,
        escape(verdict.area()),
        escape(&verdict.check)
    )?;
    let reason = verdict.reason.as_deref().unwrap_or_default();
    let skipped = match verdict.status {
        Status::Pass => return writeln!(out, "/>"),
        Status::Fail => {
            let mut text = String::new();
            for finding in &verdict.findings {
                let place = finding
                    .labels
                    .first()
                    .map(|label| label.clickable(&report.environment.root));
                let place = place.map_or_else(String::new, |place| format!("{place}: "));
                // Writing to a string does not fail.
                let _ = writeln!(
                    text,
                    "{place}{}\n  {}",
                    clean(&finding.message),
                    clean(&finding.advice)
                );
            }
            writeln!(out, ">")?;
            writeln!(
                out,
                r#"      <failure type="{}" message="{}">{}</failure>"#,
                verdict.severity.name(),
                escape(&verdict.title),
                escape(text.trim_end())
            )?;
            return writeln!(out, "    </testcase>");
        }
        Status::Unknown => {
            let remedy = verdict.remedy.as_deref().unwrap_or_default();
            format!("unknown: {reason}; {remedy}")
        }
        Status::NotApplicable => format!("not applicable: {reason}"),
    };
    writeln!(out, ">")?;
    writeln!(
        out,
        r#"      <skipped message="{}"/>"#,
        escape(&clean(&skipped))
    )?;
    writeln!(out, "    </testcase>")
}

/// Text for an element or an attribute in double quotes. U+FFFE and U+FFFF are no characters of
/// XML (XML 1.0 section 2.2); control characters are gone already.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}
