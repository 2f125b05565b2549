//! Accepted findings, those of the baseline, and the check that no acceptance outlives its date.

use std::collections::BTreeSet;
use std::path::Path;

use jiff::{Timestamp, ToSpan, tz::TimeZone};
use serde::Deserialize;
use tightship_model::{
    Check, Confidence, Deployment, Evidence, Finding, Label, Outcome, Severity, Source, SourceId,
    Span, Trail, Verdict, Waiver, worst_first,
};

use crate::config::ConfigFile;
use crate::failure::Failure;

/// The area of the checks that stand on the configuration, not on the project.
pub(crate) const AREA: &str = "waivers";

static EXPIRED: Check = Check {
    id: "waivers/expired",
    title: "A waiver has expired",
    severity: Severity::Medium,
    needs: &[],
    items: &[],
    django_ids: &[],
    references: &[],
    doc: include_str!("waivers_expired.md"),
    run: expired,
};

/// All checks: the catalog, and the one that stands on the configuration.
pub(crate) fn catalog() -> impl Iterator<Item = &'static Check> {
    tightship_checks::catalog().chain([&EXPIRED])
}

/// All verdicts on a deployment, worst first.
pub(crate) fn judge(deployment: &Deployment, selected: impl Fn(&Check) -> bool) -> Vec<Verdict> {
    let mut verdicts = tightship_checks::judge(deployment, &selected);
    if selected(&EXPIRED) && !deployment.waivers.is_empty() {
        verdicts.push(Verdict {
            check: &EXPIRED,
            outcome: (EXPIRED.run)(deployment),
        });
    }
    worst_first(&mut verdicts);
    verdicts
}

/// Puts the waivers of a configuration into the deployment, with their place.
pub(crate) fn add(file: &ConfigFile, root: &Path, deployment: &mut Deployment) {
    let source = source(file, root, deployment);
    let place =
        |range: std::ops::Range<usize>| Span::new(source, range.start as u32, range.end as u32);
    for entry in &file.config.waivers {
        let day_after = entry.expires.get_ref().0.saturating_add(1.day());
        let expires = day_after
            .to_zoned(TimeZone::UTC)
            .map_or(i64::MAX, |moment| moment.timestamp().as_second());
        deployment.waivers.push(Waiver {
            check: entry.check.clone(),
            subject: entry.subject.clone(),
            reason: entry.reason.clone(),
            owner: entry.owner.clone(),
            expires,
            span: place(entry.expires.span()),
        });
    }
}

/// What was taken out of the verdicts.
#[derive(Default)]
pub(crate) struct SetAside {
    /// Fingerprint, and the waiver in words.
    pub(crate) waived: Vec<(String, String)>,
    /// Fingerprints of waivers that match nothing.
    pub(crate) idle: Vec<String>,
    pub(crate) in_baseline: usize,
}

/// Takes out what a valid waiver accepts and what the baseline holds.
pub(crate) fn set_aside(
    verdicts: &mut [Verdict],
    deployment: &Deployment,
    baseline: &BTreeSet<String>,
    selected: impl Fn(&Check) -> bool,
) -> SetAside {
    let mut aside = SetAside::default();
    if deployment.waivers.is_empty() && baseline.is_empty() {
        return aside;
    }
    let mut used = BTreeSet::new();
    for verdict in &mut *verdicts {
        let Outcome::Fail(findings) = &mut verdict.outcome else {
            continue;
        };
        let check = verdict.check;
        findings.retain(|finding| {
            let fingerprint = finding.fingerprint(check);
            let matching = deployment
                .waivers
                .iter()
                .find(|waiver| fingerprint_of(waiver) == fingerprint);
            if let Some(waiver) = matching {
                used.insert(fingerprint.clone());
                if waiver.expires > deployment.now {
                    let words = format!(
                        "{} ({}, until {})",
                        waiver.reason,
                        waiver.owner,
                        last_day(waiver)
                    );
                    aside.waived.push((fingerprint, words));
                    return false;
                }
            }
            let known = baseline.contains(&fingerprint);
            aside.in_baseline += usize::from(known);
            !known
        });
        if findings.is_empty() {
            verdict.outcome =
                Outcome::NotApplicable("all its findings are waived or in the baseline".to_owned());
        }
    }
    aside.idle = deployment
        .waivers
        .iter()
        .filter(|waiver| catalog().all(|check| check.id != waiver.check || selected(check)))
        .map(fingerprint_of)
        .filter(|fingerprint| !used.contains(fingerprint))
        .collect();
    worst_first(verdicts);
    aside
}

