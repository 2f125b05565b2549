//! The document of a run that has just finished.

use jiff::Timestamp;
use rayon::prelude::*;
use tightship_model as model;
use tightship_model::{EnvOrigin, Outcome, Sources, Span, Trail};
use tightship_predict::chart::chart as draw;
use tightship_predict::ways::edges;

use super::{
    Area, Checklist, Code, Edit, Environment, Evidence, Finding, Fix, Gap, Label, Link, NamedBy,
    Origin, Report, SCHEMA, Site, Status, Summary, Tool, Verdict, Waived, grade, remedies,
};
use crate::chart;
use crate::place::Place;
use crate::summary::environment;
use crate::terminal::{SHOWN_IN_BRIEF, SHOWN_IN_FULL};

/// Lines of a place that are kept.
const LINES: usize = 5;

/// Characters of a line that are kept, and how many of them before the place.
const WINDOW: usize = 400;
const BEFORE: usize = 160;

/// How much of a run is worded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Extent {
    /// All of it.
    Whole,
    /// What a screen shows: of a thousand findings alike it shows 23, and the code of three; of a
    /// thousand places of one finding the first 21.
    Screen,
}

impl Report {
    /// Takes all that a reader needs out of a finished run. Equal runs give equal documents.
    pub fn of(report: &model::Report<'_>) -> Self {
        Self::worded(report, Extent::Whole)
    }

    /// As [`Report::of`], for [`crate::terminal`] alone and not for `--verbose`: what that counts
    /// and does not show is not worded: for 10,000 lines of nginx, 3,000 findings, that was a tenth
    /// of all instructions.
    pub fn on_screen(report: &model::Report<'_>) -> Self {
        Self::worded(report, Extent::Screen)
    }

    fn worded(report: &model::Report<'_>, extent: Extent) -> Self {
        let sources = &report.deployment.sources;
        let site = report.deployment.site.as_ref();
        let verdicts = || -> Vec<_> {
            let verdicts = report.verdicts.par_iter();
            verdicts
                .map(|verdict| Verdict::of(verdict, sources, extent))
                .collect()
        };
        let (deployment, verdicts) = rayon::join(|| deployment(report), verdicts);
        Self {
            schema: SCHEMA.to_owned(),
            tool: Tool {
                name: "tightship".to_owned(),
                version: report.head.version.clone(),
            },
            environment: Environment::of(report),
            site: site.map(|site| Site::of(site, &report.head.site_grades)),
            summary: Summary::of(report, &verdicts),
            verdicts,
            deployment,
            checklist: report.head.checklist.as_ref().map(Checklist::of),
            timing: site.map(|site| site.timing.clone()),
        }
    }
}

fn deployment(report: &model::Report<'_>) -> Option<chart::Document> {
    let edges = edges(report.deployment);
    let mut drawn = draw(report.deployment, &edges);
    if drawn.nodes.is_empty() {
        return None;
    }
    drawn.mark(report.deployment, &edges, &report.verdicts);
    Some(chart::Document::of(report.deployment, &drawn))
}

