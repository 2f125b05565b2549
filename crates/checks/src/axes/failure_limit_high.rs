use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity, Value};

use crate::package::value_of;
use crate::setting::{Demand, judge_value, shown};

pub(super) static CHECK: Check = Check {
    id: "axes/failure-limit-high",
    title: "axes allows more failed logins than the policy",
    severity: Severity::Medium,
    needs: &[Need::Settings, Need::App("axes"), Need::Thresholds],
    items: &["A3.4"],
    django_ids: &[],
    references: &[
        Reference::Url("https://django-axes.readthedocs.io/en/latest/4_configuration.html"),
        Reference::Cwe(307),
    ],
    doc: include_str!("failure_limit_high.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let policy = deployment.policy.axes_failure_limit;
    let limit = value_of(
        deployment,
        "AXES_FAILURE_LIMIT",
        super::PACKAGE,
        Value::Int(3),
    );
    judge_value(
        deployment,
        &limit,
        &Demand {
            setting: "AXES_FAILURE_LIMIT",
            // A function or its path decides for each request.
            refuses: &|value| value.as_int().map(|limit| limit > i128::from(policy)),
            message: &|value| {
                format!(
                    "an attacker has {} guesses at a password before axes locks; the policy \
                     allows {policy}",
                    shown(value)
                )
            },
            advice: "Lower AXES_FAILURE_LIMIT to the policy.",
            django_id: None,
            mend: None,
        },
    )
}
