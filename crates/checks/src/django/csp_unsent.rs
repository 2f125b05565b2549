use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity, Trail};

use super::CSP_MIDDLEWARE;
use crate::package::{finding, pass};
use crate::setting::{has_middleware, overridden};

pub(super) static CHECK: Check = Check {
    id: "django/csp-unsent",
    title: "A content security policy is set and never sent",
    severity: Severity::Medium,
    needs: &[Need::Settings],
    items: &["A2.8"],
    django_ids: &[],
    references: &[Reference::Django("ref/csp/")],
    doc: include_str!("csp_unsent.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let Some(settings) = &deployment.settings else {
        return Outcome::NotApplicable("there are no settings".to_owned());
    };
    let set = ["SECURE_CSP", "SECURE_CSP_REPORT_ONLY"]
        .into_iter()
        .filter_map(|name| Some((name, overridden(deployment, name)?)))
        .find(|(_, policy)| policy.value.truthy() == Some(true));
    let Some((name, policy)) = set else {
        return Outcome::NotApplicable("no policy is set".to_owned());
    };
    let loss = if !settings.django_at_least(6, 0) {
        let (major, minor) = settings.django;
        format!("Django {major}.{minor} does not read it")
    } else {
        match has_middleware(deployment, CSP_MIDDLEWARE) {
            Some(true) => return pass(format!("{name} is sent"), &policy.trail),
            Some(false) => "ContentSecurityPolicyMiddleware is not in MIDDLEWARE".to_owned(),
            None => {
                return Outcome::Unknown {
                    reason: "whether ContentSecurityPolicyMiddleware is installed is not known"
                        .to_owned(),
                    remedy: "see `tightship inspect settings --only MIDDLEWARE`".to_owned(),
                    trail: Trail::default(),
                };
            }
        }
    };
    Outcome::Fail(vec![finding(
        name,
        &policy.trail,
        format!("{name} is set and {loss}: no browser ever hears of the policy"),
        "Add django.middleware.csp.ContentSecurityPolicyMiddleware (Django 6.0 or newer).",
    )])
}
