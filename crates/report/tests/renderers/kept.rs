//! A report that was kept as JSON and read back.

use serde_json::{Value, json};
use tightship_report::{
    Report, Screen, Unreadable, badge, csv, github, gitlab, html, json as as_json, junit, markdown,
    oscal, sarif, terminal,
};

use crate::fixture::deployment;
use crate::{catalog, document, written};

fn all(report: &Report) -> Vec<String> {
    let screen = Screen {
        width: 80,
        verbose: true,
        ascii: false,
    };
    vec![
        written(|out| terminal::render(report, &screen, out)),
        written(|out| as_json::render(report, out)),
        written(|out| sarif::render(report, &catalog(), out)),
        written(|out| html::render(report, &catalog(), out)),
        written(|out| junit::render(report, out)),
        written(|out| github::render(report, out)),
        written(|out| gitlab::render(report, out)),
        written(|out| markdown::render(report, out)),
        written(|out| oscal::render(report, out)),
        written(|out| csv::render(report, out)),
        written(|out| badge::render(report, out)),
    ]
}

fn kept() -> Value {
    let text = written(|out| as_json::render(&document(&deployment()), out));
    serde_json::from_str(&text).expect("JSON")
}

fn read(document: &Value) -> Report {
    Report::from_json(document.to_string().as_bytes()).expect("a report")
}

#[test]
fn a_kept_report_is_worded_like_a_fresh_one() {
    let fresh = all(&document(&deployment()));
    for (kept, fresh) in all(&read(&kept())).into_iter().zip(fresh) {
        assert!(kept == fresh, "{kept}");
    }
}

/// What version 0.1 did not write may be missing, and fields of later versions may be there.
#[test]
fn reports_of_other_versions_are_read() {
    let mut old = kept();
    for (place, field) in [
        ("", "deployment"),
        ("/environment", "judged_on"),
        ("/environment", "settings_trail"),
        ("/environment", "settings_file"),
        ("/environment", "no_settings"),
        ("/summary", "grade"),
        ("/summary", "areas"),
        ("/verdicts/0/findings/0/labels/0", "code"),
        ("/verdicts/0/findings/0/trail/0", "code"),
        ("/verdicts/0/findings/0/trail/0", "end_column"),
    ] {
        let object = old.pointer_mut(place).and_then(Value::as_object_mut);
        let removed = object.expect("an object").remove(field);
        assert!(removed.is_some(), "{place} has {field}");
    }
    old["later"] = json!({"anything": 1});
    let worded = all(&read(&old));
    assert!(
        worded[3].contains("This deployment is not safe."),
        "it is graded anew"
    );
}

#[test]
fn numbers_and_places_that_nobody_writes_break_nothing() {
    let mut odd = kept();
    let most = json!(usize::MAX);
    for place in [
        "/summary/in_baseline",
        "/summary/pass",
        "/verdicts/0/findings/0/labels/0/line",
        "/verdicts/0/findings/0/labels/0/column",
        "/verdicts/0/findings/0/labels/0/code/from_column",
        "/verdicts/0/findings/0/trail/0/line",
        "/verdicts/0/findings/0/trail/0/end_column",
    ] {
        *odd.pointer_mut(place).expect(place) = most.clone();
    }
    odd["verdicts"][0]["check"] = json!("");
    odd["verdicts"][1]["findings"][0]["labels"][0]["code"]["lines"] = json!([]);
    assert_eq!(all(&read(&odd)).len(), 11);
}

#[test]
fn what_is_no_report_is_refused() {
    let refused = |text: &str| Report::from_json(text.as_bytes()).expect_err("no report");
    assert!(matches!(refused("no JSON"), Unreadable::Form(_)));
    assert!(matches!(refused("{}"), Unreadable::Form(_)));
    let other = refused(r#"{"schema": "tightship.settings/1"}"#);
    assert!(
        other.to_string().contains("tightship.settings/1"),
        "{other}"
    );
    let cut = refused(r#"{"schema": "tightship.report/1"}"#);
    assert!(cut.to_string().contains("missing field"), "{cut}");
}
