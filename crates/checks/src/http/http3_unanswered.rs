use tightship_model::site::http::Trust;
use tightship_model::site::quic::Handshake;
use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::look::{page, shown, unseen};

pub(super) static CHECK: Check = Check {
    id: "http/http3-unanswered",
    title: "The page promises HTTP/3, and nobody speaks it there",
    severity: Severity::Low,
    needs: &[Need::Site],
    items: &[],
    django_ids: &[],
    references: &[
        Reference::Rfc(7838, "3"),
        Reference::Rfc(9114, "3.1"),
        Reference::Url("https://nginx.org/en/docs/quic.html"),
    ],
    doc: include_str!("http3_unanswered.md"),
    run: |deployment| look(deployment).unwrap_or_else(|outcome| outcome),
};

const ADVICE: &str = "Open UDP on that port down to the server (`listen 443 quic` in nginx, `443:443/udp` in \
    Compose), or take Alt-Svc out.";

fn look(deployment: &Deployment) -> Result<Outcome, Outcome> {
    let page = page(deployment)?;
    let site = deployment.site.as_ref();
    let Some(quic) = site.and_then(|site| site.quic.as_ref()) else {
        return Err(Outcome::NotApplicable(
            "the page promises no HTTP/3".to_owned(),
        ));
    };
    let place = format!("UDP port {} of {}", quic.port, quic.host);
    let what = match &quic.handshake {
        Handshake::Done {
            protocol,
            certificate,
        } => match (protocol.as_deref(), certificate, &page.answer.certificate) {
            // That the certificate verifies nowhere is told elsewhere.
            (Some("h3"), Trust::NotVerified(reason), Some(Trust::Verified)) => {
                format!("its certificate does not verify there ({})", shown(reason))
            }
            (Some("h3"), ..) => {
                return Ok(page.passes(format!("HTTP/3 is spoken on {place}")));
            }
            _ => "the handshake agrees on another protocol".to_owned(),
        },
        Handshake::Closed => "nothing listens there".to_owned(),
        Handshake::Failed(reason) => format!("the handshake fails ({})", shown(reason)),
        Handshake::Silent => {
            return Err(unseen(
                format!("{place} gives no answer, and a network between may let no UDP pass"),
                "look from another network, best from one where HTTP/3 of other sites works",
            ));
        }
        Handshake::Unasked(reason) => {
            return Err(unseen(
                format!("{place} was not asked: {}", shown(reason)),
                "name the host of Alt-Svc with --url",
            ));
        }
    };
    Ok(Outcome::Fail(vec![page.on_header(
        "Alt-Svc",
        format!(
            "browsers turn to {place}, as Alt-Svc asks them to, and {what}: each waits and falls back \
             to TCP"
        ),
        ADVICE,
    )]))
}
