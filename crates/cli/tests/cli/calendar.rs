//! Calendars, read by the libraries that people's programs read them with.

use std::process::Command;

use serde_json::{Value, json};
use tightship_testbed::python;

use crate::project::{Answer, Project};

/// 2026-10-20, 22:30 UTC: half past midnight of the 21st in Berlin, whose clocks go back on the 25th.
const NOW: i64 = 1_792_535_400;
const DAYS: i64 = 75;

const LIST: &str = "\
- [ ] each day <!-- tightship day; kind: duty; cadence: daily -->
- [ ] each week <!-- tightship week; kind: duty; cadence: weekly -->
- [ ] each month; with a comma, too <!-- tightship month; kind: duty; cadence: monthly -->
- [ ] each quarter <!-- tightship quarter; kind: duty; cadence: quarterly -->
- [ ] at first <!-- tightship first; kind: duty; cadence: daily on days 1-7 after deployment -->
- [ ] then <!-- tightship then; kind: duty; cadence: weekly on days 8-28 after deployment -->
- [ ] a contract <!-- tightship contract; kind: sign-off; valid: 30d -->
";

fn at(project: &Project, now: i64, arguments: &[&str]) -> Answer {
    let mut command = project.command(arguments);
    Answer::of(command.env("SOURCE_DATE_EPOCH", now.to_string()))
}

#[test]
fn duties_come_back_on_the_days_on_which_they_are_due() {
    let project = Project::careless().file("LIST.md", LIST).file(
        "tightship.toml",
        "checklists = [\"LIST.md\"]\ntime-zone = \"Europe/Berlin\"\n",
    );
    let deployed = at(&project, NOW, &["deployed", "--by", "Ada"]);
    assert_eq!(deployed.code, 0, "{}", deployed.stderr);
    let signed = ["sign", "contract", "--note", "read", "--by", "Ada"];
    assert_eq!(at(&project, NOW, &signed).code, 0);
    // The duties after a deployment begin on the day after it.
    let calendars: Vec<_> = (1..=DAYS)
        .map(|day| {
            let calendar = at(&project, NOW + day * 86_400, &["due", "--format", "ics"]);
            let path = project.path(&format!("{day}.ics"));
            std::fs::write(&path, calendar.stdout).expect("a file");
            path
        })
        .collect();
    let output = Command::new(python("workplaces"))
        .arg(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/cli/read_calendar.py"
        ))
        .arg("2026-12-31")
        .args(&calendars)
        .output()
        .expect("Python runs");
    let failed = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{failed}");
    let read: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let names: Vec<_> = read.as_object().expect("items").keys().collect();
    assert_eq!(names.len(), 7, "{names:?}");
    for (item, days) in read.as_object().expect("items") {
        assert_eq!(days[0], days[1], "{item}");
    }
    // The night in which the clocks go back is one day, like any other.
    let each = read["day"][0].as_array().expect("days");
    assert_eq!(
        each.len(),
        71,
        "from the 22nd of October to the end of the year"
    );
    assert_eq!(each[3], "2026-10-25");
    assert_eq!(
        read["month"][0],
        json!(["2026-10-31", "2026-11-30", "2026-12-31"])
    );
    assert_eq!(read["quarter"][0], json!(["2026-12-31"]));
    assert_eq!(read["first"][0].as_array().expect("days").len(), 7);
    assert_eq!(
        read["then"][0],
        json!(["2026-11-04", "2026-11-11", "2026-11-18"])
    );
    assert_eq!(read["contract"][0], json!(["2026-11-20"]));
}
