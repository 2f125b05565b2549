use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity, Value};

use crate::setting::{Demand, falsy, judge_value};

pub(super) static CHECK: Check = Check {
    id: "jwt/cookie-in-clear",
    title: "The cookie that holds a token is sent without TLS too",
    severity: Severity::Medium,
    needs: &[Need::Settings],
    items: &["B3.5"],
    django_ids: &[],
    references: &[
        Reference::Url("https://dj-rest-auth.readthedocs.io/en/latest/configuration/settings/"),
        Reference::Cwe(614),
    ],
    doc: include_str!("cookie_in_clear.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    if let Some(outcome) = super::no_cookie(deployment) {
        return outcome;
    }
    judge_value(
        deployment,
        &super::cookie_option(deployment, "JWT_AUTH_SECURE", Value::Bool(false)),
        &Demand {
            setting: "REST_AUTH.JWT_AUTH_SECURE",
            refuses: &falsy,
            message: &|_| {
                "whoever listens in the visitor's network takes the tokens from one request \
                 without TLS: JWT_AUTH_SECURE is off, its default"
                    .to_owned()
            },
            advice: "Set JWT_AUTH_SECURE to True in REST_AUTH.",
            django_id: None,
            mend: None,
        },
    )
}
