use tightship_model::Trail;
use tightship_model::image::Action;
use tightship_model::{Check, Deployment, Finding, Image, Outcome, Reference, Severity};

use super::{about, judge_each, text_of};

pub(super) static CHECK: Check = Check {
    id: "docker/download-unchecked",
    title: "A file from the internet is added without its sum",
    severity: Severity::Low,
    needs: &[],
    items: &["X35"],
    django_ids: &[],
    references: &[
        Reference::Url("https://docs.docker.com/reference/dockerfile/#add---checksum"),
        Reference::Cwe(494),
    ],
    doc: include_str!("download_unchecked.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge_each(
        deployment,
        "no file is added from the internet without its sum",
        &|image| judge(deployment, image),
    )
}

fn judge(deployment: &Deployment, image: &Image) -> Vec<Finding> {
    let made = image.stages.iter().flat_map(|stage| &stage.instructions);
    made.filter_map(|made| match &made.action {
        Action::Copy(copy) if copy.is_add => Some(copy),
        _ => None,
    })
    .filter(|copy| !text_of(deployment, copy.span).contains("--checksum="))
    .flat_map(|copy| copy.sources.iter().map(move |source| (copy, source)))
    .filter(|(_, source)| source.starts_with("http://") || source.starts_with("https://"))
    .map(|(copy, source)| Finding {
        message: format!(
            "{source} goes into the image as it is that day: who takes the server over, or stands \
             between, has a file in it"
        ),
        severity: source.starts_with("http://").then_some(Severity::Medium),
        advice: "Write ADD --checksum=sha256:… before the address.".to_owned(),
        ..about(
            deployment,
            image,
            &format!("download {source}"),
            &Trail::at(copy.span, "adds it"),
        )
    })
    .collect()
}
