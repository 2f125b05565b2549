//! Reports of many findings: they are grouped, and not scrolled.

use serde_json::{Value, json};
use tightship_model::Outcome;
use tightship_report::{Report, Screen, terminal};

use crate::fixture::{deployment, report};
use crate::{document, unstyled, written};

fn on_screen(report: &Report, verbose: bool) -> String {
    let screen = Screen {
        width: 100,
        verbose,
        ascii: false,
    };
    unstyled(|out| terminal::render(report, &screen, out))
}

#[test]
fn five_hundred_places_of_one_check_stay_readable() {
    let deployment = deployment();
    let mut report = report(&deployment);
    report.verdicts.truncate(1);
    if let Outcome::Fail(findings) = &mut report.verdicts[0].outcome {
        let original = findings[0].clone();
        for start in 1..500 {
            let mut finding = original.clone();
            finding.labels[0].span.start = start % 90;
            findings.push(finding);
        }
    }
    let report = Report::of(&report);
    let (text, all) = (on_screen(&report, false), on_screen(&report, true));
    assert!(text.contains("477 more: see --verbose"), "{text}");
    assert!(text.lines().count() < 120, "{text}");
    assert!(all.lines().count() > 2000, "all of them are there");
}

#[test]
fn thirty_places_of_one_finding_stay_readable() {
    let deployment = deployment();
    let mut report = report(&deployment);
    report.verdicts.truncate(1);
    if let Outcome::Fail(findings) = &mut report.verdicts[0].outcome {
        findings.truncate(1);
        let label = findings[0].labels[0].clone();
        let places = (0..30).map(|start| {
            let mut label = label.clone();
            label.span.start = start;
            label
        });
        findings[0].labels = places.collect();
    }
    let (whole, shown) = (Report::of(&report), Report::on_screen(&report));
    let text = on_screen(&whole, false);
    assert!(text.contains("and 9 more: see --verbose"), "{text}");
    assert_eq!(on_screen(&shown, false), text);
    assert!(
        !on_screen(&whole, true).contains("more: see"),
        "all of them are there"
    );
}

const CHECKS: usize = 125;
const CRITICAL: usize = 12;

/// 500 findings: four of each check.
fn five_hundred() -> Report {
    let deployment = deployment();
    let report = document(&deployment);
    let report = written(|out| tightship_report::json::render(&report, out));
    let mut report: Value = serde_json::from_str(&report).expect("JSON");
    let verdicts = report["verdicts"].as_array().expect("verdicts");
    let failed = verdicts.iter().find(|verdict| {
        let findings = verdict["findings"].as_array();
        findings.is_some_and(|findings| findings.len() == 1)
    });
    let failed = failed.expect("a verdict with one finding").clone();
    let verdicts = (0..CHECKS).map(|number| {
        let severity = match number {
            0..CRITICAL => "critical",
            _ => ["high", "medium", "low"][number % 3],
        };
        let mut verdict = failed.clone();
        verdict["check"] = json!(format!("area-{}/bad-thing-{number:03}", number % 9));
        verdict["severity"] = json!(severity);
        verdict["findings"][0]["severity"] = json!(severity);
        verdict["findings"] = json!(vec![verdict["findings"][0].clone(); 4]);
        verdict
    });
    report["verdicts"] = verdicts.collect();
    report["summary"]["fail"] = json!(CHECKS);
    report["summary"]["findings"] = json!(CHECKS * 4);
    Report::from_json(report.to_string().as_bytes()).expect("a report")
}

#[test]
fn five_hundred_findings_of_many_checks_are_grouped() {
    let report = five_hundred();
    let text = on_screen(&report, false);
    let lines = text.lines().count();
    assert!(lines < 450, "{lines} lines:\n{text}");
    for number in 0..CHECKS {
        let name = format!("/bad-thing-{number:03}");
        let is_told = |line: &str| line.starts_with("● ") && line.contains(&name);
        assert_eq!(
            text.lines().filter(|line| is_told(line)).count(),
            1,
            "{name}"
        );
    }
    let explained = |text: &str| text.matches("tightship explain area").count();
    // The critical ones, and the one under Next.
    assert_eq!(explained(&text), CRITICAL + 1, "{text}");
    let counted = text.matches("  and 3 more\n").count();
    assert_eq!(counted, CHECKS - CRITICAL, "{text}");
    assert!(text.contains("500 findings: "), "{text}");
    assert!(
        text.contains("--verbose  "),
        "how to see all is said: {text}"
    );
    assert_eq!(explained(&on_screen(&report, true)), CHECKS + 1);
}
