use tightship_model::{Answer, Check, Deployment, Need, Outcome, Reference, Severity, Value};

use crate::package::{absent, finding, pass, value_of};
use crate::setting::unknown;

pub(super) static CHECK: Check = Check {
    id: "csp/no-policy",
    title: "django-csp enforces no policy",
    severity: Severity::Medium,
    needs: &[Need::Settings],
    items: &["A2.8"],
    django_ids: &[],
    references: &[
        Reference::Url("https://django-csp.readthedocs.io/en/latest/configuration.html"),
        Reference::Cwe(693),
    ],
    doc: include_str!("no_policy.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    if let Some(outcome) = absent(deployment, super::APP) {
        return outcome;
    }
    if !super::older_names(deployment).is_empty() {
        return Outcome::NotApplicable(
            "the policy is written in the names of version 3".to_owned(),
        );
    }
    if super::reads_older_names(deployment) == Some(true) {
        return Outcome::NotApplicable(
            "django-csp 3 sends default-src 'self' where nothing is set".to_owned(),
        );
    }
    let policy = |name| value_of(deployment, name, super::PACKAGE, Value::None);
    let enforced = policy(super::POLICY);
    match enforced.ask(&Value::truthy) {
        Answer::Yes(value) => return pass("a policy is enforced", &value.trail),
        Answer::Doubt(doubt) => return unknown(super::POLICY, &doubt, &enforced.trail),
        Answer::No(_) => {}
    }
    let reported = policy(super::REPORT_ONLY);
    let (message, advice, trail) = match reported.ask(&Value::truthy) {
        Answer::Yes(value) => (
            "an injected script runs in every visitor's browser and is only reported: \
             CONTENT_SECURITY_POLICY_REPORT_ONLY is set, CONTENT_SECURITY_POLICY is not",
            "Move the policy to CONTENT_SECURITY_POLICY once its reports are quiet.",
            value.trail.clone(),
        ),
        Answer::Doubt(doubt) => return unknown(super::REPORT_ONLY, &doubt, &reported.trail),
        Answer::No(_) => (
            "an injected script runs in every visitor's browser: django-csp is in use and sends no \
             header, as CONTENT_SECURITY_POLICY is not set",
            "Set CONTENT_SECURITY_POLICY, beginning with {\"DIRECTIVES\": {\"default-src\": [\"'self'\"]}}.",
            enforced.trail,
        ),
    };
    Outcome::Fail(vec![finding(
        super::POLICY,
        &trail,
        message.to_owned(),
        advice,
    )])
}
