use tightship_model::site::tls::{DhParameters, Exchange};
use tightship_model::{Check, Deployment, Finding, Need, Outcome, Reference, Severity, Trail};

use super::look::seen;

pub(super) static CHECK: Check = Check {
    id: "tls/dh-group-weak",
    title: "The numbers of DHE are not the primes that they should be",
    severity: Severity::High,
    needs: &[Need::Site],
    items: &["B6.2"],
    django_ids: &[],
    references: &[
        Reference::Rfc(7919, "9.1"),
        Reference::Rfc(2631, "2.2"),
        Reference::Url("https://eprint.iacr.org/2016/644"),
        Reference::Cwe(326),
    ],
    doc: include_str!("dh_group_weak.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let seen = match seen(deployment) {
        Ok(seen) => seen,
        Err(outcome) => return outcome,
    };
    let mut findings = Vec::new();
    let mut doubt = None;
    for field in &seen.tls.dh {
        let what = match field {
            DhParameters {
                composite: true, ..
            } => "is no prime, so that its factors open",
            DhParameters {
                small_order: true, ..
            } => "has a generator of so few powers that a table opens",
            DhParameters { safe: None, .. } => {
                doubt = Some("too long to be tried here");
                continue;
            }
            // So `openssl dhparam -dsaparam` makes them: with a large part that the generator stays in.
            DhParameters {
                safe: Some(false), ..
            } => {
                doubt = Some(
                    "prime and not safe: whether its generator keeps to a large part is not told",
                );
                continue;
            }
            _ => continue,
        };
        let finding: Finding = seen.finding(
            "diffie-hellman-group",
            format!(
                "recorded connections can be read: the number of {} bits that DHE computes with {what} \
                 them",
                field.bits
            ),
            &format!("sends a number of {} bits for DHE", field.bits),
            "Leave suites with DHE out, or give `ssl_dhparam` the group ffdhe2048 of RFC 7919.",
        );
        findings.push(Finding {
            labels: seen.label("ssl_dhparam", "names the number"),
            ..finding
        });
    }
    if !findings.is_empty() {
        return Outcome::Fail(findings);
    }
    if let Some(doubt) = doubt {
        return Outcome::Unknown {
            reason: format!("the number that DHE computes with is {doubt}"),
            remedy: "use a group of RFC 7919, such as ffdhe2048, or leave DHE out".to_owned(),
            trail: Trail::default(),
        };
    }
    if !seen.tls.dh.is_empty() {
        return seen.passes(
            "DHE computes with a safe prime",
            "sends a safe prime for DHE",
        );
    }
    let mut suites = seen.tls.accepted();
    match suites.any(|(_, suite)| suite.exchange == Exchange::Dhe) {
        true => Outcome::Unknown {
            reason: "suites with DHE are accepted, and their prime was not seen".to_owned(),
            remedy: "look at the site again".to_owned(),
            trail: Trail::default(),
        },
        false => Outcome::NotApplicable("no suite with DHE is accepted".to_owned()),
    }
}
