//! Sign-offs, waivers, duties and incidents, from the command line to the list.

use std::process::Command;

use serde_json::Value;

use crate::documents::assert_valid;
use crate::project::{Answer, Project};

const DAY: i64 = 86_400;

/// 2026-11-22, a Sunday, 00:00 UTC.
const NOW: i64 = 1_795_305_600;

/// The answer on a later day.
fn later(project: &Project, days: i64, arguments: &[&str]) -> Answer {
    let now = (NOW + days * DAY).to_string();
    Answer::of(project.command(arguments).env("SOURCE_DATE_EPOCH", now))
}

fn row(project: &Project, days: i64, id: &str) -> Value {
    let answer = later(project, days, &["checklist", "--format", "json"]);
    assert_valid("checklist", &answer.stdout);
    let document: Value = serde_json::from_str(&answer.stdout).expect("JSON");
    let items = document["items"].as_array().expect("items");
    items
        .iter()
        .find(|item| item["id"] == id)
        .expect("a row")
        .clone()
}

fn sign<'a>(item: &'a str, by: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["sign", item, "--note", "it works", "--by", by], more].concat()
}

#[test]
fn a_sign_off_ticks_until_it_lapses() {
    let project = Project::careless().file("report.txt", "all rows came back\n");
    assert_eq!(row(&project, 0, "A4.5")["status"], "unknown");
    let answer = project.run(&sign("A4.5", "Ada", &["--evidence", "report.txt"]));
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
    let signed = row(&project, 90, "A4.5");
    assert_eq!(signed["status"], "signed");
    assert_eq!(signed["until"], "2027-02-20", "90 days, as the row says");
    assert_eq!(signed["evidence"][0]["path"], "report.txt");
    let sum = Command::new("sha256sum")
        .arg(project.path("report.txt"))
        .output();
    let sum = String::from_utf8(sum.expect("it runs").stdout).expect("text");
    let sum = sum.split(' ').next().expect("a sum");
    assert_eq!(signed["evidence"][0]["text"], format!("SHA-256 {sum}"));
    assert_eq!(row(&project, 91, "A4.5")["status"], "overdue");
    project.run(&sign("A4.5", "Ada", &["--valid", "7d"]));
    assert_eq!(
        row(&project, 0, "A4.5")["until"],
        "2026-11-29",
        "the last one counts"
    );
}

#[test]
fn what_the_team_promised_is_held_against_the_last_drill() {
    let project = Project::careless();
    let standing = |days| {
        let row = row(&project, days, "A11.5");
        let text = |key: &str| row[key].as_str().expect("text").to_owned();
        (text("status"), text("reason"))
    };
    let (status, reason) = standing(0);
    assert_eq!(status, "unknown");
    assert!(reason.contains("tightship.toml has no recovery-time-hours"));
    let project = project.file("tightship.toml", "[thresholds]\nrecovery-time-hours = 2\n");
    let standing = |days| {
        let row = row(&project, days, "A11.5");
        let text = |key: &str| row[key].as_str().expect("text").to_owned();
        (text("status"), text("reason"))
    };
    assert!(standing(0).1.contains("no restore that was timed"));
    let drill = |days, took| later(&project, days, &sign("A11.3", "Ada", &["--took", took]));
    assert_eq!(drill(0, "2h 30m").code, 0);
    let (status, reason) = standing(1);
    assert_eq!(status, "fail");
    assert!(
        reason.contains("(A11.3, signed by Ada) took 2 h 30 min, 2 h are allowed"),
        "{reason}"
    );
    assert_eq!(drill(1, "95m").code, 0);
    assert_eq!(standing(2).0, "pass", "the last one counts");
    let history = project.run(&["history", "A11.3"]).stdout;
    assert!(history.contains("which took 1h 35m: it works"), "{history}");
    let check = later(&project, 2, &["check", "--select", "policy", "--verbose"]);
    assert!(
        check.stdout.contains("took 1 h 35 min; 2 h are allowed"),
        "{}",
        check.stdout
    );
    let refused = project.run(&sign("A11.3", "Ada", &["--took", "long"]));
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("--took"), "{}", refused.stderr);
}

