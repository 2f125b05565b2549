use tightship_model::Trail;
use tightship_model::{Check, Deployment, Finding, Image, Outcome, Reference, Severity};

use super::{about, judge_each};

pub(super) static CHECK: Check = Check {
    id: "docker/base-floating",
    title: "The image stands on a base without a version",
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
    doc: include_str!("base_floating.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge_each(deployment, "every base has a version", &|image| {
        judge(deployment, image)
    })
}

fn judge(deployment: &Deployment, image: &Image) -> Vec<Finding> {
    let bases = image.stages.iter().map(|stage| &stage.base);
    bases
        .filter(|base| base.stage.is_none() && !base.is_scratch())
        .filter_map(|base| Some((base, base.image()?)))
        .filter(|(_, reference)| {
            let tag = reference.tag.as_deref().unwrap_or("latest");
            reference.digest.is_none() && FLOATING.contains(&tag)
        })
        .map(|(base, reference)| Finding {
            message: format!(
                "{} is built on {}, whatever that is that day: the next build may bring another \
                 Python and another system, untested",
                super::name(deployment, image),
                reference.short_name()
            ),
            advice: "Name the version (`python:3.13-slim-trixie`), and let a bot propose new ones."
                .to_owned(),
            ..about(
                deployment,
                image,
                &format!("base {}", reference.short_name()),
                &Trail::at(base.span, "begins with it"),
            )
        })
        .collect()
}

/// Tags that are moved to whatever is new.
const FLOATING: [&str; 12] = [
    "latest",
    "slim",
    "alpine",
    "stable",
    "edge",
    "rolling",
    "current",
    "lts",
    "main",
    "master",
    "bookworm-slim",
    "nightly",
];
