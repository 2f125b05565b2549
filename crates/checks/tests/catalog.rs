//! Walks the one list: ids, pages and examples of every check.

mod pages;

use std::collections::BTreeSet;
use std::path::Path;

use tightship_checks::{catalog, judge};
use tightship_model::{Check, Need, Outcome, Policy};

use pages::{Expected, Page};

#[test]
fn ids_are_unique_and_mirror_their_files() {
    let mut seen = BTreeSet::new();
    for check in catalog() {
        assert!(
            seen.insert(check.id),
            "{} stands twice in the list",
            check.id
        );
        let file = format!("src/{}.rs", check.id.replace('-', "_"));
        assert!(
            Path::new(env!("CARGO_MANIFEST_DIR")).join(&file).exists(),
            "{} has no file {file}",
            check.id
        );
    }
}

#[test]
fn pages_say_why_and_how_to_mend() {
    for check in catalog() {
        let page = Page::parse(check.doc);
        assert_eq!(
            page.title, check.title,
            "the page of {} has another title",
            check.id
        );
        for section in ["Why", "Mend", "Examples"] {
            assert!(
                page.sections.contains(section),
                "{} lacks the section {section}",
                check.id
            );
        }
    }
}

#[test]
fn every_check_has_an_example_that_fires_and_a_near_miss_that_passes() {
    for check in catalog() {
        let page = Page::parse(check.doc);
        for expected in [Expected::Fires, Expected::Passes] {
            assert!(
                page.examples
                    .iter()
                    .any(|example| example.expected == expected),
                "{} has no example that {expected:?}",
                check.id
            );
        }
    }
}

#[test]
fn every_example_gets_its_verdict() {
    let mut failures = Vec::new();
    let mut reading = BTreeSet::new();
    for check in catalog() {
        for example in Page::parse(check.doc).examples {
            let mut deployment = example.read();
            let verdicts = judge(&deployment, |candidate| candidate.id == check.id);
            let outcome = &verdicts[0].outcome;
            deployment.policy = STRICTEST;
            let verdicts_then = judge(&deployment, |candidate| candidate.id == check.id);
            if format!("{outcome:?}") != format!("{:?}", verdicts_then[0].outcome) {
                reading.insert(check.id);
            }
            let got = match outcome {
                Outcome::Fail(_) => Expected::Fires,
                Outcome::Pass(_) => Expected::Passes,
                Outcome::Unknown { .. } => Expected::Unknown,
                Outcome::NotApplicable(_) => Expected::NotApplicable,
            };
            let messages = match outcome {
                Outcome::Fail(findings) => findings
                    .iter()
                    .map(|finding| finding.message.as_str())
                    .collect(),
                _ => Vec::new(),
            };
            let missing: Vec<_> = example
                .messages
                .iter()
                .filter(|wanted| !messages.iter().any(|message| message.contains(*wanted)))
                .collect();
            if got != example.expected || !missing.is_empty() {
                failures.push(format!(
                    "{}, \"{}\": expected {:?} {missing:?}, got {outcome:#?}",
                    check.id, example.title, example.expected
                ));
            }
        }
    }
    assert!(
        failures.is_empty(),
        "{} examples fail:\n{}",
        failures.len(),
        failures.join("\n")
    );
    // A run under other thresholds asks those checks again that say so, and no other.
    let says = |check: &&Check| check.needs.contains(&Need::Thresholds);
    let saying: BTreeSet<_> = catalog().filter(says).map(|check| check.id).collect();
    assert_eq!(reading, saying, "these read thresholds, and these say so");
}

const STRICTEST: Policy = Policy {
    hsts_seconds: u64::MAX,
    secret_key_length: 10_000,
    jwt_access_seconds: 0,
    jwt_refresh_seconds: 0,
    axes_failure_limit: 0,
    axes_cooloff_seconds: u64::MAX,
    password_length: 10_000,
    recovery_time_hours: Some(0),
    recovery_point_hours: Some(0),
};
