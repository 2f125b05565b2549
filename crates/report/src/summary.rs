//! What a whole run comes to.

use std::collections::BTreeMap;

use tightship_model::{EnvOrigin, Environment, Outcome, Report, Severity, variables_to_give};

/// Counts of verdicts and findings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) pass: usize,
    pub(crate) fail: usize,
    pub(crate) unknown: usize,
    pub(crate) not_applicable: usize,
    /// Findings from the worst severity to the least.
    pub(crate) findings: [(&'static str, usize); 4],
}

impl Counts {
    pub(crate) fn of(report: &Report<'_>) -> Self {
        const WORST_FIRST: [Severity; 4] = [
            Severity::Critical,
            Severity::High,
            Severity::Medium,
            Severity::Low,
        ];
        let mut counts = Self {
            findings: WORST_FIRST.map(|severity| (severity.name(), 0)),
            ..Self::default()
        };
        for verdict in &report.verdicts {
            match &verdict.outcome {
                Outcome::Pass(_) => counts.pass += 1,
                Outcome::Unknown { .. } => counts.unknown += 1,
                Outcome::NotApplicable(_) => counts.not_applicable += 1,
                Outcome::Fail(findings) => {
                    counts.fail += 1;
                    for finding in findings {
                        let name = finding.severity(verdict.check).name();
                        for (severity, count) in &mut counts.findings {
                            *count += usize::from(*severity == name);
                        }
                    }
                }
            }
        }
        counts
    }

    pub(crate) fn all_findings(&self) -> usize {
        self.findings.iter().map(|(_, count)| count).sum()
    }
}

/// What would turn unknown verdicts into answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Remedy {
    pub(crate) text: String,
    /// Ids of the checks that it would answer, sorted.
    pub(crate) checks: Vec<&'static str>,
}

/// Unknown verdicts by what would settle them, the most fruitful first. Those that wait for
/// variables are one group, as one file can give them all.
pub(crate) fn remedies(report: &Report<'_>) -> Vec<Remedy> {
    let mut groups: BTreeMap<String, Vec<&'static str>> = BTreeMap::new();
    let mut variables = Vec::new();
    let mut waiting = Vec::new();
    for verdict in &report.verdicts {
        let Outcome::Unknown { remedy, .. } = &verdict.outcome else {
            continue;
        };
        match variables_to_give(remedy) {
            Some(names) => {
                variables.extend(names);
                waiting.push(verdict.check.id);
            }
            None => groups
                .entry(remedy.clone())
                .or_default()
                .push(verdict.check.id),
        }
    }
    variables.sort_unstable();
    variables.dedup();
    if !waiting.is_empty() {
        groups.insert(tightship_model::give_variables(&variables), waiting);
    }
    let mut remedies: Vec<_> = groups
        .into_iter()
        .map(|(text, mut checks)| {
            checks.sort_unstable();
            Remedy { text, checks }
        })
        .collect();
    remedies.sort_by_key(|remedy| std::cmp::Reverse(remedy.checks.len()));
    remedies
}

/// What gave the environment, as a phrase.
pub(crate) fn environment(environment: &Environment) -> String {
    match &environment.origin {
        EnvOrigin::Nothing => "none was found: a variable may be set or not".to_owned(),
        EnvOrigin::Given(what) => what.clone(),
        EnvOrigin::Compose { service, files } => {
            format!("service {service} of {}", files.join(", "))
        }
        EnvOrigin::Systemd(unit) => format!("systemd unit {unit}"),
        EnvOrigin::DotEnv(file) => file.clone(),
    }
}

/// `1 finding`, `3 findings`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        _ => format!("{number} {noun}s"),
    }
}
