//! Two reports, and what is told of the way from one to the other.

use std::io;

use serde_json::{Value, json};
use tightship_model::{Outcome, Severity};
use tightship_report::{Difference, Report, difference};

use crate::fixture::{HOSTILE, deployment, report};
use crate::written;

/// The fixed report, and one in which a finding is mended, one is new, one is worse, one is not
/// known any more and one is waived.
fn difference() -> Difference {
    let deployment = deployment();
    let old = report(&deployment);
    let mut new = report(&deployment);
    let nothing = || Outcome::Pass(Vec::new());
    new.verdicts[0].outcome = nothing();
    if let Outcome::Fail(findings) = &mut new.verdicts[1].outcome {
        findings[0].subject = format!("settings:{HOSTILE}");
    }
    new.verdicts[2].outcome = Outcome::Unknown {
        reason: "the file is not there".to_owned(),
        remedy: "give it".to_owned(),
        trail: tightship_model::Trail::default(),
    };
    if let Outcome::Fail(findings) = &mut new.verdicts[3].outcome {
        findings[0].severity = Some(Severity::High);
    }
    new.verdicts[4].outcome = nothing();
    new.head
        .waived
        .push(("axes/absent app:axes".to_owned(), "later".to_owned()));
    new.head.in_baseline = 0;
    Difference::of(&Report::of(&old), &Report::of(&new))
}

pub(crate) fn on_screen(out: &mut dyn io::Write) -> io::Result<()> {
    difference::render_terminal(&difference(), 80, out)
}

pub(crate) fn as_markdown(out: &mut dyn io::Write) -> io::Result<()> {
    difference::render_markdown(&difference(), out)
}

pub(crate) fn as_json(out: &mut dyn io::Write) -> io::Result<()> {
    difference::render_json(&difference(), out)
}

#[test]
fn only_what_was_looked_at_again_counts_as_fixed() {
    let told: Value = serde_json::from_str(&written(as_json)).expect("JSON");
    let gone: Vec<_> = told["gone"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|gone| (gone["check"].clone(), gone["because"].clone()))
        .collect();
    let count = |check: &str, because: &str| {
        let wanted = (json!(check), json!(because));
        gone.iter().filter(|one| **one == wanted).count()
    };
    assert_eq!(count("django/debug-on", "fixed"), 1, "{gone:?}");
    assert_eq!(count("django/hosts-any", "fixed"), 1, "{gone:?}");
    assert_eq!(count("secrets/literal", "unknown"), 6, "{gone:?}");
    assert_eq!(count("axes/absent", "waived"), 1, "{gone:?}");
    assert_eq!(gone.len(), 9);
    assert_eq!(told["appeared"][0]["check"], "django/hosts-any");
    assert_eq!(told["changed"][0]["was"], "medium");
    assert_eq!(told["old"]["grade"], "F");
    assert_eq!(told["new"]["grade"], "D");
}

#[test]
fn worse_is_what_is_new_or_more_severe() {
    let worse: Vec<_> = difference().worse().collect();
    assert_eq!(worse, [Severity::High, Severity::High]);
    let deployment = deployment();
    let same = Report::of(&report(&deployment));
    assert_eq!(Difference::of(&same, &same).worse().count(), 0);
}

/// The new report leaves out what its baseline holds: nobody knows whether that is mended.
#[test]
fn with_a_baseline_nothing_counts_as_fixed() {
    let deployment = deployment();
    let old = Report::of(&report(&deployment));
    let mut new = report(&deployment);
    new.verdicts[0].outcome = Outcome::NotApplicable("in the baseline".to_owned());
    new.head.in_baseline = 1;
    let told =
        written(|out| difference::render_json(&Difference::of(&old, &Report::of(&new)), out));
    assert!(
        told.contains("\"perhaps-in-baseline\"") && !told.contains("\"fixed\""),
        "{told}"
    );
}
