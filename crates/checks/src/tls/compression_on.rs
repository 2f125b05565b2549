use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::look::seen;

pub(super) static CHECK: Check = Check {
    id: "tls/compression-on",
    title: "TLS compresses what it encrypts",
    severity: Severity::High,
    needs: &[Need::Site],
    items: &["B6.2"],
    django_ids: &[],
    references: &[
        Reference::Rfc(9325, "3.3"),
        Reference::Url("https://nvd.nist.gov/vuln/detail/CVE-2012-4929"),
        Reference::Cwe(310),
    ],
    doc: include_str!("compression_on.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let seen = match seen(deployment) {
        Ok(seen) => seen,
        Err(outcome) => return outcome,
    };
    match seen.tls.extensions.compression {
        Some(true) => Outcome::Fail(vec![seen.finding(
            "compression",
            "an attacker on the way learns session cookies from the length of what is sent (CRIME)"
                .to_owned(),
            "answers an offer of DEFLATE with DEFLATE",
            "Turn compression of TLS off: OpenSSL 1.0.0 and newer have it off, nginx since 1.1.6.",
        )]),
        Some(false) => seen.passes("TLS does not compress", "refuses an offer of DEFLATE"),
        None => seen.only_modern(
            "TLS 1.3, which alone is spoken, never compresses",
            "the offer of DEFLATE got no answer",
        ),
    }
}
