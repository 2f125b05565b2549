use tightship_model::nginx::Directive;
use tightship_model::{Check, Deployment, Finding, Need, Outcome, Reference, Severity, Trail};
use tightship_predict::ways::Way;

use super::forwarded_headers::{Sent, TrustedHeader, sent};
use super::front::judge_ways;
use super::{between, ends_tls, label, place};

pub(crate) static CHECK: Check = Check {
    id: "cross/proto-header-forgeable",
    title: "Django trusts a header that nginx does not set",
    severity: Severity::High,
    needs: &[Need::Settings],
    items: &["A2.3", "A10.3", "B1.5"],
    django_ids: &[],
    references: &[
        Reference::Django("ref/settings/#secure-proxy-ssl-header"),
        Reference::Url(
            "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_set_header",
        ),
        Reference::Cwe(348),
    ],
    doc: include_str!("proto_header_forgeable.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let Some(settings) = &deployment.settings else {
        return Outcome::NotApplicable("there are no settings".to_owned());
    };
    let Some(trusted) = TrustedHeader::of(settings) else {
        return Outcome::NotApplicable("SECURE_PROXY_SSL_HEADER is not set".to_owned());
    };
    judge_ways(
        deployment,
        "no nginx hands requests to Django",
        |edge, way, tally| {
            let pass = way.pass.heading_span();
            // What comes over TLS counts as HTTPS by right.
            let mut sockets = way.leaf.server.listens().iter();
            if sockets.all(|socket| socket.ssl || socket.quic) {
                let trail = Trail::at(pass, "hands requests on");
                return tally.holds_there("only requests over TLS get there".to_owned(), trail);
            }
            let open = match sent(way, &trusted.name) {
                Sent::Set(directive) => {
                    let words: Vec<_> = directive.texts().collect();
                    let trail = Trail::at(directive.heading_span(), "sets the header");
                    return tally.holds_there(format!("nginx sets {}", words.join(" ")), trail);
                }
                Sent::PassedOn(dropped) if ends_tls(edge) => {
                    return tally.fails_there(finding(&trusted, way, dropped));
                }
                Sent::Unknown => "what nginx includes there is not known",
                // Another proxy may stand in front that ends TLS and sets the header itself.
                Sent::PassedOn(_) => "TLS ends in front of this nginx, by what is not told",
            };
            tally.unseen_but(
                "see `tightship inspect nginx`, and look at the proxy in front",
                open,
                Trail::at(pass, "hands requests on"),
            );
        },
    )
}

fn finding(trusted: &TrustedHeader, way: &Way<'_, '_>, dropped: Option<&Directive>) -> Finding {
    let mut finding = between(
        place(way),
        format!(
            "anybody makes a plain request count as HTTPS by sending {}: {}: redirects to HTTPS \
             are skipped and secure cookies go over the wire in clear. nginx passes on what the \
             client sends, as nothing sets the header in {}",
            trusted.name,
            trusted.secure,
            way.leaf.scope.heading()
        ),
        label(way.pass.heading_span(), "requests go to Django without it"),
        &trusted.setting.trail,
        "Set it where the request is handed on: `proxy_set_header X-Forwarded-Proto $scheme;`, \
         beside the other proxy_set_header of that block.",
    );
    if let Some(directive) = dropped {
        let text = "does not reach there: a nearer block has proxy_set_header of its own";
        finding
            .labels
            .insert(1, label(directive.heading_span(), text));
    }
    finding
}
