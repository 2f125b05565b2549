use tightship_model::site::tls::{Chain, Found, Missing, SeenCertificate, Trust};
use tightship_model::{Check, Deployment, Finding, Need, Outcome, Reference, Severity, Trail};

use super::look::{Seen, seen_certificate};

pub(super) static CHECK: Check = Check {
    id: "tls/chain-incomplete",
    title: "The site does not send all certificates of its chain",
    severity: Severity::High,
    needs: &[Need::Site],
    items: &["A8.1", "B2.6"],
    django_ids: &[],
    references: &[
        Reference::Rfc(8446, "4.4.2"),
        Reference::Rfc(5280, "4.2.2.1"),
        Reference::Cwe(295),
    ],
    doc: include_str!("chain_incomplete.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let seen = match seen_certificate(deployment) {
        Ok(seen) => seen,
        Err(outcome) => return outcome,
    };
    let findings: Vec<_> = seen.own().filter_map(|one| finding(seen, one)).collect();
    if !findings.is_empty() {
        return Outcome::Fail(findings);
    }
    let is = |of: fn(&Trust) -> bool| seen.own().any(|(chain, _)| of(&chain.trust));
    if is(|trust| matches!(trust, Trust::UnknownIssuer { .. })) {
        return Outcome::Unknown {
            reason: "whether the authority is nobody's, or its certificates were not sent, is not \
                     known"
                .to_owned(),
            remedy: "ask for them with --probe issuers, or name those of the authority \
                     (certbot's chain.pem) with --known-issuers"
                .to_owned(),
            trail: Trail::default(),
        };
    }
    match is(|trust| *trust == Trust::Trusted) {
        true => seen.passes(
            "the chain needs no certificate that was not sent",
            "sends all certificates of its chain",
        ),
        false => Outcome::NotApplicable("the certificate has no chain that verifies".to_owned()),
    }
}

fn finding(seen: Seen<'_>, (chain, own): (&Chain, &SeenCertificate)) -> Option<Finding> {
    let Trust::Incomplete { missing } = &chain.trust else {
        return None;
    };
    let names: Vec<_> = missing.iter().map(|one| one.subject.as_str()).collect();
    let found = missing.first().map_or_else(String::new, whence);
    let finding = seen.finding(
        "certificate-chain",
        format!(
            "programs that take only what they are sent (curl, Python, webhooks, most telephones) refuse \
             the connection: {} stands between the certificate and its root and is not sent",
            names.join(", ")
        ),
        &format!(
            "sends the certificate {} without those above it{found}",
            own.subject
        ),
        "Send the whole chain: `ssl_certificate` takes certbot's fullchain.pem, not cert.pem.",
    );
    Some(Finding {
        labels: seen.label("ssl_certificate", "names the certificate"),
        ..finding
    })
}

fn whence(missing: &Missing) -> String {
    match &missing.found {
        Found::Site => ", which it sends with another certificate".to_owned(),
        Found::Given => ", which the file of --known-issuers holds".to_owned(),
        Found::Fetched(url) => format!(", which {url} gave"),
    }
}
