use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::{CSRF_MIDDLEWARE, judge_middleware};

pub(super) static CHECK: Check = Check {
    id: "django/csrf-middleware-missing",
    title: "CsrfViewMiddleware is not installed",
    severity: Severity::High,
    needs: &[Need::Settings],
    items: &["B7.6"],
    django_ids: &["security.W003"],
    references: &[Reference::Django("ref/csrf/"), Reference::Cwe(352)],
    doc: include_str!("csrf_middleware_missing.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge_middleware(
        deployment,
        CSRF_MIDDLEWARE,
        "any other site can send forms in the name of a visitor who is signed in here",
        "Add django.middleware.csrf.CsrfViewMiddleware to MIDDLEWARE, after the sessions.",
        "security.W003",
    )
}
