use tightship_model::site::tls::SeenCertificate;
use tightship_model::{
    Certificate, Check, Deployment, Finding, Need, Outcome, Reference, Severity,
};

use super::sites::in_repository;
use super::wire::{authority, wire};
use super::{evidence, finding};
use crate::cross::label;

pub(super) static CHECK: Check = Check {
    id: "certbot/certificate-not-loaded",
    title: "nginx still sends the certificate from before the renewal",
    severity: Severity::High,
    needs: &[Need::Nginx, Need::Site],
    items: &["A8.4"],
    django_ids: &[],
    references: &[
        Reference::Url("https://nginx.org/en/docs/control.html#reconfiguration"),
        Reference::Cwe(298),
    ],
    doc: include_str!("certificate_not_loaded.md"),
    run: |deployment| look(deployment).unwrap_or_else(|outcome| outcome),
};

const DAY: i64 = 86_400;

fn look(deployment: &Deployment) -> Result<Outcome, Outcome> {
    let wire = wire(deployment)?;
    let mut findings: Vec<Finding> = Vec::new();
    let mut seen = Vec::new();
    for read in wire.sites.iter().flat_map(|site| &site.certificates) {
        let chain = in_repository(deployment, read).unwrap_or_default();
        let Some(own) = chain.first().filter(|own| !own.is_self_signed) else {
            continue;
        };
        if wire.sent.iter().any(|sent| is_same(sent, own)) {
            seen.push(evidence(format!("the site sends {}", own.path), own.span));
            continue;
        }
        let Some(older) = replaced(&wire.sent, own) else {
            continue;
        };
        let subject = format!("file:{} {}", own.path, own.position);
        if findings.iter().any(|known| known.subject == subject) {
            continue;
        }
        let left = (older.not_after - deployment.now).div_euclid(DAY);
        let end = match left {
            ..0 => format!("ended {} days ago and turns every browser away", -left),
            _ => format!("ends in {left} days and then turns every browser away"),
        };
        findings.push(finding(
            subject,
            format!(
                "the certificate that {} sends {end}, though {} is newer: nginx was not reloaded after \
                 the renewal",
                wire.host, own.path
            ),
            vec![
                label(read.span, "nginx reads this when it starts or is reloaded"),
                label(own.span, "renewed, and not sent"),
            ],
            "`nginx -s reload`, and let certbot do it: --deploy-hook \"nginx -s reload\".",
        ));
    }
    match (findings.is_empty(), seen.is_empty()) {
        (false, _) => Ok(Outcome::Fail(findings)),
        (true, false) => Ok(Outcome::Pass(seen)),
        (true, true) => Err(Outcome::NotApplicable(
            "no certificate in the files can be held against the one that is sent".to_owned(),
        )),
    }
}

fn is_same(sent: &SeenCertificate, own: &Certificate) -> bool {
    (sent.not_before, sent.not_after) == (own.not_before, own.not_after)
}

/// The certificate on the wire that `own` came to replace: by the same authority, for the same names
/// or some of them, and older. Where any on the wire is as new, the files are what is behind.
fn replaced<'a>(sent: &[&'a SeenCertificate], own: &Certificate) -> Option<&'a SeenCertificate> {
    let is_older = |sent: &&'a SeenCertificate| sent.not_before < own.not_before;
    if !sent.iter().all(is_older) {
        return None;
    }
    let mut related = sent.iter().filter(|sent| {
        authority(&sent.issuer) == authority(&own.issuer)
            && !sent.names.is_empty()
            && sent.names.iter().all(|name| own.names.contains(name))
    });
    related.next().copied()
}
