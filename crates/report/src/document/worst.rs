//! What would hurt most.

use std::cmp::Reverse;
use std::collections::HashSet;

use super::{Finding, Report, Status, Verdict};
use crate::chart;

/// A finding that would hurt, and how many further ones its check has.
pub(crate) struct Worst<'a> {
    pub(crate) verdict: &'a Verdict,
    pub(crate) finding: &'a Finding,
    pub(crate) more: usize,
}

/// The worst first: by severity, by confidence, by whether it stands at what the internet reaches.
/// One for a check; first the worst of each area, so that the list shows how wide it goes.
pub(crate) fn worst(report: &Report, number: usize) -> Vec<Worst<'_>> {
    let exposed = report
        .deployment
        .as_ref()
        .map(chart::Document::exposed)
        .unwrap_or_default();
    let weight = |finding: &Finding| (finding.severity, finding.confidence);
    let mut all: Vec<_> = report
        .with_status(Status::Fail)
        .filter_map(|verdict| {
            // Of equal ones the first.
            let worst = verdict
                .findings
                .iter()
                .rev()
                .max_by_key(|one| weight(one))?;
            let is_exposed = exposed.contains(&*verdict.check);
            Some((Reverse((weight(worst), is_exposed)), verdict, worst))
        })
        .collect();
    all.sort_by_key(|(weight, ..)| *weight);
    let mut areas = HashSet::new();
    let (mut chosen, others): (Vec<_>, Vec<_>) = all
        .into_iter()
        .partition(|(_, verdict, _)| areas.insert(verdict.area()));
    chosen.extend(others);
    chosen.truncate(number);
    chosen.sort_by_key(|(weight, ..)| *weight);
    let chosen = chosen.into_iter();
    chosen
        .map(|(_, verdict, finding)| Worst {
            verdict,
            finding,
            more: verdict.findings.len() - 1,
        })
        .collect()
}
