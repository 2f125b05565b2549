use tightship_model::compose::Service;
use tightship_model::image::Action;
use tightship_model::{
    Check, Deployment, Finding, Outcome, Reference, Severity, Span, Trail, names_a_secret,
};

use super::{about, beside, image_of, judge_each};

pub(super) static CHECK: Check = Check {
    id: "compose/secret-in-build-argument",
    title: "A secret goes into the image as a build argument",
    severity: Severity::High,
    needs: &[],
    items: &["B4.6"],
    django_ids: &[],
    references: &[
        Reference::Url("https://docs.docker.com/build/building/secrets/"),
        Reference::Cwe(538),
    ],
    doc: include_str!("secret_in_build_argument.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge_each(deployment, "no build argument is a secret", &|service| {
        judge(deployment, service)
    })
}

fn judge(deployment: &Deployment, service: &Service) -> Vec<Finding> {
    let Some(build) = &service.build else {
        return Vec::new();
    };
    let given = build.args.iter().map(|(name, value)| (name, &value.trail));
    let secrets: Vec<(&String, &Trail)> = given
        .chain(build.passed_args.iter())
        .filter(|(name, _)| names_a_secret(name) && !is_for_the_build(name))
        .collect();
    secrets
        .into_iter()
        .map(|(name, trail)| {
            let finding = Finding {
            message: format!(
                "the build argument {name} stays in the history of the image of {}: everyone who \
                 can pull it reads it with `docker history`",
                service.name
            ),
            advice: "Pass it by `build.secrets` and `RUN --mount=type=secret`.".to_owned(),
            ..about(service, &format!("argument {name}"), trail)
            };
            beside(finding, taken(deployment, service, name), "the image takes it")
        })
        .collect()
}

/// Where the Dockerfile takes an argument.
fn taken(deployment: &Deployment, service: &Service, name: &str) -> Option<Span> {
    let image = image_of(deployment, service)?;
    image
        .instructions()
        .find_map(|instruction| match &instruction.action {
            Action::Arg(variables) => {
                let mut variables = variables.iter();
                variables
                    .find(|variable| variable.name == name)
                    .map(|variable| variable.span)
            }
            _ => None,
        })
}

/// Stand-ins with which `collectstatic` runs say what they are.
fn is_for_the_build(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    ["DUMMY", "FAKE", "BUILD", "COLLECTSTATIC"]
        .iter()
        .any(|word| name.contains(word))
}
