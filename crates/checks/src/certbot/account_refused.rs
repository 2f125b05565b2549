use tightship_model::{
    CertbotRun, Check, Contact, Deployment, Finding, Outcome, Reference, Severity,
};

use super::{evidence, finding};
use crate::cross::label;

pub(super) static CHECK: Check = Check {
    id: "certbot/account-refused",
    title: "certbot registers with an address that the authority refuses",
    severity: Severity::Medium,
    needs: &[],
    items: &["B2.4"],
    django_ids: &[],
    references: &[
        Reference::Url("https://github.com/letsencrypt/boulder/pull/3748"),
        Reference::Rfc(2606, "3"),
        Reference::Url(
            "https://letsencrypt.org/2025/06/26/expiration-notification-service-has-ended",
        ),
    ],
    doc: include_str!("account_refused.md"),
    run,
};

/// The domains of RFC 2606, section 3, whose addresses Let's Encrypt refuses (boulder, pull request
/// 3748 of 2018; still refused in 2025).
const RESERVED: [&str; 3] = ["example.com", "example.net", "example.org"];

fn run(deployment: &Deployment) -> Outcome {
    let mut findings = Vec::new();
    let mut seen = Vec::new();
    for run in &deployment.certbot.runs {
        let is_issued = matches!(run.subcommand.as_str(), "certonly" | "run" | "register");
        if !is_issued || is_template(run) {
            continue;
        }
        match &run.contact {
            Some(Contact::Address(address)) if is_reserved(address) => {
                findings.push(refused(deployment, run, address));
            }
            Some(Contact::Address(_)) => {
                seen.push(evidence("the account has an address", run.span));
            }
            // Let's Encrypt keeps no address and sends no notices since June 2025.
            Some(Contact::Nobody) => seen.push(evidence(
                "the account is registered without an address, which is accepted",
                run.span,
            )),
            None => {}
        }
    }
    match (findings.is_empty(), seen.is_empty()) {
        (false, _) => Outcome::Fail(findings),
        (true, false) => Outcome::Pass(seen),
        (true, true) => {
            Outcome::NotApplicable("no run of certbot that is here registers an account".to_owned())
        }
    }
}

fn refused(deployment: &Deployment, run: &CertbotRun, address: &str) -> Finding {
    finding(
        format!("certbot:{} email", deployment.sources[run.span.source].path),
        format!(
            "no certificate is issued on a new server: Let's Encrypt refuses the account of \
             {address}, an address of a domain that is reserved for examples"
        ),
        vec![label(run.span, "registers with it")],
        "Name an address that somebody reads, or --register-unsafely-without-email.",
    )
}

/// Whether a run is to be filled in: what it asks for is an example too.
fn is_template(run: &CertbotRun) -> bool {
    run.domains.iter().any(|domain| is_below(domain))
}

fn is_reserved(address: &str) -> bool {
    let domain = address.rsplit_once('@').map_or("", |(_, domain)| domain);
    RESERVED
        .iter()
        .any(|reserved| domain.eq_ignore_ascii_case(reserved))
}

fn is_below(domain: &str) -> bool {
    let domain = domain.to_ascii_lowercase();
    RESERVED.iter().any(|reserved| {
        domain == *reserved
            || domain
                .strip_suffix(reserved)
                .is_some_and(|rest| rest.ends_with('.'))
    })
}
