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
            reference.digest.is_none()
                && FLOATING.contains(&tag)
                && !is_built_here(deployment, reference.short_name())
        })
        .map(|(base, reference)| Finding {
            message: format!(
                "{} is built on {}, whatever that is that day: the next build may bring {}, untested",
                super::name(deployment, image),
                reference.short_name(),
                match reference.short_name() {
                    "python" => "another Python and another system",
                    _ => "another release of it",
                }
            ),
            advice: match reference.short_name() {
                "python" => {
                    "Name the version (`python:3.13-slim-trixie`), and let a bot propose new ones."
                }
                _ => "Name the version, and let a bot propose new ones.",
            }
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

/// Whether a Dockerfile of the project is called after the base: `shop-base.Dockerfile`.
fn is_built_here(deployment: &Deployment, name: &str) -> bool {
    deployment.files.paths.iter().any(|path| {
        let file = path.rsplit('/').next().unwrap_or(path);
        let own = file.strip_suffix(".Dockerfile");
        own.or_else(|| file.strip_prefix("Dockerfile.")) == Some(name)
    })
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
