use tightship_model::site::tls::{Probe, WeaknessKind};
use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity, Trail};

use super::look::seen;

pub(super) static CHECK: Check = Check {
    id: "tls/library-faulty",
    title: "The TLS library has a known fault",
    severity: Severity::Critical,
    needs: &[Need::Site],
    items: &["A8.5", "B2.9"],
    django_ids: &[],
    references: &[
        Reference::Url("https://nvd.nist.gov/vuln/detail/CVE-2014-0160"),
        Reference::Url("https://nvd.nist.gov/vuln/detail/CVE-2014-0224"),
        Reference::Url("https://robotattack.org/"),
        Reference::Url("https://nvd.nist.gov/vuln/detail/CVE-2016-9244"),
        Reference::Url("https://nvd.nist.gov/vuln/detail/CVE-2014-8730"),
        Reference::Url("https://nvd.nist.gov/vuln/detail/CVE-2016-2107"),
        Reference::Url("https://nvd.nist.gov/vuln/detail/CVE-2019-1559"),
        Reference::Cwe(1395),
    ],
    doc: include_str!("library_faulty.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let seen = match seen(deployment) {
        Ok(seen) => seen,
        Err(outcome) => return outcome,
    };
    let mut findings = Vec::new();
    let mut doubts = Vec::new();
    for weakness in &seen.tls.weaknesses {
        let (name, gains) = (weakness.kind.name(), gains(weakness.kind));
        match &weakness.probe {
            Probe::Safe { .. } => {}
            Probe::Unknown { reason } => doubts.push(format!("{name}: {reason}")),
            Probe::Vulnerable { seen: what } => findings.push(seen.finding(
                &format!("fault:{name}"),
                format!("{gains} ({name}: {what})"),
                &format!("shows {name}"),
                "Update the TLS library, restart what uses it, and renew the certificate with a \
                 new key.",
            )),
        }
    }
    if !findings.is_empty() {
        return Outcome::Fail(findings);
    }
    if seen.tls.weaknesses.is_empty() {
        doubts.push("known faults were not tried out".to_owned());
    }
    if doubts.is_empty() {
        seen.passes(
            "none of the faults that were tried out shows",
            "answers as a mended library does",
        )
    } else {
        Outcome::Unknown {
            reason: doubts.join("; "),
            remedy: "have them tried out with --probe tls-faults".to_owned(),
            trail: Trail::default(),
        }
    }
}

/// What an attacker gains by a fault.
fn gains(kind: WeaknessKind) -> &'static str {
    match kind {
        WeaknessKind::Heartbleed => {
            "anybody reads the memory of the server: passwords, cookies, its key"
        }
        WeaknessKind::CcsInjection => {
            "an attacker on the way has both sides agree on a key that he knows"
        }
        WeaknessKind::Ticketbleed => "anybody reads the memory of the server, 31 bytes at a time",
        WeaknessKind::Robot => {
            "recorded connections can be decrypted and words signed with the server's key"
        }
        WeaknessKind::PoodleTls
        | WeaknessKind::PaddingOracle
        | WeaknessKind::AesNiPadding
        | WeaknessKind::ZeroLength => {
            "an attacker on the way who has a script in some page of the visitor decrypts cookies, \
             byte by byte"
        }
    }
}
