use tightship_model::{Check, Confidence, Deployment, Need, Outcome, Reference, Severity};

use crate::package::{finding, pass};
use crate::setting::{Judged, consider_value, shown};

pub(super) static CHECK: Check = Check {
    id: "drf/open-by-default",
    title: "An API view is open to everyone unless it says otherwise",
    severity: Severity::Medium,
    needs: &[Need::Settings, Need::App("rest_framework")],
    items: &["B7.4"],
    django_ids: &[],
    references: &[
        Reference::Url(
            "https://www.django-rest-framework.org/api-guide/permissions/#setting-the-permission-policy",
        ),
        Reference::Cwe(276),
        Reference::Cwe(862),
    ],
    doc: include_str!("open_by_default.md"),
    run,
};

const ALLOW_ANY: &str = "rest_framework.permissions.AllowAny";

fn run(deployment: &Deployment) -> Outcome {
    const NAME: &str = "REST_FRAMEWORK.DEFAULT_PERMISSION_CLASSES";
    let classes = super::classes(deployment, "DEFAULT_PERMISSION_CLASSES", &[ALLOW_ANY]);
    // All listed classes have to agree, so AllowAny matters only where nothing else is listed.
    let judged = consider_value(NAME, &classes, &|value| {
        Some(super::paths(value)?.iter().all(|path| *path == ALLOW_ANY))
    });
    match judged {
        Judged::Good(value) => pass(
            format!(
                "a view without permissions of its own asks {}",
                shown(&value.value)
            ),
            &value.trail,
        ),
        Judged::Open(outcome) => outcome,
        Judged::Bad(bad) => {
            let by_omission = bad.value.trail.first_span().is_none();
            let why = match by_omission {
                true => "DEFAULT_PERMISSION_CLASSES is not set, which means AllowAny",
                false => "DEFAULT_PERMISSION_CLASSES allows anyone",
            };
            let mut finding = finding(
                NAME,
                &bad.value.trail,
                bad.worded(format!(
                    "anyone reads and changes the data of each API view whose author forgot to \
                     name permissions: {why}"
                )),
                "Set DEFAULT_PERMISSION_CLASSES to [\"rest_framework.permissions.IsAuthenticated\"] \
                 and open the public views one by one.",
            );
            // Each view may name permissions; the settings do not show that.
            finding.confidence = Confidence::Medium.min(bad.confidence);
            Outcome::Fail(vec![finding])
        }
    }
}