#[test]
fn processes_that_sign_at_once_lose_no_line() {
    let project = Project::careless();
    let names: Vec<_> = (0..12).map(|number| format!("Ada {number}")).collect();
    let running: Vec<_> = names
        .iter()
        .map(|name| project.command(&sign("A4.5", name, &[])).spawn())
        .collect();
    for child in running {
        assert!(child.expect("it starts").wait().expect("it ends").success());
    }
    let verified = project.run(&["ledger", "verify"]);
    assert!(
        verified.stdout.contains(": 12 entries, none changed"),
        "{}",
        verified.stdout
    );
    assert_eq!(
        verified.stdout.matches("ends with").count(),
        1,
        "one behind the other"
    );
    let history = project.run(&["history", "A4.5"]).stdout;
    for name in &names {
        assert!(history.contains(&format!("signed by {name}:")), "{history}");
    }
}

#[test]
fn no_signature_outweighs_a_proof() {
    let project = Project::careless();
    project.run(&sign("A1.1", "Ada", &[]));
    assert_eq!(row(&project, 0, "A1.1")["status"], "fail");
    let waive = [
        "waive",
        "A1.1",
        "--reason",
        "a demo",
        "--by",
        "Ada",
        "--until",
        "2026-12-01",
    ];
    assert_eq!(project.run(&waive).code, 0);
    let waived = row(&project, 9, "A1.1");
    assert_eq!(waived["status"], "waived");
    assert!(
        waived["reason"]
            .as_str()
            .expect("one")
            .contains("DEBUG is True"),
        "{waived}"
    );
    let after = row(&project, 10, "A1.1");
    assert_eq!(after["status"], "fail");
    assert!(
        after["reason"]
            .as_str()
            .expect("one")
            .contains("ended on 2026-12-01")
    );
    let history = project.run(&["history", "A1.1"]).stdout;
    let lines: Vec<_> = history.lines().collect();
    assert_eq!(lines.len(), 2, "{history}");
    assert!(lines[0].contains("signed by Ada") && lines[1].contains("waived by Ada until"));
}

#[test]
fn two_people_are_two_names() {
    let list = "- [ ] both <!-- tightship both; kind: sign-off; people: 2 -->\n";
    let project = Project::careless()
        .file("LIST.md", list)
        .file("tightship.toml", "checklists = [\"LIST.md\"]\n");
    let status = || row(&project, 0, "both")["status"].clone();
    project.run(&sign("both", "Ada Byron", &[]));
    project.run(&sign("both", "ada  byron", &[]));
    assert_eq!(status(), "unknown", "the same name in other letters");
    project.run(&sign("both", "Grace", &[]));
    assert_eq!(status(), "signed");
}

#[test]
fn days_are_those_of_the_teams_own_place() {
    let list = "- [ ] look <!-- tightship look; kind: duty; cadence: daily -->\n";
    let project = Project::careless().file("LIST.md", list).file(
        "tightship.toml",
        "checklists = [\"LIST.md\"]\ntime-zone = \"Pacific/Auckland\"\n",
    );
    // In Auckland it is 13:00 of the 22nd, so its day ends 11 hours later.
    project.run(&sign("look", "Ada", &[]));
    let at = |hours: i64| {
        let now = (NOW + hours * 3600).to_string();
        let answer = Answer::of(
            project
                .command(&["due", "--format", "json"])
                .env("SOURCE_DATE_EPOCH", now),
        );
        let document: Value = serde_json::from_str(&answer.stdout).expect("JSON");
        document["items"][0]["status"].clone()
    };
    assert_eq!(
        (at(10), at(11), at(35)),
        ("signed".into(), "due".into(), "overdue".into())
    );
    let config = "time-zone = \"Mars/Olympus\"\n";
    Project::careless()
        .file("tightship.toml", config)
        .run(&["due"])
        .is_failure("Mars/Olympus", "Europe/Berlin");
}

