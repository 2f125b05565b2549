use tightship_model::{
    Check, Confidence, Deployment, Finding, Need, Outcome, Reference, Severity, Value,
};

use crate::package::{finding, pass};
use crate::proxy::{self, Handed};
use crate::setting::{Judged, consider_value};

pub(super) static CHECK: Check = Check {
    id: "drf/throttle-address-forged",
    title: "An API throttle believes an address that the caller writes",
    severity: Severity::Medium,
    needs: &[Need::Settings, Need::App("rest_framework")],
    items: &["A14.3"],
    django_ids: &[],
    references: &[
        Reference::Url(
            "https://www.django-rest-framework.org/api-guide/throttling/#how-clients-are-identified",
        ),
        Reference::Cwe(348),
    ],
    doc: include_str!("throttle_address_forged.md"),
    run,
};

const BY_ADDRESS: [&str; 3] = [
    "rest_framework.throttling.AnonRateThrottle",
    "rest_framework.throttling.UserRateThrottle",
    "rest_framework.throttling.ScopedRateThrottle",
];

fn run(deployment: &Deployment) -> Outcome {
    const NAME: &str = "REST_FRAMEWORK.DEFAULT_THROTTLE_CLASSES";
    let classes = super::classes(deployment, "DEFAULT_THROTTLE_CLASSES", &[]);
    match consider_value(NAME, &classes, &|value| {
        let paths = super::paths(value)?;
        Some(paths.iter().any(|path| BY_ADDRESS.contains(path)))
    }) {
        Judged::Good(_) => {
            return Outcome::NotApplicable(
                "no throttle of the framework goes by address".to_owned(),
            );
        }
        Judged::Open(outcome) => return outcome,
        Judged::Bad(_) => {}
    }
    let proxies = super::option(deployment, "NUM_PROXIES", Value::None);
    match consider_value("REST_FRAMEWORK.NUM_PROXIES", &proxies, &|value| {
        Some(*value == Value::None)
    }) {
        Judged::Good(value) => pass("the number of proxies is set", &value.trail),
        Judged::Open(outcome) => outcome,
        Judged::Bad(bad) => {
            let handed = proxy::handed(deployment, "X-Forwarded-For");
            if matches!(handed, Some((Handed::Address, _))) {
                return pass("nginx overwrites what the caller sends", &bad.value.trail);
            }
            let mut finding = finding(
                "REST_FRAMEWORK.NUM_PROXIES",
                &bad.value.trail,
                bad.worded(
                    "a caller escapes every throttle by writing another X-Forwarded-For with each \
                     request: NUM_PROXIES is not set, so the whole header is the caller's identity"
                        .to_owned(),
                ),
                "Set NUM_PROXIES to the number of proxies in front: 0 for none, 1 for nginx alone.",
            );
            // A proxy that is not seen may overwrite the header, which makes this safe.
            finding.confidence = Confidence::Medium;
            Outcome::Fail(vec![match handed {
                Some(way) => Finding {
                    confidence: Confidence::High,
                    ..proxy::beside(finding, way)
                },
                None => finding,
            }])
        }
    }
}
