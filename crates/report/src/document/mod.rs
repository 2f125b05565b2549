//! The finished run as one document: the machine contract `tightship.report/1`, and what every
//! renderer words. A report that was kept as JSON is read back and worded like a fresh one.

mod checklist;
mod grade;
mod of;
mod remedies;
mod site;
mod worst;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tightship_model::site::Timing;
use tightship_model::{Confidence, Safety, Severity};

use crate::chart;
use crate::clean::clean;
use crate::place::from_here;

pub(crate) use checklist::{Checklist, Row};
pub use grade::{Area, Grade, grade};
pub(crate) use of::links;
pub(crate) use remedies::worded;
pub(crate) use site::Site;
pub(crate) use worst::worst;

/// The version of the contract that is written and read.
pub const SCHEMA: &str = "tightship.report/1";

/// A report. Later versions may add fields; a field that changes its meaning changes the version
/// in `schema`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// `tightship.report/1`
    pub(crate) schema: String,
    pub(crate) tool: Tool,
    pub(crate) environment: Environment,
    /// The live site that was looked at; absent where none was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) site: Option<Site>,
    pub(crate) summary: Summary,
    /// Failures first, by severity, then unknowns, passes and what does not apply; each by id.
    pub(crate) verdicts: Vec<Verdict>,
    /// The team's checklists, held against the same project; absent where only some checks ran.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) checklist: Option<Checklist>,
    /// What runs, what the internet reaches, who talks to whom; null where no file tells.
    #[serde(default)]
    pub(crate) deployment: Option<chart::Document>,
    /// What differs between two looks at the same site; absent where none was looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) timing: Option<Timing>,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Tool {
    pub(crate) name: String,
    pub(crate) version: String,
}

