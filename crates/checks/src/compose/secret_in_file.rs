use tightship_model::compose::{Compose, Service};
use tightship_model::{
    Check, Deployment, Finding, Outcome, Reference, Secret, Severity, Traced, Value, names_a_secret,
};

use super::strength::{password, weakness};
use super::{about, compose, judge_each, no_compose};
use crate::guessing::Known;

pub(super) static CHECK: Check = Check {
    id: "compose/secret-in-file",
    title: "A secret stands in the Compose file",
    severity: Severity::High,
    needs: &[],
    items: &["B1.10", "B4.6", "X32"],
    django_ids: &[],
    references: &[
        Reference::Url("https://docs.docker.com/compose/how-tos/use-secrets/"),
        Reference::Cwe(798),
    ],
    doc: include_str!("secret_in_file.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let Some(compose) = compose(deployment) else {
        return no_compose(deployment);
    };
    let known = Known::new([], deployment.now);
    judge_each(
        deployment,
        "no secret is a literal in the Compose files",
        &|service| judge(compose, service, &known),
    )
}

fn judge(compose: &Compose, service: &Service, known: &Known) -> Vec<Finding> {
    let variables = service.environment.variables.iter();
    variables
        .filter(|(name, value)| {
            service.own_variables.contains_key(*name) && is_written_here(compose, value)
        })
        .filter_map(|(name, value)| {
            let text = value.value.as_str()?;
            let secret = match text.contains("://") {
                true => password(text),
                false if names_a_secret(name) => text,
                false => return None,
            };
            // A weak one has a finding of its own.
            let is_secret = secret.len() >= SHORTEST
                && !secret.starts_with('/')
                && weakness(secret, known).is_none();
            is_secret.then(|| Finding {
                message: format!(
                    "{name} of {} is {}, written in the Compose file: everyone who ever had the \
                     repository can use it",
                    service.name,
                    Secret::new(secret)
                ),
                advice:
                    "Change it where it is valid; give the new one by a secret file or a variable \
                         that Git does not see."
                        .to_owned(),
                ..about(service, &format!("literal {name}"), &value.trail)
            })
        })
        .collect()
}

/// Whether nothing but Compose files stands on the way of a value.
fn is_written_here(compose: &Compose, value: &Traced<Value>) -> bool {
    value
        .trail
        .links()
        .iter()
        .filter_map(|link| link.span)
        .all(|span| compose.files.contains(&span.source) || compose.taken_in.contains(&span.source))
}

/// Shorter texts are words and numbers.
const SHORTEST: usize = 8;
