use std::collections::BTreeSet;

use tightship_model::site::tls::{Auth, Suite};
use tightship_model::{Check, Deployment, Finding, Need, Outcome, Reference, Severity};

use super::look::seen;

pub(super) static CHECK: Check = Check {
    id: "tls/suite-weak",
    title: "The site accepts ciphers that are broken",
    severity: Severity::Medium,
    needs: &[Need::Site],
    items: &["B6.2"],
    django_ids: &[],
    references: &[
        Reference::Rfc(9325, "4.1"),
        Reference::Rfc(7465, "2"),
        Reference::Url("https://wiki.mozilla.org/Security/Server_Side_TLS"),
        Reference::Cwe(327),
    ],
    doc: include_str!("suite_weak.md"),
    run,
};

/// A kind of suites: its subject, how bad it is, which they are, and what they give away.
type Broken = (&'static str, Severity, fn(&Suite) -> bool, &'static str);

/// RFC 9325, 4.1: what must not be negotiated. The worst first.
const BROKEN: [Broken; 6] = [
    (
        "unencrypted",
        Severity::Critical,
        |suite| suite.bits == 0,
        "is not encrypted: everybody on the way reads it",
    ),
    (
        "anonymous",
        Severity::High,
        |suite| suite.auth == Auth::Anonymous,
        "has no certificate: everybody on the way can pretend to be the site",
    ),
    (
        "export",
        Severity::High,
        |suite| suite.export,
        "has keys short enough to be guessed (FREAK, Logjam)",
    ),
    (
        "short",
        Severity::High,
        |suite| suite.bits < 112,
        "has keys short enough to be guessed",
    ),
    (
        "rc4",
        Severity::Medium,
        |suite| suite.cipher == "RC4",
        "uses RC4, whose bias gives cookies away",
    ),
    (
        "small-blocks",
        Severity::Medium,
        Suite::has_small_blocks,
        "uses blocks of 64 bits, which repeat in long connections (SWEET32)",
    ),
];

fn run(deployment: &Deployment) -> Outcome {
    let seen = match seen(deployment) {
        Ok(seen) => seen,
        Err(outcome) => return outcome,
    };
    let mut findings = Vec::new();
    let mut named = BTreeSet::new();
    for (subject, severity, is_broken, why) in BROKEN {
        let suites: BTreeSet<_> = seen
            .tls
            .accepted()
            .filter(|(_, suite)| is_broken(suite) && !named.contains(&suite.code))
            .map(|(_, suite)| suite.code)
            .collect();
        let Some(first) = suites
            .first()
            .and_then(|code| tightship_model::site::tls::suite(*code))
        else {
            continue;
        };
        let more = match suites.len() - 1 {
            0 => String::new(),
            others => format!(" (and {others} more)"),
        };
        let finding = seen.finding(
            &format!("suites:{subject}"),
            format!("a connection with {}{more} {why}", first.name),
            &format!("accepts {}{more}", first.name),
            "Take it out of the list: Mozilla's intermediate profile has none of them.",
        );
        findings.push(Finding {
            labels: seen.label("ssl_ciphers", "decides the suites"),
            severity: Some(severity),
            ..finding
        });
        named.extend(suites);
    }
    if findings.is_empty() {
        let count = seen.tls.accepted().count();
        seen.passes(
            format!("none of the {count} suites that it accepts is broken"),
            "refuses RC4, blocks of 64 bits, and keys below 112 bits",
        )
    } else {
        Outcome::Fail(findings)
    }
}
