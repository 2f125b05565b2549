use tightship_model::Trail;
use tightship_model::{Check, Deployment, Finding, Image, Outcome, Reference, Severity};

use super::{about, judge_each};
use crate::secret_files::{holds_secrets, is_data, is_known_to_be_harmless};

pub(super) static CHECK: Check = Check {
    id: "docker/secret-file-in-image",
    title: "A file with secrets ends in the image",
    severity: Severity::Critical,
    needs: &[],
    items: &["B4.6", "X35"],
    django_ids: &[],
    references: &[
        Reference::Url("https://docs.docker.com/build/concepts/context/#dockerignore-files"),
        Reference::Cwe(538),
    ],
    doc: include_str!("secret_file_in_image.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let files = deployment.files.paths.iter().map(String::as_str);
    let secret: Vec<&str> = files
        .filter(|path| holds_secrets(path) && !is_known_to_be_harmless(deployment, path))
        .collect();
    judge_each(
        deployment,
        "no file with secrets is copied into an image",
        &|image| judge(deployment, image, &secret),
    )
}

fn judge(deployment: &Deployment, image: &Image, secret: &[&str]) -> Vec<Finding> {
    secret
        .iter()
        .filter_map(|path| {
            let copies = image.copies_of(path);
            let copied = copies.first()?;
            let trail = Trail::at(copied.copy.span, format!("copies {path}"));
            Some(Finding {
                message: format!(
                    "{} holds {path}: everyone who can pull the image, or reads a file of the \
                     container, has what is in it, and a later RUN rm does not take it out",
                    super::name(deployment, image)
                ),
                severity: Some(match is_data(path) {
                    true => Severity::High,
                    false => Severity::Critical,
                }),
                advice: format!(
                    "Name {path} in .dockerignore, make the image anew and change the secrets."
                ),
                ..about(deployment, image, &format!("file {path}"), &trail)
            })
        })
        .collect()
}
