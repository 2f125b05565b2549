use tightship_model::{
    Certificate, Check, Deployment, Finding, Need, Outcome, Reference, Severity,
};

use super::sites::{Read, in_repository, key_in_repository, sites};
use super::{evidence, finding, unknown};
use crate::cross::label;
use crate::setting::settled;

pub(super) static CHECK: Check = Check {
    id: "certbot/key-of-another",
    title: "The private key of nginx belongs to another certificate",
    severity: Severity::High,
    needs: &[Need::Nginx],
    items: &["B4.4"],
    django_ids: &[],
    references: &[Reference::Url(
        "https://nginx.org/en/docs/http/ngx_http_ssl_module.html#ssl_certificate_key",
    )],
    doc: include_str!("key_of_another.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let mut findings: Vec<Finding> = Vec::new();
    let mut seen = Vec::new();
    let mut open = Outcome::NotApplicable(
        "no certificate that nginx reads lies in the repository with its key".to_owned(),
    );
    for (certificate, key) in sites(deployment).iter().flat_map(|site| &site.pairs) {
        let (Some(chain), Some(secret)) = (
            in_repository(deployment, certificate),
            key_in_repository(deployment, key),
        ) else {
            continue;
        };
        let (Some(own), Some(belongs)) = (&chain[0].public_key, &secret.public_key) else {
            let reason = match secret.is_encrypted {
                true => format!("{} is encrypted", secret.path),
                false => format!(
                    "{} or {} is of a kind that is not read",
                    secret.path, chain[0].path
                ),
            };
            open = unknown(reason, "run `nginx -t` with both", Some(key.span));
            continue;
        };
        if own == belongs {
            let text = format!("{} is the key of {}", secret.path, chain[0].path);
            seen.push(evidence(text, key.span));
            continue;
        }
        let subject = format!("nginx:{} {}", certificate.path, key.path);
        if !findings.iter().any(|known| known.subject == subject) {
            let later = chain
                .iter()
                .any(|one| one.public_key.as_ref() == Some(belongs));
            findings.push(differing(subject, (certificate, key), chain[0], later));
        }
    }
    match (findings.is_empty(), &open) {
        (true, Outcome::Unknown { .. }) => open,
        _ => settled(findings, seen, open),
    }
}

fn differing(
    subject: String,
    (certificate, key): (&Read<'_>, &Read<'_>),
    first: &Certificate,
    is_of_a_later_one: bool,
) -> Finding {
    let (which, advice) = match is_of_a_later_one {
        true => (
            "it belongs to one further down in that file, and nginx takes the first",
            "Put the site's own certificate first, and those that signed it behind.",
        ),
        false => (
            "it belongs to another",
            "Lay the certificate and the key that it was asked for with beside each other.",
        ),
    };
    finding(
        subject,
        format!(
            "nginx does not start anew, and the site is down with the next restart (`key values \
             mismatch`): {} is not the key of {}; {which}",
            key.path, certificate.path
        ),
        vec![
            label(key.span, "nginx takes this key"),
            label(certificate.span, "for this certificate"),
            label(first.span, format!("for {}", first.subject)),
        ],
        advice,
    )
}
