use tightship_model::image::Copy;
use tightship_model::{Check, Deployment, Evidence, Image, Outcome, Reference, Severity, Trail};

use super::health::Probe;
use super::{between, label};
use crate::setting::settled;

pub(super) static CHECK: Check = Check {
    id: "cross/healthcheck-tool-missing",
    title: "The health check runs a program that the image does not have",
    severity: Severity::High,
    needs: &[],
    items: &[],
    django_ids: &[],
    references: &[
        Reference::Url("https://hub.docker.com/_/python"),
        Reference::Url("https://docs.docker.com/reference/dockerfile/#healthcheck"),
    ],
    doc: include_str!("healthcheck_tool_missing.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let mut findings = Vec::new();
    let mut evidence = Vec::new();
    let services = deployment
        .compose
        .iter()
        .flat_map(|compose| &compose.services);
    for service in services.filter(|service| service.starts_by_default()) {
        let Some(probe) = Probe::of(deployment, service) else {
            continue;
        };
        let image = deployment
            .containers()
            .and_then(|containers| containers.image(&service.name));
        let Some(image) = image else {
            continue;
        };
        let program = probe.program();
        match lacks(image, program) {
            Some(true) => {}
            Some(false) => {
                evidence.push(Evidence {
                    text: format!("the image of {} has {program}", service.name),
                    trail: Trail::at(probe.span, "runs it"),
                });
                continue;
            }
            None => continue,
        }
        let Some(base) = image.base() else {
            continue;
        };
        findings.push(between(
            format!("service:{} healthcheck {program}", service.name),
            format!(
                "the container of {} counts as unhealthy for ever, and what waits for it never \
                 starts: {} brings no {program}, and no step of the Dockerfile installs it",
                service.name, base.written
            ),
            label(probe.span, format!("runs {program}")),
            &Trail::at(base.span, "the image begins with it"),
            "Ask with what is there (`python -c \"import urllib.request; …\"`), or install the \
             program.",
        ));
    }
    settled(findings, evidence, Outcome::NotApplicable(
            "no health check runs curl or wget in an image of the project that is known to lack them"
                .to_owned(),
        ))
}

/// Whether an image of the project has no such program; `None` where the text does not tell.
fn lacks(image: &Image, program: &str) -> Option<bool> {
    let reference = image.base()?.image()?;
    if reference.repository != "library/python" {
        return None;
    }
    let tag = reference.tag.as_deref()?;
    let is_without = match program {
        "curl" => tag.contains("slim") || tag.contains("alpine"),
        "wget" => tag.contains("slim"),
        _ => return None,
    };
    if !is_without {
        return Some(false);
    }
    let mut is_open = image.copies().any(brings_programs);
    for run in image.runs() {
        let words = run.argv.words.join(" ");
        if words.contains(program) {
            return Some(false);
        }
        let runs_others = [".sh", "xargs", "ansible"]
            .iter()
            .any(|sign| words.contains(sign));
        let installs_open = words.contains('$') && (words.contains("apt") || words.contains("apk"));
        is_open |= !run.heredocs.is_empty() || runs_others || installs_open;
    }
    (!is_open).then_some(true)
}

/// Whether a COPY may put programs where the system looks for them.
fn brings_programs(copy: &Copy) -> bool {
    copy.destination.as_deref().is_none_or(|path| {
        path == "/" || path.contains("/bin") || path == "/usr" || path.starts_with("/usr/local/")
    })
}
