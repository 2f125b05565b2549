//! The closing lines.

use std::io::{self, Write};

use tightship_model::{Report, Severity};

use super::Screen;
use crate::clean::clean;
use crate::remedies::remedies;
use crate::style::{BOLD, DIM, GOOD, OPEN, PLAIN, paint, severity};
use crate::summary::{Counts, count};
use crate::text::{Paragraph, ruled};

/// Remedies that are named; `--verbose` shows all unknown verdicts.
const REMEDIES_SHOWN: usize = 6;

pub(super) fn render(report: &Report<'_>, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
    let counts = Counts::of(report);
    writeln!(out, "{}\n", ruled("summary", "", screen.width))?;
    writeln!(out, "  {}", findings(&counts))?;
    writeln!(out, "  {}", verdicts(&counts))?;
    for line in set_aside(report) {
        Paragraph::indented(2, DIM).write(&clean(&line), screen.width, out)?;
    }
    open(report, screen, out)?;
    writeln!(out)
}

/// `3 findings: 1 critical, 2 high`
fn findings(counts: &Counts) -> String {
    if counts.all_findings() == 0 {
        // With open questions, that alone is no good news.
        return match counts.unknown {
            0 => paint(GOOD, "✓ no findings"),
            _ => paint(BOLD, "no findings"),
        };
    }
    let by_severity = counts
        .findings
        .iter()
        .zip([
            Severity::Critical,
            Severity::High,
            Severity::Medium,
            Severity::Low,
        ])
        .filter(|((_, count), _)| *count > 0)
        .map(|((name, count), level)| paint(severity(level), format!("{count} {name}")))
        .collect::<Vec<_>>()
        .join(", ");
    format!(
        "{}: {by_severity}",
        paint(BOLD, count(counts.all_findings(), "finding"))
    )
}

/// `✗ 12 fail   ? 7 unknown   ✓ 41 pass   – 20 not applicable`
fn verdicts(counts: &Counts) -> String {
    let failed = match counts.fail {
        0 => PLAIN,
        _ => severity(Severity::High),
    };
    [
        paint(failed, format!("✗ {} failed", counts.fail)),
        paint(OPEN, format!("? {} unknown", counts.unknown)),
        paint(GOOD, format!("✓ {} passed", counts.pass)),
        paint(DIM, format!("– {} not applicable", counts.not_applicable)),
    ]
    .join("   ")
}

/// What the reader does not see above, and why.
fn set_aside(report: &Report<'_>) -> Vec<String> {
    let head = &report.head;
    let mut lines = Vec::new();
    if head.in_baseline > 0 {
        lines.push(format!(
            "{} in the baseline",
            count(head.in_baseline, "finding")
        ));
    }
    for (fingerprint, reason) in &head.waived {
        lines.push(format!("waived: {fingerprint}: {reason}"));
    }
    for fingerprint in &head.idle_waivers {
        lines.push(format!("a waiver matches nothing: {fingerprint}"));
    }
    lines
}

/// What would answer the unknowns.
fn open(report: &Report<'_>, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
    let remedies = remedies(report, &report.head.root);
    if remedies.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n  {}", paint(BOLD, "To turn unknown into answers"))?;
    for remedy in remedies.iter().take(REMEDIES_SHOWN) {
        let text = format!(
            "{}: {}",
            clean(&remedy.text),
            count(remedy.checks.len(), "answer")
        );
        Paragraph::led(2, "? ", OPEN, PLAIN).write(&text, screen.width, out)?;
    }
    let hidden: usize = remedies
        .iter()
        .skip(REMEDIES_SHOWN)
        .map(|remedy| remedy.checks.len())
        .sum();
    if hidden > 0 {
        writeln!(
            out,
            "    {}",
            paint(DIM, format!("and {hidden} more: see --verbose"))
        )?;
    }
    Ok(())
}
