//! What the template shows, in the order in which it does.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use tightship_model::{Check, Confidence, Safety, Severity};

use super::code::{Station, way};
use super::last_part;
use super::progress::Progress;
use super::prose::{Piece, Prose, pieces, section};
use crate::catalog::Catalog;
use crate::chart;
use crate::document::{self, Area, Evidence, Finding, Grade, Report, Status, Verdict, worded};
use crate::page::Page;
use crate::summary::count;
use crate::terminal::head;

/// Findings that are told under "what would hurt most".
const WORST: usize = 5;

/// Checks that stand open at first: enough to see what is inside of the others.
const OPEN: usize = 2;

pub(super) struct View<'a> {
    pub(super) grade: &'static str,
    pub(super) headline: &'static str,
    /// What was judged, and with what.
    pub(super) facts: Vec<(&'static str, String)>,
    /// The worst areas first.
    pub(super) areas: Vec<Tile<'a>>,
    /// Areas in which no check applies.
    pub(super) outside: Vec<&'a str>,
    pub(super) severities: Vec<(Severity, usize)>,
    pub(super) site_grades: Vec<SiteGrade<'a>>,
    pub(super) progress: Option<Progress<'a>>,
    pub(super) worst: Vec<Worst<'a>>,
    pub(super) picture: Option<String>,
    pub(super) levels: Vec<Level<'a>>,
    /// Remedies in words, with the number of answers that each gives.
    pub(super) remedies: Vec<(Vec<Piece>, String)>,
    pub(super) unknown: Vec<&'a Verdict>,
    pub(super) passed: Vec<(&'a Verdict, Vec<Proof<'a>>)>,
    pub(super) not_applicable: Vec<&'a Verdict>,
    /// Findings that a waiver or the baseline holds.
    pub(super) set_aside: usize,
    pub(super) scale: [Grade; 6],
}

/// An area with its grade.
pub(super) struct Tile<'a> {
    pub(super) area: &'a Area,
    pub(super) grade: Grade,
    /// `3 failed · 2 unknown · 14 passed`
    pub(super) counts: String,
    /// Failed, unknown and passed as parts of a hundred, for the bar.
    pub(super) bar: [Bar; 3],
}

/// A part of a bar.
pub(super) struct Bar {
    pub(super) kind: &'static str,
    pub(super) from: usize,
    pub(super) width: usize,
}

/// What a service would give the live site.
pub(super) struct SiteGrade<'a> {
    pub(super) by: &'a str,
    pub(super) letter: &'a str,
    pub(super) class: String,
    pub(super) detail: &'a str,
    /// The finding about it, within the page.
    pub(super) finding: Option<String>,
}

/// One of the findings that would hurt most.
pub(super) struct Worst<'a> {
    pub(super) finding: &'a Finding,
    pub(super) title: &'a str,
    pub(super) id: String,
    pub(super) place: Option<String>,
    /// Further findings of the same check.
    pub(super) more: usize,
}

/// The checks whose worst finding is of one severity.
pub(super) struct Level<'a> {
    pub(super) severity: Severity,
    pub(super) groups: Vec<Group<'a>>,
}

/// A failed check with its findings.
pub(super) struct Group<'a> {
    pub(super) verdict: &'a Verdict,
    pub(super) is_open: bool,
    pub(super) places: String,
    pub(super) findings: Vec<Shown<'a>>,
    /// The advice that all findings share.
    pub(super) advice: Option<Vec<Piece>>,
    pub(super) why: Vec<Prose>,
    pub(super) mend: Vec<Prose>,
    pub(super) references: Vec<String>,
}

/// A finding.
pub(super) struct Shown<'a> {
    pub(super) finding: &'a Finding,
    /// Its address within the page.
    pub(super) id: String,
    pub(super) confidence: Option<&'static str>,
    pub(super) stations: Vec<Station>,
    /// Where it differs from what the others of the check say.
    pub(super) advice: Option<Vec<Piece>>,
    pub(super) fix: Option<(&'a str, &'static str)>,
}

/// What a pass stands on, and where that stands.
pub(super) struct Proof<'a> {
    pub(super) text: &'a str,
    pub(super) place: Option<String>,
}

