use tightship_model::{
    Check, Deployment, Evidence, Finding, Need, Outcome, Place, Reference, Severity, Traced, Value,
};
use tightship_predict::ways::process_of;

use super::{between, label};
use crate::inside;
use crate::setting::setting;

pub(super) static CHECK: Check = Check {
    id: "cross/log-in-container",
    title: "Django writes its log into the container itself",
    severity: Severity::Medium,
    needs: &[Need::Settings],
    items: &["B8.1", "X33"],
    django_ids: &[],
    references: &[
        Reference::Django("topics/logging/"),
        Reference::Url("https://docs.docker.com/engine/storage/"),
        Reference::Cwe(778),
    ],
    doc: include_str!("log_in_container.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let Some(logging) = setting(deployment, "LOGGING") else {
        return Outcome::NotApplicable("LOGGING is not set".to_owned());
    };
    let handlers = logging.value.value.as_dict().and_then(|logging| {
        let handlers = logging.get("handlers")?;
        handlers.value.as_dict()
    });
    let files: Vec<_> = handlers
        .into_iter()
        .flat_map(|handlers| &handlers.entries)
        .filter_map(|(name, handler)| Some((name.as_str()?, file_of(handler)?)))
        .collect();
    let servers: Vec<_> = deployment
        .compose
        .iter()
        .flat_map(|compose| &compose.services)
        .filter(|service| {
            service.starts_by_default()
                && process_of(deployment, service)
                    .is_some_and(|process| process.program.runs_django())
        })
        .collect();
    let mut findings: Vec<Finding> = Vec::new();
    let mut evidence = Vec::new();
    let mut told: Vec<(String, String)> = Vec::new();
    for (handler, path) in &files {
        let places = inside::of_path(deployment, &path.value);
        let lost = places.iter().find(|found| {
            matches!(found.location.place, Place::Image | Place::Copied(_))
                && servers
                    .iter()
                    .any(|server| server.name == found.service.name)
        });
        let Some((found, span)) = lost.and_then(|found| Some((found, found.service.span?))) else {
            evidence.push(Evidence {
                text: format!("{} is not known to lie in a container", path.value),
                trail: path.trail.clone(),
            });
            continue;
        };
        let folder = found.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let place = (found.service.name.clone(), folder.to_owned());
        // One volume keeps the files of all handlers.
        if told.contains(&place) {
            continue;
        }
        told.push(place);
        let mut finding = between(
            format!("settings:LOGGING {handler}"),
            format!(
                "after a break-in the record of it is gone with the next deployment: the handler \
                 {handler} writes {}, and {} has no volume there, so the file dies with the \
                 container and fills its disk until then",
                found.path, found.service.name
            ),
            label(span, format!("{} mounts nothing there", found.service.name)),
            &path.trail,
            "Log to the console, which Docker keeps and rotates, or mount a volume at that folder.",
        );
        finding.labels.rotate_left(1);
        findings.push(finding);
    }
    match (findings.is_empty(), evidence.is_empty()) {
        (false, _) => Outcome::Fail(findings),
        (true, false) if !servers.is_empty() => Outcome::Pass(evidence),
        _ => Outcome::NotApplicable(
            "no handler writes a file at a known place of a container".to_owned(),
        ),
    }
}

/// The absolute path that a handler writes to.
fn file_of(handler: &Traced<Value>) -> Option<Traced<String>> {
    let handler = handler.value.as_dict()?;
    let class = handler.get("class")?.value.as_str()?;
    let file = handler.get("filename")?;
    let path = file.value.as_path()?;
    let is_file = class.ends_with("FileHandler") && path.starts_with('/');
    // Of a device there is nothing to keep.
    (is_file && !path.starts_with("/dev/") && !path.starts_with("/proc/"))
        .then(|| Traced::new(path.to_owned(), file.trail.clone()))
}
