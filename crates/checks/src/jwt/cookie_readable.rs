use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity, Value};

use crate::setting::{Demand, falsy, judge_value};

pub(super) static CHECK: Check = Check {
    id: "jwt/cookie-readable",
    title: "Scripts can read the cookie that holds a token",
    severity: Severity::High,
    needs: &[Need::Settings],
    items: &["B3.5"],
    django_ids: &[],
    references: &[
        Reference::Url("https://dj-rest-auth.readthedocs.io/en/latest/configuration/settings/"),
        Reference::Cwe(1004),
    ],
    doc: include_str!("cookie_readable.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    if let Some(outcome) = super::no_cookie(deployment) {
        return outcome;
    }
    judge_value(
        deployment,
        &super::cookie_option(deployment, "JWT_AUTH_HTTPONLY", Value::Bool(true)),
        &Demand {
            setting: "REST_AUTH.JWT_AUTH_HTTPONLY",
            refuses: &falsy,
            message: &|_| {
                "one injected script sends every visitor's tokens to its author: \
                 JWT_AUTH_HTTPONLY is off"
                    .to_owned()
            },
            advice: "Leave JWT_AUTH_HTTPONLY on, which is its default.",
            django_id: None,
            mend: None,
        },
    )
}
