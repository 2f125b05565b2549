//! Pages in Chromium: see `crates/report/tests/browser/page.mjs`.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tightship_testbed::{program, repository};

use crate::project::{Answer, Project};

/// Enough of `demo/careless` for each kind of part: asking axe takes longer the more there is.
const CHECKS: [&str; 4] = ["cors/", "debug/", "drf/", "nginx/h"];
const MORE_CHECKS: [&str; 2] = ["django/debug-on", "django/hsts-short"];

/// The report on `demo/careless` as JSON, at the clock of all tests.
fn careless() -> Value {
    let answer = Answer::of(
        Project::empty()
            .command(&["check", "demo/careless", "--format", "json"])
            .current_dir(repository()),
    );
    assert_eq!(answer.code, 1, "it has findings: {}", answer.stderr);
    serde_json::from_str(&answer.stdout).expect("JSON")
}

/// A kept report as a page.
pub(crate) fn page(project: &Project, report: &Value) -> PathBuf {
    let kept = project.path("kept.json");
    std::fs::write(&kept, report.to_string()).expect("a file");
    let page = project.path("report.html");
    let kept = kept.to_str().expect("a path");
    let arguments = ["report", kept, "--output", page.to_str().expect("a path")];
    assert_eq!(project.run(&arguments).code, 0);
    page
}

/// node with a script of `crates/report/tests/browser`; says what it found.
#[track_caller]
pub(crate) fn in_browser(script: &str, arguments: &[&Path]) {
    let browser = repository().join("crates/report/tests/browser");
    assert!(
        browser.join("node_modules/axe-core").exists(),
        "axe-core is missing: run ./test, which installs it"
    );
    let output = Command::new(program("node"))
        .arg(browser.join(script))
        .args(arguments)
        .output()
        .expect("node runs");
    let told = String::from_utf8_lossy(&output.stdout);
    let failed = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}{failed}");
}

/// Looks at a page, and keeps the pictures for whoever wants to see them.
#[track_caller]
fn look(kind: &str, page: &Path) {
    let pictures = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages");
    std::fs::create_dir_all(&pictures).expect("a folder");
    let chromium = program("chromium");
    in_browser("page.mjs", &[Path::new(kind), &chromium, page, &pictures]);
}

#[test]
fn the_report_works_in_a_browser_on_a_desk_and_on_a_phone() {
    let mut report = careless();
    let verdicts = report["verdicts"].as_array_mut().expect("verdicts");
    verdicts.retain(|verdict| {
        let id = verdict["check"].as_str().expect("an id");
        CHECKS.iter().any(|start| id.starts_with(start)) || MORE_CHECKS.contains(&id)
    });
    let project = Project::empty();
    look("report", &page(&project, &report));
}

const LIST: &str = "# Ours

## Settings

- [ ] `DEBUG` is off <!-- tightship debug; checks: django/debug-on; owner: developers -->
- [ ] `SECRET_KEY` is long <!-- tightship key; checks: django/secret-key-weak; owner: developers -->
- [ ] No setting is misspelt <!-- tightship scripts; checks: django/misspelt-setting; owner: developers -->
- [ ] CORS is narrow <!-- tightship cors; checks: cors/allow-all; owner: developers -->

## People

- [ ] A backup was restored <!-- tightship restore; kind: drill; valid: 90d; owner: operations -->
- [ ] Somebody is on call <!-- tightship call; kind: sign-off; owner: operations -->
- [ ] The contract is read <!-- tightship contract; kind: sign-off; owner: legal -->
- [ ] The log is read <!-- tightship log; kind: duty; cadence: daily; owner: operations -->
- [ ] The plan is gone through <!-- tightship plan; kind: duty; cadence: quarterly; owner: legal -->
- [ ] The port is closed <!-- tightship port; needs: site; owner: operations -->
";

#[test]
fn the_checklist_works_in_a_browser_on_a_desk_and_on_a_phone() {
    let project = Project::careless()
        .file("LIST.md", LIST)
        .file("tightship.toml", "checklists = [\"LIST.md\"]\n");
    let by = ["--note", "seen", "--by", "Ada"];
    assert_eq!(
        project.run(&[&["sign", "restore"], &by[..]].concat()).code,
        0
    );
    let until = ["--until", "2027-01-31", "--reason", "r", "--by", "Ada"];
    assert_eq!(
        project
            .run(&[&["waive", "contract"], &until[..]].concat())
            .code,
        0
    );
    let answer = project.run(&["checklist", "--format", "html"]);
    assert_eq!(answer.code, 1, "{}", answer.stderr);
    for standing in [
        "pass",
        "fail",
        "unknown",
        "due",
        "signed",
        "waived",
        "not-applicable",
    ] {
        let there = format!("data-kind=\"{standing}\"");
        assert!(answer.stdout.contains(&there), "no row is {standing}");
    }
    let page = project.path("list.html");
    std::fs::write(&page, answer.stdout).expect("a file");
    look("checklist", &page);
}
