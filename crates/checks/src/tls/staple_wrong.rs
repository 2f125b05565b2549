use tightship_model::site::tls::{OcspStatus, Proof, Staple};
use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity, Trail};

use super::look::{days, seen_certificate};

pub(super) static CHECK: Check = Check {
    id: "tls/staple-wrong",
    title: "The stapled answer says that the certificate is revoked, or is not to be believed",
    severity: Severity::High,
    needs: &[Need::Site],
    items: &["B6.6"],
    django_ids: &[],
    references: &[
        Reference::Rfc(6960, "3.2"),
        Reference::Rfc(6066, "8"),
        Reference::Url(
            "https://nginx.org/en/docs/http/ngx_http_ssl_module.html#ssl_stapling_verify",
        ),
    ],
    doc: include_str!("staple_wrong.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let seen = match seen_certificate(deployment) {
        Ok(seen) => seen,
        Err(outcome) => return outcome,
    };
    let mut findings = Vec::new();
    let mut doubts = Vec::new();
    let mut count = 0;
    for (chain, own) in seen.own() {
        let Some(staple) = &chain.staple else {
            continue;
        };
        count += 1;
        if let Some((message, severity, advice)) = wrong(staple, deployment.now) {
            let mut finding = seen.finding(
                "staple",
                message,
                &format!("staples an answer of OCSP to {}", own.subject),
                advice,
            );
            finding.severity = severity;
            finding.labels = seen.label("ssl_stapling", "decides stapling");
            findings.push(finding);
        } else if let Some(doubt) = doubt(staple) {
            doubts.push(doubt);
        }
    }
    if !findings.is_empty() {
        Outcome::Fail(findings)
    } else if count == 0 {
        Outcome::NotApplicable("no answer of OCSP is stapled".to_owned())
    } else if doubts.is_empty() {
        seen.passes(
            "the stapled answer is good, signed and of today",
            "staples an answer of OCSP",
        )
    } else {
        Outcome::Unknown {
            reason: doubts.join("; "),
            remedy: "ask with `openssl s_client -status`".to_owned(),
            trail: Trail::default(),
        }
    }
}

/// What is lost, how bad that is where it differs, and what to do.
fn wrong(staple: &Staple, now: i64) -> Option<(String, Option<Severity>, &'static str)> {
    const AGAIN: &str = "Have the server ask again (nginx: `ssl_stapling_verify on` with a `resolver` keeps \
                         wrong answers out), or turn stapling off.";
    let refuse = "Firefox refuses the connection";
    if let OcspStatus::Revoked { .. } = staple.says
        && !matches!(staple.proof, Proof::Wrong { .. })
    {
        return Some((
            format!("{refuse}: the authority has revoked the certificate"),
            Some(Severity::Critical),
            "Get a new certificate with a new key, and find out who revoked this one, and why.",
        ));
    }
    if let Proof::Wrong { reason } = &staple.proof {
        let message = format!("{refuse}: the stapled answer is not the authority's, {reason}");
        return Some((message, None, AGAIN));
    }
    if let OcspStatus::Unread { reason } = &staple.says {
        let message = format!("{refuse}: the stapled answer helps nobody, {reason}");
        return Some((message, None, AGAIN));
    }
    let late = now - staple.next_update?;
    (late > 0).then(|| {
        let message = format!(
            "{refuse}: the stapled answer was good until {} ago",
            days(late)
        );
        (message, None, AGAIN)
    })
}

fn doubt(staple: &Staple) -> Option<String> {
    match (&staple.says, &staple.proof) {
        (OcspStatus::NotKnown, _) => Some("the responder does not know the certificate".to_owned()),
        (_, Proof::Unverified { reason }) => Some(format!(
            "the stapled answer could not be verified: {reason}"
        )),
        _ => None,
    }
}
