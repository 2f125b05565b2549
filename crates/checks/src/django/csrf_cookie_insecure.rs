use tightship_model::{Check, Deployment, Need, Outcome, Reference, Safety, Severity};

use super::CSRF_MIDDLEWARE;
use crate::setting::{Demand, falsy, is_not_true, judge, shown, unless};

pub(super) static CHECK: Check = Check {
    id: "django/csrf-cookie-insecure",
    title: "The CSRF cookie travels over plain HTTP",
    severity: Severity::Medium,
    needs: &[Need::Settings, Need::Middleware(CSRF_MIDDLEWARE)],
    items: &["A2.2", "B1.7"],
    django_ids: &["security.W016"],
    references: &[
        Reference::Django("ref/settings/#csrf-cookie-secure"),
        Reference::Cwe(614),
    ],
    doc: include_str!("csrf_cookie_insecure.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    if let Some(outcome) = unless(
        deployment,
        "CSRF_USE_SESSIONS",
        &falsy,
        "the token is kept in the session; there is no CSRF cookie",
    ) {
        return outcome;
    }
    judge(
        deployment,
        &Demand {
            setting: "CSRF_COOKIE_SECURE",
            refuses: &is_not_true,
            message: &|value| {
                format!(
                    "CSRF_COOKIE_SECURE is {}: whoever reads one plain HTTP request can send forms \
                     in the visitor's name",
                    shown(value)
                )
            },
            advice: "Set CSRF_COOKIE_SECURE to True.",
            django_id: Some("security.W016"),
            mend: Some((Safety::Unsafe, "True")),
        },
    )
}
