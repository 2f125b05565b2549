//! What Dockerfiles make, judged as the images that production runs.

mod base_floating;
mod context_unfiltered;
mod development_server;
mod download_unchecked;
mod end_of_life;
pub(crate) mod ends;
mod remote_script_run;
mod runs_as_root;
mod secret_file_in_image;
mod secret_in_variable;
mod ssh_server;
mod sudo_installed;
mod verification_off;
mod world_writable;

use tightship_model::compose::Service;
use tightship_model::{Check, Deployment, Evidence, Finding, Image, Outcome, Span, Trail};

use crate::setting::finding_about;

pub(crate) const CHECKS: &[&Check] = &[
    &runs_as_root::CHECK,
    &secret_file_in_image::CHECK,
    &context_unfiltered::CHECK,
    &secret_in_variable::CHECK,
    &verification_off::CHECK,
    &remote_script_run::CHECK,
    &download_unchecked::CHECK,
    &base_floating::CHECK,
    &end_of_life::CHECK,
    &world_writable::CHECK,
    &sudo_installed::CHECK,
    &ssh_server::CHECK,
    &development_server::CHECK,
];

/// The images that production runs: those that its services build, or else all that do not say that
/// they are for developers.
fn images(deployment: &Deployment) -> Vec<&Image> {
    let built: Vec<_> = deployment
        .images
        .iter()
        .filter(|image| is_run(deployment, image))
        .collect();
    if !built.is_empty() {
        return built;
    }
    let is_developers = |image: &&Image| {
        let path = deployment.sources[image.file].path.to_ascii_lowercase();
        let mut parts = path.split(['/', '.', '-', '_']);
        parts.any(|part| {
            matches!(
                part,
                "dev"
                    | "development"
                    | "devdb"
                    | "devcontainer"
                    | "local"
                    | "test"
                    | "tests"
                    | "ci"
                    | "docs"
                    | "e2e"
                    | "archive"
                    | "archived"
                    | "backup"
                    | "bak"
                    | "deprecated"
                    | "old"
                    | "unused"
            )
        })
    };
    deployment
        .images
        .iter()
        .filter(|image| !is_developers(image))
        .collect()
}

/// Whether a service of production runs an image.
fn is_run(deployment: &Deployment, image: &Image) -> bool {
    let compose = deployment.compose.as_ref();
    match image.services.is_empty() {
        true => services_of(deployment, image).next().is_some(),
        false => compose.is_some_and(|compose| {
            let mut names = image.services.iter();
            names.any(|name| compose.service(name).is_some())
        }),
    }
}

/// The services of production that run an image.
fn services_of<'a>(
    deployment: &'a Deployment,
    image: &'a Image,
) -> impl Iterator<Item = &'a Service> {
    let path = &deployment.sources[image.file].path;
    let services = deployment
        .compose
        .iter()
        .flat_map(|compose| &compose.services);
    services.filter(move |service| {
        image.services.contains(&service.name)
            || (image.services.is_empty()
                && service
                    .build
                    .as_ref()
                    .is_some_and(|build| build.dockerfile_path.as_ref() == Some(path)))
    })
}

/// A verdict over all images: the findings, or that there is none.
fn judge_each(
    deployment: &Deployment,
    holds: &str,
    judge: &dyn Fn(&Image) -> Vec<Finding>,
) -> Outcome {
    let images = images(deployment);
    if images.is_empty() {
        return Outcome::NotApplicable("no Dockerfile makes an image of production".to_owned());
    }
    let mut findings: Vec<Finding> = Vec::new();
    for finding in images.iter().flat_map(|image| judge(image)) {
        // Targets of one file share their stages.
        if !findings
            .iter()
            .any(|known| known.subject == finding.subject)
        {
            findings.push(finding);
        }
    }
    if findings.is_empty() {
        let names: Vec<_> = images.iter().map(|image| name(deployment, image)).collect();
        return Outcome::Pass(vec![Evidence {
            text: format!("{holds}: {}", names.join(", ")),
            trail: Trail::default(),
        }]);
    }
    Outcome::Fail(findings)
}

/// What an image is called in a sentence.
fn name(deployment: &Deployment, image: &Image) -> String {
    let path = &deployment.sources[image.file].path;
    match &image.target {
        Some(target) => format!("the image of {path} ({target})"),
        None => format!("the image of {path}"),
    }
}

/// A finding about an image, to be completed with its message and advice.
fn about(deployment: &Deployment, image: &Image, part: &str, trail: &Trail) -> Finding {
    finding_about(
        format!("image:{} {part}", deployment.sources[image.file].path),
        trail,
    )
}

/// The text of an instruction, comments between its lines left out.
fn text_of(deployment: &Deployment, span: Span) -> &str {
    let text = deployment.sources[span.source].raw();
    text.get(span.start as usize..span.end as usize)
        .unwrap_or_default()
}

/// A text on one line: continued lines joined, comments left out, one blank between words.
fn squeezed(text: &str) -> String {
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'));
    let words: Vec<&str> = lines
        .flat_map(|line| {
            line.trim_end()
                .trim_end_matches(['\\', '`'])
                .split_whitespace()
        })
        .collect();
    words.join(" ") + " "
}

/// All that starts with an image: its command, and the scripts of the repository that it may run.
fn start_text(deployment: &Deployment, image: &Image) -> String {
    let config = &image.config;
    let argv = config.entrypoint.iter().chain(&config.cmd);
    let words: Vec<&str> = argv
        .flat_map(|argv| argv.value.words.iter().map(String::as_str))
        .collect();
    let mut text = words.join(" ");
    for (_, source) in deployment.sources.iter() {
        let file = source.path.rsplit('/').next().unwrap_or(&source.path);
        let is_named = words.iter().any(|word| {
            word.split_whitespace()
                .any(|word| word.rsplit('/').next() == Some(file))
        });
        if is_named {
            text.push('\n');
            text.push_str(source.raw());
        }
    }
    text
}
