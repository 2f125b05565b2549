use tightship_model::{Check, Deployment, Finding, Need, Outcome, Reference, Severity, Value};

use super::heard::{Nobody, hears};
use crate::setting::{Judged, about, consider, setting, shows, unless};

pub(super) static CHECK: Check = Check {
    id: "logging/security-unheard",
    title: "Django's security events are not recorded",
    severity: Severity::Medium,
    needs: &[Need::Settings],
    items: &["A7.2"],
    django_ids: &[],
    references: &[
        Reference::Django("ref/logging/#django-security"),
        Reference::Cwe(778),
    ],
    doc: include_str!("security_unheard.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    if let Some(outcome) = unless(
        deployment,
        "LOGGING",
        &Value::truthy,
        "logging is not configured at all",
    ) {
        return outcome;
    }
    let Some(setting) = setting(deployment, "LOGGING") else {
        return crate::setting::not_set("LOGGING");
    };
    match consider(&setting, &unheard) {
        Judged::Good(value) => Outcome::Pass(vec![shows("LOGGING", value)]),
        Judged::Open(outcome) => outcome,
        Judged::Bad(bad) => Outcome::Fail(vec![Finding {
            message: bad.worded(
                "no handler of LOGGING takes warnings of django.security: refused hosts, forged \
                 forms and tampered cookies leave no trace"
                    .to_owned(),
            ),
            confidence: bad.confidence,
            advice: "Give the root logger or django.security a handler at WARNING or below."
                .to_owned(),
            ..about("LOGGING", &bad.value.trail)
        }]),
    }
}

fn unheard(logging: &Value) -> Option<bool> {
    // Django's own configuration gives the logger `django` handlers that keep nothing.
    hears(logging, &["django.security", "django"], Nobody::Silence).map(|hears| !hears)
}
