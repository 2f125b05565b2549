use tightship_model::{Answer, Check, Deployment, Need, Outcome, Reference, Severity, Value};

use crate::package::{finding, is_used, pass};
use crate::setting::unknown;

pub(super) static CHECK: Check = Check {
    id: "allauth/rate-limits-off",
    title: "allauth does not limit failed logins",
    severity: Severity::High,
    needs: &[Need::Settings, Need::App(super::APP)],
    items: &["A3.3"],
    django_ids: &[],
    references: &[
        Reference::Url("https://docs.allauth.org/en/latest/account/rate_limits.html"),
        Reference::Cwe(307),
    ],
    doc: include_str!("rate_limits_off.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let limits = super::option(deployment, "ACCOUNT_RATE_LIMITS", Value::None);
    let answer = limits.ask(&|value| match value {
        Value::Bool(false) => Some(true),
        Value::Dict(dict) => match dict.get("login_failed") {
            Some(limit) => limit.value.truthy().map(|truthy| !truthy),
            None => dict.rest.is_none().then_some(false),
        },
        _ => Some(false),
    });
    match answer {
        Answer::No(value) => pass("failed logins are limited", &value.trail),
        Answer::Doubt(doubt) => unknown("ACCOUNT_RATE_LIMITS", &doubt, &limits.trail),
        Answer::Yes(value) => {
            if is_used(deployment, "axes") == Some(true) {
                return pass(
                    "allauth's limits are off, and axes limits logins",
                    &value.trail,
                );
            }
            Outcome::Fail(vec![finding(
                "ACCOUNT_RATE_LIMITS",
                &value.trail,
                "an attacker guesses passwords without end on the login page: ACCOUNT_RATE_LIMITS \
                 switches the limit of failed logins off"
                    .to_owned(),
                "Remove the line; allauth's defaults are 10 a minute for an address and 5 in five \
                 minutes for a name.",
            )])
        }
    }
}
