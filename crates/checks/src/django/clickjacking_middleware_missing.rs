use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::{FRAME_MIDDLEWARE, judge_middleware};

pub(super) static CHECK: Check = Check {
    id: "django/clickjacking-middleware-missing",
    title: "XFrameOptionsMiddleware is not installed",
    severity: Severity::Medium,
    needs: &[Need::Settings],
    items: &["A2.7"],
    django_ids: &["security.W002"],
    references: &[Reference::Django("ref/clickjacking/"), Reference::Cwe(1021)],
    doc: include_str!("clickjacking_middleware_missing.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge_middleware(
        deployment,
        FRAME_MIDDLEWARE,
        "no page carries X-Frame-Options: another site can lay yours invisibly under its own \
         buttons and have signed-in users click there",
        "Add django.middleware.clickjacking.XFrameOptionsMiddleware to MIDDLEWARE.",
        "security.W002",
    )
}
