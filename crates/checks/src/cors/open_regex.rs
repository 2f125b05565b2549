use tightship_model::{Check, Deployment, Finding, Need, Outcome, Reference, Severity, Trail};

use crate::package::{absent, finding, pass};
use crate::setting::{Judged, consider_value};

use super::pattern::strangers_origin;

pub(super) static CHECK: Check = Check {
    id: "cors/open-regex",
    title: "A CORS pattern matches origins of strangers",
    severity: Severity::High,
    needs: &[Need::Settings],
    items: &["B3.2"],
    django_ids: &[],
    references: &[
        Reference::Url("https://github.com/adamchainz/django-cors-headers#configuration"),
        Reference::Cwe(625),
        Reference::Cwe(942),
    ],
    doc: include_str!("open_regex.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    if let Some(outcome) = absent(deployment, super::APP) {
        return outcome;
    }
    let Some((name, value)) = super::setting(deployment, "CORS_ALLOWED_ORIGIN_REGEXES") else {
        return pass("no origin is allowed by a pattern", &Trail::default());
    };
    let bad = match consider_value(name, &value, &|value| {
        Some(!value.as_items()?.items.is_empty())
    }) {
        Judged::Good(value) => return pass("no origin is allowed by a pattern", &value.trail),
        Judged::Open(outcome) => return outcome,
        Judged::Bad(bad) => bad,
    };
    let patterns = bad
        .value
        .value
        .as_items()
        .map_or(&[][..], |items| &items.items);
    let mut findings: Vec<Finding> = Vec::new();
    for item in patterns {
        let Some(pattern) = super::pattern_text(&item.value) else {
            return Outcome::Unknown {
                reason: format!("a pattern in {name} is not known"),
                remedy: format!("see `tightship inspect settings --only {name}`"),
                trail: item.trail.clone(),
            };
        };
        let Some(stranger) = strangers_origin(pattern) else {
            return Outcome::Unknown {
                reason: format!("the pattern {pattern:?} is too intricate to follow"),
                remedy: "write it as a plain list of origins, or as one label before a domain"
                    .to_owned(),
                trail: item.trail.clone(),
            };
        };
        if let Some(stranger) = stranger {
            let mut finding = finding(
                name,
                &item.trail,
                bad.worded(format!(
                    "a page at {stranger}, which anyone can register, reads the answers of this \
                     site as if it were your own frontend: {pattern:?} matches it"
                )),
                "Escape the dots, allow one label ([\\w-]+) where a name varies, and end with $.",
            );
            finding.subject = format!("settings:{name} {pattern:?}");
            finding.confidence = bad.confidence;
            findings.push(finding);
        }
    }
    if findings.is_empty() {
        return pass("each pattern ends where the domain ends", &value.trail);
    }
    Outcome::Fail(findings)
}
