//! What got better and worse between two reports, by fingerprint.

mod markdown;
mod terminal;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;
use tightship_model::Severity;

use crate::document::{Finding, Grade, Report, Status, Verdict};
use crate::json;

pub use markdown::render as render_markdown;
pub use terminal::render as render_terminal;

/// The difference of two reports.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Difference {
    /// `tightship.diff/1`
    schema: &'static str,
    old: Side,
    new: Side,
    /// Findings that only the new report has, the worst first.
    appeared: Vec<Entry>,
    /// Findings that only the old report has, the worst first.
    gone: Vec<Gone>,
    /// Findings of both that became more or less severe.
    changed: Vec<Changed>,
    /// Checks without findings in both whose answer is another one.
    answers: Vec<Answer>,
    /// Number of findings that both have with the same severity.
    unchanged: usize,
}

/// One of the two reports.
#[derive(Debug, Serialize, JsonSchema)]
struct Side {
    root: String,
    judged_on: Option<String>,
    version: String,
    grade: Option<Grade>,
    findings: usize,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Entry {
    fingerprint: String,
    check: String,
    title: String,
    severity: Severity,
    message: String,
    /// `path:line:column` as seen from where its report was made.
    place: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Gone {
    #[serde(flatten)]
    finding: Entry,
    because: Because,
}

/// Why a finding is not in the new report. Only `fixed` is good news.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Because {
    /// Its check was answered and does not find it any more.
    Fixed,
    /// A waiver accepts it.
    Waived,
    /// The new report leaves out what a baseline holds, perhaps this too.
    PerhapsInBaseline,
    /// Its check has no answer now.
    Unknown,
    /// Its check does not apply now.
    NotApplicable,
    /// Its check did not run.
    NotJudged,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Changed {
    #[serde(flatten)]
    finding: Entry,
    was: Severity,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Answer {
    check: String,
    title: String,
    was: Status,
    is: Status,
}

impl Difference {
    /// Compares by fingerprint; of equal fingerprints within a report the worst counts.
    pub fn of(old: &Report, new: &Report) -> Self {
        let (before, after) = (findings(old), findings(new));
        let mut appeared = Vec::new();
        let mut changed = Vec::new();
        let mut unchanged = 0;
        for (fingerprint, (verdict, finding)) in &after {
            match before.get(fingerprint) {
                None => appeared.push(Entry::of(verdict, finding, new)),
                Some((_, was)) if was.severity == finding.severity => unchanged += 1,
                Some((_, was)) => changed.push(Changed {
                    finding: Entry::of(verdict, finding, new),
                    was: was.severity,
                }),
            }
        }
        let waived = new.summary.waived.iter();
        let waived: BTreeSet<_> = waived.map(|one| &*one.fingerprint).collect();
        let verdicts: BTreeMap<_, _> = by_check(new);
        let mut gone: Vec<_> = before
            .iter()
            .filter(|(fingerprint, _)| !after.contains_key(*fingerprint))
            .map(|(fingerprint, (verdict, finding))| Gone {
                finding: Entry::of(verdict, finding, old),
                because: match verdicts.get(&*verdict.check) {
                    _ if waived.contains(fingerprint) => Because::Waived,
                    None => Because::NotJudged,
                    Some(now) if now.status == Status::Unknown => Because::Unknown,
                    _ if new.summary.in_baseline > 0 => Because::PerhapsInBaseline,
                    Some(now) if now.status == Status::NotApplicable => Because::NotApplicable,
                    Some(_) => Because::Fixed,
                },
            })
            .collect();
        appeared.sort_by_key(|entry| std::cmp::Reverse(entry.severity));
        gone.sort_by_key(|gone| (gone.because, std::cmp::Reverse(gone.finding.severity)));
        Self {
            schema: "tightship.diff/1",
            old: Side::of(old),
            new: Side::of(new),
            appeared,
            gone,
            changed,
            answers: answers(&by_check(old), &verdicts),
            unchanged,
        }
    }

    /// The severities of what is worse: new findings, and those that became more severe.
    pub fn worse(&self) -> impl Iterator<Item = Severity> {
        let grown = self
            .changed
            .iter()
            .filter(|one| one.was < one.finding.severity);
        let appeared = self.appeared.iter().map(|entry| entry.severity);
        appeared.chain(grown.map(|one| one.finding.severity))
    }

    fn fixed(&self) -> usize {
        let is_fixed = |gone: &&Gone| gone.because == Because::Fixed;
        self.gone.iter().filter(is_fixed).count()
    }
}

/// Writes the machine contract `tightship.diff/1`.
pub fn render_json(difference: &Difference, out: &mut dyn Write) -> io::Result<()> {
    json::write(difference, out)
}

fn findings(report: &Report) -> BTreeMap<&str, (&Verdict, &Finding)> {
    // The worst first: what is entered last stays.
    let mut all = report.findings();
    all.reverse();
    all.into_iter()
        .map(|(verdict, finding)| (&*finding.fingerprint, (verdict, finding)))
        .collect()
}

fn by_check(report: &Report) -> BTreeMap<&str, &Verdict> {
    let verdicts = report.verdicts.iter();
    verdicts.map(|verdict| (&*verdict.check, verdict)).collect()
}

fn answers(old: &BTreeMap<&str, &Verdict>, new: &BTreeMap<&str, &Verdict>) -> Vec<Answer> {
    new.iter()
        .filter_map(|(check, is)| {
            let was = old.get(check)?;
            // What fails is told by its findings.
            let told =
                [was.status, is.status].contains(&Status::Fail) && is.status != Status::Unknown;
            (was.status != is.status && !told).then(|| Answer {
                check: is.check.clone(),
                title: is.title.clone(),
                was: was.status,
                is: is.status,
            })
        })
        .collect()
}

impl Side {
    fn of(report: &Report) -> Self {
        Self {
            root: report.environment.root.clone(),
            judged_on: report.environment.judged_on.clone(),
            version: report.tool.version.clone(),
            grade: report.summary.grade,
            findings: report.summary.findings,
        }
    }
}

impl Entry {
    fn of(verdict: &Verdict, finding: &Finding, report: &Report) -> Self {
        let root = &report.environment.root;
        Self {
            fingerprint: finding.fingerprint.clone(),
            check: verdict.check.clone(),
            title: verdict.title.clone(),
            severity: finding.severity,
            message: finding.message.clone(),
            place: finding.labels.first().map(|label| label.clickable(root)),
        }
    }
}

impl Because {
    /// As the end of a sentence.
    fn words(self) -> &'static str {
        match self {
            Self::Fixed => "fixed",
            Self::Waived => "accepted by a waiver",
            Self::PerhapsInBaseline => "fixed, or held by the baseline of the new report",
            Self::Unknown => "not known any more",
            Self::NotApplicable => "its check does not apply any more",
            Self::NotJudged => "its check was not run",
        }
    }
}

/// `F → C`, or `F` where it stays.
fn grades(difference: &Difference) -> String {
    let letter = |side: &Side| side.grade.map_or("–", Grade::letter);
    match (letter(&difference.old), letter(&difference.new)) {
        (old, new) if old == new => format!("grade {new}"),
        (old, new) => format!("grade {old} → {new}"),
    }
}

/// `3 worse, 2 fixed, 40 unchanged`
fn summary(difference: &Difference) -> String {
    format!(
        "{}: {} worse, {} fixed, {} unchanged",
        grades(difference),
        difference.worse().count(),
        difference.fixed(),
        difference.unchanged
    )
}
