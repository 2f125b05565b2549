use tightship_model::{Check, Deployment, Finding, Need, Outcome, Reference, Severity};

use super::look::seen_certificate;

pub(super) static CHECK: Check = Check {
    id: "tls/staple-missing",
    title: "The certificate asks for a stapled answer that the site does not send",
    severity: Severity::High,
    needs: &[Need::Site],
    items: &["B6.6"],
    django_ids: &[],
    references: &[
        Reference::Rfc(7633, "4"),
        Reference::Url("https://nginx.org/en/docs/http/ngx_http_ssl_module.html#ssl_stapling"),
    ],
    doc: include_str!("staple_missing.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let seen = match seen_certificate(deployment) {
        Ok(seen) => seen,
        Err(outcome) => return outcome,
    };
    let asking: Vec<_> = seen.own().filter(|(_, own)| own.must_staple).collect();
    if asking.is_empty() {
        return Outcome::NotApplicable(
            "the certificate does not ask for a stapled answer (RFC 7633)".to_owned(),
        );
    }
    let findings: Vec<_> = asking
        .iter()
        .filter(|(chain, _)| chain.staple.is_none())
        .map(|(_, own)| {
            let finding = seen.finding(
                "staple",
                "browsers that know the feature refuse the connection: the certificate says that \
                 an answer of OCSP comes with it, and none does"
                    .to_owned(),
                &format!("sends {} without an answer of OCSP", own.subject),
                "Turn `ssl_stapling` on with a `resolver`, or renew without --must-staple.",
            );
            Finding {
                labels: seen.label("ssl_stapling", "decides stapling"),
                ..finding
            }
        })
        .collect();
    if findings.is_empty() {
        seen.passes("the stapled answer is there", "staples an answer of OCSP")
    } else {
        Outcome::Fail(findings)
    }
}
