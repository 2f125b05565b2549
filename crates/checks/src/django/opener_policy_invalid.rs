use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity, Value};

use super::SECURITY_MIDDLEWARE;
use crate::setting::{Demand, judge, shown};

pub(super) static CHECK: Check = Check {
    id: "django/opener-policy-invalid",
    title: "The Cross-Origin-Opener-Policy is none that browsers know",
    severity: Severity::Low,
    needs: &[
        Need::Settings,
        Need::Django(4, 0),
        Need::Middleware(SECURITY_MIDDLEWARE),
    ],
    items: &["A9.5", "X10"],
    django_ids: &["security.E024"],
    references: &[Reference::Django(
        "ref/settings/#secure-cross-origin-opener-policy",
    )],
    doc: include_str!("opener_policy_invalid.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge(
        deployment,
        &Demand {
            setting: "SECURE_CROSS_ORIGIN_OPENER_POLICY",
            refuses: &|value| {
                Some(match value {
                    Value::None => false,
                    value => value.as_str().is_none_or(|text| !POLICIES.contains(&text)),
                })
            },
            message: &|value| {
                format!(
                    "SECURE_CROSS_ORIGIN_OPENER_POLICY is {}: browsers ignore it, and a page that \
                     opens yours keeps a handle to its window",
                    shown(value)
                )
            },
            advice: "Use \"same-origin\", or \"same-origin-allow-popups\" where logins open pop-ups.",
            django_id: Some("security.E024"),
            mend: None,
        },
    )
}

/// CROSS_ORIGIN_OPENER_POLICY_VALUES in django/core/checks/security/base.py, Django 5.2 to 6.1.
const POLICIES: [&str; 3] = ["same-origin", "same-origin-allow-popups", "unsafe-none"];
