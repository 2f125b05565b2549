use tightship_model::{Check, Deployment, Evidence, Need, Outcome, Reference, Severity};

use super::look::{page, shown};

pub(super) static CHECK: Check = Check {
    id: "http/header-twice",
    title: "The site sends a header twice",
    severity: Severity::Medium,
    needs: &[Need::Site],
    items: &["A2.4", "A2.7", "B6.3"],
    django_ids: &[],
    references: &[
        Reference::Rfc(6797, "8.1"),
        Reference::Rfc(9110, "5.3"),
        Reference::Url(
            "https://html.spec.whatwg.org/multipage/document-lifecycle.html#the-x-frame-options-header",
        ),
    ],
    doc: include_str!("header_twice.md"),
    run,
};

/// Headers of which browsers expect one, and what becomes of two that differ.
const SINGLES: [(&str, &str); 6] = [
    (
        "Strict-Transport-Security",
        "browsers keep to the first and forget the other, and the preload list takes neither",
    ),
    (
        "X-Frame-Options",
        "browsers that see two values show the page in no frame, not even the site's own",
    ),
    (
        "X-Content-Type-Options",
        "browsers read the first value only",
    ),
    (
        "Referrer-Policy",
        "the last one that the browser knows holds, whatever the first says",
    ),
    ("Cross-Origin-Opener-Policy", "browsers take two for none"),
    (
        "Access-Control-Allow-Origin",
        "browsers take two for a refusal: no other origin reads an answer",
    ),
];

const SAME: &str = "whoever changes one of them changes nothing, or makes them differ";

fn run(deployment: &Deployment) -> Outcome {
    let seen = match page(deployment) {
        Ok(seen) => seen,
        Err(outcome) => return outcome,
    };
    let mut findings = Vec::new();
    for (name, differing) in SINGLES {
        let values: Vec<_> = seen.answer.values(name).collect();
        if values.len() < 2 {
            continue;
        }
        let plain = |value: &str| value.to_ascii_lowercase().replace(' ', "");
        let differ = values.iter().any(|value| plain(value) != plain(values[0]));
        let shown: Vec<_> = values
            .iter()
            .map(|value| format!("{:?}", shown(value)))
            .collect();
        let loss = if differ { differing } else { SAME };
        let mut finding = seen.on_header(
            name,
            format!(
                "{loss}: {name} comes {} times, {}",
                values.len(),
                shown.join(" and ")
            ),
            "Leave it to one of nginx and Django: take the add_header away, or hide the one from \
             behind with proxy_hide_header.",
        );
        finding.severity = Some(match differ {
            true => Severity::Medium,
            false => Severity::Low,
        });
        findings.push(finding);
    }
    match findings.is_empty() {
        false => Outcome::Fail(findings),
        true => Outcome::Pass(vec![Evidence {
            text: "each security header comes once at most".to_owned(),
            trail: seen.trail(""),
        }]),
    }
}
