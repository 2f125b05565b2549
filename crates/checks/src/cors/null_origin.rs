use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity, Trail};

use crate::package::{absent, finding, pass};
use crate::setting::{Judged, consider_value, holds};

pub(super) static CHECK: Check = Check {
    id: "cors/null-origin",
    title: "CORS trusts the origin null",
    severity: Severity::High,
    needs: &[Need::Settings],
    items: &["B3.2"],
    django_ids: &[],
    references: &[Reference::Rfc(6454, "7.3"), Reference::Cwe(942)],
    doc: include_str!("null_origin.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    if let Some(outcome) = absent(deployment, super::APP) {
        return outcome;
    }
    let Some((name, value)) = super::setting(deployment, "CORS_ALLOWED_ORIGINS") else {
        return pass("no origins are listed", &Trail::default());
    };
    match consider_value(name, &value, &|value| {
        holds(value, &|origin| origin == "null")
    }) {
        Judged::Good(value) => pass("the origin null is not listed", &value.trail),
        Judged::Open(outcome) => outcome,
        Judged::Bad(bad) => {
            let with_cookies = match super::with_credentials(deployment) {
                Some(true) => ", with the visitor's cookies",
                _ => "",
            };
            let mut finding = finding(
                name,
                &bad.value.trail,
                bad.worded(format!(
                    "any website reads the answers of this one{with_cookies}: {name} lists \"null\", \
                     which is the origin of a sandboxed frame on every page"
                )),
                "Remove \"null\"; serve local files and apps from an origin of their own.",
            );
            finding.confidence = bad.confidence;
            Outcome::Fail(vec![finding])
        }
    }
}
