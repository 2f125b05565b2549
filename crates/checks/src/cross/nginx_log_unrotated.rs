use tightship_model::nginx::Directive;
use tightship_model::{
    Check, Confidence, Deployment, Evidence, Finding, LogRotation, Need, Outcome, Place, Reference,
    Severity, Trail,
};
use tightship_predict::ways::edges;

use super::label;
use crate::setting::together;

pub(super) static CHECK: Check = Check {
    id: "cross/nginx-log-unrotated",
    title: "A log of nginx is kept on a volume and never turned over",
    severity: Severity::Low,
    needs: &[Need::Nginx],
    items: &["B8.5"],
    django_ids: &[],
    references: &[
        Reference::Url("https://nginx.org/en/docs/control.html#logs"),
        Reference::Cwe(779),
    ],
    doc: include_str!("nginx_log_unrotated.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let mut outcomes = Vec::new();
    for edge in &edges(deployment) {
        let Some(service) = edge.service(deployment) else {
            continue;
        };
        for name in ["access_log", "error_log"] {
            for (_, directive) in edge.configuration.find(name) {
                outcomes.extend(judge(deployment, &service.name, directive));
            }
        }
    }
    outcomes.push(Outcome::NotApplicable(
        "no nginx of Compose writes a log that outlives its container".to_owned(),
    ));
    match together(outcomes) {
        Outcome::Fail(mut findings) => {
            let mut told = std::collections::BTreeSet::new();
            findings.retain(|finding| told.insert(finding.subject.clone()));
            Outcome::Fail(findings)
        }
        outcome => outcome,
    }
}

fn judge(deployment: &Deployment, service: &str, directive: &Directive) -> Option<Outcome> {
    let word = directive
        .arguments
        .first()
        .filter(|word| word.is_literal())?;
    let path = word.text.as_str();
    if !path.starts_with('/') || path.starts_with("/dev/") || path.starts_with("/proc/") {
        return None;
    }
    let location = deployment.locate(service, path)?;
    let above = |path: &str| {
        path.rsplit_once('/')
            .map_or(".", |(folder, _)| folder)
            .to_owned()
    };
    let (kept, folder) = match &location.place {
        Place::Repository(path) => (
            format!("./{path} of the project"),
            format!("./{} of the project", above(path)),
        ),
        Place::Host(path) => (
            format!("{path} of the host"),
            format!("{} of the host", above(path)),
        ),
        Place::Volume {
            name: Some(name), ..
        } => (format!("the volume {name}"), format!("the volume {name}")),
        _ => return None,
    };
    let span = directive.heading_span();
    let file = path.rsplit('/').next().unwrap_or(path);
    let rotation = deployment
        .host
        .rotations
        .iter()
        .find(|rotation| turns(rotation, file));
    let (message, extra) = match rotation {
        Some(rotation) if reopens(rotation) => {
            return Some(Outcome::Pass(vec![Evidence {
                text: format!("{} turns {file} over", rotation.path),
                trail: Trail::at(span, "writes this log"),
            }]));
        }
        Some(rotation) => (
            format!(
                "after the first turn nothing is in the new log: {} renames {file}, and nobody tells \
                 nginx, which writes on into the old file until the disk is full",
                rotation.path
            ),
            rotation.logs.first().and_then(|log| log.trail.first_span()),
        ),
        None => (
            format!(
                "the disk of the server fills with every request: {service} keeps {path} in {folder}, \
                 Docker's limits do not hold there, and no file of the project turns it over"
            ),
            location.trail.first_span(),
        ),
    };
    let mut labels = vec![label(span, "writes this log")];
    labels.extend(extra.map(|span| match rotation {
        Some(_) => label(span, "renames it without a word to nginx"),
        None => label(span, format!("keeps it in {kept}")),
    }));
    Some(Outcome::Fail(vec![Finding {
        subject: format!("nginx:log {path}"),
        message,
        severity: rotation.map(|_| Severity::Medium),
        confidence: Confidence::Medium,
        labels,
        trail: Trail::at(span, "writes this log"),
        django_id: None,
        advice:
            "Write to /dev/stdout, which Docker keeps and limits, or give logrotate a block with \
                 `postrotate docker compose kill -s USR1 nginx`."
                .to_owned(),
        fix: None,
    }]))
}

/// Whether a block of logrotate is about a file of this name.
fn turns(rotation: &LogRotation, file: &str) -> bool {
    rotation.logs.iter().any(|log| {
        let glob = log.value.rsplit('/').next().unwrap_or(&log.value);
        match glob.split_once('*') {
            Some((start, end)) => file.starts_with(start) && file.ends_with(end),
            None => glob == file,
        }
    })
}

/// Whether nginx opens its logs anew after the turn, or the file stays the same one.
fn reopens(rotation: &LogRotation) -> bool {
    let scripts = rotation.postrotate.iter().chain(&rotation.prerotate);
    let mut words = scripts.flat_map(|script| &script.words);
    rotation
        .flags
        .iter()
        .any(|flag| flag.value == "copytruncate")
        || words.any(|word| {
            ["USR1", "reopen", "reload", "restart", "rotate"]
                .iter()
                .any(|sign| word.contains(sign))
        })
}
