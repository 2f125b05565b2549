use tightship_model::{Check, Confidence, Deployment, Place, Reference, Severity, Traced};
use tightship_model::{Finding, Outcome};

use super::seen::{Seer, in_words, is_bound};
use super::{evidence, finding, served, unknown};
use crate::cross::label;
use crate::setting::{together, told_once};

pub(super) static CHECK: Check = Check {
    id: "certbot/first-run-elsewhere",
    title: "The first certificate is written where nginx does not look",
    severity: Severity::High,
    needs: &[],
    items: &["B4.3", "B2.6", "B17.4"],
    django_ids: &[],
    references: &[
        Reference::Url("https://eff-certbot.readthedocs.io/en/stable/using.html#where-certs"),
        Reference::Url("https://docs.docker.com/engine/storage/bind-mounts/"),
    ],
    doc: include_str!("first_run_elsewhere.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let outcomes = served(deployment).into_iter().flat_map(|served| {
        let folder = served.folder.to_owned();
        let seer = served.seer;
        let laid_out = deployment.certbot.laid_out.iter();
        laid_out.filter_map(move |laid| {
            // Of an nginx outside of Compose nothing tells what is mounted where it runs.
            match seer? {
                seer @ Seer::Service(_) => Some(judge(deployment, seer, &folder, laid)),
                Seer::Host => None,
            }
        })
    });
    let none = Outcome::NotApplicable(
        "no script lays out a folder for certbot that nginx reads from".to_owned(),
    );
    told_once(together(outcomes.chain([none])), |one, other| {
        one.subject == other.subject
    })
}

fn judge(deployment: &Deployment, seer: Seer<'_>, folder: &str, laid: &Traced<String>) -> Outcome {
    let Some(script) = laid.trail.first_span() else {
        return Outcome::NotApplicable("no script tells of it".to_owned());
    };
    let located = seer.locate(deployment, folder);
    let written = candidates(deployment, laid);
    let is_same = match &located.place {
        Place::Repository(path) => Some(written.contains(path)),
        Place::Host(path) if laid.value.starts_with('/') => {
            Some(path.trim_end_matches('/') == laid.value.trim_end_matches('/'))
        }
        // Where the project lies on the host is not told.
        Place::Host(_) => None,
        Place::Volume {
            name: Some(name), ..
        } => (!is_bound(deployment, name)).then_some(false),
        // That nothing is mounted there is another check's.
        _ => None,
    };
    match is_same {
        Some(true) => Outcome::Pass(vec![evidence(
            format!("the script writes to {}, which nginx reads", laid.value),
            script,
        )]),
        Some(false) => {
            let mut labels = vec![label(
                script,
                format!("certificates are written to {}", laid.value),
            )];
            let mount = located.trail.first_span();
            labels.extend(mount.map(|span| {
                label(
                    span,
                    format!("nginx reads them from {}", in_words(&located.place)),
                )
            }));
            let subject = format!("certbot:{}", laid.value);
            let message = format!(
                "nginx does not start on a new server: the script writes the first certificate to \
                 {}, and nginx looks for it in {}",
                laid.value,
                in_words(&located.place)
            );
            Outcome::Fail(vec![Finding {
                confidence: Confidence::Medium,
                ..finding(
                    subject,
                    message,
                    labels,
                    "Name one folder in the script and in the mounts of nginx and certbot.",
                )
            }])
        }
        None => unknown(
            format!("whether {} is what nginx reads is not told", laid.value),
            "mount a folder of the project, and name the same one in the script",
            Some(script),
        ),
    }
}

/// The folders of the project that a path of a script may mean: it is run in the root, beside the
/// Compose file, or where it lies itself.
fn candidates(deployment: &Deployment, laid: &Traced<String>) -> Vec<String> {
    let own = laid.trail.first_span().map(|span| {
        let path = &deployment.sources[span.source].path;
        path.rsplit_once('/').map_or("", |(folder, _)| folder)
    });
    let compose = deployment
        .compose
        .as_ref()
        .map(|compose| compose.folder.as_str());
    [Some(""), own, compose]
        .into_iter()
        .flatten()
        .map(|base| normal(base, &laid.value))
        .collect()
}

/// A relative path below `base`, without `.` and `..`.
fn normal(base: &str, path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in base.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}