#[test]
fn what_is_due_is_told_and_goes_into_a_calendar() {
    let project = Project::careless();
    assert_eq!(
        row(&project, 0, "A15.1")["status"],
        "unknown",
        "no deployment is marked"
    );
    let answer = project.run(&[
        "deployed",
        "--note",
        "v1, the «first»; really",
        "--by",
        "Ada",
    ]);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    assert_eq!(row(&project, 1, "A15.1")["status"], "due");
    assert_eq!(row(&project, 2, "A15.1")["status"], "overdue");
    assert_eq!(row(&project, 8, "A16.1")["status"], "due");
    assert_eq!(later(&project, 0, &["due"]).code, 0);
    let due = later(&project, 1, &["due"]);
    assert!(
        due.stdout.contains("2026-11-23  due      A15.1  "),
        "{}",
        due.stdout
    );
    assert_eq!(due.code, 1, "the daily duties of yesterday are overdue");
    let calendar = later(&project, 1, &["due", "--format", "ics"]).stdout;
    assert!(calendar.starts_with("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"));
    assert!(calendar.ends_with("END:VCALENDAR\r\n"));
    assert!(calendar.contains("DTSTART;VALUE=DATE:20261123\r\n"));
    assert!(calendar.contains("RRULE:FREQ=DAILY;UNTIL=20261129\r\n"));
    assert!(
        calendar
            .split("\r\n")
            .all(|line| line.len() <= 75 && !line.contains('\n'))
    );
    let (begun, ended) = (
        calendar.matches("BEGIN:VEVENT"),
        calendar.matches("END:VEVENT"),
    );
    assert_eq!(begun.count(), ended.count());
    project
        .run(&["deployed", "--at", "2026-11-23T00:00:00Z"])
        .is_failure("yet to come", "when it is done");
}

#[test]
fn an_incident_is_a_list_with_a_clock() {
    let project = Project::careless();
    let opened = project.run(&["checklist", "incident", "breach", "--by", "Ada"]);
    assert_eq!((opened.code, opened.stderr.as_str()), (0, ""));
    let path = ".tightship/incidents/2026-11-22-breach.md";
    assert!(project.read(path).contains("until 2026-11-25 00:00 UTC"));
    let steps = |days: i64| {
        let answer = later(
            &project,
            days,
            &["checklist", "--list", path, "--format", "json"],
        );
        let document: Value = serde_json::from_str(&answer.stdout).expect("JSON");
        let items = document["items"].as_array().expect("items").clone();
        let status = |item: &Value| item["status"].as_str().expect("one").to_owned();
        items.iter().map(status).collect::<Vec<_>>()
    };
    assert_eq!(steps(1), ["due"; 6]);
    assert_eq!(steps(4), ["due", "due", "due", "overdue", "due", "due"]);
    project.run(&sign("A19.4@2026-11-22-breach", "Ada", &[]));
    project.run(&["checklist", "--list", path, "--write"]);
    assert_eq!(project.read(path).matches("- [x] ").count(), 1);
    project.run(&["checklist", "incident", "breach"]);
    assert!(
        project
            .path(".tightship/incidents/2026-11-22-breach-2.md")
            .exists()
    );
}

#[test]
fn changes_of_verdicts_are_kept() {
    let list = "- [ ] off <!-- tightship off; checks: django/debug-on -->\n";
    let project = Project::careless().file("LIST.md", list);
    let write = |project: &Project| project.run(&["checklist", "--list", "LIST.md", "--write"]);
    write(&project);
    write(&project);
    let project = project.file("shop/settings.py", "DEBUG = False\nSECRET_KEY = 'x'\n");
    write(&project);
    let history = project.run(&["history", "off"]).stdout;
    let lines: Vec<_> = history.lines().collect();
    assert_eq!(lines.len(), 2, "{history}");
    assert!(lines[0].contains("found: fail: DEBUG is True"), "{history}");
    assert!(lines[1].contains("found: pass: "), "{history}");
}

#[test]
fn a_forged_ledger_is_found_and_counts_for_nothing() {
    let project = Project::careless();
    project.run(&sign("A4.5", "Ada", &[]));
    project.run(&sign("A6.2", "Ada", &[]));
    let verified = project.run(&["ledger", "verify"]);
    assert_eq!(verified.code, 0);
    let (_, end) = verified.stdout.split_once("ends with ").expect("an end");
    let end = end.trim().to_owned();
    let ledger = ".tightship/ledger.jsonl";
    let whole = project.read(ledger);
    let project = project.file(ledger, whole.replacen("Ada", "Eve", 1));
    let verified = project.run(&["ledger", "verify"]);
    assert_eq!(verified.code, 1);
    assert!(
        verified.stdout.contains("line 1 was changed"),
        "{}",
        verified.stdout
    );
    assert_eq!(row(&project, 0, "A4.5")["status"], "unknown");
    project
        .run(&sign("A4.5", "Ada", &[]))
        .is_failure("line 1 was changed", "verify");
    let project = project.file(
        ledger,
        whole.lines().next().expect("a line").to_owned() + "\n",
    );
    assert_eq!(
        project.run(&["ledger", "verify"]).code,
        0,
        "a shorter one is whole in itself"
    );
    let cut = project.run(&["ledger", "verify", "--holds", &end]);
    assert_eq!(cut.code, 1);
    assert!(
        cut.stdout.contains("was cut off or changed"),
        "{}",
        cut.stdout
    );
}

