use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity, Trail};

use crate::domains::SHARED_DOMAINS;
use crate::package::{absent, finding, pass};
use crate::setting::{Judged, consider_value};

pub(super) static CHECK: Check = Check {
    id: "cors/shared-domain",
    title: "A CORS pattern covers a domain where anyone gets a name",
    severity: Severity::High,
    needs: &[Need::Settings],
    items: &["B3.2"],
    django_ids: &[],
    references: &[
        Reference::Url("https://publicsuffix.org/"),
        Reference::Cwe(942),
    ],
    doc: include_str!("shared_domain.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    if let Some(outcome) = absent(deployment, super::APP) {
        return outcome;
    }
    let Some((name, value)) = super::setting(deployment, "CORS_ALLOWED_ORIGIN_REGEXES") else {
        return pass("no origin is allowed by a pattern", &Trail::default());
    };
    let covers = |pattern: &str| {
        SHARED_DOMAINS
            .into_iter()
            .find(|domain| leaves_name_open(pattern, domain))
    };
    let judged = consider_value(name, &value, &|value| {
        let items = value.as_items()?;
        let mut texts = items
            .items
            .iter()
            .map(|item| super::pattern_text(&item.value));
        if texts
            .clone()
            .flatten()
            .any(|pattern| covers(pattern).is_some())
        {
            return Some(true);
        }
        (items.rest.is_none() && texts.all(|text| text.is_some())).then_some(false)
    });
    let bad = match judged {
        Judged::Good(value) => return pass("no pattern covers a shared domain", &value.trail),
        Judged::Open(outcome) => return outcome,
        Judged::Bad(bad) => bad,
    };
    let patterns = bad
        .value
        .value
        .as_items()
        .map_or(&[][..], |items| &items.items);
    let findings = patterns
        .iter()
        .filter_map(|item| {
            let pattern = super::pattern_text(&item.value)?;
            let domain = covers(pattern)?;
            let mut finding = finding(
                name,
                &item.trail,
                bad.worded(format!(
                    "anyone who takes a fitting name below {domain} reads the answers of this \
                     site: {pattern:?} leaves the whole name open"
                )),
                "Name the frontend itself, or fix all of the name but the part that varies.",
            );
            finding.subject = format!("settings:{name} {pattern:?}");
            finding.confidence = bad.confidence;
            Some(finding)
        })
        .collect();
    Outcome::Fail(findings)
}

/// Whether the label before a shared domain is left open as a whole. A pattern that fixes a part of
/// it (`myshop-[a-z0-9]+-team\.vercel\.app`) is what such hosts advise for previews.
fn leaves_name_open(pattern: &str, domain: &str) -> bool {
    const OPEN: [&str; 10] = [
        ".*",
        ".+",
        r"\w+",
        r"\w*",
        r"[\w-]+",
        r"[\w\-]+",
        "[a-z0-9-]+",
        "[a-zA-Z0-9-]+",
        "[^.]+",
        r"[^/]+",
    ];
    let escaped = domain.replace('.', r"\.");
    let Some(place) = pattern.find(&escaped).or_else(|| pattern.find(domain)) else {
        return false;
    };
    let before = pattern[..place]
        .trim_end_matches('.')
        .trim_end_matches('\\');
    let label = before.rsplit("//").next().unwrap_or(before);
    OPEN.contains(&label.trim_matches(['(', ')']))
}
