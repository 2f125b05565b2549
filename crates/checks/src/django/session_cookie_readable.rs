use tightship_model::{Check, Deployment, Need, Outcome, Reference, Safety, Severity};

use super::sessions;
use crate::setting::{Demand, is_not_true, judge, shown};

pub(super) static CHECK: Check = Check {
    id: "django/session-cookie-readable",
    title: "Scripts can read the session cookie",
    severity: Severity::High,
    needs: &[Need::Settings],
    items: &["A2.5"],
    django_ids: &["security.W013", "security.W014", "security.W015"],
    references: &[
        Reference::Django("ref/settings/#session-cookie-httponly"),
        Reference::Cwe(1004),
    ],
    doc: include_str!("session_cookie_readable.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let ids = ["security.W013", "security.W014", "security.W015"];
    let django_id = match sessions::django_id(deployment, ids) {
        Ok(id) => id,
        Err(outcome) => return outcome,
    };
    judge(
        deployment,
        &Demand {
            setting: "SESSION_COOKIE_HTTPONLY",
            refuses: &is_not_true,
            message: &|value| {
                format!(
                    "SESSION_COOKIE_HTTPONLY is {}: any script that gets into a page carries the \
                     visitor's session away",
                    shown(value)
                )
            },
            advice: "Set SESSION_COOKIE_HTTPONLY to True, which is Django's default.",
            django_id,
            mend: Some((Safety::Unsafe, "True")),
        },
    )
}
