//! The checklists and the checks on both demos, their sites served by a real nginx and gunicorn and
//! looked at.

#[path = "../../../predict/tests/demos/running.rs"]
mod running;

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;
use tightship_testbed::{free_port, program, repository};

use crate::documents::assert_valid;
use crate::page::{in_browser, page};
use crate::project::{Answer, Project, verdict};
use running::Running;

/// The arguments that lead to the demo's site here instead of on the internet.
fn site(running: &Running, path: &str) -> Vec<String> {
    let url = format!("https://harbourgoods.example{path}");
    let mut arguments: Vec<_> = ["--url", &url, "--rate", "1000", "--timeout", "120"]
        .map(str::to_owned)
        .into();
    for name in ["", "www.", "shop.", "media."] {
        for (port, here) in [(80, running.http), (443, running.https)] {
            arguments.push("--connect-to".to_owned());
            arguments.push(format!(
                "{name}harbourgoods.example:{port}:127.0.0.1:{here}"
            ));
        }
    }
    arguments.extend(["--probe", "tls-faults"].map(str::to_owned));
    // Nobody is asked about names but a port at which nobody answers.
    let silent = free_port().expect("a port");
    arguments.extend(["--resolver".to_owned(), format!("127.0.0.1:{silent}")]);
    let authority = running.authority().display().to_string();
    arguments.extend(["--ca-file".to_owned(), authority]);
    arguments
}

/// What `check` reports of a demo and its site.
fn report(demo: &str, arguments: &[String]) -> Value {
    let mut all = vec!["check", demo, "--format", "json"];
    all.extend(arguments.iter().map(String::as_str));
    let answer = Answer::of(
        Project::empty()
            .command(&all)
            .env_remove("SOURCE_DATE_EPOCH")
            .current_dir(repository()),
    );
    serde_json::from_str(&answer.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}{}", answer.stdout, answer.stderr))
}

/// The checks of the live site that fail, with what they say.
fn failing(report: &Value) -> BTreeMap<&str, Vec<&str>> {
    let verdicts = report["verdicts"].as_array().expect("verdicts");
    let named = verdicts.iter().filter_map(|verdict| {
        let id = verdict["check"].as_str()?;
        let is_live = matches!(id.split('/').next(), Some("http" | "tls"));
        (is_live && verdict["status"] == "fail").then_some((id, verdict))
    });
    named
        .map(|(id, verdict)| {
            let findings = verdict["findings"].as_array().expect("findings").iter();
            let messages = findings.filter_map(|one| one["message"].as_str());
            (id, messages.collect())
        })
        .collect()
}

fn on(demo: &str, arguments: &[String], more: &[&str]) -> Answer {
    let mut all = vec!["checklist", demo, "--list", "complete"];
    all.extend(arguments.iter().map(String::as_str));
    all.extend(more);
    // The certificate is as young as the test: the clock is the real one.
    Answer::of(
        Project::empty()
            .command(&all)
            .env_remove("SOURCE_DATE_EPOCH")
            .current_dir(repository()),
    )
}

/// Rows by how they stand; each has a reason, and where it is open a remedy.
fn rows(demo: &str, answer: &Answer) -> BTreeMap<String, Value> {
    assert_valid("checklist", &answer.stdout);
    let document: Value = serde_json::from_str(&answer.stdout).expect("JSON");
    let items = document["items"].as_array().expect("items").clone();
    assert_eq!(items.len(), 228 + 60, "{demo}");
    for item in &items {
        let text = |field: &str| item[field].as_str().unwrap_or_default();
        assert_ne!(text("reason"), "", "{demo}: {item}");
        let is_open = ["unknown", "due", "overdue"].contains(&text("status"));
        assert!(!is_open || !text("remedy").is_empty(), "{demo}: {item}");
    }
    let by_id = |item: Value| (item["id"].as_str().expect("an id").to_owned(), item);
    items.into_iter().map(by_id).collect()
}

fn standing<'a>(rows: &'a BTreeMap<String, Value>, id: &str) -> &'a str {
    rows[id]["status"].as_str().expect("a status")
}

/// Rows that a person reads at a terminal, each with its word.
#[track_caller]
fn prints_all(demo: &str, answer: &Answer, rows: &BTreeMap<String, Value>) {
    for id in rows.keys() {
        let shown = answer
            .stdout
            .lines()
            .any(|line| line.split_whitespace().nth(1) == Some(id));
        assert!(shown, "{demo}: {id} is not shown");
    }
}