/// The fingerprints of an earlier JSON report.
pub(crate) fn baseline(path: &Path) -> Result<BTreeSet<String>, Failure> {
    #[derive(Deserialize)]
    struct Report {
        schema: String,
        verdicts: Vec<Entry>,
    }
    #[derive(Deserialize)]
    struct Entry {
        findings: Vec<Fingerprint>,
    }
    #[derive(Deserialize)]
    struct Fingerprint {
        fingerprint: String,
    }
    const HELP: &str = "write one with `tightship check --format json --output FILE`";
    let refuse = |reason: String| {
        Failure::new(
            format!("the baseline {} cannot be used: {reason}", path.display()),
            HELP,
        )
    };
    let text = tightship_read::given(path).map_err(|error| refuse(error.to_string()))?;
    let report: Report = serde_json::from_str(&text).map_err(|error| refuse(error.to_string()))?;
    if report.schema != "tightship.report/1" {
        return Err(refuse(format!("its schema is {:?}", report.schema)));
    }
    Ok(report
        .verdicts
        .into_iter()
        .flat_map(|verdict| verdict.findings)
        .map(|finding| finding.fingerprint)
        .collect())
}

fn expired(deployment: &Deployment) -> Outcome {
    let (valid, expired): (Vec<_>, Vec<_>) = deployment
        .waivers
        .iter()
        .partition(|waiver| waiver.expires > deployment.now);
    if expired.is_empty() {
        let proof = |waiver: &&Waiver| Evidence {
            text: format!(
                "{} is waived until {}",
                fingerprint_of(waiver),
                last_day(waiver)
            ),
            trail: Trail::at(waiver.span, "its date"),
        };
        return Outcome::Pass(valid.iter().map(proof).collect());
    }
    Outcome::Fail(
        expired
            .into_iter()
            .map(|waiver| Finding {
                subject: format!("waiver:{} {}", waiver.check, waiver.subject),
                message: format!(
                    "the waiver of {} ended on {}: nobody accepts the risk any more ({}: {})",
                    fingerprint_of(waiver),
                    last_day(waiver),
                    waiver.owner,
                    waiver.reason
                ),
                severity: None,
                confidence: Confidence::High,
                labels: vec![Label {
                    span: waiver.span,
                    text: "past".to_owned(),
                }],
                trail: Trail::default(),
                django_id: None,
                advice: "Mend the finding and delete the waiver, or decide anew and date it again."
                    .to_owned(),
                fix: None,
            })
            .collect(),
    )
}

fn fingerprint_of(waiver: &Waiver) -> String {
    format!("{} {}", waiver.check, waiver.subject)
}

fn last_day(waiver: &Waiver) -> String {
    match Timestamp::from_second(waiver.expires - 1) {
        Ok(moment) => moment.to_zoned(TimeZone::UTC).date().to_string(),
        Err(_) => "the end of time".to_owned(),
    }
}

/// The configuration as a source of the deployment.
fn source(file: &ConfigFile, root: &Path, deployment: &mut Deployment) -> SourceId {
    let path = file.path.strip_prefix(root).unwrap_or(&file.path);
    let path = path.to_string_lossy();
    deployment.sources.by_path(&path).unwrap_or_else(|| {
        deployment
            .sources
            .add(Source::new(path, file.text.as_str()))
    })
}
