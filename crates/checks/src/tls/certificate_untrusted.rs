use tightship_model::site::tls::{SignatureHash, Trust};
use tightship_model::{Check, Deployment, Finding, Need, Outcome, Reference, Severity, Trail};

use super::look::{Seen, seen_certificate};

pub(super) static CHECK: Check = Check {
    id: "tls/certificate-untrusted",
    title: "Browsers do not trust the site's certificate",
    severity: Severity::Critical,
    needs: &[Need::Site],
    items: &["A8.1", "A8.2", "B2.6"],
    django_ids: &[],
    references: &[
        Reference::Rfc(5280, "6.1"),
        Reference::Rfc(8446, "4.4.2"),
        Reference::Cwe(295),
    ],
    doc: include_str!("certificate_untrusted.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let seen = match seen_certificate(deployment) {
        Ok(seen) => seen,
        Err(outcome) => return outcome,
    };
    if seen.is_local() {
        return Outcome::Unknown {
            reason: format!("no authority certifies {}", seen.place()),
            remedy: "look at the site under the name that visitors use".to_owned(),
            trail: Trail::default(),
        };
    }
    let findings: Vec<_> = seen
        .own()
        .filter_map(|(chain, own)| {
            let old = chain.certificates.iter().find(|one| is_old(one));
            let (what, advice) = match (&chain.trust, old) {
                (_, Some(old)) => (
                    format!("{} is signed with a hash that can be forged", old.subject),
                    "Renew the certificate: no authority signs with SHA-1 or MD5 any more.",
                ),
                // Browsers find what is missing: `tls/chain-incomplete`.
                (
                    Trust::Trusted | Trust::Incomplete { .. } | Trust::Unverified { .. },
                    None,
                ) => return None,
                (Trust::SelfSigned, None) => (
                    "it is signed by itself".to_owned(),
                    "Get a certificate from an authority that browsers know, as Let's Encrypt.",
                ),
                (Trust::UnknownIssuer { issuer, url }, None) => (
                    match url {
                        // Where it is one that others know, a browser asks there.
                        Some(url) => format!(
                            "no root that browsers know leads to {issuer}, unless what {url} gives \
                             leads there, which few programs ask for"
                        ),
                        None => format!("no root that browsers know leads to {issuer}"),
                    },
                    "Send the certificates between too: `ssl_certificate` takes certbot's \
                     fullchain.pem, not cert.pem; --probe issuers tells whether that is all. A private \
                     authority is named with --ca-file.",
                ),
                (Trust::Broken { reason }, None) => (
                    format!("its chain does not hold: {reason}"),
                    "Look at the certificates that the server sends, and their order.",
                ),
            };
            Some(finding(seen, &own.subject, &what, advice))
        })
        .collect();
    let unverified = seen.own().find_map(|(chain, _)| match &chain.trust {
        Trust::Unverified { reason } => Some(reason),
        _ => None,
    });
    if let (true, Some(reason)) = (findings.is_empty(), unverified) {
        return Outcome::Unknown {
            reason: format!("the chain could not be verified: {reason}"),
            remedy: "verify it with `openssl verify`".to_owned(),
            trail: Trail::default(),
        };
    }
    if findings.is_empty() {
        seen.passes(
            "the chain leads to a root that browsers trust",
            "sends a chain that verifies",
        )
    } else {
        Outcome::Fail(findings)
    }
}

/// Nobody verifies the signature of a root.
fn is_old(one: &tightship_model::site::tls::SeenCertificate) -> bool {
    one.subject != one.issuer
        && matches!(
            one.signature,
            SignatureHash::Sha1 | SignatureHash::Md5 | SignatureHash::Md2
        )
}

fn finding(seen: Seen<'_>, subject: &str, what: &str, advice: &str) -> Finding {
    let finding = seen.finding(
        "certificate",
        format!("visitors see a warning instead of the site: {what}"),
        &format!("sends the certificate {subject}"),
        advice,
    );
    Finding {
        labels: seen.label("ssl_certificate", "names the certificate"),
        ..finding
    }
}
