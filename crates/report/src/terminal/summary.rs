//! The closing lines.

use std::io::{self, Write};

use tightship_model::Severity;

use super::Screen;
use crate::clean::clean;
use crate::document::{Report, Summary, worded, worst};
use crate::style::{BOLD, DIM, GOOD, OPEN, PLAIN, paint, severity};
use crate::summary::count;
use crate::text::{Paragraph, ruled, width_of};

/// Checks that are named as the worst.
const WORST_SHOWN: usize = 5;

/// Remedies that are named; `--verbose` shows all unknown verdicts.
const REMEDIES_SHOWN: usize = 6;

pub(super) fn render(
    report: &Report,
    screen: &Screen,
    is_folded: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out, "{}\n", ruled("summary", "", screen.width))?;
    writeln!(out, "  {}", findings(report))?;
    writeln!(out, "  {}", verdicts(&report.summary, screen.width))?;
    hurting(report, screen, out)?;
    for line in set_aside(report) {
        Paragraph::indented(2, DIM).write(&clean(&line), screen.width, out)?;
    }
    open(report, screen, out)?;
    next(report, screen, is_folded, out)?;
    writeln!(out)
}

/// `3 findings: 1 critical, 2 high`
fn findings(report: &Report) -> String {
    let summary = &report.summary;
    if summary.findings == 0 {
        // With open questions, that alone is no good news.
        return match summary.unknown {
            0 => paint(GOOD, "✓ no findings"),
            _ => paint(BOLD, "no findings"),
        };
    }
    let by_severity = report
        .by_severity()
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(level, count)| paint(severity(level), format!("{count} {}", level.name())))
        .collect::<Vec<_>>()
        .join(", ");
    format!(
        "{}: {by_severity}",
        paint(BOLD, count(summary.findings, "finding"))
    )
}

/// `✗ 12 fail   ? 7 unknown   ✓ 41 pass   – 20 not applicable`
fn verdicts(counts: &Summary, width: usize) -> String {
    let failed = match counts.fail {
        0 => PLAIN,
        _ => severity(Severity::High),
    };
    let parts = [
        (failed, format!("✗ {} failed", counts.fail)),
        (OPEN, format!("? {} unknown", counts.unknown)),
        (GOOD, format!("✓ {} passed", counts.pass)),
        (DIM, format!("– {} not applicable", counts.not_applicable)),
    ];
    let needed = |gap: usize| {
        let texts: usize = parts.iter().map(|(_, text)| width_of(text)).sum();
        2 + texts + gap * (parts.len() - 1)
    };
    let gap = if needed(3) <= width { "   " } else { "  " };
    let painted = parts.iter().map(|(style, text)| paint(*style, text));
    let (first, last): (Vec<_>, Vec<_>) = match needed(2) <= width {
        true => (painted.collect(), Vec::new()),
        // The last part on a line of its own.
        false => (painted.clone().take(3).collect(), painted.skip(3).collect()),
    };
    let break_line = if last.is_empty() { "" } else { "\n  " };
    format!("{}{break_line}{}", first.join(gap), last.join(gap))
}

/// What would hurt most, where there is more than a screen shows.
fn hurting(report: &Report, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
    if report.summary.fail <= WORST_SHOWN {
        return Ok(());
    }
    writeln!(out, "\n  {}", paint(BOLD, "What would hurt most"))?;
    for one in worst(report, WORST_SHOWN) {
        let level = one.finding.severity;
        let lead = format!("{:<9}", level.name());
        let text = format!(
            "{} ({})",
            clean(&one.verdict.title),
            clean(&one.verdict.check)
        );
        Paragraph::led(2, &lead, severity(level), PLAIN).write(&text, screen.width, out)?;
    }
    Ok(())
}

/// What the reader does not see above, and why.
fn set_aside(report: &Report) -> Vec<String> {
    let summary = &report.summary;
    let mut lines = Vec::new();
    if summary.in_baseline > 0 {
        lines.push(format!(
            "{} in the baseline",
            count(summary.in_baseline, "finding")
        ));
    }
    for waived in &summary.waived {
        lines.push(format!("waived: {}: {}", waived.fingerprint, waived.reason));
    }
    for fingerprint in &summary.idle_waivers {
        lines.push(format!("a waiver matches nothing: {fingerprint}"));
    }
    lines
}

/// What would answer the unknowns.
fn open(report: &Report, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
    let remedies = &report.summary.remedies;
    if remedies.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n  {}", paint(BOLD, "To turn unknown into answers"))?;
    for remedy in remedies.iter().take(REMEDIES_SHOWN) {
        let text = format!(
            "{}: {}",
            clean(&worded(remedy, &report.environment.root)),
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

/// What to type next: to see all, to understand the worst, to show it to others, to keep at it.
fn next(report: &Report, screen: &Screen, is_folded: bool, out: &mut dyn Write) -> io::Result<()> {
    let root = match &*report.environment.root {
        "." => String::new(),
        root => format!(" {}", clean(root)),
    };
    let mut lines = Vec::new();
    if is_folded {
        let all = format!("tightship check{root} --verbose");
        lines.push((all, "each finding in full; --select AREA for a part"));
    }
    if let Some(worst) = worst(report, 1).first() {
        let explain = format!("tightship explain {}", clean(&worst.verdict.check));
        let page = format!("tightship check{root} --output report.html");
        lines.push((explain, "why it matters and how to mend it"));
        lines.push((page, "all of it as a page"));
    }
    let list = format!("tightship checklist{root}");
    lines.push((list, "as a list that ticks itself"));
    writeln!(out, "\n  {}", paint(BOLD, "Next"))?;
    let widths = lines.iter().map(|(command, _)| width_of(command));
    let column = widths.max().unwrap_or(0);
    for (command, purpose) in &lines {
        let lead = format!("{command:<column$}  ");
        Paragraph::led(2, &lead, PLAIN, DIM).write(purpose, screen.width, out)?;
    }
    Ok(())
}