impl Environment {
    fn of(report: &model::Report<'_>) -> Self {
        let deployment = report.deployment;
        let project = &deployment.project;
        let settings = deployment.settings.as_ref();
        let module = project.module.as_ref();
        Self {
            root: report.head.root.clone(),
            judged_on: Timestamp::from_second(deployment.now)
                .ok()
                .map(|time| time.strftime("%Y-%m-%d").to_string()),
            project: project.folder.clone(),
            other_projects: project.others.clone(),
            settings_module: module.map(|module| module.name.clone()),
            settings_file: module.map(|module| deployment.sources[module.source].path.clone()),
            settings_trail: module
                .map(|module| links(&module.trail, &deployment.sources))
                .unwrap_or_default(),
            no_settings: project.no_settings.clone(),
            settings_named_by: project
                .settings_mentions
                .iter()
                .map(|mention| {
                    let place = Place::of(&deployment.sources, mention.span);
                    NamedBy {
                        module: mention.module.clone(),
                        by: mention.by.name().to_owned(),
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
    fn of(report: &model::Report<'_>, verdicts: &[Verdict]) -> Self {
        let waived = report.head.waived.iter();
        let mut summary = Self {
            waived: waived
                .map(|(fingerprint, reason)| Waived {
                    fingerprint: fingerprint.clone(),
                    reason: reason.clone(),
                })
                .collect(),
            idle_waivers: report.head.idle_waivers.clone(),
            in_baseline: report.head.in_baseline,
            remedies: remedies::remedies(report),
            ..Self::default()
        };
        summary.count(verdicts);
        summary
    }

    /// Counts and grades the verdicts.
    pub(super) fn count(&mut self, verdicts: &[Verdict]) {
        let areas = grade::areas(verdicts);
        let all = |number: fn(&Area) -> usize| areas.iter().map(number).sum();
        self.pass = all(|area| area.pass);
        self.fail = all(|area| area.fail);
        self.unknown = all(|area| area.unknown);
        self.not_applicable = all(|area| area.not_applicable);
        self.critical = all(|area| area.critical);
        self.high = all(|area| area.high);
        self.medium = all(|area| area.medium);
        self.low = all(|area| area.low);
        self.findings = verdicts.iter().map(|verdict| verdict.findings.len()).sum();
        self.grade = grade(&areas);
        self.areas = areas;
    }
}

impl Verdict {
    fn of(verdict: &model::Verdict, sources: &Sources, extent: Extent) -> Self {
        let check = verdict.check;
        let mut entry = Self {
            check: check.id.to_owned(),
            title: check.title.to_owned(),
            status: Status::Pass,
            severity: verdict.severity(),
            items: owned(check.items),
            django_ids: owned(check.django_ids),
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
                    .map(|model::Evidence { text, trail }| Evidence {
                        text: text.clone(),
                        trail: links(trail, sources),
                    })
                    .collect();
            }
            Outcome::Fail(findings) => {
                entry.status = Status::Fail;
                entry.findings = shown(findings, extent)
                    .into_par_iter()
                    .map(|(finding, is_shown)| match is_shown {
                        true => Finding::of(finding, verdict, sources, extent),
                        false => Finding::counted(finding, verdict),
                    })
                    .collect();
                entry.django_ids = entry
                    .findings
                    .iter()
                    .filter_map(|finding| finding.django_id.clone())
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

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// The findings, and whether each is shown.
fn shown(findings: &[model::Finding], extent: Extent) -> Vec<(&model::Finding, bool)> {
    let alike = findings.chunk_by(|a, b| a.advice == b.advice);
    let shown = alike.flat_map(|alike| {
        let places = alike.chunk_by(in_one_place).take(SHOWN_IN_FULL);
        let room = match extent {
            Extent::Whole => alike.len(),
            Extent::Screen => places.map(<[_]>::len).sum::<usize>() + SHOWN_IN_BRIEF,
        };
        alike
            .iter()
            .enumerate()
            .map(move |(at, finding)| (finding, at < room))
    });
    shown.collect()
}

/// Whether a screen shows both at one place.
fn in_one_place(a: &model::Finding, b: &model::Finding) -> bool {
    let place = |one: &model::Finding| (one.labels.first().map(|one| one.span), one.labels.len());
    place(a) == place(b) && a.trail == b.trail
}

impl Finding {
    /// One that is counted and not shown.
    fn counted(finding: &model::Finding, verdict: &model::Verdict) -> Self {
        Self {
            fingerprint: String::new(),
            subject: String::new(),
            message: String::new(),
            severity: finding.severity(verdict.check),
            confidence: finding.confidence,
            django_id: finding.django_id.map(str::to_owned),
            advice: finding.advice.clone(),
            labels: Vec::new(),
            trail: Vec::new(),
            fix: None,
        }
    }

    fn of(
        finding: &model::Finding,
        verdict: &model::Verdict,
        sources: &Sources,
        extent: Extent,
    ) -> Self {
        let is_whole = extent == Extent::Whole;
        Self {
            fingerprint: finding.fingerprint(verdict.check),
            subject: finding.subject.clone(),
            message: finding.message.clone(),
            severity: finding.severity(verdict.check),
            confidence: finding.confidence,
            django_id: finding.django_id.map(str::to_owned),
            advice: finding.advice.clone(),
            labels: finding
                .labels
                .iter()
                .enumerate()
                .map(|(at, label)| match is_whole || at <= SHOWN_IN_BRIEF {
                    true => Label::of(label, sources, is_whole || at == 0),
                    false => Label::counted(),
                })
                .collect(),
            trail: finding
                .trail
                .links()
                .iter()
                .map(|link| Link::with_end(link, sources, is_whole))
                .collect(),
            fix: (finding.fix.as_ref().filter(|_| is_whole)).map(|fix| Fix::of(fix, sources)),
        }
    }
}

impl Label {
    /// One that is counted and not shown.
    fn counted() -> Self {
        Self {
            path: String::new(),
            line: 0,
            column: 0,
            end_line: 0,
            end_column: 0,
            text: String::new(),
            code: None,
        }
    }

    fn of(label: &model::Label, sources: &Sources, with_code: bool) -> Self {
        let place = Place::of(sources, label.span);
        Self {
            code: with_code.then(|| code(label.span, &place, LINES, sources)),
            path: place.path,
            line: place.line,
            column: place.column,
            end_line: place.end_line,
            end_column: place.end_column,
            text: label.text.clone(),
        }
    }
}

/// The lines of a place, at most so many, as they may be shown.
fn code(span: Span, place: &Place, most: usize, sources: &Sources) -> Code {
    let from_column = match place.column {
        column if column > WINDOW - BEFORE => column - BEFORE,
        _ => 1,
    };
    let lines = (place.line..=place.end_line)
        .take(most)
        .map(|line| {
            let text = sources.line_text(span.source, line).unwrap_or_default();
            // Bytes are at least as many as characters.
            match from_column == 1 && text.len() <= WINDOW {
                true => text,
                false => text.chars().skip(from_column - 1).take(WINDOW).collect(),
            }
        })
        .collect();
    Code { from_column, lines }
}

impl Fix {
    fn of(fix: &model::Fix, sources: &Sources) -> Self {
        Self {
            title: fix.title.clone(),
            safety: fix.safety,
            edits: fix
                .edits
                .iter()
                .map(|edit| {
                    let place = Place::of(sources, edit.span);
                    Edit {
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

/// A trail without the lines that it passes.
pub(crate) fn links(trail: &Trail, sources: &Sources) -> Vec<Link> {
    let links = trail.links().iter();
    links.map(|link| Link::of(link, sources)).collect()
}

impl Link {
    fn of(link: &model::Link, sources: &Sources) -> Self {
        let place = link.span.map(|span| Place::of(sources, span));
        Self::at(link, place)
    }

    fn at(link: &model::Link, place: Option<Place>) -> Self {
        Self {
            line: place.as_ref().map(|place| place.line),
            column: place.as_ref().map(|place| place.column),
            path: place.map(|place| place.path),
            end_line: None,
            end_column: None,
            text: link.text.clone(),
            code: None,
        }
    }

    fn with_end(link: &model::Link, sources: &Sources, with_code: bool) -> Self {
        let Some(span) = link.span else {
            return Self::at(link, None);
        };
        let place = Place::of(sources, span);
        Self {
            end_line: Some(place.end_line),
            end_column: Some(place.end_column),
            code: with_code.then(|| code(span, &place, 1, sources)),
            ..Self::at(link, Some(place))
        }
    }
}
