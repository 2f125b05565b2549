use tightship_model::compose::{MountKind, Service};
use tightship_model::{Check, Deployment, Finding, Outcome, Reference, Severity};

use super::what::{What, what};
use super::{about, beside, judge_each};

pub(super) static CHECK: Check = Check {
    id: "compose/floating-image",
    title: "The next pull may bring another program",
    severity: Severity::Low,
    needs: &[],
    items: &["X36"],
    django_ids: &[],
    references: &[
        Reference::Url(
            "https://docs.docker.com/build/building/best-practices/#pin-base-image-versions",
        ),
        Reference::Cwe(1357),
    ],
    doc: include_str!("floating_image.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge_each(deployment, "every image has a version", &|service| {
        judge(deployment, service).into_iter().collect()
    })
}

fn judge(deployment: &Deployment, service: &Service) -> Option<Finding> {
    let image = service
        .image
        .as_ref()
        .filter(|image| image.open.is_empty())?;
    // The name under which an own build is kept, of this service or of another.
    let services = &deployment.compose.as_ref()?.services;
    let is_built = |other: &Service| {
        let name = other.image.as_ref().map(|image| &image.value);
        other.build.is_some() && name == Some(&image.value)
    };
    if service.build.is_some() || services.iter().any(is_built) {
        return None;
    }
    let reference = service
        .reference()
        .filter(|reference| reference.digest.is_none())?;
    let tag = reference.tag.as_deref().unwrap_or("latest");
    let mut mounts = service.mounts.iter();
    let data = mounts.find(|mount| mount.kind != MountKind::Tmpfs);
    let keeps_data = matches!(
        what(service),
        What::Store("PostgreSQL" | "MySQL" | "MongoDB" | "Elasticsearch")
    ) && data.is_some();
    let has_number = tag.chars().any(|c| c.is_ascii_digit()) && !is_of_the_base(tag);
    let floats = FLOATING.contains(&tag) || (keeps_data && !has_number);
    let finding = floats.then(|| Finding {
        message: if keeps_data {
            format!(
                "{} runs {}, whose next pull may be a new major version: it refuses the data of the \
                 old one, and the site is down until somebody converts it",
                service.name, image.value
            )
        } else {
            format!(
                "{} runs {}: nobody can say which version runs, and the next pull brings another, \
                 untested, on one server and not on the next",
                service.name, image.value
            )
        },
        severity: Some(if keeps_data { Severity::High } else { Severity::Low }),
        advice: "Name the version, for databases at least the major one, and let a bot propose new ones."
            .to_owned(),
        ..about(service, "image", &image.trail)
    });
    let data = data.filter(|_| keeps_data).map(|mount| mount.span);
    finding.map(|finding| beside(finding, data, "data of the version before lie here"))
}

/// Whether the only number of a tag is that of the system that the image stands on: `alpine3.22`.
fn is_of_the_base(tag: &str) -> bool {
    tag.starts_with("alpine") || tag.starts_with("debian") || tag.starts_with("ubi")
}

const FLOATING: [&str; 11] = [
    "latest", "stable", "edge", "nightly", "main", "master", "dev", "develop", "rolling",
    "mainline", "canary",
];
