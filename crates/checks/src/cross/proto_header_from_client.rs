use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity, Trail};

use super::forwarded_headers::{Sent, TrustedHeader, client_decides, sent};
use super::front::judge_ways;
use super::{between, ends_tls, label, place};

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
    judge_ways(
        deployment,
        &format!("nginx does not set {}", trusted.name),
        |edge, way, tally| {
            let Sent::Set(directive) = sent(way, &trusted.name) else {
                return;
            };
            let Some(value) = directive.arguments.get(1) else {
                return;
            };
            let span = directive.heading_span();
            let Some(source) = client_decides(edge.configuration, value, &trusted.name) else {
                return tally.holds_there(
                    format!("nginx sets {} to {}", trusted.name, value.text),
                    Trail::at(span, "sets the header"),
                );
            };
            // Behind a balancer that ends TLS the header is the balancer's word.
            if !ends_tls(edge) {
                return tally.unseen_but(
                    "make sure that the proxy in front overwrites the header",
                    "TLS ends in front of this nginx, and what sends the header there is not told",
                    Trail::at(span, "hands the header on"),
                );
            }
            tally.fails_there(between(
                place(way),
                format!(
                    "anybody makes a plain request count as HTTPS by sending {}: {}: nginx sets \
                     the header to {}, which is {source}",
                    trusted.name, trusted.secure, value.text
                ),
                label(span, "takes what the client sends"),
                &trusted.setting.trail,
                "Use `proxy_set_header X-Forwarded-Proto $scheme;`.",
            ));
        },
    )
}