impl<'a> View<'a> {
    pub(super) fn of(report: &'a Report, checks: &Catalog) -> Self {
        let root = &*report.environment.root;
        let groups = groups(report, checks);
        let grade = report.summary.grade;
        let mut areas: Vec<_> = report.summary.areas.iter().filter_map(Tile::of).collect();
        areas.sort_by(|a, b| {
            b.grade
                .cmp(&a.grade)
                .then_with(|| b.weight().cmp(&a.weight()))
        });
        let none = |area: &&Area| area.grade.is_none();
        let outside = report.summary.areas.iter().filter(none);
        Self {
            grade: grade.map_or("–", Grade::letter),
            headline: headline(grade),
            facts: facts(report),
            areas,
            outside: outside.map(|area| &*area.area).collect(),
            severities: report.by_severity().to_vec(),
            site_grades: site_grades(report, &groups),
            progress: report
                .checklist
                .as_ref()
                .map(|checklist| Progress::of(checklist, &by_row(&groups))),
            worst: worst(report, &groups),
            picture: report.deployment.as_ref().and_then(picture),
            levels: levels(groups),
            remedies: report
                .summary
                .remedies
                .iter()
                .map(|remedy| {
                    let text = pieces(&worded(remedy, root));
                    (text, count(remedy.checks.len(), "answer"))
                })
                .collect(),
            unknown: report.with_status(Status::Unknown).collect(),
            passed: report
                .with_status(Status::Pass)
                .map(|verdict| (verdict, proofs(verdict, root)))
                .collect(),
            not_applicable: report.with_status(Status::NotApplicable).collect(),
            set_aside: report
                .summary
                .waived
                .len()
                .saturating_add(report.summary.in_baseline),
            scale: [
                Grade::A,
                Grade::B,
                Grade::C,
                Grade::D,
                Grade::F,
                Grade::Open,
            ],
        }
    }
}

/// Whose report it is: the last part of the folder, or the folder itself.
pub(super) fn name(report: &Report) -> String {
    let project = report.environment.project.as_deref();
    match last_part(&report.environment.root) {
        Some(name) => name.to_owned(),
        None => match project {
            None | Some("") => "This project".to_owned(),
            Some(project) => project.to_owned(),
        },
    }
}

fn facts(report: &Report) -> Vec<(&'static str, String)> {
    let environment = &report.environment;
    let mut facts = vec![
        ("Project", head::project(environment)),
        ("Settings", head::settings(environment)),
    ];
    if environment.django.is_some() {
        facts.push(("Environment", head::variables(environment)));
    }
    if let Some(site) = &report.site {
        facts.push(("Site", head::looked_at(site, report.timing.as_ref())));
    }
    facts
}

fn headline(grade: Option<Grade>) -> &'static str {
    match grade {
        None => "Nothing could be judged.",
        Some(Grade::A) => "Every check that applies holds.",
        Some(Grade::Open) => "Nothing bad was found, but not everything is known.",
        Some(Grade::B) => "Sound, with small things left to mend.",
        Some(Grade::C) => "There are gaps to close.",
        Some(Grade::D) => "There are serious holes to close.",
        Some(Grade::F) => "This deployment is not safe.",
    }
}

impl<'a> Tile<'a> {
    fn of(area: &'a Area) -> Option<Self> {
        let parts = [
            ("failed", area.fail),
            ("unknown", area.unknown),
            ("passed", area.pass),
        ];
        let said = parts.iter().filter(|(_, number)| *number > 0);
        let counts: Vec<_> = said
            .map(|(what, number)| format!("{number} {what}"))
            .collect();
        let all = (area.fail + area.unknown + area.pass).max(1);
        let mut before = 0;
        let bar = parts.map(|(kind, number)| {
            let from = before * 100 / all;
            before += number;
            Bar {
                kind,
                from,
                width: before * 100 / all - from,
            }
        });
        Some(Self {
            area,
            grade: area.grade?,
            counts: counts.join(" · "),
            bar,
        })
    }

    /// What puts one area before another of the same grade.
    fn weight(&self) -> (usize, usize, usize, usize, usize) {
        let Area {
            critical,
            high,
            medium,
            low,
            unknown,
            ..
        } = *self.area;
        (critical, high, medium, low, unknown)
    }
}

/// The addresses within the page that are taken, with how often.
#[derive(Default)]
struct Taken(HashMap<String, usize>);

impl Taken {
    /// The address of a fingerprint, with a number where it is there already.
    fn next(&mut self, fingerprint: &str) -> String {
        let id = anchor(fingerprint);
        let times = self.0.entry(id.clone()).or_insert(0);
        *times += 1;
        match *times {
            1 => id,
            again => format!("{id}~~{again}"),
        }
    }
}

/// `django/debug-on+settings:DEBUG`. Different fingerprints give different addresses.
fn anchor(fingerprint: &str) -> String {
    let mut anchor = String::with_capacity(fingerprint.len());
    for c in fingerprint.chars() {
        match c {
            ' ' => anchor.push('+'),
            c if c.is_ascii_alphanumeric() || "/:._-".contains(c) => anchor.push(c),
            c => anchor.push_str(&format!("~{:x}.", u32::from(c))),
        }
    }
    anchor
}

/// The address of the worst finding by the row that it fails.
fn by_row<'a>(groups: &[Group<'a>]) -> HashMap<&'a str, String> {
    let mut rows = HashMap::new();
    for group in groups {
        let Some(first) = group.findings.first() else {
            continue;
        };
        for row in &group.verdict.items {
            rows.entry(&**row).or_insert_with(|| first.id.clone());
        }
    }
    rows
}

