use tightship_model::compose::Service;
use tightship_model::{
    Check, Confidence, Deployment, Finding, Outcome, Reference, Severity, Value, names_a_secret,
};

use super::strength::password;
use super::{about, judge_each};
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
    judge_each(deployment, "no secret has a default", &judge)
}

fn judge(service: &Service) -> Vec<Finding> {
    let variables = service.environment.variables.iter();
    variables
        .filter_map(|(name, value)| {
            let Value::Environment(dependent) = &value.value else {
                return None;
            };
            let text = dependent.unset.as_ref()?.value.as_str()?;
            let secret = match text.contains("://") {
                true => password(text),
                false if names_a_secret(name) => text,
                false => return None,
            };
            (!secret.is_empty()).then(|| Finding {
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
