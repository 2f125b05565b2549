use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use crate::package::{finding, pass};
use crate::setting::{Judged, consider_value};

pub(super) static CHECK: Check = Check {
    id: "drf/browsable-api",
    title: "The API answers browsers with pages and forms",
    severity: Severity::Low,
    needs: &[Need::Settings, Need::App("rest_framework")],
    items: &["X21"],
    django_ids: &[],
    references: &[
        Reference::Url("https://www.django-rest-framework.org/topics/browsable-api/"),
        Reference::Cwe(497),
    ],
    doc: include_str!("browsable_api.md"),
    run,
};

const DEFAULTS: [&str; 2] = ["rest_framework.renderers.JSONRenderer", BROWSABLE];
const BROWSABLE: &str = "rest_framework.renderers.BrowsableAPIRenderer";

fn run(deployment: &Deployment) -> Outcome {
    const NAME: &str = "REST_FRAMEWORK.DEFAULT_RENDERER_CLASSES";
    let classes = super::classes(deployment, "DEFAULT_RENDERER_CLASSES", &DEFAULTS);
    match consider_value(NAME, &classes, &|value| {
        Some(super::paths(value)?.contains(&BROWSABLE))
    }) {
        Judged::Good(value) => pass("the API answers with data only", &value.trail),
        Judged::Open(outcome) => outcome,
        Judged::Bad(bad) => {
            let mut finding = finding(
                NAME,
                &bad.value.trail,
                bad.worded(
                    "a visitor gets a page for each API view with its description, its fields and \
                     every choice of its related tables: the browsable API is on"
                        .to_owned(),
                ),
                "Set DEFAULT_RENDERER_CLASSES to [\"rest_framework.renderers.JSONRenderer\"] in \
                 production.",
            );
            finding.confidence = bad.confidence;
            Outcome::Fail(vec![finding])
        }
    }
}
