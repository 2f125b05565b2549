use tightship_model::{Check, Deployment, Finding, Need, Outcome, Reference, Severity, Trail};

use crate::package::{absent, finding, pass};
use crate::setting::{Judged, consider_value, holds};

pub(super) static CHECK: Check = Check {
    id: "cors/insecure-origin",
    title: "CORS trusts an origin without TLS",
    severity: Severity::Medium,
    needs: &[Need::Settings],
    items: &["B3.1"],
    django_ids: &[],
    references: &[
        Reference::Url("https://github.com/adamchainz/django-cors-headers#configuration"),
        Reference::Cwe(319),
    ],
    doc: include_str!("insecure_origin.md"),
    run,
};

const LISTS: [&str; 2] = ["CORS_ALLOWED_ORIGINS", "CORS_ALLOWED_ORIGIN_REGEXES"];

fn run(deployment: &Deployment) -> Outcome {
    if let Some(outcome) = absent(deployment, super::APP) {
        return outcome;
    }
    let mut findings = Vec::new();
    for list in LISTS {
        let Some((name, value)) = super::setting(deployment, list) else {
            continue;
        };
        let bad = match consider_value(name, &value, &|value| holds(value, &is_insecure)) {
            Judged::Good(_) => continue,
            Judged::Open(outcome) if findings.is_empty() => return outcome,
            Judged::Open(_) => break,
            Judged::Bad(bad) => bad,
        };
        let items = bad
            .value
            .value
            .as_items()
            .map_or(&[][..], |items| &items.items);
        let insecure = items
            .iter()
            .filter_map(|item| item.value.as_str())
            .filter(|origin| is_insecure(origin));
        for origin in insecure {
            let (severity, gain) = if is_local(origin) {
                (
                    Severity::Low,
                    "any program that listens on the visitor's own machine reads the answers of \
                     this site",
                )
            } else {
                (
                    Severity::Medium,
                    "whoever sits in the visitor's network writes a page under that origin and \
                     reads the answers of this site with it",
                )
            };
            let mut finding = finding(
                name,
                &bad.value.trail,
                bad.worded(format!("{gain}: {origin:?} has no TLS")),
                "Write https:// origins only; keep local ones in the development settings.",
            );
            finding.subject = format!("settings:{name} {origin:?}");
            finding.severity = Some(severity);
            finding.confidence = bad.confidence;
            let is_known = |known: &Finding| known.subject == finding.subject;
            if !findings.iter().any(is_known) {
                findings.push(finding);
            }
        }
    }
    if findings.is_empty() {
        return pass("every origin has TLS", &Trail::default());
    }
    Outcome::Fail(findings)
}

/// An origin, or a pattern of origins, that a page without TLS can have.
fn is_insecure(origin: &str) -> bool {
    let origin = origin.trim_start_matches('^');
    origin.starts_with("http:") || origin.starts_with("https?:")
}

fn is_local(origin: &str) -> bool {
    [
        "localhost",
        "127.0.0.1",
        r"127\.0\.0\.1",
        "[::1]",
        "0.0.0.0",
    ]
    .iter()
    .any(|host| origin.contains(&format!("//{host}")))
}
