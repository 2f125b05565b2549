use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::{CSRF_MIDDLEWARE, SESSION_MIDDLEWARE, judge_middleware};
use crate::setting::has_middleware;

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
    let has_sessions = has_middleware(deployment, SESSION_MIDDLEWARE) != Some(false);
    let outcome = judge_middleware(
        deployment,
        CSRF_MIDDLEWARE,
        match has_sessions {
            true => "any other site can send forms in the name of a visitor who is signed in here",
            false => {
                "nobody is signed in by a session here, but any other site can send forms that rely \
                 on another cookie"
            }
        },
        "Add django.middleware.csrf.CsrfViewMiddleware to MIDDLEWARE, after the sessions.",
        "security.W003",
    );
    match outcome {
        Outcome::Fail(mut findings) if !has_sessions => {
            for finding in &mut findings {
                finding.severity = Some(Severity::Low);
            }
            Outcome::Fail(findings)
        }
        other => other,
    }
}
