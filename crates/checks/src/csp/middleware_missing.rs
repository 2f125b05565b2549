use tightship_model::{Answer, Check, Deployment, Need, Outcome, Reference, Severity, Value};

use crate::package::{finding, is_or_extends, pass, setting_value, value_of};
use crate::setting::{has_app, holds, unknown};

pub(super) static CHECK: Check = Check {
    id: "csp/middleware-missing",
    title: "A content security policy is set and no middleware sends it",
    severity: Severity::Medium,
    needs: &[Need::Settings],
    items: &["A2.8"],
    django_ids: &[],
    references: &[
        Reference::Url("https://django-csp.readthedocs.io/en/latest/installation.html"),
        Reference::Cwe(693),
    ],
    doc: include_str!("middleware_missing.md"),
    run,
};

/// Middleware that extends the package's own, in the package and beside it.
const KIN: [&str; 2] = [
    super::MIDDLEWARE,
    "csp.contrib.rate_limiting.RateLimitedCSPMiddleware",
];

fn run(deployment: &Deployment) -> Outcome {
    // Where the settings are open, anything may be set in them; that is no sign of the package.
    let policy = setting_value(deployment, super::POLICY)
        .filter(|policy| policy.value.truthy() == Some(true));
    if policy.is_none() && has_app(deployment, super::APP) != Some(true) {
        return Outcome::NotApplicable("django-csp is not in use".to_owned());
    }
    let middleware = value_of(
        deployment,
        "MIDDLEWARE",
        "Django",
        Value::List(tightship_model::Items::default()),
    );
    let ours = |path: &str| {
        KIN.iter()
            .any(|class| is_or_extends(deployment, path, class))
    };
    match middleware.ask(&|value| holds(value, &ours)) {
        Answer::Yes(value) => pass(
            "the middleware that sends the policy is listed",
            &value.trail,
        ),
        Answer::No(value) => Outcome::Fail(vec![finding(
            "MIDDLEWARE",
            &value.trail,
            "an injected script runs in every visitor's browser: the policy in the settings is \
             never sent, as csp.middleware.CSPMiddleware is not in MIDDLEWARE"
                .to_owned(),
            "Add \"csp.middleware.CSPMiddleware\" to MIDDLEWARE.",
        )]),
        Answer::Doubt(doubt) => unknown("MIDDLEWARE", &doubt, &middleware.trail),
    }
}
