use tightship_model::{Check, Deployment, Evidence, Need, Outcome, Reference, Severity, Trail};

use super::forwarded_headers::{Sent, TrustedHeader, sent};
use super::{between, edges_to_django, ends_tls, label, place, ways_to_django};

pub(super) static CHECK: Check = Check {
    id: "cross/proto-header-misnamed",
    title: "nginx tells Django of HTTPS under another name or in another word",
    severity: Severity::High,
    needs: &[Need::Settings],
    items: &["A2.3", "A10.3", "B1.5"],
    django_ids: &[],
    references: &[Reference::Django("ref/settings/#secure-proxy-ssl-header")],
    doc: include_str!("proto_header_misnamed.md"),
    run,
};

/// Headers by which proxies tell of HTTPS.
const NAMES: [&str; 6] = [
    "x-forwarded-proto",
    "x-forwarded-protocol",
    "x-forwarded-ssl",
    "x-forwarded-scheme",
    "x-scheme",
    "x-url-scheme",
];

fn run(deployment: &Deployment) -> Outcome {
    let Some(trusted) = deployment.settings.as_ref().and_then(TrustedHeader::of) else {
        return Outcome::NotApplicable("SECURE_PROXY_SSL_HEADER is not set".to_owned());
    };
    let edges = match edges_to_django(deployment) {
        Ok(edges) => edges,
        Err(outcome) => return outcome,
    };
    let mut findings = Vec::new();
    let mut evidence = Vec::new();
    for edge in edges.iter().filter(|edge| ends_tls(edge)) {
        for way in ways_to_django(edge, deployment) {
            if !way.leaf.server.has_tls() {
                continue;
            }
            match sent(&way, &trusted.name) {
                Sent::Set(directive) => {
                    let Some(value) = directive.arguments.get(1) else {
                        continue;
                    };
                    let span = directive.heading_span();
                    let told = if value.text == "$scheme" {
                        "https"
                    } else {
                        &value.text
                    };
                    if !value.is_known || (value.has_variables() && value.text != "$scheme") {
                        continue;
                    }
                    if told == trusted.secure {
                        evidence.push(Evidence {
                            text: format!("nginx tells Django {}: {told}", trusted.name),
                            trail: Trail::at(span, "sets the header"),
                        });
                        continue;
                    }
                    findings.push(between(
                        place(&way),
                        format!(
                            "no request ever counts as HTTPS: nginx sends {}: {told}, and Django \
                             waits for {:?}. Redirects to HTTPS go round in circles, or forms \
                             fail and links begin with http://",
                            trusted.name, trusted.secure
                        ),
                        label(span, format!("sends {told}")),
                        &trusted.setting.trail,
                        "Let both say the same: `proxy_set_header X-Forwarded-Proto $scheme;` and \
                         (\"HTTP_X_FORWARDED_PROTO\", \"https\").",
                    ));
                }
                Sent::PassedOn(_) => {
                    let other = NAMES.iter().find_map(|name| match sent(&way, name) {
                        Sent::Set(directive) => Some((name, directive)),
                        _ => None,
                    });
                    let Some((name, directive)) = other else {
                        continue;
                    };
                    findings.push(between(
                        place(&way),
                        format!(
                            "no request of an honest visitor counts as HTTPS, and one with {}: {} \
                             does, whoever sends it: nginx tells of HTTPS in {name}, and Django \
                             reads {}",
                            trusted.name, trusted.secure, trusted.name
                        ),
                        label(
                            directive.heading_span(),
                            "sets a header that Django does not read",
                        ),
                        &trusted.setting.trail,
                        "Let both use one name: `proxy_set_header X-Forwarded-Proto $scheme;` and \
                         (\"HTTP_X_FORWARDED_PROTO\", \"https\").",
                    ));
                }
                Sent::Unknown => {}
            }
        }
    }
    match (findings.is_empty(), evidence.is_empty()) {
        (false, _) => Outcome::Fail(findings),
        (true, false) => Outcome::Pass(evidence),
        (true, true) => Outcome::NotApplicable(
            "no nginx that ends TLS tells Django of it in a header".to_owned(),
        ),
    }
}