fn site_grades<'a>(report: &'a Report, groups: &[Group<'a>]) -> Vec<SiteGrade<'a>> {
    let grades = report.site.iter().flat_map(|site| &site.grades);
    grades
        .map(|grade| {
            let letter = grade.grade.as_deref().unwrap_or("?");
            let group = groups
                .iter()
                .find(|group| group.verdict.check == grade.check);
            SiteGrade {
                by: &grade.by,
                letter,
                // Letters beside the scale, such as T of SSL Labs, are worse than all on it.
                class: match letter.chars().next() {
                    Some(letter @ 'A'..='D') => format!("grade-{letter}"),
                    Some('?') | None => String::new(),
                    Some(_) => "grade-F".to_owned(),
                },
                detail: &grade.detail,
                finding: group.and_then(|group| Some(group.findings.first()?.id.clone())),
            }
        })
        .collect()
}

/// What would hurt most, with its address within the page.
fn worst<'a>(report: &'a Report, groups: &[Group<'a>]) -> Vec<Worst<'a>> {
    let root = &report.environment.root;
    let shown = |finding: &Finding| {
        let all = groups.iter().flat_map(|group| &group.findings);
        all.into_iter()
            .find(|shown| std::ptr::eq(shown.finding, finding))
    };
    document::worst(report, WORST)
        .into_iter()
        .filter_map(|one| {
            Some(Worst {
                finding: one.finding,
                title: &one.verdict.title,
                id: shown(one.finding)?.id.clone(),
                place: one
                    .finding
                    .labels
                    .first()
                    .map(|label| label.clickable(root)),
                more: one.more,
            })
        })
        .collect()
}

fn picture(document: &chart::Document) -> Option<String> {
    if document.is_empty() {
        return None;
    }
    let mut picture = Vec::new();
    // Writing into memory does not fail.
    let _ = chart::draw_svg(
        document,
        "The deployment, from the internet inwards",
        &mut picture,
    );
    String::from_utf8(picture).ok()
}

fn groups<'a>(report: &'a Report, checks: &Catalog) -> Vec<Group<'a>> {
    let mut taken = Taken::default();
    report
        .with_status(Status::Fail)
        .enumerate()
        .map(|(at, verdict)| {
            let check = checks.get(&verdict.check);
            let mut group = Group::of(verdict, check, &report.environment.root, &mut taken);
            group.is_open = at < OPEN;
            group
        })
        .collect()
}

fn levels(groups: Vec<Group<'_>>) -> Vec<Level<'_>> {
    let mut levels: BTreeMap<Reverse<Severity>, Vec<Group<'_>>> = BTreeMap::new();
    for group in groups {
        let level = Reverse(group.verdict.severity);
        levels.entry(level).or_default().push(group);
    }
    levels
        .into_iter()
        .map(|(Reverse(severity), groups)| Level { severity, groups })
        .collect()
}

impl<'a> Group<'a> {
    fn of(
        verdict: &'a Verdict,
        check: Option<&'static Check>,
        root: &str,
        taken: &mut Taken,
    ) -> Self {
        let page = check.map(Page::of);
        let prose = |name: &str| {
            page.as_ref()
                .map_or_else(Vec::new, |page| section(page, name))
        };
        let shared = match verdict.findings.split_first() {
            Some((first, others)) => others.iter().all(|other| other.advice == first.advice),
            None => false,
        };
        let advice = verdict.findings.first().filter(|_| shared);
        Self {
            verdict,
            is_open: false,
            places: count(verdict.findings.len(), "finding"),
            findings: verdict
                .findings
                .iter()
                .map(|finding| Shown {
                    finding,
                    id: taken.next(&finding.fingerprint),
                    confidence: match finding.confidence {
                        Confidence::High => None,
                        confidence => Some(confidence.name()),
                    },
                    stations: way(finding, root),
                    advice: (!shared).then(|| pieces(&finding.advice)),
                    fix: finding.fix.as_ref().map(|fix| {
                        let safety = match fix.safety {
                            Safety::Safe => "safe to apply",
                            Safety::Unsafe => "look before you apply it",
                            Safety::Manual => "by hand",
                        };
                        (&*fix.title, safety)
                    }),
                })
                .collect(),
            advice: advice.map(|finding| pieces(&finding.advice)),
            why: prose("Why"),
            mend: prose("Mend"),
            references: check
                .map(|check| check.references.iter().map(|one| one.url()).collect())
                .unwrap_or_default(),
        }
    }
}

fn proofs<'a>(verdict: &'a Verdict, root: &str) -> Vec<Proof<'a>> {
    let proof = |evidence: &'a Evidence| Proof {
        text: &evidence.text,
        place: evidence.trail.iter().find_map(|link| link.clickable(root)),
    };
    verdict.evidence.iter().map(proof).collect()
}

#[cfg(test)]
mod tests {
    use super::anchor;

    #[test]
    fn different_fingerprints_have_different_anchors() {
        assert_eq!(
            anchor("django/debug-on settings:DEBUG"),
            "django/debug-on+settings:DEBUG"
        );
        let texts = ["a b", "a+b", "a~2b.b", "a\"b", "a\u{22}.b", "é", "~e9."];
        let anchors: std::collections::BTreeSet<_> = texts.iter().map(|one| anchor(one)).collect();
        assert_eq!(anchors.len(), texts.len(), "{anchors:?}");
    }
}
