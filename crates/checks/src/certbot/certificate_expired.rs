use tightship_model::{
    Certificate, Check, Deployment, Finding, Need, Outcome, Reference, Severity,
};

use super::sites::{Read, in_repository, sites};
use super::{evidence, finding};
use crate::cross::label;

pub(super) static CHECK: Check = Check {
    id: "certbot/certificate-expired",
    title: "The certificate in the repository has ended or is about to",
    severity: Severity::High,
    needs: &[Need::Nginx],
    items: &["A8.1", "A8.4"],
    django_ids: &[],
    references: &[Reference::Rfc(5280, "4.1.2.5"), Reference::Cwe(298)],
    doc: include_str!("certificate_expired.md"),
    run,
};

const DAY: i64 = 86_400;

/// Days before the end at which someone must know: Let's Encrypt used to write its last notice then.
const LAST_NOTICE: i64 = 7;

fn run(deployment: &Deployment) -> Outcome {
    let mut findings: Vec<Finding> = Vec::new();
    let mut seen = Vec::new();
    for read in sites(deployment).iter().flat_map(|site| &site.certificates) {
        let Some(chain) = in_repository(deployment, read) else {
            continue;
        };
        for certificate in chain {
            let left = (certificate.not_after - deployment.now).div_euclid(DAY);
            if left >= LAST_NOTICE {
                let text = format!("{} is good for {left} days", certificate.path);
                seen.push(evidence(text, certificate.span));
            } else if !findings
                .iter()
                .any(|known| known.subject == subject(certificate))
            {
                findings.push(ending(read, certificate, left));
            }
        }
    }
    match (findings.is_empty(), seen.is_empty()) {
        (false, _) => Outcome::Fail(findings),
        (true, true) => Outcome::NotApplicable(
            "no certificate that nginx reads lies in the repository".to_owned(),
        ),
        (true, false) => Outcome::Pass(seen),
    }
}

fn ending(read: &Read<'_>, certificate: &Certificate, left: i64) -> Finding {
    let (when, severity) = match left {
        ..0 => (
            format!(
                "every browser turns visitors away: {} ended {} days ago",
                certificate.path, -left
            ),
            None,
        ),
        _ => (
            format!(
                "in {left} days every browser turns visitors away: {} ends then, and a file of the \
                 repository renews itself not",
                certificate.path
            ),
            Some(Severity::Medium),
        ),
    };
    let mut finding = finding(
        subject(certificate),
        when,
        vec![
            label(read.span, "nginx reads this"),
            label(certificate.span, format!("for {}", certificate.subject)),
        ],
        "Get a new one, and let certbot keep it outside of the repository.",
    );
    finding.severity = severity;
    finding
}

fn subject(certificate: &Certificate) -> String {
    format!("file:{} {}", certificate.path, certificate.position)
}
