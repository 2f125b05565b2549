//! What leads to A+: the lines of the project's own nginx and Django for what keeps the grade of SSL Labs down.

use tightship_model::site::tls::Reason;
use tightship_model::{Deployment, Label};
use tightship_predict::nginx::http_blocks;

use super::grade::PAGE_UNSEEN;
use super::look::Seen;

/// Mozilla's guideline 6.0, intermediate.
const VERSIONS: &str = "ssl_protocols TLSv1.2 TLSv1.3;";
/// What is left of the intermediate profile without DHE, whose parameters would be wanted too.
const SUITES: &str = "ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20;";
const CHAIN: &str = "ssl_certificate …/fullchain.pem;";
const HEADER: &str = "add_header Strict-Transport-Security \"max-age=31536000\" always;";
const SETTING: &str = "SECURE_HSTS_SECONDS = 31536000";

/// Clauses by their names, with the line of nginx that mends them. Certificates and libraries are mended by no
/// line.
const LINES: [(&str, &str); 23] = [
    ("SSL 2.0", VERSIONS),
    ("nothing better than SSL 3.0", VERSIONS),
    ("POODLE", VERSIONS),
    ("SSL 3.0", VERSIONS),
    ("no TLS 1.2", VERSIONS),
    ("TLS 1.0 or 1.1", VERSIONS),
    ("no TLS 1.3", VERSIONS),
    ("anonymous suites", SUITES),
    ("suites that do not encrypt", SUITES),
    ("export suites (FREAK, Logjam)", SUITES),
    ("ciphers below 112 bits", SUITES),
    ("nothing but RC4", SUITES),
    ("RC4", SUITES),
    ("RC4 with TLS 1.1 and newer", SUITES),
    ("blocks of 64 bits with TLS 1.1 and newer (SWEET32)", SUITES),
    ("no forward secrecy", SUITES),
    ("forward secrecy with some clients only", SUITES),
    ("no authenticated encryption (AEAD)", SUITES),
    ("Diffie-Hellman below 1024 bits", SUITES),
    ("Diffie-Hellman below 2048 bits", SUITES),
    ("an incomplete chain", CHAIN),
    ("A+ asks for HSTS of 180 days", HEADER),
    ("HSTS that is invalid, off or too short", HEADER),
];

/// `. For A+: …` with each line once, in the order of the reasons; empty where no file of the project decides.
pub(super) fn words(deployment: &Deployment, reasons: &[Reason]) -> String {
    let lines = lines(deployment, reasons);
    let lines: Vec<_> = lines.iter().map(|line| format!("`{line}`")).collect();
    match lines.is_empty() {
        true => String::new(),
        false => format!(". For A+: {}", lines.join(", ")),
    }
}

/// Where the project's nginx says otherwise now.
pub(super) fn labels(seen: Seen<'_>, deployment: &Deployment, reasons: &[Reason]) -> Vec<Label> {
    let lines = lines(deployment, reasons).into_iter();
    lines
        .filter(|line| *line != HEADER)
        .filter_map(|line| Some((line, line.split_once(' ')?.0)))
        .flat_map(|(line, name)| seen.label(name, &format!("`{line}` leads on")))
        .collect()
}

fn lines(deployment: &Deployment, reasons: &[Reason]) -> Vec<&'static str> {
    let has_nginx = http_blocks(&deployment.nginx).next().is_some();
    let mut found = Vec::new();
    for reason in reasons.iter().filter(|reason| reason.seen != PAGE_UNSEEN) {
        let line = match line_of(&reason.clause) {
            Some(HEADER) if deployment.settings.is_some() => Some(SETTING),
            line => line.filter(|_| has_nginx),
        };
        found.extend(line.filter(|line| !found.contains(line)));
    }
    found
}

fn line_of(clause: &str) -> Option<&'static str> {
    let (_, name) = clause.split_once(": ")?;
    let mut lines = LINES.iter();
    lines
        .find(|(known, _)| *known == name)
        .map(|(_, line)| *line)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// What no line of a file mends: certificates, libraries and what speaks TLS itself.
    const NONE: [&str; 15] = [
        "a key below 1024 bits",
        "a key below 2048 bits",
        "an RSA exponent of 1",
        "a signature with MD2 or MD5",
        "TLS compression (CRIME)",
        "insecure renegotiation",
        "no secure renegotiation",
        "Heartbleed",
        "CVE-2014-0224 (early ChangeCipherSpec)",
        "Ticketbleed",
        "ROBOT",
        "POODLE over TLS",
        "CVE-2016-2107",
        "a padding oracle (GOLDENDOODLE, Zombie POODLE, Sleeping POODLE)",
        "CVE-2019-1559",
    ];

    #[test]
    fn each_clause_has_a_line_or_none_mends_it() {
        let text = include_str!("grade/clauses.rs");
        let quoted = text.split('"').skip(1).step_by(2);
        let clauses: BTreeSet<_> = quoted
            .filter_map(|quoted| quoted.split_once(": "))
            .filter(|(version, _)| version.starts_with("2009") && version.len() == 5)
            .map(|(_, name)| name)
            .collect();
        let known = LINES.iter().map(|(name, _)| *name);
        let known: BTreeSet<_> = known.chain(NONE).collect();
        assert_eq!(clauses, known);
    }
}
