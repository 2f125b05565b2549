use tightship_model::image::{Action, Variable};
use tightship_model::{Check, Deployment, Finding, Image, Outcome, Reference, Severity};
use tightship_model::{Trail, names_a_secret};

use super::{about, judge_each};
use crate::compose::is_placeholder;

pub(super) static CHECK: Check = Check {
    id: "docker/secret-in-variable",
    title: "A secret is written into the image as a variable",
    severity: Severity::High,
    needs: &[],
    items: &["B4.6", "X35"],
    django_ids: &[],
    references: &[
        Reference::Url(
            "https://docs.docker.com/reference/build-checks/secrets-used-in-arg-or-env/",
        ),
        Reference::Cwe(538),
    ],
    doc: include_str!("secret_in_variable.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge_each(
        deployment,
        "no variable of an image is a secret",
        &|image| judge(deployment, image),
    )
}

fn judge(deployment: &Deployment, image: &Image) -> Vec<Finding> {
    let named = image.instructions().flat_map(|made| match &made.action {
        Action::Env(variables) => variables.iter().map(|variable| (true, variable)).collect(),
        Action::Arg(variables) => variables.iter().map(|variable| (false, variable)).collect(),
        _ => Vec::new(),
    });
    named
        .filter(|(_, variable)| names_a_secret(&variable.name))
        .filter_map(|(is_env, variable)| finding(deployment, image, is_env, variable))
        .collect()
}

fn finding(
    deployment: &Deployment,
    image: &Image,
    is_env: bool,
    variable: &Variable,
) -> Option<Finding> {
    let name = &variable.name;
    let text = variable
        .value
        .as_ref()
        .and_then(|value| value.value.as_str());
    let (severity, message) = match (is_env, text) {
        (_, Some("")) => return None,
        // A stand-in for the build is no secret, and an argument does not outlive it.
        (false, Some(text)) if is_stand_in(name, text) => return None,
        (true, Some(text)) if is_stand_in(name, text) => (
            Severity::Medium,
            format!(
                "{name} stays in the image with a stand-in: where the real one is forgotten, the site \
                 runs with a secret that everybody knows"
            ),
        ),
        (true, _) => (
            Severity::High,
            format!(
                "{name} is part of the image: everyone who can pull it reads it with `docker inspect`"
            ),
        ),
        (false, _) => (
            Severity::Medium,
            format!(
                "what is given for the argument {name} stays in the history of the image: everyone \
                 who can pull it reads it with `docker history`"
            ),
        ),
    };
    let trail = Trail::at(variable.span, format!("names {name}"));
    Some(Finding {
        message,
        severity: Some(severity),
        advice:
            "Give it to the container when it starts; in the build use RUN --mount=type=secret."
                .to_owned(),
        ..about(deployment, image, &format!("variable {name}"), &trail)
    })
}

/// Whether a value says of itself, or by its name, that it is for the build alone.
fn is_stand_in(name: &str, text: &str) -> bool {
    let both = format!("{name} {text}").to_ascii_lowercase();
    [
        "dummy",
        "fake",
        "build",
        "collectstatic",
        "placeholder",
        "unused",
        "not-used",
        "notused",
        "temporary",
        "unsafe",
        "insecure",
        "changeme",
    ]
    .iter()
    .any(|word| both.contains(word))
        || is_placeholder(text)
        || text.len() <= 4
}
