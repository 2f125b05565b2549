//! The report as JSON: the machine contract `tightship.report/1`.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;
use tightship_model::{
    Confidence, EnvOrigin, Evidence, Finding, Fix, Outcome, Safety, Severity, Sources, Span, Trail,
    Verdict,
};

use crate::clean::is_harmless;
use crate::place::Place;
use crate::remedies::remedies;
use crate::summary::{Counts, environment};

/// Writes the report as one JSON document. Equal reports give identical bytes.
pub fn render(report: &tightship_model::Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    write(&Report::of(report), out)
}

/// Writes any document with one field a line. Characters that a terminal or an editor would obey
/// are written as `\u` escapes, so that a reader gets the exact text and a screen no surprise.
pub(crate) fn write(document: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let text = serde_json::to_string_pretty(document)?;
    let mut rest = text.as_str();
    let obeyed = |c: char| c != '\n' && !is_harmless(c);
    while let Some(at) = rest.find(obeyed) {
        out.write_all(&rest.as_bytes()[..at])?;
        let c = rest[at..].chars().next().unwrap_or_default();
        for unit in c.encode_utf16(&mut [0; 2]) {
            write!(out, "\\u{unit:04x}")?;
        }
        rest = &rest[at + c.len_utf8()..];
    }
    out.write_all(rest.as_bytes())?;
    out.write_all(b"\n")
}

/// A report. Later versions may add fields; a field that changes its meaning changes the version
/// in `schema`.
#[derive(Serialize, JsonSchema)]
pub struct Report {
    /// `tightship.report/1`
    schema: &'static str,
    tool: Tool,
    environment: Environment,
    summary: Summary,
    /// Failures first, by severity, then unknowns, passes and what does not apply; each by id.
    verdicts: Vec<VerdictEntry>,
}

#[derive(Serialize, JsonSchema)]
struct Tool {
    name: &'static str,
    version: String,
}

