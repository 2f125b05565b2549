use tightship_model::{Check, Confidence, Deployment, Need, Outcome, Reference, Severity, Value};

use crate::package::{finding, holds_true, pass};
use crate::setting::{Judged, consider_value, shown};

pub(super) static CHECK: Check = Check {
    id: "drf/no-throttle",
    title: "Nothing limits how often the API is called",
    severity: Severity::Low,
    needs: &[Need::Settings, Need::App("rest_framework")],
    items: &["A14.3"],
    django_ids: &[],
    references: &[
        Reference::Url("https://www.django-rest-framework.org/api-guide/throttling/"),
        Reference::Cwe(770),
    ],
    doc: include_str!("no_throttle.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    const NAME: &str = "REST_FRAMEWORK.DEFAULT_THROTTLE_CLASSES";
    let classes = super::classes(deployment, "DEFAULT_THROTTLE_CLASSES", &[]);
    match consider_value(NAME, &classes, &|value| {
        Some(super::paths(value)?.is_empty())
    }) {
        Judged::Good(value) => pass(
            format!("every view is throttled by {}", shown(&value.value)),
            &value.trail,
        ),
        Judged::Open(outcome) => outcome,
        Judged::Bad(bad) => {
            let rates = super::option(deployment, "DEFAULT_THROTTLE_RATES", Value::None);
            if holds_true(&rates, &Value::truthy) != Some(false) {
                return Outcome::Unknown {
                    reason: "rates are set and no classes; views may name throttles of their own"
                        .to_owned(),
                    remedy: "name the classes in DEFAULT_THROTTLE_CLASSES".to_owned(),
                    trail: rates.trail,
                };
            }
            let mut finding = finding(
                NAME,
                &bad.value.trail,
                bad.worded(
                    "one client calls the API as often as it likes, to copy all data, to guess or \
                     to keep the site busy: no throttle is set"
                        .to_owned(),
                ),
                "Set DEFAULT_THROTTLE_CLASSES and DEFAULT_THROTTLE_RATES.",
            );
            // A proxy in front may limit requests.
            finding.confidence = Confidence::Medium;
            Outcome::Fail(vec![finding])
        }
    }
}
