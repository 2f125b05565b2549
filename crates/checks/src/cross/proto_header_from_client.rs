use tightship_model::{Check, Deployment, Evidence, Need, Outcome, Reference, Severity, Trail};

use super::forwarded_headers::{Sent, TrustedHeader, client_decides, sent};
use super::{between, edges_to_django, ends_tls, label, place, ways_to_django};

pub(super) static CHECK: Check = Check {
    id: "cross/proto-header-from-client",
    title: "nginx hands the client's own word on HTTPS to Django",
    severity: Severity::High,
    needs: &[Need::Settings],
    items: &["A2.3", "A10.3", "B1.5"],
    django_ids: &[],
    references: &[
        Reference::Django("ref/settings/#secure-proxy-ssl-header"),
        Reference::Url("https://nginx.org/en/docs/http/ngx_http_core_module.html#var_http_"),
        Reference::Cwe(348),
    ],
    doc: include_str!("proto_header_from_client.md"),
    run,
};

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
    let mut in_front = None;
    for edge in &edges {
        for way in ways_to_django(edge, deployment) {
            let Sent::Set(directive) = sent(&way, &trusted.name) else {
                continue;
            };
            let Some(value) = directive.arguments.get(1) else {
                continue;
            };
            let span = directive.heading_span();
            let Some(source) = client_decides(edge.configuration, value, &trusted.name) else {
                evidence.push(Evidence {
                    text: format!("nginx sets {} to {}", trusted.name, value.text),
                    trail: Trail::at(span, "sets the header"),
                });
                continue;
            };
            // Behind a balancer that ends TLS the header is the balancer's word.
            if !ends_tls(edge) {
                in_front = in_front.or(Some(span));
                continue;
            }
            findings.push(between(
                place(&way),
                format!(
                    "anybody makes a plain request count as HTTPS by sending {}: {}: nginx sets \
                     the header to {}, which is {source}",
                    trusted.name, trusted.secure, value.text
                ),
                label(span, "takes what the client sends"),
                &trusted.setting.trail,
                "Use `proxy_set_header X-Forwarded-Proto $scheme;`.",
            ));
        }
    }
    match (findings.is_empty(), evidence.is_empty(), in_front) {
        (false, ..) => Outcome::Fail(findings),
        (true, _, Some(span)) => Outcome::Unknown {
            reason: "TLS ends in front of this nginx, and what sends the header there is not told"
                .to_owned(),
            remedy: "make sure that the proxy in front overwrites the header".to_owned(),
            trail: Trail::at(span, "hands the header on"),
        },
        (true, false, None) => Outcome::Pass(evidence),
        (true, true, None) => {
            Outcome::NotApplicable(format!("nginx does not set {}", trusted.name))
        }
    }
}
