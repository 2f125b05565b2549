use tightship_model::{Check, Deployment, Need, Outcome, Reference, Safety, Severity};

use super::FRAME_MIDDLEWARE;
use crate::setting::{Demand, judge, shown};

pub(super) static CHECK: Check = Check {
    id: "django/framing-allowed",
    title: "Pages may be shown in frames",
    severity: Severity::Low,
    needs: &[Need::Settings, Need::Middleware(FRAME_MIDDLEWARE)],
    items: &["A2.7"],
    django_ids: &["security.W019"],
    references: &[
        Reference::Django("ref/settings/#x-frame-options"),
        Reference::Cwe(1021),
    ],
    doc: include_str!("framing_allowed.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge(
        deployment,
        &Demand {
            setting: "X_FRAME_OPTIONS",
            refuses: &|value| Some(value.as_str() != Some("DENY")),
            message: &|value| {
                let loss = if value.as_str() == Some("SAMEORIGIN") {
                    "a page of this site that an attacker controls hides others in a frame and \
                     steals clicks"
                } else {
                    "browsers ignore that value, so any site can hide yours in a frame and steal \
                     clicks"
                };
                format!("X_FRAME_OPTIONS is {}: {loss}", shown(value))
            },
            advice: "Set X_FRAME_OPTIONS to \"DENY\" and exempt the views that must be framed.",
            django_id: Some("security.W019"),
            mend: Some((Safety::Unsafe, "\"DENY\"")),
        },
    )
}
