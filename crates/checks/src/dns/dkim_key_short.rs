use tightship_model::{Check, Deployment, Evidence, Need, Outcome, Reference, Severity, Trail};

use super::dkim::{State, keys};
use super::look::shown;
use crate::setting::settled;

pub(super) static CHECK: Check = Check {
    id: "dns/dkim-key-short",
    title: "The key that signs the site's mail is short",
    severity: Severity::Medium,
    needs: &[Need::Site],
    items: &["X30"],
    django_ids: &[],
    references: &[Reference::Rfc(8301, "3.2"), Reference::Cwe(326)],
    doc: include_str!("dkim_key_short.md"),
    run,
};

/// What signers should use at least (RFC 8301, section 3.2).
const RECOMMENDED: usize = 2048;

/// What receivers must not take for valid when it is shorter (RFC 8301, section 3.2).
const LEAST: usize = 1024;

fn run(deployment: &Deployment) -> Outcome {
    let found = match keys(deployment) {
        Ok(found) => found,
        Err(outcome) => return outcome,
    };
    let mut findings = Vec::new();
    let mut evidence = Vec::new();
    for key in &found.keys {
        let says = format!("TXT {} is “{}”", key.name, shown(key.text));
        let length = match key.state {
            State::Rsa(bits) if bits < RECOMMENDED => {
                let mut finding = found.seen.finding(
                    &format!("DKIM {}", key.name),
                    match bits < LEAST {
                        true => format!(
                            "whoever computes the key signs as the site, and receivers do not \
                             accept it any more: it has {bits} bits"
                        ),
                        false => format!(
                            "whoever can spend enough on computing signs as the site for years: the \
                             key has {bits} bits, and {RECOMMENDED} are recommended"
                        ),
                    },
                    &says,
                    "Let the relay make a key of 2048 bits under a new selector.",
                );
                finding.severity = (bits < LEAST).then_some(Severity::High);
                findings.push(finding);
                continue;
            }
            State::Rsa(bits) => format!("an RSA key of {bits} bits"),
            State::Ed25519 => "an Ed25519 key".to_owned(),
            State::Revoked | State::Unreadable(_) => continue,
        };
        evidence.push(Evidence {
            text: format!("{} holds {length}", key.name),
            trail: Trail::outside(says),
        });
    }
    let none = "no key was found: dns/dkim-missing".to_owned();
    settled(findings, evidence, Outcome::NotApplicable(none))
}
