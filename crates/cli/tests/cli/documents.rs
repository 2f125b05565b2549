//! Generated documents are current, and what the command writes conforms to them.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::project::Project;

#[test]
fn schemas_in_docs_are_current() {
    for name in [
        "report",
        "diff",
        "settings",
        "response",
        "nginx",
        "env",
        "deployment",
        "checklist",
        "checks",
        "config",
    ] {
        let schema = Project::empty().run(&["schema", name]).stdout;
        assert_current(&docs().join(format!("schema/{name}.json")), &schema);
    }
}

#[test]
fn documents_conform_to_the_schemas_in_docs() {
    let project = Project::careless();
    for (name, arguments) in [
        ("report", &["check", "--format", "json"][..]),
        ("settings", &["inspect", "settings", "--format", "json"]),
        ("checks", &["list", "--format", "json"]),
    ] {
        assert_valid(name, &project.run(arguments).stdout);
    }
}

#[test]
fn the_schema_of_the_configuration_accepts_what_the_command_accepts() {
    let text = crate::config::EVERYTHING;
    let config: Value = toml::from_str(text).expect("TOML");
    assert_valid("config", &config.to_string());
}

#[test]
fn pages_of_the_book_are_current() {
    let list = Project::empty().run(&["list", "--format", "json"]).stdout;
    let list: Value = serde_json::from_str(&list).expect("JSON");
    let checks = list["checks"].as_array().expect("checks");
    let summary = docs().join("src/SUMMARY.md");
    let text = std::fs::read_to_string(&summary).expect("a summary");
    let (by_hand, _) = text
        .split_once(BEFORE_CHECKS)
        .expect("a part for the checks");
    let mut generated = format!("{by_hand}{BEFORE_CHECKS}\n");
    let mut area = "";
    let mut pages = Vec::new();
    for check in checks {
        let id = check["id"].as_str().expect("an id");
        if check["area"] != area {
            area = check["area"].as_str().expect("an area");
            generated.push_str(&format!("- [{area}]()\n"));
        }
        generated.push_str(&format!("  - [{id}](checks/{id}.md)\n"));
        let path = docs().join(format!("src/checks/{id}.md"));
        assert_current(&path, &book_page(check));
        pages.push(path);
    }
    assert_current(&summary, &generated);
    for area in std::fs::read_dir(docs().join("src/checks")).expect("a folder") {
        for page in std::fs::read_dir(area.expect("an area").path()).expect("a folder") {
            let page = page.expect("a page").path();
            assert!(pages.contains(&page), "{} has no check", page.display());
        }
    }
}

#[test]
fn the_screenshot_is_current() {
    let output = Project::empty()
        .command(&["check", "demo/careless"])
        .current_dir(docs().join(".."))
        .env("CLICOLOR_FORCE", "1")
        .output()
        .expect("the command runs");
    let shown = String::from_utf8(output.stdout).expect("UTF-8");
    let picture = anstyle_svg::Term::new().render_svg(&shortened(&shown));
    assert_current(&docs().join("screenshot.svg"), &picture);
}

/// The beginning of a report and its summary.
fn shortened(report: &str) -> String {
    const LINES: usize = 60;
    let lines: Vec<_> = report.lines().collect();
    let summary = lines
        .iter()
        .rposition(|line| line.contains("summary") && line.contains("──"))
        .expect("a summary");
    let beginning = &lines[..LINES.min(summary)];
    // Whole findings only: up to the last empty line between two of them.
    let end = beginning
        .iter()
        .rposition(|line| line.contains("tightship explain"))
        .map_or(beginning.len(), |last| last + 1);
    [&beginning[..end], &["", "  ⋮", ""], &lines[summary..]]
        .concat()
        .join("\n")
}

/// Where the generated part of the book's summary begins.
const BEFORE_CHECKS: &str = "# Checks\n";

/// A check's page behind a table of its record.
fn book_page(check: &Value) -> String {
    let words = |field: &str| -> Vec<String> {
        let list = check[field].as_array().expect("a list");
        let word = |word: &Value| word.as_str().expect("a word").to_owned();
        list.iter().map(word).collect()
    };
    let rows = [
        ("id", format!("`{}`", check["id"].as_str().expect("an id"))),
        (
            "severity",
            check["severity"].as_str().expect("one").to_owned(),
        ),
        ("rows", words("items").join(", ")),
        ("also known as", words("django_ids").join(", ")),
        ("needs", words("needs").join(", ")),
        (
            "see",
            words("references")
                .iter()
                .map(|address| format!("<{address}>"))
                .collect::<Vec<_>>()
                .join(" "),
        ),
    ];
    let table: String = rows
        .iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(name, text)| format!("| {name} | {text} |\n"))
        .collect();
    let page = check["page"].as_str().expect("a page");
    let (title, rest) = page.split_once('\n').expect("a title");
    format!("{title}\n\n| | |\n|---|---|\n{table}{rest}")
}

/// Checks a document against a schema in `docs/schema`.
#[track_caller]
pub(crate) fn assert_valid(name: &str, document: &str) {
    let schema = std::fs::read_to_string(docs().join(format!("schema/{name}.json")));
    let schema: Value = serde_json::from_str(&schema.expect("a schema")).expect("JSON");
    let document: Value = serde_json::from_str(document).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let errors: Vec<_> = validator
        .iter_errors(&document)
        .map(|error| format!("{}: {error}", error.instance_path))
        .collect();
    assert!(errors.is_empty(), "{name}: {errors:#?}");
}

/// Compares a generated file with what stands in the repository, or writes it anew.
#[track_caller]
pub(crate) fn assert_current(path: &Path, text: &str) {
    if std::env::var_os("TIGHTSHIP_UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        return std::fs::write(path, text).expect("the file can be written");
    }
    let current = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        current == text,
        "{} is out of date; TIGHTSHIP_UPDATE=1 writes it anew",
        path.display()
    );
}

pub(crate) fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs")
}
