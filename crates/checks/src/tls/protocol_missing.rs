use tightship_model::site::tls::{Support, Version};
use tightship_model::{Check, Deployment, Finding, Need, Outcome, Reference, Severity, Trail};

use super::look::seen;

pub(super) static CHECK: Check = Check {
    id: "tls/protocol-missing",
    title: "The site does not speak TLS 1.3",
    severity: Severity::Low,
    needs: &[Need::Site],
    items: &["B6.1"],
    django_ids: &[],
    references: &[
        Reference::Rfc(8446, "1.2"),
        Reference::Url("https://wiki.mozilla.org/Security/Server_Side_TLS"),
    ],
    doc: include_str!("protocol_missing.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let seen = match seen(deployment) {
        Ok(seen) => seen,
        Err(outcome) => return outcome,
    };
    match seen
        .tls
        .protocol(Version::Tls13)
        .map(|protocol| &protocol.support)
    {
        Some(Support::Yes) => seen.passes("TLS 1.3 is spoken", "answers a hello of TLS 1.3"),
        Some(Support::No) => {
            let finding = seen.finding(
                "protocols",
                "connections take one round trip more, show the certificate to everybody on the \
                 way, and SSL Labs gives no more than A-"
                    .to_owned(),
                "refuses a hello of TLS 1.3",
                "Add TLSv1.3 to `ssl_protocols`; it needs OpenSSL 1.1.1 or newer.",
            );
            Outcome::Fail(vec![Finding {
                labels: seen.label("ssl_protocols", "decides the versions"),
                ..finding
            }])
        }
        unseen => Outcome::Unknown {
            reason: match unseen {
                Some(Support::Unknown { reason }) => format!("TLS 1.3: {reason}"),
                _ => "TLS 1.3 was not asked for".to_owned(),
            },
            remedy: "look at the site again".to_owned(),
            trail: Trail::default(),
        },
    }
}
