use tightship_model::{Check, Confidence, Deployment, Finding, Need, Outcome, Reference, Severity};

use super::sites::{covers, in_repository, lineage};
use super::wire::{authority, wire};
use super::{evidence, finding};
use crate::cross::label;

pub(super) static CHECK: Check = Check {
    id: "certbot/sent-name-missing",
    title: "The certificate that the site sends lacks another name of the same server",
    severity: Severity::High,
    needs: &[Need::Nginx, Need::Site],
    items: &["A8.1", "B2.6"],
    django_ids: &[],
    references: &[
        Reference::Rfc(9525, "6.3"),
        Reference::Url("https://nginx.org/en/docs/http/configuring_https_servers.html"),
        Reference::Cwe(297),
    ],
    doc: include_str!("sent_name_missing.md"),
    run: |deployment| look(deployment).unwrap_or_else(|outcome| outcome),
};

fn look(deployment: &Deployment) -> Result<Outcome, Outcome> {
    let wire = wire(deployment)?;
    if wire
        .sent
        .iter()
        .any(|sent| sent.name_count > sent.names.len())
    {
        return Err(super::unknown(
            "the certificate has more names than are kept",
            "ask for each name by itself with --url",
            None,
        ));
    }
    let sent: Vec<_> = wire.sent.iter().flat_map(|sent| &sent.names).collect();
    let mut findings: Vec<Finding> = Vec::new();
    let mut seen = Vec::new();
    for site in &wire.sites {
        let Some(read) = site.certificates.first() else {
            continue;
        };
        // A certificate of certbot's comes from an authority that certbot asks; another one was sent by
        // something in front, which may have one for each name.
        let is_acme = |issuer: &str| ACME.contains(&authority(issuer));
        let is_elsewhere =
            lineage(read.path).is_some() && !wire.sent.iter().any(|sent| is_acme(&sent.issuer));
        if is_elsewhere {
            continue;
        }
        let in_files = in_repository(deployment, read);
        for (host, span) in &site.names {
            // The name that was asked for is judged by tls/name-mismatch, a file without the name by
            // certbot/name-not-covered; a star may stand for names that nobody uses.
            let in_file = in_files.as_ref().and_then(|chain| chain.first());
            let is_told =
                in_file.is_some_and(|own| !own.names.iter().any(|name| covers(name, host)));
            if host == wire.host || host.starts_with("*.") || is_told {
                continue;
            }
            if sent.iter().any(|name| covers(name, host)) {
                seen.push(evidence(format!("the certificate has {host}"), *span));
                continue;
            }
            let subject = format!("site:{host}");
            if findings.iter().any(|known| known.subject == subject) {
                continue;
            }
            let names: Vec<_> = sent.iter().take(SHOWN).map(|name| name.as_str()).collect();
            let mut finding = finding(
                subject,
                format!(
                    "every browser turns visitors of {host} away: the server that answers {} sends a \
                     certificate for {}",
                    wire.host,
                    names.join(", ")
                ),
                vec![
                    label(*span, "the same server answers this name"),
                    label(read.span, "with one certificate for all of its names"),
                ],
                "Get the certificate again with every name of the server (`-d` for each), and reload nginx.",
            );
            finding.confidence = Confidence::Medium;
            findings.push(finding);
        }
    }
    match (findings.is_empty(), seen.is_empty()) {
        (false, _) => Ok(Outcome::Fail(findings)),
        (true, false) => Ok(Outcome::Pass(seen)),
        (true, true) => Err(Outcome::NotApplicable(
            "the server that was seen has no other name that can be compared".to_owned(),
        )),
    }
}

/// Names of a certificate that a line shows.
const SHOWN: usize = 4;

/// Authorities that certbot gets certificates from, by the organisation in their certificates
/// (letsencrypt.org/certificates, pki.goog/repository, zerossl.com, buypass.com).
const ACME: [&str; 7] = [
    "O=Let's Encrypt",
    "O=(STAGING) Let's Encrypt",
    "O=ISRG",
    "O=Internet Security Research Group",
    "O=Google Trust Services",
    "O=ZeroSSL",
    "O=Buypass AS-983163327",
];
