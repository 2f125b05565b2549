use tightship_model::{Check, Deployment, Need, Outcome, Reference, Safety, Severity, Value};

use super::SECURITY_MIDDLEWARE;
use crate::setting::{Demand, judge, shown};

pub(super) static CHECK: Check = Check {
    id: "django/referrer-policy-off",
    title: "No Referrer-Policy is sent",
    severity: Severity::Low,
    needs: &[Need::Settings, Need::Middleware(SECURITY_MIDDLEWARE)],
    items: &["A9.5", "X10"],
    django_ids: &["security.W022"],
    references: &[
        Reference::Django("ref/settings/#secure-referrer-policy"),
        Reference::Cwe(200),
    ],
    doc: include_str!("referrer_policy_off.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge(
        deployment,
        &Demand {
            setting: "SECURE_REFERRER_POLICY",
            refuses: &|value| Some(*value == Value::None),
            message: &|value| {
                format!(
                    "SECURE_REFERRER_POLICY is {}: older browsers tell other sites the full \
                     address of your pages, tokens in links included",
                    shown(value)
                )
            },
            advice: "Set SECURE_REFERRER_POLICY to \"same-origin\", which is Django's default.",
            django_id: Some("security.W022"),
            mend: Some((Safety::Safe, "\"same-origin\"")),
        },
    )
}
