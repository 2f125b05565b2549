//! What a whole run comes to.

use tightship_model::{EnvOrigin, Environment, Outcome, Report, Severity};

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

/// What gave the environment, as a phrase.
pub(crate) fn environment(environment: &Environment) -> String {
    match &environment.origin {
        EnvOrigin::Nothing if !environment.variables.is_empty() => {
            "--env alone: any other variable may be set or not".to_owned()
        }
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
