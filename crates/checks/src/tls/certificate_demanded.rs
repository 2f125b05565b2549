use tightship_model::nginx::Directive;
use tightship_model::site::http::{Exchange, FailureKind, Mark, Purpose, Reply};
use tightship_model::{
    Check, Deployment, Finding, Label, Need, Outcome, Reference, Severity, Trail,
};

use super::look::{Seen, seen};

pub(super) static CHECK: Check = Check {
    id: "tls/certificate-demanded",
    title: "Visitors are refused who have no certificate of their own",
    severity: Severity::High,
    needs: &[Need::Site],
    items: &["B15.3"],
    django_ids: &[],
    references: &[
        Reference::Rfc(8446, "4.3.2"),
        Reference::Url("https://nginx.org/en/docs/http/ngx_http_ssl_module.html#ssl_verify_client"),
    ],
    doc: include_str!("certificate_demanded.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let seen = match seen(deployment) {
        Ok(seen) => seen,
        Err(outcome) => return outcome,
    };
    let http = deployment.site.as_ref().and_then(|site| site.http.as_ref());
    let Some(page) = http.and_then(|http| http.last(Purpose::Page)) else {
        return Outcome::NotApplicable("no page was asked for".to_owned());
    };
    let is_asked = seen.tls.client_certificate == Some(true);
    if !is_refused(page, is_asked) {
        return match (page.answer(), is_asked) {
            (None, _) => Outcome::NotApplicable("the page gave no answer".to_owned()),
            (Some(_), true) => seen.passes(
                "visitors may bring a certificate, and are answered without one",
                "asks for a certificate",
            ),
            (Some(_), false) => seen.passes(
                "visitors are answered without a certificate of their own",
                "answers clients that bring none",
            ),
        };
    }
    let asks = seen.of_own_server("ssl_verify_client");
    match asks.map(|asks| asks.and_then(|asks| asks.argument(0))) {
        Some(Some(value)) if value != "off" => seen.passes(
            format!("visitors need a certificate, as `ssl_verify_client {value}` has it"),
            "refuses clients that bring no certificate",
        ),
        Some(_) => Outcome::Fail(vec![finding(seen, asks.flatten())]),
        None => Outcome::Unknown {
            reason:
                "who brings no certificate of his own is refused, so what is behind was not seen; \
                     whether that is meant nothing tells"
                    .to_owned(),
            remedy:
                "look together with the project whose nginx asks for it, or from behind that nginx"
                    .to_owned(),
            trail: Trail::outside(format!(
                "{} refuses clients that bring no certificate",
                seen.place()
            )),
        },
    }
}

/// Whether the page is kept from who has no certificate: nginx says so, others end the connection.
fn is_refused(page: &Exchange, is_asked: bool) -> bool {
    match &page.reply {
        Reply::Answer(answer) => answer.content.marks.contains(&Mark::CertificateDemanded),
        Reply::None(failure) => {
            // The alert of TLS 1.3 says it; the one of older versions is any.
            is_asked && matches!(failure.kind, FailureKind::Tls | FailureKind::Closed)
        }
    }
}

fn finding(seen: Seen<'_>, says: Option<&Directive>) -> Finding {
    let finding = seen.finding(
        "client-certificate",
        "visitors get an error instead of the site: it wants a certificate of each, which the \
         project's nginx does not ask for"
            .to_owned(),
        "refuses clients that bring no certificate",
        "Look which server answers there: another one than the project's, or one that was not reloaded. \
         `ssl_verify_client` makes nginx ask.",
    );
    Finding {
        labels: says
            .map(|directive| Label {
                span: directive.heading_span(),
                text: "asks for none".to_owned(),
            })
            .into_iter()
            .collect(),
        ..finding
    }
}
