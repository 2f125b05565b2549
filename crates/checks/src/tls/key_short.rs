use tightship_model::site::tls::KeyKind;
use tightship_model::{Check, Deployment, Finding, Need, Outcome, Reference, Severity};

use super::look::seen;

pub(super) static CHECK: Check = Check {
    id: "tls/key-short",
    title: "The site's keys are shorter than today's attacks",
    severity: Severity::Medium,
    needs: &[Need::Site],
    items: &["B6.2"],
    django_ids: &[],
    references: &[
        Reference::Rfc(9325, "4.3"),
        Reference::Url("https://weakdh.org/"),
        Reference::Cwe(326),
    ],
    doc: include_str!("key_short.md"),
    run,
};

/// RFC 9325, 4.3: RSA and Diffie-Hellman of 2048 bits at least.
const FIELD: u32 = 2048;
/// RFC 9325, 4.3: curves of 224 bits at least.
const CURVE: u32 = 224;

fn run(deployment: &Deployment) -> Outcome {
    let seen = match seen(deployment) {
        Ok(seen) => seen,
        Err(outcome) => return outcome,
    };
    let mut findings = Vec::new();
    for (_, own) in seen.own() {
        let (bits, floor) = match &own.key {
            KeyKind::Rsa { bits, .. } | KeyKind::Dsa { bits } => (*bits, FIELD),
            KeyKind::Ec { bits, .. } => (*bits, CURVE),
            _ => continue,
        };
        if bits < floor {
            let finding = seen.finding(
                "certificate-key",
                format!(
                    "whoever can factor {bits} bits pretends to be the site; {floor} are the least"
                ),
                &format!("has a key of {bits} bits"),
                "Ask for a certificate with a new key: ECDSA on P-256, or RSA of 2048 bits.",
            );
            findings.push(Finding {
                labels: seen.label("ssl_certificate_key", "names the key"),
                severity: (bits < floor / 2).then_some(Severity::High),
                ..finding
            });
        }
    }
    if let Some(weakest) = seen.tls.dh.iter().min_by_key(|parameters| parameters.bits)
        && weakest.bits < FIELD
    {
        let bits = weakest.bits;
        let shared = match &weakest.published {
            Some(name) => format!(", of {name}, which many servers share"),
            None => String::new(),
        };
        let finding = seen.finding(
            "diffie-hellman",
            format!("recorded connections can be read: DHE uses a prime of {bits} bits{shared}"),
            &format!("sends a prime of {bits} bits"),
            "Leave suites with DHE out, or give `ssl_dhparam` the group ffdhe2048.",
        );
        findings.push(Finding {
            labels: seen.label("ssl_dhparam", "names the prime"),
            severity: (bits < FIELD / 2).then_some(Severity::High),
            ..finding
        });
    }
    if !findings.is_empty() {
        return Outcome::Fail(findings);
    }
    if seen.own().next().is_none() {
        return seen.without_certificate();
    }
    seen.passes(
        "keys and primes are as long as they should be",
        "has a key that is long enough",
    )
}
