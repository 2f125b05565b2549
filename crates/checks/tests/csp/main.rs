//! The flaws of content security policies against Google's csp_evaluator, policy by policy.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};
use tightship_checks::http::csp::evaluate::evaluate;
use tightship_testbed::ask_node;

/// Policies by hand, one a line.
const POLICIES: &str = include_str!("policies.txt");

/// Each stands in each of [`PLACES`].
const SOURCES: [&str; 24] = [
    "*",
    "'none'",
    "'self'",
    "'unsafe-inline'",
    "'unsafe-eval'",
    "'unsafe-hashes'",
    "'strict-dynamic'",
    "'nonce-b2xkLWZyaWVuZA=='",
    "'nonce-short'",
    "'sha256-B2yPHKaXnvFWtRChIbabYmUBFZdVfKKXHbWtWidDVF8='",
    "'unsafe-inline' 'nonce-b2xkLWZyaWVuZA=='",
    "'strict-dynamic' 'nonce-b2xkLWZyaWVuZA==' https:",
    "data:",
    "http:",
    "https:",
    "http://cdn.example",
    "cdn.example",
    "https://cdn.jsdelivr.net",
    "https://www.googletagmanager.com",
    "https://vk.com/swf/video.swf",
    "10.1.2.3",
    "self",
    "'unknown'",
    "script-src",
];

const PLACES: [&str; 14] = [
    "default-src",
    "script-src",
    "script-src-elem",
    "script-src-attr",
    "style-src",
    "object-src",
    "base-uri",
    "form-action",
    "report-uri",
    "default-src 'self'; script-src",
    "script-src 'self'; object-src",
    "script-src 'nonce-b2xkLWZyaWVuZA=='; base-uri",
    "script-src 'self' 'unsafe-inline'; script-src-elem",
    "default-src 'self'; img-src",
];

/// Why the package says something else, policy by policy.
const DIFFERENCES: [(&str, &str); 10] = [
    ("default-src 'self' | script-src 'none'", BREAKS),
    ("default-src 'self'; connect-src a:b:c", BREAKS),
    ("default-src 'self'; script-src 1.2.3.4.5", BREAKS),
    ("default-src 'self'; script-src cdn.exa%zzmple", BREAKS),
    ("default-src 'self'; script-src exa<mple.com", BREAKS),
    ("default-src 'self'; script-src example.com:99999", BREAKS),
    ("default-src 'self'; script-src http://[::1", BREAKS),
    ("script-src 'self' https:// x", BREAKS),
    ("script-src 'self' https:cdn.example", BREAKS),
    (
        "default-src 'self'; constructor 'self'",
        "the package takes the name for a directive that it has seen: each JavaScript object has one",
    ),
];

const BREAKS: &str = "the package makes an address of each source and ends with `Invalid URL`; \
                      browsers pass over such a source, and so does tightship";

/// A flaw as both tell it: type, severity, directive, value.
type Told = (u64, u64, String, Option<String>);

#[test]
fn every_policy_has_the_same_flaws() {
    let policies = policies();
    assert!(policies.len() >= 150);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/csp");
    let theirs = ask_node(&folder, json!(policies).to_string());
    let theirs: Vec<Value> = serde_json::from_slice(&theirs).expect("results");
    assert_eq!(theirs.len(), policies.len());
    let mut wrong = Vec::new();
    let mut flaws = 0;
    for (policy, theirs) in policies.iter().zip(&theirs) {
        let ours = ours(policy);
        flaws += ours.len();
        let theirs = match theirs {
            Value::String(error) => Err(error.as_str()),
            found => Ok(told(found)),
        };
        let is_equal = theirs.as_ref() == Ok(&ours);
        let is_explained = DIFFERENCES.iter().any(|(known, _)| known == policy);
        if is_equal == is_explained {
            wrong.push(format!(
                "{policy}\n  ours:   {ours:?}\n  theirs: {theirs:?}"
            ));
        }
    }
    assert!(flaws > policies.len(), "most policies have flaws");
    assert!(
        wrong.is_empty(),
        "{} of {} policies differ, or are explained and do not:\n{}",
        wrong.len(),
        policies.len(),
        wrong.join("\n")
    );
}

fn policies() -> Vec<String> {
    let by_hand = POLICIES.lines().map(str::to_owned);
    let crossed = PLACES.iter().flat_map(|place| {
        SOURCES
            .iter()
            .map(move |source| format!("{place} {source}"))
    });
    let all: BTreeSet<_> = by_hand.chain(crossed).collect();
    all.into_iter().collect()
}

fn ours(policy: &str) -> BTreeSet<Told> {
    evaluate(policy)
        .into_iter()
        .map(|flaw| {
            (
                flaw.kind as u64,
                flaw.weight as u64,
                flaw.directive,
                flaw.source,
            )
        })
        .collect()
}

fn told(found: &Value) -> BTreeSet<Told> {
    let found = found.as_array().expect("a list");
    found
        .iter()
        .map(|one| serde_json::from_value(one.clone()).expect("a finding"))
        .collect()
}
