use tightship_model::{Check, Deployment, Finding, Label, Need, Outcome, Reference, Severity};

use super::sites::{in_repository, issued, lineage, sites};
use super::{evidence, finding};
use crate::cross::label;

pub(super) static CHECK: Check = Check {
    id: "certbot/chain-missing",
    title: "nginx sends its certificate without the one that signed it",
    severity: Severity::Medium,
    needs: &[Need::Nginx],
    items: &["A8.1", "B2.6"],
    django_ids: &[],
    references: &[
        Reference::Url("https://nginx.org/en/docs/http/configuring_https_servers.html#chains"),
        Reference::Rfc(8446, "4.4.2"),
        Reference::Cwe(295),
    ],
    doc: include_str!("chain_missing.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let mut findings: Vec<Finding> = Vec::new();
    let mut seen = Vec::new();
    for read in sites(deployment).iter().flat_map(|site| &site.certificates) {
        let file = read.path.rsplit('/').next().unwrap_or(read.path);
        let is_of_certbot = read.path.contains("/live/") || read.path.contains("/archive/");
        let chain = in_repository(deployment, read);
        let beside: Option<Label> = match (&chain, is_of_certbot) {
            (Some(chain), _) => match chain.as_slice() {
                [own] if !own.is_self_signed && !own.is_authority => Some(label(
                    own.span,
                    format!("signed by {}, which is not here", own.issuer),
                )),
                _ => None,
            },
            // certbot keeps the certificate alone in cert.pem, cert1.pem, …
            (None, true) if file.starts_with("cert") && file.ends_with(".pem") => {
                let place = issued(deployment).unwrap_or(read.span);
                Some(label(place, "certbot gets it here"))
            }
            (None, true) => None,
            (None, false) => continue,
        };
        let Some(beside) = beside else {
            let text = format!("{} holds the chain", read.path);
            seen.push(evidence(text, read.span));
            continue;
        };
        let subject = format!("nginx:{}", read.path);
        if findings.iter().any(|known| known.subject == subject) {
            continue;
        }
        let mend = match lineage(read.path) {
            Some(name) => format!("live/{name}/fullchain.pem"),
            None => "a file with the intermediate certificates behind it".to_owned(),
        };
        let mut labels = vec![label(read.span, "nginx sends this alone")];
        labels.extend((beside.span != read.span).then_some(beside));
        findings.push(finding(
            subject,
            format!(
                "programs, phones and payment providers refuse to connect where they have not met \
                 the authority's own certificate before: {} holds the site's certificate without \
                 it",
                read.path
            ),
            labels,
            &format!("Let ssl_certificate name {mend}."),
        ));
    }
    match (findings.is_empty(), seen.is_empty()) {
        (false, _) => Outcome::Fail(findings),
        (true, true) => Outcome::NotApplicable(
            "no certificate of nginx is certbot's or lies in the repository".to_owned(),
        ),
        (true, false) => Outcome::Pass(seen),
    }
}
