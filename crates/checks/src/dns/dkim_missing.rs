use tightship_model::{Check, Deployment, Evidence, Need, Outcome, Reference, Severity, Trail};

use super::dkim::{State, keys};
use super::look::{shown, unknown};
use crate::setting::settled;

pub(super) static CHECK: Check = Check {
    id: "dns/dkim-missing",
    title: "The key that signs the site's mail is not published",
    severity: Severity::Medium,
    needs: &[Need::Site],
    items: &["A6.3", "X30"],
    django_ids: &[],
    references: &[Reference::Rfc(6376, "3.6.1"), Reference::Cwe(290)],
    doc: include_str!("dkim_missing.md"),
    run,
};

const ADVICE: &str = "Publish the record that your relay shows for this selector.";

fn run(deployment: &Deployment) -> Outcome {
    let found = match keys(deployment) {
        Ok(found) => found,
        Err(outcome) => return outcome,
    };
    let seen = found.seen;
    let mut findings = Vec::new();
    let mut evidence = Vec::new();
    for selector in &found.missing {
        let domains: Vec<_> = seen.dns.mail.iter().map(|one| one.name.as_str()).collect();
        findings.push(seen.finding(
            &format!("DKIM {selector}"),
            format!(
                "receivers cannot verify what is signed with {selector}, so that mail counts as \
                 unsigned: no key of that name is published"
            ),
            &format!("no TXT of {selector}._domainkey.{}", domains.join(" or ")),
            ADVICE,
        ));
    }
    for key in &found.keys {
        let why = match key.state {
            State::Revoked => "it was taken back: p is empty",
            State::Unreadable(why) => why,
            State::Rsa(_) | State::Ed25519 => {
                evidence.push(Evidence {
                    text: format!("{} holds a key", key.name),
                    trail: Trail::outside(format!("TXT is “{}”", shown(key.text))),
                });
                continue;
            }
        };
        findings.push(seen.finding(
            &format!("DKIM {}", key.name),
            format!("mail that is signed with this key counts as unsigned: {why}"),
            &format!("TXT {} is “{}”", key.name, shown(key.text)),
            ADVICE,
        ));
    }
    settled(
        findings,
        evidence,
        unknown("no key was looked for".to_owned()),
    )
}
