//! Reports that were kept: worded again, and compared.

use crate::documents::assert_valid;
use crate::project::Project;

fn kept(project: &Project, name: &str, arguments: &[&str]) {
    let arguments = [&["check", "--output", name], arguments].concat();
    assert!(project.run(&arguments).code < 2);
}

#[test]
fn a_kept_report_is_worded_as_the_check_did() {
    let project = Project::careless();
    kept(&project, "kept.json", &[]);
    for format in [
        "terminal", "json", "sarif", "junit", "github", "markdown", "html", "gitlab", "oscal",
        "csv", "badge",
    ] {
        let fresh = project.run(&["check", "--format", format]);
        let again = project.run(&["report", "kept.json", "--format", format]);
        assert_eq!(again.code, 0, "{}", again.stderr);
        assert!(fresh.stdout == again.stdout, "{format} differs");
    }
    let answer = project.run(&[
        "report",
        "kept.json",
        "--output",
        "a.html",
        "--output",
        "a.csv",
    ]);
    assert_eq!((answer.code, answer.stdout.as_str()), (0, ""));
    assert!(project.read("a.html").starts_with("<!doctype html>"));
    assert!(project.read("a.csv").starts_with("status,severity,"));
}

#[test]
fn diff_fails_where_it_got_worse_and_only_there() {
    let project = Project::careless();
    kept(&project, "old.json", &[]);
    let project = project.file(
        "shop/settings.py",
        "DEBUG = True\nALLOWED_HOSTS = [\"shop.example\"]\n",
    );
    kept(&project, "new.json", &[]);
    let better = project.run(&["diff", "old.json", "new.json", "--fail-on", "critical"]);
    let told = &better.stdout;
    let fixed = "django/allowed-hosts-wildcard settings:ALLOWED_HOSTS \"*\"  fixed";
    assert!(told.contains(fixed), "{told}");
    let worse = project.run(&["diff", "new.json", "old.json"]);
    assert_eq!(worse.code, 1, "{}", worse.stdout);
    assert_eq!(
        project
            .run(&["diff", "new.json", "old.json", "--fail-on", "never"])
            .code,
        0
    );
    assert_eq!(project.run(&["diff", "old.json", "old.json"]).code, 0);
    let machine = project.run(&["diff", "old.json", "new.json", "--format", "json"]);
    assert_valid("diff", &machine.stdout);
}

#[test]
fn what_is_no_report_is_a_failure() {
    let project = Project::careless()
        .file("list.json", "[1]")
        .file("other.json", r#"{"schema": "x/1"}"#);
    for name in ["list.json", "other.json", "absent.json"] {
        project
            .run(&["report", name])
            .is_failure(name, "tightship check --format json");
        project
            .run(&["diff", name, name])
            .is_failure(name, "tightship check --format json");
    }
}
