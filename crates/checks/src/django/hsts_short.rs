use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity, Value};

use super::SECURITY_MIDDLEWARE;
use crate::setting::{Demand, judge, shown, unless};

pub(super) static CHECK: Check = Check {
    id: "django/hsts-short",
    title: "Strict Transport Security is shorter than the policy asks",
    severity: Severity::Medium,
    needs: &[
        Need::Settings,
        Need::Middleware(SECURITY_MIDDLEWARE),
        Need::Thresholds,
    ],
    items: &["A2.4", "B1.8"],
    django_ids: &[],
    references: &[
        Reference::Django("ref/settings/#secure-hsts-seconds"),
        Reference::Rfc(6797, "11.2"),
        Reference::Url("https://hstspreload.org/"),
    ],
    doc: include_str!("hsts_short.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let least = deployment.policy.hsts_seconds;
    if let Some(outcome) = unless(
        deployment,
        "SECURE_HSTS_SECONDS",
        &Value::truthy,
        "Strict Transport Security is off altogether",
    ) {
        return outcome;
    }
    judge(
        deployment,
        &Demand {
            setting: "SECURE_HSTS_SECONDS",
            refuses: &|value| Some(value.as_int()? < i128::from(least)),
            message: &|value| {
                format!(
                    "HSTS lasts {} s and the policy asks for {least} s: a visitor who stays away \
                     longer comes back over plain HTTP",
                    shown(value)
                )
            },
            advice: "Raise SECURE_HSTS_SECONDS once every name has worked over HTTPS for a while.",
            django_id: None,
            mend: None,
        },
    )
}
