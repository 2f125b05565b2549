use tightship_model::{Check, Deployment, Need, Outcome, Reference, Safety, Severity};

use super::sessions;
use crate::setting::{Demand, is_not_true, judge, shown};

pub(super) static CHECK: Check = Check {
    id: "django/session-cookie-insecure",
    title: "The session cookie travels over plain HTTP",
    severity: Severity::High,
    needs: &[Need::Settings],
    items: &["A2.1", "B1.6"],
    django_ids: &["security.W010", "security.W011", "security.W012"],
    references: &[
        Reference::Django("ref/settings/#session-cookie-secure"),
        Reference::Cwe(614),
    ],
    doc: include_str!("session_cookie_insecure.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let ids = ["security.W010", "security.W011", "security.W012"];
    let django_id = match sessions::django_id(deployment, ids) {
        Ok(id) => id,
        Err(outcome) => return outcome,
    };
    judge(
        deployment,
        &Demand {
            setting: "SESSION_COOKIE_SECURE",
            refuses: &is_not_true,
            message: &|value| {
                format!(
                    "SESSION_COOKIE_SECURE is {}: one plain HTTP request is enough for anyone on \
                     the way to take over the visitor's session",
                    shown(value)
                )
            },
            advice: "Set SESSION_COOKIE_SECURE to True.",
            django_id,
            mend: Some((Safety::Unsafe, "True")),
        },
    )
}
