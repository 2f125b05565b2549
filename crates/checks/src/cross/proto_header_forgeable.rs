use tightship_model::{
    Check, Deployment, Evidence, Label, Need, Outcome, Reference, Severity, Trail,
};

use super::forwarded_headers::{Sent, TrustedHeader, sent};
use super::{between, edges_to_django, ends_tls, label, place, ways_to_django};

pub(super) static CHECK: Check = Check {
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
    let edges = match edges_to_django(deployment) {
        Ok(edges) => edges,
        Err(outcome) => return outcome,
    };
    let mut findings = Vec::new();
    let mut evidence = Vec::new();
    let mut open = None;
    for edge in &edges {
        for way in ways_to_django(edge, deployment) {
            let pass = way.pass.heading_span();
            match sent(&way, &trusted.name) {
                Sent::Set(directive) => evidence.push(Evidence {
                    text: format!(
                        "nginx sets {}",
                        directive.texts().collect::<Vec<_>>().join(" ")
                    ),
                    trail: Trail::at(directive.heading_span(), "sets the header"),
                }),
                Sent::Unknown => {
                    open = open.or(Some(("what nginx includes there is not known", pass)));
                }
                // Another proxy may stand in front that ends TLS and sets the header itself.
                Sent::PassedOn(_) if !ends_tls(edge) => {
                    open = open.or(Some((
                        "TLS ends in front of this nginx, by what is not told",
                        pass,
                    )));
                }
                Sent::PassedOn(dropped) => {
                    let mut primary: Vec<Label> =
                        vec![label(pass, "requests go to Django without it")];
                    primary.extend(dropped.map(|directive| {
                        label(
                            directive.heading_span(),
                            "does not reach there: a nearer block has proxy_set_header of its own",
                        )
                    }));
                    let first = primary.remove(0);
                    let mut finding = between(
                        place(&way),
                        format!(
                            "anybody makes a plain request count as HTTPS by sending {}: {}: \
                             redirects to HTTPS are skipped and secure cookies go over the wire in \
                             clear. nginx passes on what the client sends, as nothing sets the \
                             header in {}",
                            trusted.name,
                            trusted.secure,
                            way.leaf.scope.heading()
                        ),
                        first,
                        &trusted.setting.trail,
                        "Set it where the request is handed on: `proxy_set_header \
                         X-Forwarded-Proto $scheme;`, beside the other proxy_set_header of that \
                         block.",
                    );
                    for (at, extra) in primary.into_iter().enumerate() {
                        finding.labels.insert(at + 1, extra);
                    }
                    findings.push(finding);
                }
            }
        }
    }
    match (findings.is_empty(), open) {
        (false, _) => Outcome::Fail(findings),
        (true, Some((reason, span))) => Outcome::Unknown {
            reason: reason.to_owned(),
            remedy: "see `tightship inspect nginx`, and look at the proxy in front".to_owned(),
            trail: Trail::at(span, "hands requests on"),
        },
        (true, None) => Outcome::Pass(evidence),
    }
}
