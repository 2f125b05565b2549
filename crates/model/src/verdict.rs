//! What a check answers.

use serde::{Deserialize, Serialize};

use crate::{ANY_VARIABLE, Check, Span, Trail};

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Low,
    Medium,
    High,
    Critical,
}

impl Severity {
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// How sure a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    Low,
    Medium,
    High,
}

impl Confidence {
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// A check with its answer.
#[derive(Clone)]
pub struct Verdict {
    pub check: &'static Check,
    pub outcome: Outcome,
}

/// The answer of a check.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It holds, and this shows it.
    Pass(Vec<Evidence>),
    /// It does not hold; at least one finding.
    Fail(Vec<Finding>),
    /// Not seen: never green.
    Unknown {
        /// What was not seen.
        reason: String,
        /// What to give so that it is seen: an option, a file, a variable.
        remedy: String,
        /// Where the knowledge ends.
        trail: Trail,
    },
    /// The question does not arise here.
    NotApplicable(String),
}

/// A fact that a pass stands on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    pub text: String,
    pub trail: Trail,
}

/// One bad thing in one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it is about, without a line number: `settings:SECURE_HSTS_SECONDS`.
    pub subject: String,
    /// What an attacker gains or a user loses, in the present tense, with the measured value.
    pub message: String,
    /// Overrides the check's severity.
    pub severity: Option<Severity>,
    pub confidence: Confidence,
    /// Places; the first is primary. Empty where the fault is that something stands nowhere.
    pub labels: Vec<Label>,
    /// The way of the judged value.
    pub trail: Trail,
    /// The id under which Django or a package reports the same thing.
    pub django_id: Option<&'static str>,
    /// What to do, in one sentence.
    pub advice: String,
    pub fix: Option<Fix>,
}

/// A place in a finding, and what is there.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Label {
    pub span: Span,
    pub text: String,
}

/// A change of files that mends a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    pub title: String,
    pub safety: Safety,
    pub edits: Vec<Edit>,
}

/// Whether a fix may be applied without a person's judgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Safety {
    /// Honest users see the same deployment as before.
    Safe,
    /// Right in most deployments; look before you apply it.
    Unsafe,
    /// Shown only.
    Manual,
}

/// Bytes to replace.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Edit {
    pub span: Span,
    pub replacement: String,
}

/// The remedy of a verdict that waits for environment variables.
pub fn give_variables(names: &[String]) -> String {
    if names.iter().any(|name| name == ANY_VARIABLE) {
        return "give the variables of production with --env-file".to_owned();
    }
    format!("{GIVE}{}{WITH_OPTIONS}", names.join(", "))
}

/// The variables of a remedy made by [`give_variables`], so that a summary can ask for all at once.
pub fn variables_to_give(remedy: &str) -> Option<Vec<String>> {
    let names = remedy.strip_prefix(GIVE)?.strip_suffix(WITH_OPTIONS)?;
    Some(names.split(", ").map(str::to_owned).collect())
}

/// The settings that a remedy asks to look at, so that a summary can say why they are open.
pub fn settings_to_inspect(remedy: &str) -> Option<impl Iterator<Item = &str>> {
    let names = remedy.strip_prefix(INSPECT)?.strip_suffix('`')?;
    Some(names.split(' '))
}

const GIVE: &str = "give ";
const WITH_OPTIONS: &str = " with --env-file or --env";
const INSPECT: &str = "see `tightship inspect settings --only ";

impl Outcome {
    /// The word of the machine contract.
    pub fn status(&self) -> &'static str {
        match self {
            Self::Pass(_) => "pass",
            Self::Fail(_) => "fail",
            Self::Unknown { .. } => "unknown",
            Self::NotApplicable(_) => "not-applicable",
        }
    }
}

impl Finding {
    pub fn severity(&self, check: &Check) -> Severity {
        self.severity.unwrap_or(check.severity)
    }

    /// Stable across edits: the check and the subject, never a line number.
    pub fn fingerprint(&self, check: &Check) -> String {
        format!("{} {}", check.id, self.subject)
    }
}

/// Puts failures first, by severity, then unknowns, then passes, then what does not apply; each by
/// id.
pub fn worst_first(verdicts: &mut [Verdict]) {
    verdicts.sort_by_key(|verdict| {
        let rank = match verdict.outcome {
            Outcome::Fail(_) => 0,
            Outcome::Unknown { .. } => 1,
            Outcome::Pass(_) => 2,
            Outcome::NotApplicable(_) => 3,
        };
        (
            rank,
            std::cmp::Reverse(verdict.severity()),
            verdict.check.id,
        )
    });
}

impl Verdict {
    /// The worst severity of its findings; without findings, the check's.
    pub fn severity(&self) -> Severity {
        match &self.outcome {
            Outcome::Fail(findings) => findings
                .iter()
                .map(|finding| finding.severity(self.check))
                .max()
                .unwrap_or(self.check.severity),
            _ => self.check.severity,
        }
    }
}
