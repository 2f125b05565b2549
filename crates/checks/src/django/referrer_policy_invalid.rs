use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity, Value};

use super::SECURITY_MIDDLEWARE;
use crate::setting::{Demand, holds, judge, shown};

pub(super) static CHECK: Check = Check {
    id: "django/referrer-policy-invalid",
    title: "The Referrer-Policy is none that browsers know",
    severity: Severity::Low,
    needs: &[Need::Settings, Need::Middleware(SECURITY_MIDDLEWARE)],
    items: &["A9.5", "X10"],
    django_ids: &["security.E023"],
    references: &[
        Reference::Django("ref/settings/#secure-referrer-policy"),
        Reference::Url("https://www.w3.org/TR/referrer-policy/#referrer-policies"),
    ],
    doc: include_str!("referrer_policy_invalid.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge(
        deployment,
        &Demand {
            setting: "SECURE_REFERRER_POLICY",
            refuses: &|value| match value {
                Value::None => Some(false),
                Value::Str(text) => Some(text.split(',').any(|part| is_unknown(part.trim()))),
                _ => {
                    holds(value, &is_unknown).or_else(|| value.as_items().is_none().then_some(true))
                }
            },
            message: &|value| {
                format!(
                    "SECURE_REFERRER_POLICY is {}: browsers ignore it and Django refuses to start \
                     its checks, so no policy protects the addresses of your pages",
                    shown(value)
                )
            },
            advice: "Use one of the eight policies, such as \"same-origin\".",
            django_id: Some("security.E023"),
            mend: None,
        },
    )
}

fn is_unknown(policy: &str) -> bool {
    !POLICIES.contains(&policy)
}

/// REFERRER_POLICY_VALUES in django/core/checks/security/base.py, Django 5.2 to 6.1.
const POLICIES: [&str; 8] = [
    "no-referrer",
    "no-referrer-when-downgrade",
    "origin",
    "origin-when-cross-origin",
    "same-origin",
    "strict-origin",
    "strict-origin-when-cross-origin",
    "unsafe-url",
];