/// What was judged, and with what.
#[derive(Serialize, JsonSchema)]
struct Environment {
    /// The folder as it was given.
    root: String,
    /// Folder of the Django project below the root; null where there is none.
    project: Option<String>,
    /// Further Django projects below the root, which were not judged.
    other_projects: Vec<String>,
    /// The settings module that was judged.
    settings_module: Option<String>,
    /// The places that name a settings module, in the order of their say in production.
    settings_named_by: Vec<NamedBy>,
    /// The Django version whose defaults count.
    django: Option<String>,
    /// Whether that version is assumed, as the project names none.
    django_assumed: bool,
    /// Where the environment variables come from.
    variables_from: Origin,
    /// That in words.
    variables_from_text: String,
    /// Names of the variables that are known to be set.
    variables: Vec<String>,
    /// Why further variables may be set.
    variables_incomplete: Option<String>,
    /// Number of packages that the project asks for.
    packages: usize,
    /// Number of Python files that were read.
    python_files: usize,
    /// What could not be read.
    gaps: Vec<Gap>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Origin {
    Nothing,
    Given,
    Compose,
    Systemd,
    DotEnv,
}

#[derive(Serialize, JsonSchema)]
struct NamedBy {
    module: String,
    by: &'static str,
    path: String,
    line: usize,
    column: usize,
}

#[derive(Serialize, JsonSchema)]
struct Gap {
    place: String,
    reason: String,
    lost: String,
}

/// Counts of verdicts, and of findings by severity.
#[derive(Serialize, JsonSchema)]
struct Summary {
    pass: usize,
    fail: usize,
    unknown: usize,
    not_applicable: usize,
    findings: usize,
    critical: usize,
    high: usize,
    medium: usize,
    low: usize,
    /// Findings that a waiver accepts; they are not among the verdicts.
    waived: Vec<Waived>,
    /// Fingerprints of waivers that match no finding.
    idle_waivers: Vec<String>,
    /// Number of findings that the baseline held; they are not among the verdicts.
    in_baseline: usize,
    /// What would turn unknown verdicts into answers.
    remedies: Vec<RemedyEntry>,
}

#[derive(Serialize, JsonSchema)]
struct Waived {
    fingerprint: String,
    reason: String,
}

#[derive(Serialize, JsonSchema)]
struct RemedyEntry {
    remedy: String,
    checks: Vec<&'static str>,
}

#[derive(Serialize, JsonSchema)]
struct VerdictEntry {
    /// `area/bad-thing`
    check: &'static str,
    title: &'static str,
    status: Status,
    /// The worst of its findings; without findings, the check's own.
    severity: Severity,
    /// Rows of the checklists that it concerns.
    items: Vec<&'static str>,
    /// Ids of Django's own checks and those of packages: for a failure one for each finding that
    /// has one, else all that the check covers.
    django_ids: Vec<&'static str>,
    findings: Vec<FindingEntry>,
    /// What a pass stands on.
    evidence: Vec<EvidenceEntry>,
    /// Why it is unknown or does not apply.
    reason: Option<String>,
    /// What would answer it, where it is unknown.
    remedy: Option<String>,
    /// Where the knowledge ends, where it is unknown.
    trail: Vec<LinkEntry>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Status {
    Pass,
    Fail,
    Unknown,
    NotApplicable,
}

#[derive(Serialize, JsonSchema)]
struct FindingEntry {
    /// Check and subject: stable across edits.
    fingerprint: String,
    /// What it is about: `settings:DEBUG`.
    subject: String,
    message: String,
    severity: Severity,
    confidence: Confidence,
    django_id: Option<&'static str>,
    /// What to do.
    advice: String,
    /// Places; the first is primary. Empty where the fault is that something stands nowhere.
    labels: Vec<LabelEntry>,
    /// The way of the judged value, nearest first.
    trail: Vec<LinkEntry>,
    fix: Option<FixEntry>,
}

/// A place in a file. Lines and columns count from 1, columns in characters; the end is exclusive.
#[derive(Serialize, JsonSchema)]
struct LabelEntry {
    /// Relative to the root.
    path: String,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    text: String,
}

/// A step of a trail. Without a path it stands in no file: a default, an option.
#[derive(Serialize, JsonSchema)]
pub(crate) struct LinkEntry {
    path: Option<String>,
    line: Option<usize>,
    column: Option<usize>,
    text: String,
}

#[derive(Serialize, JsonSchema)]
struct EvidenceEntry {
    text: String,
    trail: Vec<LinkEntry>,
}

#[derive(Serialize, JsonSchema)]
struct FixEntry {
    title: String,
    safety: Safety,
    edits: Vec<EditEntry>,
}

#[derive(Serialize, JsonSchema)]
struct EditEntry {
    path: String,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    replacement: String,
}

impl Report {
    fn of(report: &tightship_model::Report<'_>) -> Self {
        Self {
            schema: "tightship.report/1",
            tool: Tool {
                name: "tightship",
                version: report.head.version.clone(),
            },
            environment: Environment::of(report),
            summary: Summary::of(report),
            verdicts: report
                .verdicts
                .iter()
                .map(|verdict| VerdictEntry::of(verdict, &report.deployment.sources))
                .collect(),
        }
    }
}

impl Environment {
    fn of(report: &tightship_model::Report<'_>) -> Self {
        let deployment = report.deployment;
        let project = &deployment.project;
        let settings = deployment.settings.as_ref();
        Self {
            root: report.head.root.clone(),
            project: project.folder.clone(),
            other_projects: project.others.clone(),
            settings_module: project.module.as_ref().map(|module| module.name.clone()),
            settings_named_by: project
                .settings_mentions
                .iter()
                .map(|mention| {
                    let place = Place::of(&deployment.sources, mention.span);
                    NamedBy {
                        module: mention.module.clone(),
                        by: mention.by.name(),
                        path: place.path,
                        line: place.line,
                        column: place.column,
                    }
                })
                .collect(),
            django: settings.map(|settings| {
                let (major, minor) = settings.django;
                format!("{major}.{minor}")
            }),
            django_assumed: settings.is_some_and(|settings| settings.django_is_assumed),
            variables_from: match deployment.environment.origin {
                EnvOrigin::Nothing => Origin::Nothing,
                EnvOrigin::Given(_) => Origin::Given,
                EnvOrigin::Compose { .. } => Origin::Compose,
                EnvOrigin::Systemd(_) => Origin::Systemd,
                EnvOrigin::DotEnv(_) => Origin::DotEnv,
            },
            variables_from_text: environment(&deployment.environment),
            variables: deployment.environment.variables.keys().cloned().collect(),
            variables_incomplete: deployment.environment.incomplete.clone(),
            packages: deployment.packages.by_name.len(),
            python_files: deployment.facts.python_files,
            gaps: deployment
                .gaps
                .iter()
                .map(|gap| Gap {
                    place: gap.place.clone(),
                    reason: gap.reason.clone(),
                    lost: gap.lost.clone(),
                })
                .collect(),
        }
    }
}

impl Summary {
    fn of(report: &tightship_model::Report<'_>) -> Self {
        let counts = Counts::of(report);
        let [(_, critical), (_, high), (_, medium), (_, low)] = counts.findings;
        Self {
            pass: counts.pass,
            fail: counts.fail,
            unknown: counts.unknown,
            not_applicable: counts.not_applicable,
            findings: counts.all_findings(),
            critical,
            high,
            medium,
            low,
            waived: report
                .head
                .waived
                .iter()
                .map(|(fingerprint, reason)| Waived {
                    fingerprint: fingerprint.clone(),
                    reason: reason.clone(),
                })
                .collect(),
            idle_waivers: report.head.idle_waivers.clone(),
            in_baseline: report.head.in_baseline,
            remedies: remedies(report, "")
                .into_iter()
                .map(|remedy| RemedyEntry {
                    remedy: remedy.text.clone(),
                    checks: remedy.checks,
                })
                .collect(),
        }
    }
}

impl VerdictEntry {
    fn of(verdict: &Verdict, sources: &Sources) -> Self {
        let check = verdict.check;
        let mut entry = Self {
            check: check.id,
            title: check.title,
            status: Status::Pass,
            severity: verdict.severity(),
            items: check.items.to_vec(),
            django_ids: check.django_ids.to_vec(),
            findings: Vec::new(),
            evidence: Vec::new(),
            reason: None,
            remedy: None,
            trail: Vec::new(),
        };
        match &verdict.outcome {
            Outcome::Pass(evidence) => {
                entry.evidence = evidence
                    .iter()
                    .map(|Evidence { text, trail }| EvidenceEntry {
                        text: text.clone(),
                        trail: links(trail, sources),
                    })
                    .collect();
            }
            Outcome::Fail(findings) => {
                entry.status = Status::Fail;
                entry.django_ids = findings
                    .iter()
                    .filter_map(|finding| finding.django_id)
                    .collect();
                entry.findings = findings
                    .iter()
                    .map(|finding| FindingEntry::of(finding, verdict, sources))
                    .collect();
            }
            Outcome::Unknown {
                reason,
                remedy,
                trail,
            } => {
                entry.status = Status::Unknown;
                entry.reason = Some(reason.clone());
                entry.remedy = Some(remedy.clone());
                entry.trail = links(trail, sources);
            }
            Outcome::NotApplicable(reason) => {
                entry.status = Status::NotApplicable;
                entry.reason = Some(reason.clone());
            }
        }
        entry
    }
}

impl FindingEntry {
    fn of(finding: &Finding, verdict: &Verdict, sources: &Sources) -> Self {
        Self {
            fingerprint: finding.fingerprint(verdict.check),
            subject: finding.subject.clone(),
            message: finding.message.clone(),
            severity: finding.severity(verdict.check),
            confidence: finding.confidence,
            django_id: finding.django_id,
            advice: finding.advice.clone(),
            labels: finding
                .labels
                .iter()
                .map(|label| LabelEntry::of(label.span, &label.text, sources))
                .collect(),
            trail: links(&finding.trail, sources),
            fix: finding.fix.as_ref().map(|fix| FixEntry::of(fix, sources)),
        }
    }
}

impl LabelEntry {
    fn of(span: Span, text: &str, sources: &Sources) -> Self {
        let place = Place::of(sources, span);
        Self {
            path: place.path,
            line: place.line,
            column: place.column,
            end_line: place.end_line,
            end_column: place.end_column,
            text: text.to_owned(),
        }
    }
}

impl FixEntry {
    fn of(fix: &Fix, sources: &Sources) -> Self {
        Self {
            title: fix.title.clone(),
            safety: fix.safety,
            edits: fix
                .edits
                .iter()
                .map(|edit| {
                    let place = Place::of(sources, edit.span);
                    EditEntry {
                        path: place.path,
                        line: place.line,
                        column: place.column,
                        end_line: place.end_line,
                        end_column: place.end_column,
                        replacement: edit.replacement.clone(),
                    }
                })
                .collect(),
        }
    }
}

pub(crate) fn links(trail: &Trail, sources: &Sources) -> Vec<LinkEntry> {
    trail
        .links()
        .iter()
        .map(|link| {
            let place = link.span.map(|span| Place::of(sources, span));
            LinkEntry {
                line: place.as_ref().map(|place| place.line),
                column: place.as_ref().map(|place| place.column),
                path: place.map(|place| place.path),
                text: link.text.clone(),
            }
        })
        .collect()
}