/// What was judged, and with what.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Environment {
    /// The folder as it was given.
    pub(crate) root: String,
    /// The day on which it was judged, in UTC: `2026-11-22`. The time of day changes no verdict, and
    /// equal input gives identical bytes.
    #[serde(default)]
    pub(crate) judged_on: Option<String>,
    /// Folder of the Django project below the root; null where there is none.
    pub(crate) project: Option<String>,
    /// Further Django projects below the root, which were not judged.
    pub(crate) other_projects: Vec<String>,
    /// The settings module that was judged.
    pub(crate) settings_module: Option<String>,
    /// The file of that module, relative to the root.
    #[serde(default)]
    pub(crate) settings_file: Option<String>,
    /// Why that module: the place that names it, then the reasons.
    #[serde(default)]
    pub(crate) settings_trail: Vec<Link>,
    /// Why no settings module was judged, where none was.
    #[serde(default)]
    pub(crate) no_settings: Option<String>,
    /// The places that name a settings module, in the order of their say in production.
    pub(crate) settings_named_by: Vec<NamedBy>,
    /// The Django version whose defaults count.
    pub(crate) django: Option<String>,
    /// Whether that version is assumed, as the project names none.
    pub(crate) django_assumed: bool,
    /// Where the environment variables come from.
    pub(crate) variables_from: Origin,
    /// That in words.
    pub(crate) variables_from_text: String,
    /// Names of the variables that are known to be set.
    pub(crate) variables: Vec<String>,
    /// Why further variables may be set.
    pub(crate) variables_incomplete: Option<String>,
    /// Number of packages that the project asks for.
    pub(crate) packages: usize,
    /// Number of Python files that were read.
    pub(crate) python_files: usize,
    /// What could not be read.
    pub(crate) gaps: Vec<Gap>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Origin {
    Nothing,
    Given,
    Compose,
    Systemd,
    DotEnv,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct NamedBy {
    pub(crate) module: String,
    pub(crate) by: String,
    pub(crate) path: String,
    pub(crate) line: usize,
    pub(crate) column: usize,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Gap {
    pub(crate) place: String,
    pub(crate) reason: String,
    pub(crate) lost: String,
}

/// Counts of verdicts, and of findings by severity.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Summary {
    pub(crate) pass: usize,
    pub(crate) fail: usize,
    pub(crate) unknown: usize,
    pub(crate) not_applicable: usize,
    pub(crate) findings: usize,
    pub(crate) critical: usize,
    pub(crate) high: usize,
    pub(crate) medium: usize,
    pub(crate) low: usize,
    /// The grade of the whole, which is that of its worst area; null where nothing was judged.
    #[serde(default)]
    pub(crate) grade: Option<Grade>,
    /// Each area with its grade, by name.
    #[serde(default)]
    pub(crate) areas: Vec<Area>,
    /// Findings that a waiver accepts; they are not among the verdicts.
    pub(crate) waived: Vec<Waived>,
    /// Fingerprints of waivers that match no finding.
    pub(crate) idle_waivers: Vec<String>,
    /// Number of findings that the baseline held; they are not among the verdicts.
    pub(crate) in_baseline: usize,
    /// What would turn unknown verdicts into answers.
    pub(crate) remedies: Vec<Remedy>,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Waived {
    pub(crate) fingerprint: String,
    pub(crate) reason: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Remedy {
    pub(crate) remedy: String,
    pub(crate) checks: Vec<String>,
    /// The place to look at, `path:line:column` relative to the root, where the remedy names one.
    #[serde(default)]
    pub(crate) place: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Verdict {
    /// `area/bad-thing`
    pub(crate) check: String,
    pub(crate) title: String,
    pub(crate) status: Status,
    /// The worst of its findings; without findings, the check's own.
    pub(crate) severity: Severity,
    /// Rows of the checklists that it concerns.
    pub(crate) items: Vec<String>,
    /// Ids of Django's own checks and those of packages: for a failure one for each finding that
    /// has one, else all that the check covers.
    pub(crate) django_ids: Vec<String>,
    pub(crate) findings: Vec<Finding>,
    /// What a pass stands on.
    pub(crate) evidence: Vec<Evidence>,
    /// Why it is unknown or does not apply.
    pub(crate) reason: Option<String>,
    /// What would answer it, where it is unknown.
    pub(crate) remedy: Option<String>,
    /// Where the knowledge ends, where it is unknown.
    pub(crate) trail: Vec<Link>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Status {
    Pass,
    Fail,
    Unknown,
    NotApplicable,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Finding {
    /// Check and subject: stable across edits.
    pub(crate) fingerprint: String,
    /// What it is about: `settings:DEBUG`.
    pub(crate) subject: String,
    pub(crate) message: String,
    pub(crate) severity: Severity,
    pub(crate) confidence: Confidence,
    pub(crate) django_id: Option<String>,
    /// What to do.
    pub(crate) advice: String,
    /// Places; the first is primary. Empty where the fault is that something stands nowhere.
    pub(crate) labels: Vec<Label>,
    /// The way of the judged value, nearest first.
    pub(crate) trail: Vec<Link>,
    pub(crate) fix: Option<Fix>,
}

/// A place in a file. Lines and columns count from 1, columns in characters; the end is exclusive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Label {
    /// Relative to the root.
    pub(crate) path: String,
    pub(crate) line: usize,
    pub(crate) column: usize,
    pub(crate) end_line: usize,
    pub(crate) end_column: usize,
    pub(crate) text: String,
    /// What stands there.
    #[serde(default)]
    pub(crate) code: Option<Code>,
}

/// A step of a trail. Without a path it stands in no file: a default, an option.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Link {
    pub(crate) path: Option<String>,
    pub(crate) line: Option<usize>,
    pub(crate) column: Option<usize>,
    /// Exclusive, where the document keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) end_line: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) end_column: Option<usize>,
    pub(crate) text: String,
    /// What stands there, where the document keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<Code>,
}

/// Lines of a file, secrets masked, each cut to a window around the place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Code {
    /// The column of the first character of each line; over 1 where a long line was cut.
    pub(crate) from_column: usize,
    /// From the line of the place on, at most five.
    pub(crate) lines: Vec<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Evidence {
    pub(crate) text: String,
    pub(crate) trail: Vec<Link>,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Fix {
    pub(crate) title: String,
    pub(crate) safety: Safety,
    pub(crate) edits: Vec<Edit>,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Edit {
    pub(crate) path: String,
    pub(crate) line: usize,
    pub(crate) column: usize,
    pub(crate) end_line: usize,
    pub(crate) end_column: usize,
    pub(crate) replacement: String,
}

/// Why a text is no report that can be worded.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// It is no JSON, or a field is missing or of another kind.
    #[error("it is no report: {0}")]
    Form(serde_json::Error),
    /// It says that it is something else.
    #[error("its schema is {0:?}, not {SCHEMA:?}")]
    Schema(String),
}

impl Report {
    /// Reads a report that was kept as JSON.
    pub fn from_json(text: &[u8]) -> Result<Self, Unreadable> {
        #[derive(Deserialize)]
        struct Head {
            schema: String,
        }
        let head: Head = serde_json::from_slice(text).map_err(Unreadable::Form)?;
        if head.schema != SCHEMA {
            return Err(Unreadable::Schema(head.schema));
        }
        let mut report: Self = serde_json::from_slice(text).map_err(Unreadable::Form)?;
        // What is counted is what is there, also where an older version counted less.
        report.summary.count(&report.verdicts);
        Ok(report)
    }

    /// Failures one by one, the worst first.
    pub(crate) fn findings(&self) -> Vec<(&Verdict, &Finding)> {
        let mut all: Vec<_> = self
            .verdicts
            .iter()
            .flat_map(|verdict| {
                verdict
                    .findings
                    .iter()
                    .map(move |finding| (verdict, finding))
            })
            .collect();
        all.sort_by_key(|(_, finding)| std::cmp::Reverse(finding.severity));
        all
    }

    pub(crate) fn with_status(&self, status: Status) -> impl Iterator<Item = &Verdict> {
        self.verdicts
            .iter()
            .filter(move |verdict| verdict.status == status)
    }

    /// The findings of each severity, the worst first.
    pub(crate) fn by_severity(&self) -> [(Severity, usize); 4] {
        let Summary {
            critical,
            high,
            medium,
            low,
            ..
        } = self.summary;
        [
            (Severity::Critical, critical),
            (Severity::High, high),
            (Severity::Medium, medium),
            (Severity::Low, low),
        ]
    }
}

impl Status {
    /// As a word in a sentence.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Pass => "passed",
            Self::Fail => "failed",
            Self::Unknown => "unknown",
            Self::NotApplicable => "not applicable",
        }
    }
}

impl Verdict {
    /// The part of the id before the slash.
    pub(crate) fn area(&self) -> &str {
        self.check.split('/').next().unwrap_or(&self.check)
    }
}

impl Label {
    /// `path:line:column` as seen from where the user stands.
    pub(crate) fn clickable(&self, root: &str) -> String {
        clickable(root, &self.path, self.line, self.column)
    }
}

impl Link {
    /// `path:line:column` as seen from where the user stands; `None` for what stands in no file.
    pub(crate) fn clickable(&self, root: &str) -> Option<String> {
        let path = self.path.as_ref()?;
        Some(clickable(root, path, self.line?, self.column?))
    }
}

fn clickable(root: &str, path: &str, line: usize, column: usize) -> String {
    let path = from_here(root, path);
    [
        &clean(&path),
        ":",
        &line.to_string(),
        ":",
        &column.to_string(),
    ]
    .concat()
}
