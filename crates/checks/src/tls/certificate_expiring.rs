use tightship_model::{Check, Deployment, Finding, Need, Outcome, Reference, Severity};

use super::look::{days, seen};

pub(super) static CHECK: Check = Check {
    id: "tls/certificate-expiring",
    title: "The site's certificate ends soon or has ended",
    severity: Severity::High,
    needs: &[Need::Site],
    items: &["A8.1", "A8.4", "B2.6"],
    django_ids: &[],
    references: &[
        Reference::Rfc(5280, "4.1.2.5"),
        Reference::Url("https://letsencrypt.org/docs/integration-guide/#when-to-renew"),
        Reference::Cwe(298),
    ],
    doc: include_str!("certificate_expiring.md"),
    run,
};

/// Authorities ask to renew at a third of the lifetime: what is left at a sixth was forgotten.
const FORGOTTEN: i64 = 6;
/// Long-lived ones are renewed by hand: that is time enough.
const LATEST: i64 = 14 * 86_400;

fn run(deployment: &Deployment) -> Outcome {
    let seen = match seen(deployment) {
        Ok(seen) => seen,
        Err(outcome) => return outcome,
    };
    let now = deployment.now;
    let mut findings = Vec::new();
    let mut shortest = i64::MAX;
    for (_, own) in seen.own() {
        let left = own.not_after - now;
        shortest = shortest.min(left);
        let limit = ((own.not_after - own.not_before) / FORGOTTEN).min(LATEST);
        let (message, severity) = if left < 0 {
            (
                format!(
                    "visitors see a warning instead of the site: its certificate ended {} ago",
                    days(-left)
                ),
                Severity::Critical,
            )
        } else if own.not_before > now {
            (
                format!(
                    "visitors see a warning instead of the site: its certificate begins in {}",
                    days(own.not_before - now)
                ),
                Severity::Critical,
            )
        } else if left < limit {
            (
                format!(
                    "in {} visitors see a warning instead of the site: its certificate ends, and \
                     nothing renewed it",
                    days(left)
                ),
                Severity::High,
            )
        } else {
            continue;
        };
        let finding = seen.finding(
            "certificate",
            message,
            &format!("sends the certificate {}", own.subject),
            "Renew it, reload nginx, and see why the renewal did not run (`certbot renew --dry-run`).",
        );
        findings.push(Finding {
            labels: seen.label("ssl_certificate", "names the certificate"),
            severity: Some(severity),
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
        format!("the certificate holds for {} more", days(shortest)),
        "sends a certificate that is valid",
    )
}
