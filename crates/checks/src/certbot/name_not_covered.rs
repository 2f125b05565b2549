use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity, Span};

use super::sites::{Read, covers, in_repository, lineage, sites};
use super::{evidence, finding};
use crate::cross::label;

pub(super) static CHECK: Check = Check {
    id: "certbot/name-not-covered",
    title: "nginx serves a name that its certificate does not have",
    severity: Severity::High,
    needs: &[Need::Nginx],
    items: &["A8.1", "B2.6"],
    django_ids: &[],
    references: &[
        Reference::Rfc(6125, "6.4"),
        Reference::Url(
            "https://eff-certbot.readthedocs.io/en/stable/using.html#changing-a-certificate-s-domains",
        ),
        Reference::Cwe(297),
    ],
    doc: include_str!("name_not_covered.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let mut findings: Vec<tightship_model::Finding> = Vec::new();
    let mut seen = Vec::new();
    for site in sites(deployment) {
        let known: Vec<_> = site
            .certificates
            .iter()
            .map(|read| (read, names(deployment, read)))
            .collect();
        for (host, span) in &site.names {
            let mut reads = known.iter();
            let covering = reads.find(|(_, names)| {
                let names = names.as_ref().map(|(names, _)| names.as_slice());
                let mut names = names.unwrap_or_default().iter();
                names.any(|name| covers(name, host))
            });
            if covering.is_some() {
                seen.push(evidence(format!("the certificate has {host}"), *span));
                continue;
            }
            // One that is not here may have the name.
            let is_hidden = known.iter().any(|(_, names)| names.is_none());
            let Some((read, Some((names, told)))) = known.first().filter(|_| !is_hidden) else {
                continue;
            };
            let subject = format!("nginx:{host}");
            if findings.iter().any(|known| known.subject == subject) {
                continue;
            }
            findings.push(finding(
                subject,
                format!(
                    "every browser turns visitors of {host} away: the certificate is for {} only",
                    names.join(", ")
                ),
                vec![
                    label(*span, "nginx serves this name"),
                    label(read.span, "with this certificate"),
                    label(*told, "which is for other names"),
                ],
                "Get the certificate again with every name of the server (`-d` for each).",
            ));
        }
    }
    match (findings.is_empty(), seen.is_empty()) {
        (false, _) => Outcome::Fail(findings),
        (true, true) => Outcome::NotApplicable(
            "no file of the repository tells the names of a certificate that nginx reads"
                .to_owned(),
        ),
        (true, false) => Outcome::Pass(seen),
    }
}

/// The names of a certificate, and where they are told.
fn names(deployment: &Deployment, read: &Read<'_>) -> Option<(Vec<String>, Span)> {
    if let Some(chain) = in_repository(deployment, read) {
        // One that signs itself holds a place until the real one is there.
        let own = chain.first().filter(|own| !own.is_self_signed)?;
        return Some((own.names.clone(), own.span));
    }
    let wanted = lineage(read.path)?;
    let mut kept = deployment.certbot.lineages.iter();
    let kept = kept.find(|one| one.name == wanted && !one.webroot_map.is_empty())?;
    let names = kept.webroot_map.iter().map(|(name, _)| name.clone());
    let (_, first) = kept.webroot_map.first()?;
    Some((names.collect(), first.trail.first_span()?))
}
