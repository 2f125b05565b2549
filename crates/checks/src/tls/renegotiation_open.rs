use tightship_model::{Check, Deployment, Finding, Need, Outcome, Reference, Severity};

use super::look::seen;

pub(super) static CHECK: Check = Check {
    id: "tls/renegotiation-open",
    title: "Renegotiation is not tied to the connection",
    severity: Severity::Medium,
    needs: &[Need::Site],
    items: &["B6.2"],
    django_ids: &[],
    references: &[
        Reference::Rfc(5746, "1"),
        Reference::Url("https://nvd.nist.gov/vuln/detail/CVE-2009-3555"),
        Reference::Cwe(310),
    ],
    doc: include_str!("renegotiation_open.md"),
    run,
};

const UPDATE: &str = "Update the TLS library: all have it since 2010.";

fn run(deployment: &Deployment) -> Outcome {
    let seen = match seen(deployment) {
        Ok(seen) => seen,
        Err(outcome) => return outcome,
    };
    match seen.tls.extensions.renegotiation_info {
        Some(false) if seen.tls.sessions.renegotiation == Some(true) => {
            let finding = seen.finding(
                "renegotiation",
                "somebody on the way puts a request of their own before a visitor's, and it is \
                 carried out with the visitor's cookies"
                    .to_owned(),
                "takes a further handshake that is not tied to the first",
                UPDATE,
            );
            Outcome::Fail(vec![Finding {
                severity: Some(Severity::High),
                ..finding
            }])
        }
        Some(false) => Outcome::Fail(vec![seen.finding(
            "renegotiation",
            "clients cannot tell whether somebody put words before theirs into the connection, and \
             new ones (OpenSSL 3) refuse to connect"
                .to_owned(),
            "does not answer the extension renegotiation_info",
            UPDATE,
        )]),
        Some(true) => seen.passes(
            "renegotiation is tied to the connection",
            "answers the extension renegotiation_info",
        ),
        None => seen.only_modern(
            "TLS 1.3, which alone is spoken, has no renegotiation",
            "the extension renegotiation_info got no answer",
        ),
    }
}
