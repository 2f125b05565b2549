//! Accepted findings and baselines.

use crate::project::{Project, verdict};

fn waiver(subject: &str, expires: &str) -> String {
    format!(
        "[[waivers]]\ncheck = \"django/debug-on\"\nsubject = \"{subject}\"\n\
         reason = \"a demo\"\nowner = \"platform team\"\nexpires = {expires}\n"
    )
}

#[test]
fn a_waived_finding_is_not_reported_but_said() {
    let project =
        Project::careless().file("tightship.toml", waiver("settings:DEBUG", "2026-11-22"));
    let report = project.report(&[]);
    assert_eq!(
        verdict(&report, "django/debug-on")["status"],
        "not-applicable",
        "it holds on its last day, and is not green"
    );
    assert_eq!(verdict(&report, "waivers/expired")["status"], "pass");
    assert_eq!(
        report["summary"]["waived"][0]["fingerprint"],
        "django/debug-on settings:DEBUG"
    );
    let shown = project.run(&["check"]).stdout;
    assert!(
        shown.contains("a demo (platform team, until 2026-11-22)"),
        "{shown}"
    );
}

#[test]
fn an_expired_waiver_is_a_finding_and_accepts_nothing() {
    let project =
        Project::careless().file("tightship.toml", waiver("settings:DEBUG", "\"2026-11-21\""));
    let report = project.report(&[]);
    assert_eq!(verdict(&report, "django/debug-on")["status"], "fail");
    let expired = verdict(&report, "waivers/expired");
    assert_eq!(expired["status"], "fail");
    assert_eq!(
        expired["findings"][0]["labels"][0]["path"],
        "tightship.toml"
    );
    assert_eq!(expired["findings"][0]["labels"][0]["line"], 6);
}

#[test]
fn a_waiver_that_matches_nothing_is_said() {
    let project = Project::careless().file("tightship.toml", waiver("settings:X", "2027-01-01"));
    let shown = project.run(&["check"]).stdout;
    assert!(
        shown.contains("a waiver matches nothing: django/debug-on settings:X"),
        "{shown}"
    );
    let shown = project
        .run(&["check", "--ignore", "django/debug-on"])
        .stdout;
    assert!(!shown.contains("matches nothing"), "its check did not run");
}

#[test]
fn a_baseline_leaves_only_what_is_new() {
    let project = Project::with_settings("DEBUG = True\n");
    project.run(&["check", "--output", "baseline.json"]);
    let same = project.report(&["--baseline", "baseline.json"]);
    assert_eq!(same["summary"]["findings"], 0);
    assert_ne!(same["summary"]["in_baseline"], 0);
    let code = project.run(&["check", "--baseline", "baseline.json"]).code;
    assert_eq!(code, 0);

    let project = project.file(
        "shop/settings.py",
        "# moved down\n\nDEBUG = True\n\
         MIDDLEWARE = [\"django.middleware.security.SecurityMiddleware\"]\n",
    );
    let changed = project.report(&["--baseline", "baseline.json"]);
    assert_eq!(
        verdict(&changed, "django/debug-on")["status"],
        "not-applicable",
        "a fingerprint holds no line number"
    );
    assert_ne!(changed["summary"]["findings"], 0, "the new one is reported");
}

#[test]
fn a_broken_baseline_is_refused() {
    let project = Project::careless().file("baseline.json", "{}");
    project
        .run(&["check", "--baseline", "baseline.json"])
        .is_failure("baseline.json cannot be used", "--format json");
    project
        .run(&["check", "--baseline", "none.json"])
        .is_failure("none.json cannot be used", "--format json");
}
