use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity, Trail, Value};

use crate::package::{absent, finding, pass, setting_value};
use crate::setting::{Judged, consider_value, shows};

pub(super) static CHECK: Check = Check {
    id: "cors/allow-all",
    title: "Every website may read the answers of this one",
    severity: Severity::Medium,
    needs: &[Need::Settings],
    items: &["B3.2", "B3.3"],
    django_ids: &[],
    references: &[
        Reference::Url("https://github.com/adamchainz/django-cors-headers#configuration"),
        Reference::Cwe(942),
    ],
    doc: include_str!("allow_all.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    if let Some(outcome) = absent(deployment, super::APP) {
        return outcome;
    }
    let Some((name, value)) = super::setting(deployment, "CORS_ALLOW_ALL_ORIGINS") else {
        return pass(
            "CORS_ALLOW_ALL_ORIGINS is not set, which is False",
            &Trail::default(),
        );
    };
    match consider_value(name, &value, &Value::truthy) {
        Judged::Good(value) => Outcome::Pass(vec![shows(name, value)]),
        Judged::Open(outcome) => outcome,
        Judged::Bad(bad) => {
            let (severity, gain) = match super::with_credentials(deployment) {
                Some(true) => (
                    Severity::Critical,
                    "any website that a logged-in user opens reads and changes that user's data: \
                     every origin is allowed, with cookies",
                ),
                Some(false) if is_limited(deployment) => (
                    Severity::Low,
                    "any website reads what the addresses of CORS_URLS_REGEX answer to an \
                     anonymous visitor: every origin is allowed there",
                ),
                Some(false) => (
                    Severity::Medium,
                    "any website reads what this one answers to an anonymous visitor, from inside \
                     the visitor's network too: every origin is allowed",
                ),
                None => (
                    Severity::High,
                    "any website reads what this one answers to its visitors: every origin is \
                     allowed, and whether cookies go along is not known",
                ),
            };
            let mut finding = finding(
                name,
                &bad.value.trail,
                bad.worded(format!("{gain} ({name})")),
                "List the origins of your frontends in CORS_ALLOWED_ORIGINS.",
            );
            finding.severity = Some(severity);
            finding.confidence = bad.confidence;
            Outcome::Fail(vec![finding])
        }
    }
}

/// Whether CORS goes for a part of the site only: a pattern that names a folder.
fn is_limited(deployment: &Deployment) -> bool {
    let pattern = setting_value(deployment, "CORS_URLS_REGEX");
    pattern.is_some_and(|pattern| {
        super::pattern_text(&pattern.value).is_some_and(|text| {
            let path = text.trim_start_matches(['^', '/']);
            path.starts_with(|first: char| first.is_ascii_alphanumeric())
        })
    })
}
