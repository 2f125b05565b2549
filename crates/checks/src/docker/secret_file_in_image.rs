use tightship_model::{
    Check, Deployment, Finding, Image, Outcome, Reference, Severity, Span, Trail,
};

use super::{about, judge_each};
use crate::secret_files::{holds_secrets, is_data, is_known_to_be_harmless};
use crate::setting::beside;

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
            let finding = Finding {
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
            };
            Some(beside(
                finding,
                last_ignored(image, path),
                "lets it in all the same",
            ))
        })
        .collect()
}

/// The line of the ignore file that takes a file in again, or else its last one.
fn last_ignored(image: &Image, path: &str) -> Option<Span> {
    let ignore = image.ignore.as_ref()?;
    let context = image.context.as_deref().unwrap_or_default();
    let inside = path
        .strip_prefix(context)
        .unwrap_or(path)
        .trim_start_matches('/');
    let decisive = ignore.judge(inside).trail.first_span();
    decisive.or_else(|| Some(ignore.patterns.last()?.span))
}