#[test]
fn signatures_by_ssh_keys_are_verified() {
    let project = Project::careless();
    for name in ["ada", "eve"] {
        let made = Command::new("ssh-keygen")
            .args(["-q", "-t", "ed25519", "-N", "", "-C", name, "-f"])
            .arg(project.path(name))
            .status()
            .expect("ssh-keygen runs");
        assert!(made.success());
    }
    let public = project.read("ada.pub");
    project.run(&sign("A4.5", "Ada Byron", &["--key", "ada"]));
    let unverified = project.run(&["ledger", "verify"]);
    assert_eq!(unverified.code, 0);
    assert!(
        unverified
            .stdout
            .contains("allowed_signers is not there: 1")
    );
    let allowed = format!("Ada-Byron namespaces=\"tightship\" {public}");
    let project = project.file(".tightship/allowed_signers", allowed);
    let verified = project.run(&["ledger", "verify"]);
    assert_eq!(verified.code, 0, "{}", verified.stdout);
    assert!(
        verified
            .stdout
            .contains("signatures by ssh keys that hold: 1")
    );
    project.run(&sign("A6.2", "Ada Byron", &["--key", "eve"]));
    let verified = project.run(&["ledger", "verify"]);
    assert_eq!(verified.code, 1);
    assert!(
        verified.stdout.contains("not signed by a key of Ada Byron"),
        "{}",
        verified.stdout
    );
}

#[test]
fn an_item_of_a_list_of_ones_own_is_signed() {
    let list = "- [ ] seen <!-- tightship seen; kind: sign-off -->\n";
    let project = Project::careless().file("ops.md", list);
    let unnamed = sign("seen", "Ada", &[]);
    project
        .run(&unnamed)
        .is_failure("no item is called", "--list FILE.md");
    assert_eq!(
        project
            .run(&sign("seen", "Ada", &["--list", "ops.md"]))
            .code,
        0
    );
    let held = project.run(&["checklist", "--list", "ops.md"]);
    assert!(held.stdout.contains("signed by Ada"), "{}", held.stdout);
}

#[test]
fn what_cannot_be_signed_is_said() {
    let project = Project::careless();
    let cases: [(&[&str], &str, &str); 7] = [
        (&["A4.55"], "no item is called \"A4.55\"", "did you mean"),
        (
            &["A4.5", "--evidence", "none.txt"],
            "none.txt cannot be read",
            "https://",
        ),
        (
            &["A4.5", "--evidence", "https://u:p@x.example/"],
            "holds a login",
            "without one",
        ),
        (
            &["A4.5", "--key", "none"],
            "--key none is no file",
            "private key",
        ),
        (&["A4.5", "--valid", "90"], "90d", "--help"),
        (&["A4.5", "--valid", "0d"], "never holds", "--help"),
        (
            &["A4.5", "--project", "none"],
            "none/.tightship/ledger.jsonl cannot be",
            "folder",
        ),
    ];
    for (arguments, cause, help) in cases {
        let arguments = [&["sign", "--note", "n", "--by", "Ada"], arguments].concat();
        project.run(&arguments).is_failure(cause, help);
    }
    project
        .run(&sign("A4.5", "  ", &[]))
        .is_failure("--by says nothing", "believe");
    let past = [
        "waive",
        "A1.1",
        "--reason",
        "r",
        "--by",
        "Ada",
        "--until",
        "2026-11-21",
    ];
    project.run(&past).is_failure("past", "last day");
    assert!(!project.path(".tightship").exists(), "nothing was written");
}
