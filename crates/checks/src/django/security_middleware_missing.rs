use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::{SECURITY_MIDDLEWARE, judge_middleware};

pub(super) static CHECK: Check = Check {
    id: "django/security-middleware-missing",
    title: "SecurityMiddleware is not installed",
    severity: Severity::High,
    needs: &[Need::Settings],
    items: &["A2.3", "A2.4", "B1.5", "B1.8"],
    django_ids: &["security.W001"],
    references: &[
        Reference::Django("ref/middleware/#module-django.middleware.security"),
        Reference::Cwe(693),
    ],
    doc: include_str!("security_middleware_missing.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge_middleware(
        deployment,
        SECURITY_MIDDLEWARE,
        "HSTS, the redirect to HTTPS, nosniff, Referrer-Policy and Cross-Origin-Opener-Policy are \
         never sent, whatever the SECURE_* settings say",
        "Put django.middleware.security.SecurityMiddleware first in MIDDLEWARE.",
        "security.W001",
    )
}