#[test]
fn the_hardened_shop_fails_no_row_that_its_site_could_prove() {
    let running = Running::hardened();
    let arguments = site(&running, "/");
    let demo = "demo/hardened";
    let answer = on(demo, &arguments, &["--format", "json"]);
    let rows = rows(demo, &answer);
    let failed: Vec<_> = rows
        .values()
        .filter(|row| row["status"] == "fail")
        .map(|row| format!("{} {}: {}", row["id"], row["text"], row["reason"]))
        .collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert_eq!(answer.code, 0);
    // What only a look at the site answers is answered.
    for id in ["A8.2", "A8.5", "B2.10", "B6.3"] {
        assert_eq!(standing(&rows, id), "pass", "{}", rows[id]);
    }
    prints_all(demo, &on(demo, &arguments, &[]), &rows);
}

#[test]
fn the_careless_shop_gets_a_verdict_on_each_row() {
    let running = Running::careless();
    let arguments = site(&running, "/");
    let demo = "demo/careless";
    let answer = on(demo, &arguments, &["--format", "json"]);
    assert_eq!(answer.code, 1, "{}", answer.stderr);
    let rows = rows(demo, &answer);
    // Nobody has made its tables: the site answers 500.
    for id in ["A1.1", "A2.4", "A8.2", "B6.3"] {
        assert_eq!(standing(&rows, id), "fail", "{}", rows[id]);
    }
    prints_all(demo, &on(demo, &arguments, &[]), &rows);
}

#[test]
fn the_hardened_shop_is_told_nothing_that_is_not_true() {
    let running = Running::hardened();
    let report = report("demo/hardened", &site(&running, "/"));
    for id in [
        "http/differs-from-files",
        "http/csp-missing",
        "http/csp-weak",
        "http/observatory-grade-low",
        "http/https-redirect-missing",
        "http/host-forged",
        "tls/certificate-untrusted",
        "tls/name-mismatch",
        "tls/grade-low",
    ] {
        let verdict = verdict(&report, id);
        assert_eq!(verdict["status"], "pass", "{verdict:#}");
    }
    let found = failing(&report);
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn the_careless_shop_is_told_what_its_visitors_meet() {
    let running = Running::careless();
    // The login needs no tables.
    let report = report("demo/careless", &site(&running, "/accounts/login/"));
    let found = failing(&report);
    for (id, part) in [
        ("http/admin-open", "/admin/login/"),
        ("http/cookie-insecure", "csrftoken is not Secure"),
        (
            "http/cors-reflected",
            "https://forged.invalid with credentials",
        ),
        ("http/csp-missing", "no policy"),
        ("http/debug-page", "DEBUG = True"),
        (
            "http/header-twice",
            "Strict-Transport-Security comes 2 times",
        ),
        ("http/host-forged", "forged.invalid"),
        ("http/https-redirect-missing", "answers 200 over plain HTTP"),
        ("http/observatory-grade-low", "grade F"),
        ("http/preload-refused", "multiple_headers"),
        ("http/referrer-leaks", "unsafe-url"),
        ("http/version-shown", "nginx/"),
    ] {
        let said = found.get(id).into_iter().flatten();
        let is_said = said.into_iter().any(|one| one.contains(part));
        assert!(is_said, "{id}: {part}\n{found:#?}");
    }
    // It runs what its files say, with a certificate that is good here.
    for id in [
        "http/differs-from-files",
        "tls/certificate-untrusted",
        "tls/name-mismatch",
    ] {
        assert!(!found.contains_key(id), "{found:#?}");
    }
}

/// As the page shows it of `demo/careless` with its site.
#[test]
fn the_picture_in_the_readme_is_current() {
    let running = Running::careless();
    let report = report("demo/careless", &site(&running, "/accounts/login/"));
    // No picture of a site that a busy machine did not answer for.
    let grades = report["site"]["grades"].to_string();
    assert!(
        grades.contains("HTTP Observatory") && !grades.contains("no answer"),
        "{grades}"
    );
    let project = Project::empty();
    let page = page(&project, &report);
    let picture = repository().join("docs/report.png");
    let chromium = program("chromium");
    let mut arguments = vec![chromium.as_path(), &page, &picture];
    if std::env::var_os("TIGHTSHIP_UPDATE").is_some() {
        arguments.push(Path::new("write"));
    }
    in_browser("picture.mjs", &arguments);
}
