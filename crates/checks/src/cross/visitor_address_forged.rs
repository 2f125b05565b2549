use tightship_model::{
    Check, Confidence, Deployment, Finding, Label, Outcome, Reference, Severity, Span, Trail,
};

use super::label;
use crate::package::pass;
use crate::paths::is_auxiliary;
use crate::proxy::{Handed, beside, handed};

pub(super) static CHECK: Check = Check {
    id: "cross/visitor-address-forged",
    title: "The project takes an address that the visitor writes for his own",
    severity: Severity::High,
    needs: &[],
    items: &["A10.3", "A13.1", "A3.3"],
    django_ids: &[],
    references: &[
        Reference::Url(
            "https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/X-Forwarded-For#security_and_privacy_concerns",
        ),
        Reference::Url(
            "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#var_proxy_add_x_forwarded_for",
        ),
        Reference::Cwe(348),
    ],
    doc: include_str!("visitor_address_forged.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let path = |span: &Span| deployment.sources[span.source].path.as_str();
    let taken: Vec<Span> = deployment
        .facts
        .first_addresses
        .iter()
        .copied()
        .filter(|span| !is_auxiliary(path(span)))
        .collect();
    let Some(first) = taken.first() else {
        return Outcome::NotApplicable(
            "no code of the project takes the first address of X-Forwarded-For".to_owned(),
        );
    };
    match handed(deployment, "X-Forwarded-For") {
        None => Outcome::Unknown {
            reason: "the code takes the first address of X-Forwarded-For, which is the visitor's \
                     own word where the proxy appends to it"
                .to_owned(),
            remedy: "see what the proxy does: nginx's `proxy_set_header X-Forwarded-For` must be \
                     $remote_addr, not $proxy_add_x_forwarded_for"
                .to_owned(),
            trail: Trail::at(*first, "takes the first address"),
        },
        Some((Handed::Address, span)) => pass(
            "nginx overwrites what the visitor sends",
            &Trail::at(span, "writes the address that it sees"),
        ),
        Some(way) => Outcome::Fail(
            taken
                .iter()
                .map(|span| finding(path(span), *span, way))
                .collect(),
        ),
    }
}

fn finding(path: &str, span: Span, way: (Handed, Span)) -> Finding {
    let labels: Vec<Label> = vec![label(span, "takes the first address for the visitor's")];
    let finding = Finding {
        subject: format!("code:{path} X-Forwarded-For"),
        message: format!(
            "whoever writes a header `X-Forwarded-For` chooses the address that {path} sees: limits \
             and bans by address are gone round, and pages for some addresses open to all"
        ),
        severity: None,
        confidence: Confidence::High,
        labels,
        trail: Trail::at(span, "takes the first address"),
        django_id: None,
        advice:
            "Let nginx overwrite it (`proxy_set_header X-Forwarded-For $remote_addr;`), or take \
                 the last address, which nginx has written itself."
                .to_owned(),
        fix: None,
    };
    beside(finding, way)
}
