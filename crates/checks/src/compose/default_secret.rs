use tightship_model::compose::Service;
use tightship_model::{
    Check, Confidence, Deployment, Finding, Outcome, Reference, Severity, Traced, Value,
    names_a_secret,
};

use super::blank_secret::describes_a_secret;
use super::strength::password;
use super::{about, judge_each, once_a_line};
use crate::setting::while_unset;

pub(super) static CHECK: Check = Check {
    id: "compose/default-secret",
    title: "A secret has a default that everybody knows",
    severity: Severity::High,
    needs: &[],
    items: &["A1.2", "B4.6"],
    django_ids: &[],
    references: &[
        Reference::Url("https://docs.docker.com/reference/compose-file/interpolation/"),
        Reference::Cwe(1188),
    ],
    doc: include_str!("default_secret.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let outcome = judge_each(deployment, "no secret has a default", &|service| {
        judge(deployment, service)
    });
    once_a_variable(once_a_line(outcome))
}

/// One finding for a variable, wherever its default is taken: the advice names it.
fn once_a_variable(outcome: Outcome) -> Outcome {
    let Outcome::Fail(findings) = outcome else {
        return outcome;
    };
    let mut told: Vec<Finding> = Vec::new();
    for finding in findings {
        match told.iter_mut().find(|one| one.advice == finding.advice) {
            Some(one) => one.labels.extend(finding.labels),
            None => told.push(finding),
        }
    }
    Outcome::Fail(told)
}

fn judge(deployment: &Deployment, service: &Service) -> Vec<Finding> {
    let variables = service.environment.variables.iter();
    variables
        .filter_map(|(name, value)| {
            let Value::Environment(dependent) = &value.value else {
                return None;
            };
            let text = dependent.unset.as_ref()?.value.as_str()?;
            let secret = match text.contains("://") {
                true => password(text),
                false if names_a_secret(name) && !describes_a_secret(name) => text,
                false => return None,
            };
            let has_default = has_default(deployment, value, &dependent.variables);
            (!secret.is_empty() && has_default).then(|| Finding {
                message: format!(
                    "{}, {name} of {} is what the Compose file says: the site \
                     starts without a word with a secret that everyone knows who has the repository",
                    while_unset(&dependent.variables),
                    service.name
                ),
                confidence: Confidence::Medium,
                advice: format!(
                    "Write `${{{}:?}}` without a default: Compose then refuses to start.",
                    dependent.variables.first().map_or("NAME", String::as_str)
                ),
                ..about(service, &format!("default {name}"), &value.trail)
            })
        })
        .collect()
}

/// Whether a default is written for one of the variables, `${NAME:-text}`: a `$` in the middle of a
/// key is a variable for Compose too, and what is left of the key then is no default.
fn has_default(deployment: &Deployment, value: &Traced<Value>, variables: &[String]) -> bool {
    let spans = value.trail.links().iter().filter_map(|link| link.span);
    spans.into_iter().any(|span| {
        let source = deployment.sources[span.source].raw();
        let written = source.get(span.start as usize..span.end as usize);
        let written = written.unwrap_or_default();
        variables.iter().any(|name| {
            written.contains(&format!("${{{name}:-")) || written.contains(&format!("${{{name}-"))
        })
    })
}
