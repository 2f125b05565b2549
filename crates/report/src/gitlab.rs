//! The report as GitLab's code quality report, which shows findings in a merge request.
//!
//! <https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use serde_json::json;
use sha2::{Digest, Sha256};
use tightship_model::Severity;

use crate::document::{Finding, Report};
use crate::json;
use crate::place::from_here;

/// Writes one entry for each finding. What stands nowhere is put on the first line of the settings
/// module, as GitLab shows no entry without a place.
pub fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let root = &report.environment.root;
    let nowhere = report.environment.settings_file.as_deref();
    let mut times = HashMap::new();
    let entries: Vec<_> = report
        .findings()
        .into_iter()
        .map(|(verdict, finding)| {
            let label = finding.labels.first();
            let path = label.map(|label| &*label.path).or(nowhere);
            json!({
                "description": format!("{}. {}", finding.message, finding.advice),
                "check_name": verdict.check,
                "fingerprint": fingerprint(finding, &mut times),
                "severity": severity(finding.severity),
                "location": {
                    "path": from_here(root, path.unwrap_or("manage.py")),
                    "lines": {"begin": label.map_or(1, |label| label.line)},
                },
            })
        })
        .collect();
    json::write(&entries, out)
}

/// GitLab drops all but one of equal fingerprints: the second of a kind gets its number.
fn fingerprint<'a>(finding: &'a Finding, times: &mut HashMap<&'a str, usize>) -> String {
    let before = times.entry(&finding.fingerprint).or_insert(0);
    let mut hash = Sha256::new();
    hash.update(&finding.fingerprint);
    if *before > 0 {
        hash.update(format!("\0{before}"));
    }
    *before += 1;
    hash.finalize()
        .iter()
        .fold(String::new(), |mut text, byte| {
            // Writing into a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// GitLab's scale: info, minor, major, critical, blocker.
fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "blocker",
        Severity::High => "critical",
        Severity::Medium => "major",
        Severity::Low => "minor",
    }
}
