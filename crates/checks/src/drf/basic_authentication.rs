use tightship_model::{Check, Confidence, Deployment, Need, Outcome, Reference, Severity};

use crate::package::{finding, pass};
use crate::setting::{Judged, consider_value};

pub(super) static CHECK: Check = Check {
    id: "drf/basic-authentication",
    title: "The API takes a password with each request",
    severity: Severity::Low,
    needs: &[Need::Settings, Need::App("rest_framework")],
    items: &["B7.4"],
    django_ids: &[],
    references: &[
        Reference::Url(
            "https://www.django-rest-framework.org/api-guide/authentication/#basicauthentication",
        ),
        Reference::Cwe(522),
    ],
    doc: include_str!("basic_authentication.md"),
    run,
};

const DEFAULTS: [&str; 2] = ["rest_framework.authentication.SessionAuthentication", BASIC];
const BASIC: &str = "rest_framework.authentication.BasicAuthentication";

fn run(deployment: &Deployment) -> Outcome {
    const NAME: &str = "REST_FRAMEWORK.DEFAULT_AUTHENTICATION_CLASSES";
    let classes = super::classes(deployment, "DEFAULT_AUTHENTICATION_CLASSES", &DEFAULTS);
    match consider_value(NAME, &classes, &|value| {
        Some(super::paths(value)?.contains(&BASIC))
    }) {
        Judged::Good(value) => pass("the API takes no password with its requests", &value.trail),
        Judged::Open(outcome) => outcome,
        Judged::Bad(bad) => {
            let by_omission = bad.value.trail.first_span().is_none();
            let why = match by_omission {
                true => "DEFAULT_AUTHENTICATION_CLASSES is not set, which means sessions and Basic",
                false => "DEFAULT_AUTHENTICATION_CLASSES lists BasicAuthentication",
            };
            let mut finding = finding(
                NAME,
                &bad.value.trail,
                bad.worded(format!(
                    "an attacker tries passwords against every API view, past the login page and \
                     any second factor, and clients keep the password itself: {why}"
                )),
                "List the ways in that you use, such as SessionAuthentication or tokens.",
            );
            finding.confidence = Confidence::Medium.min(bad.confidence);
            Outcome::Fail(vec![finding])
        }
    }
}
