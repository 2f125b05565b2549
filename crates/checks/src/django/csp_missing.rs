use tightship_model::{Check, Confidence, Deployment, Finding, Need, Outcome, Reference, Severity};
use tightship_model::{Trail, Value};

use super::CSP_MIDDLEWARE;
use crate::package::{finding, is_used, pass};
use crate::proxy::{adds_header, nginx_says};
use crate::setting::{answers, has_middleware};
use crate::told::findings_of;

pub(super) static CHECK: Check = Check {
    id: "django/csp-missing",
    title: "Django sends no content security policy",
    severity: Severity::Medium,
    needs: &[Need::Settings],
    items: &["A2.8"],
    django_ids: &[],
    references: &[
        Reference::Django("ref/csp/"),
        Reference::Url("https://www.w3.org/TR/CSP3/"),
        Reference::Cwe(693),
    ],
    doc: include_str!("csp_missing.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    if is_used(deployment, "csp") == Some(true) {
        return Outcome::NotApplicable(
            "django-csp is in use and judged by its own checks".to_owned(),
        );
    }
    if !findings_of(deployment, &super::csp_unsent::CHECK).is_empty() {
        return Outcome::NotApplicable(
            "a policy is set and not sent: django/csp-unsent says why".to_owned(),
        );
    }
    if nginx_says(deployment, |name, words| {
        adds_header(name, words, "content-security-policy")
    }) {
        return Outcome::NotApplicable("nginx sends a policy".to_owned());
    }
    let sent = match has_middleware(deployment, CSP_MIDDLEWARE) {
        Some(true) => answers(deployment, "SECURE_CSP", &Value::truthy),
        other => other,
    };
    match sent {
        Some(true) => pass("Django sends a content security policy", &Trail::default()),
        Some(false) => Outcome::Fail(vec![Finding {
            confidence: Confidence::Medium,
            ..finding(
                "SECURE_CSP",
                &Trail::default(),
                "Django sends no content security policy: unless the server in front does, a \
                 script that gets into a page runs with the visitor's session"
                    .to_owned(),
                "Install ContentSecurityPolicyMiddleware (Django 6.0) or django-csp and set a policy.",
            )
        }]),
        None => Outcome::Unknown {
            reason: "whether a content security policy is sent is not known".to_owned(),
            remedy: "see `tightship inspect settings --only MIDDLEWARE SECURE_CSP`".to_owned(),
            trail: Trail::default(),
        },
    }
}
