//! One fixed report through every renderer.
//!
//! The expected texts stand in `golden/`; `TIGHTSHIP_UPDATE=1` writes them anew.

mod difference;
mod fixture;
mod html;
mod kept;
mod many;

use std::io;
use std::path::Path;

use serde_json::Value;
use tightship_report::{
    Catalog, Report, Screen, badge, checks, csv, explain, github, gitlab, json, junit, markdown,
    oscal, sarif, settings, terminal,
};

use fixture::{HOSTILE, SECRET, deployment, report};

#[test]
fn every_format_gives_what_stands_in_golden() {
    let outputs = golden();
    let stale: Vec<_> = outputs
        .iter()
        .filter(|(name, text)| !is_golden(name, text))
        .map(|(name, _)| name)
        .collect();
    assert!(
        stale.is_empty(),
        "{stale:?} differ from golden/; TIGHTSHIP_UPDATE=1 writes them anew"
    );
}

#[test]
fn no_format_shows_a_secret() {
    for (name, text) in outputs() {
        assert!(!text.contains(SECRET), "{name} shows the secret");
        assert!(
            !text.contains(&SECRET[..12]),
            "{name} shows the beginning of the secret"
        );
    }
}

#[test]
fn no_format_passes_on_what_steers_a_screen() {
    for (name, text) in outputs() {
        let steering = |c: &char| {
            // Rows of CSV end with both.
            (c.is_control() && *c != '\n' && !(*c == '\r' && name == "report.csv"))
                || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        let found: Vec<_> = text.chars().filter(steering).collect();
        assert!(found.is_empty(), "{name} passes on {found:?}");
    }
}

#[test]
fn equal_reports_give_identical_bytes() {
    assert!(outputs() == outputs());
}

#[test]
fn json_conforms_to_its_schemas() {
    let deployment = deployment();
    let schema = |value| serde_json::to_value(value).expect("a schema is JSON");
    let documents = [
        (
            schema(schemars::schema_for!(Report)),
            written(|out| json::render(&document(&deployment), out)),
        ),
        (
            schema(schemars::schema_for!(settings::Document)),
            inspected(&[]),
        ),
        (
            schema(schemars::schema_for!(tightship_report::Difference)),
            written(difference::as_json),
        ),
        (
            schema(schemars::schema_for!(checks::Checks)),
            written(|out| checks::render_json(&fixture::checks(), out)),
        ),
    ];
    for (schema, document) in documents {
        assert_valid(&schema, &document);
    }
}

/// The schema is that of the OASIS standard (errata of 2.1.0-rtm.5), taken from the npm package
/// @microsoft/jest-sarif 1.0.0-beta.0 (MIT).
#[test]
fn sarif_conforms_to_its_schema() {
    let schema = include_str!("sarif-2.1.0.json");
    let schema: Value = serde_json::from_str(schema).expect("the schema is JSON");
    let document = written(|out| sarif::render(&document(&deployment()), &catalog(), out));
    assert_valid(&schema, &document);
}

#[test]
fn sarif_tells_the_way_of_the_value_and_points_at_its_rules() {
    let document = written(|out| sarif::render(&document(&deployment()), &catalog(), out));
    let document: Value = serde_json::from_str(&document).expect("JSON");
    let run = &document["runs"][0];
    let results = run["results"].as_array().expect("results");
    for result in results {
        let index = result["ruleIndex"].as_u64().expect("an index") as usize;
        assert_eq!(
            run["tool"]["driver"]["rules"][index]["id"],
            result["ruleId"]
        );
        assert!(result["locations"][0]["physicalLocation"].is_object());
    }
    let flow = &results[0]["codeFlows"][0]["threadFlows"][0]["locations"];
    let uris: Vec<_> = flow
        .as_array()
        .expect("a flow")
        .iter()
        .map(|step| &step["location"]["physicalLocation"]["artifactLocation"]["uri"])
        .collect();
    assert_eq!(
        uris,
        [
            "demo/shop/.env.prod",
            "demo/shop/compose.yml",
            "demo/shop/shop/settings/prod.py"
        ]
    );
    assert_eq!(
        results[1]["relatedLocations"].as_array().map(Vec::len),
        Some(1)
    );
}

#[test]
fn junit_is_xml_that_counts_right() {
    let text = written(|out| junit::render(&document(&deployment()), out));
    let document = roxmltree::Document::parse(&text).expect("well-formed XML");
    let elements = |name: &str| {
        document
            .descendants()
            .filter(|node| node.has_tag_name(name))
            .count()
            .to_string()
    };
    let root = document.root_element();
    assert_eq!(root.attribute("tests"), Some(elements("testcase").as_str()));
    assert_eq!(
        root.attribute("failures"),
        Some(elements("failure").as_str())
    );
    assert_eq!(
        root.attribute("skipped"),
        Some(elements("skipped").as_str())
    );
}

#[test]
fn a_hostile_text_makes_no_command_and_no_cell_of_its_own() {
    let deployment = deployment();
    let commands = written(|out| github::render(&document(&deployment), out));
    let findings = 1 + 1 + 6 + 1 + 1;
    assert_eq!(commands.lines().count(), findings + 1, "{commands}");
    assert!(commands.lines().all(|line| line.starts_with("::")));
    assert!(HOSTILE.contains("::error::"), "the attempt is made");

    let comment = written(|out| markdown::render(&document(&deployment), out));
    // In a code span, which hostile text makes two backticks wide, they are only text.
    let prose: String = comment.split("``").step_by(2).collect();
    assert!(!prose.contains("<script"), "{prose}");
    assert!(!prose.contains("@team"), "{prose}");
    let rows = comment.lines().filter(|line| line.starts_with("| "));
    for row in rows {
        let cells = row.replace("\\|", "").matches('|').count();
        assert_eq!(cells, 5, "{row}");
    }
}

#[test]
fn csv_is_a_table_that_a_reader_of_csv_reads() {
    let text = written(|out| csv::render(&document(&deployment()), out));
    // Quotes stand at both ends of a cell or twice within it: outside of them commas part cells.
    let cells = |row: &str| {
        let outside: String = row.split('"').step_by(2).collect();
        outside.matches(',').count() + 1
    };
    let rows: Vec<_> = text.split_terminator("\r\n").collect();
    assert_eq!(rows.len(), 1 + 10 + 3, "head, findings, other verdicts");
    for row in rows {
        assert_eq!(cells(row), 14, "{row}");
    }
}

#[test]
fn gitlab_gets_what_it_asks_for() {
    let text = written(|out| gitlab::render(&document(&deployment()), out));
    let entries: Vec<Value> = serde_json::from_str(&text).expect("a list");
    assert_eq!(entries.len(), 10);
    let mut fingerprints = std::collections::BTreeSet::new();
    for entry in &entries {
        let severity = entry["severity"].as_str().expect("a word");
        assert!(["minor", "major", "critical", "blocker"].contains(&severity));
        assert!(entry["description"].is_string() && entry["check_name"].is_string());
        assert!(
            entry["location"]["path"]
                .as_str()
                .is_some_and(|path| !path.is_empty())
        );
        assert!(entry["location"]["lines"]["begin"].as_u64() >= Some(1));
        fingerprints.insert(entry["fingerprint"].as_str().expect("a text"));
    }
    assert_eq!(fingerprints.len(), entries.len(), "each is its own");
}

#[test]
fn the_badge_is_a_picture_that_tells_the_grade() {
    let text = written(|out| badge::render(&document(&deployment()), out));
    let picture = roxmltree::Document::parse(&text).expect("well-formed XML");
    let label = picture.root_element().attribute("aria-label");
    assert_eq!(label, Some("tightship: F · 1 critical"));
}

#[test]
fn lines_keep_to_the_width_of_the_screen() {
    let deployment = deployment();
    for width in [Screen::NARROWEST, 80, Screen::WIDEST] {
        let text = on_screen(width, true, &deployment);
        for line in text.lines() {
            let columns = textwrap::core::display_width(line);
            // A path that is to be clicked is never broken.
            let unbreakable = line
                .split_whitespace()
                .any(|word| word.chars().count() + 12 > width)
                || line.contains(".py:")
                || line.contains("https:");
            assert!(
                columns <= width || unbreakable,
                "{columns} of {width}: {line}"
            );
        }
    }
}

#[test]
fn many_findings_of_one_check_stay_under_one_heading() {
    let deployment = deployment();
    let text = on_screen(100, false, &deployment);
    assert_eq!(text.matches("● high      secrets/literal\n").count(), 1);
    for number in 1..=6 {
        assert!(
            text.contains(&format!("KEY_{number} stands")),
            "KEY_{number} is told"
        );
    }
    assert_eq!(
        text.matches("a literal\n").count(),
        1,
        "one frame for one place"
    );
}

/// All outputs: those that stand in golden/, and the page, whose style and script would only be
/// there twice.
fn outputs() -> Vec<(&'static str, String)> {
    let mut outputs = golden();
    outputs.push(("report.html", html::page()));
    outputs
}

/// The outputs by file name, without styles.
fn golden() -> Vec<(&'static str, String)> {
    let deployment = deployment();
    let report = document(&deployment);
    vec![
        ("terminal-80.txt", on_screen(80, false, &deployment)),
        ("terminal-120.txt", on_screen(120, false, &deployment)),
        ("terminal-verbose.txt", on_screen(100, true, &deployment)),
        ("terminal-ascii.txt", in_ascii(80, &deployment)),
        ("terminal.svg", picture(&deployment)),
        ("report.json", written(|out| json::render(&report, out))),
        (
            "report.sarif",
            written(|out| sarif::render(&report, &catalog(), out)),
        ),
        ("report.xml", written(|out| junit::render(&report, out))),
        ("report.github", written(|out| github::render(&report, out))),
        ("report.md", written(|out| markdown::render(&report, out))),
        ("report.csv", written(|out| csv::render(&report, out))),
        ("badge.svg", written(|out| badge::render(&report, out))),
        (
            "code-quality.json",
            written(|out| gitlab::render(&report, out)),
        ),
        ("oscal.json", written(|out| oscal::render(&report, out))),
        ("diff.txt", unstyled(difference::on_screen)),
        ("diff.md", written(difference::as_markdown)),
        ("diff.json", written(difference::as_json)),
        ("settings.json", inspected(&[])),
        ("settings-only.json", inspected(&["USE_TZ", "NO_SUCH_NAME"])),
        ("settings.txt", unstyled(settings_on_screen)),
        (
            "explain.txt",
            unstyled(|out| explain(fixture::checks()[2], 80, out)),
        ),
        (
            "checks.txt",
            unstyled(|out| checks::render_terminal(&fixture::checks(), 80, out)),
        ),
        (
            "checks.json",
            written(|out| checks::render_json(&fixture::checks(), out)),
        ),
    ]
}

fn document(deployment: &tightship_model::Deployment) -> Report {
    Report::of(&report(deployment))
}

fn catalog() -> Catalog {
    Catalog::new(fixture::checks())
}

fn on_screen(width: usize, verbose: bool, deployment: &tightship_model::Deployment) -> String {
    let screen = Screen {
        width,
        verbose,
        ascii: false,
    };
    unstyled(|out| terminal::render(&document(deployment), &screen, out))
}

/// The report as a terminal gets it that knows ASCII alone.
fn in_ascii(width: usize, deployment: &tightship_model::Deployment) -> String {
    let screen = Screen {
        width,
        verbose: false,
        ascii: true,
    };
    let text = unstyled(|out| terminal::render(&document(deployment), &screen, out));
    tightship_report::ascii(&text).into_owned()
}

/// The report in its colours.
fn picture(deployment: &tightship_model::Deployment) -> String {
    let screen = Screen {
        width: 100,
        verbose: true,
        ascii: false,
    };
    let styled = written(|out| terminal::render(&document(deployment), &screen, out));
    anstyle_svg::Term::new().render_svg(&styled)
}

fn settings_on_screen(out: &mut dyn io::Write) -> io::Result<()> {
    let deployment = deployment();
    let evaluated = deployment.settings.as_ref().expect("settings");
    settings::render_terminal(&deployment, evaluated, &[], "demo/shop", 80, out)
}

fn inspected(only: &[&str]) -> String {
    let deployment = deployment();
    let evaluated = deployment.settings.as_ref().expect("settings");
    let only: Vec<_> = only.iter().map(|name| (*name).to_owned()).collect();
    written(|out| settings::render_json(&deployment, evaluated, &only, out))
}

fn written(render: impl FnOnce(&mut dyn io::Write) -> io::Result<()>) -> String {
    let mut out = Vec::new();
    render(&mut out).expect("memory takes everything");
    String::from_utf8(out).expect("UTF-8")
}

fn unstyled(render: impl FnOnce(&mut dyn io::Write) -> io::Result<()>) -> String {
    let mut out = Vec::new();
    render(&mut anstream::StripStream::new(&mut out)).expect("memory takes everything");
    String::from_utf8(out).expect("UTF-8")
}

fn is_golden(name: &str, text: &str) -> bool {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/renderers/golden")
        .join(name);
    if std::env::var_os("TIGHTSHIP_UPDATE").is_some() {
        std::fs::write(path, text).expect("golden/ can be written");
        return true;
    }
    std::fs::read_to_string(path).is_ok_and(|golden| golden == text)
}

fn assert_valid(schema: &Value, document: &str) {
    let document: Value = serde_json::from_str(document).expect("JSON");
    let validator = jsonschema::validator_for(schema).expect("a schema");
    let errors: Vec<_> = validator
        .iter_errors(&document)
        .map(|error| format!("{}: {error}", error.instance_path))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
}
