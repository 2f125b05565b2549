//! The reader against the real `docker-compose config`, case by case.
//!
//! The cases stand in `tests/compose/*.cases`; the head of each file says how they are written.

mod form;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Value, json};

use crate::files::Tree;

/// Cases that the project promises to hold.
const FEWEST_CASES: usize = 250;

#[test]
fn every_case_is_read_as_compose_reads_it() {
    let cases = cases();
    assert!(cases.len() >= FEWEST_CASES, "{} cases are few", cases.len());
    let room = tempfile::tempdir().expect("a folder");
    let root = room.path().canonicalize().expect("its real path");
    let mut questions = Vec::new();
    let mut ours = Vec::new();
    for (at, case) in cases.iter().enumerate() {
        let folder = root.join(format!("case{at}"));
        case.write(&folder);
        ours.push(case.read(&folder));
        questions.push(json!({"folder": folder, "files": case.set()}));
    }
    let answers = crate::oracle::ask_docker_compose(&json!({ "cases": questions }));
    let answers = answers["answers"].as_array().expect("answers");
    let mut differences = Vec::new();
    for ((case, ours), real) in cases.iter().zip(&ours).zip(answers) {
        differences.extend(case.differences(ours, real));
    }
    assert!(
        differences.is_empty(),
        "{} differences in {} cases\n{}",
        differences.len(),
        cases.len(),
        differences.join("\n")
    );
}

#[test]
fn line_ends_of_windows_change_nothing() {
    let room = tempfile::tempdir().expect("a folder");
    let root = room.path().canonicalize().expect("its real path");
    for mut case in cases() {
        let folder = root.join("unix");
        case.write(&folder);
        let expected = case.read(&folder).to_string();
        // A quoted value of a file of variables keeps its line ends: those are another matter.
        let is_yaml = |name: &str| name.ends_with(".yaml") || name.ends_with(".yml");
        for (_, text) in case.files.iter_mut().filter(|(name, _)| is_yaml(name)) {
            *text = text.replace('\n', "\r\n");
        }
        let other = root.join("windows");
        case.write(&other);
        let found = case.read(&other).to_string();
        assert_eq!(found, expected, "== {}", case.name);
        for folder in [folder, other] {
            std::fs::remove_dir_all(folder).expect("it is gone");
        }
    }
}

#[test]
fn every_attribute_of_the_specification_stands_in_a_case() {
    let text = include_str!("../../tests/compose/attributes.txt");
    let attributes = text.lines().filter(|line| !line.starts_with('#'));
    let cases = cases();
    let mut keys = BTreeSet::new();
    for text in cases.iter().flat_map(|case| case.files.values()) {
        let pieces = text.split(':').map(|piece| piece.trim_end_matches('"'));
        let is_part = |sign: char| sign.is_alphanumeric() || sign == '_';
        keys.extend(pieces.filter_map(|piece| piece.rsplit(|sign| !is_part(sign)).next()));
    }
    let missing: Vec<_> = attributes
        .flat_map(str::split_ascii_whitespace)
        .filter(|attribute| !keys.contains(attribute))
        .collect();
    assert!(missing.is_empty(), "in no case: {missing:?}");
}

/// One file set, and what must come of it.
struct Case {
    name: String,
    /// Chapter and section of the Compose specification.
    cites: String,
    files: BTreeMap<String, String>,
    /// Why Compose 1 says something else, or refuses.
    differs: Option<String>,
    /// What the specification says, where Compose 1 differs.
    expected: Option<Value>,
}

impl Case {
    fn set(&self) -> Vec<&str> {
        let is_of_set = |name: &&str| {
            name.starts_with("compose") && (name.ends_with(".yaml") || name.ends_with(".yml"))
        };
        let mut set: Vec<&str> = self
            .files
            .keys()
            .map(String::as_str)
            .filter(is_of_set)
            .collect();
        set.sort_by_key(|name| (name.len(), *name));
        set
    }

    fn write(&self, folder: &Path) {
        for (name, text) in &self.files {
            let path = folder.join(name);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("it is made");
            std::fs::write(path, text).expect("it is written");
        }
    }

    fn read(&self, folder: &Path) -> Value {
        let mut tree = Tree::walk(folder).expect("a tree");
        let set: Vec<String> = self.set().into_iter().map(str::to_owned).collect();
        let compose = super::read_set(&mut tree, &set);
        let (_, _, gaps) = tree.into_parts();
        if !gaps.is_empty() {
            let reasons: Vec<_> = gaps.iter().map(|gap| json!(gap.reason)).collect();
            return json!({"refused": true, "why": reasons});
        }
        form::of(&compose.expect("services"))
    }

    fn differences(&self, ours: &Value, real: &Value) -> Vec<String> {
        let is_same = |left: &Value, right: &Value| match left["refused"] == true {
            true => right["refused"] == true,
            false => left == right,
        };
        let name = &self.name;
        let mut found = Vec::new();
        match (&self.differs, &self.expected) {
            (None, _) if !is_same(ours, real) => {
                found.push(format!("== {name}\n  read {ours}\n  real {real}"));
            }
            (Some(_), Some(expected)) => {
                if !is_same(ours, expected) {
                    found.push(format!("== {name}\n  read {ours}\n  spec {expected}"));
                }
                if is_same(ours, real) {
                    found.push(format!("== {name}\n  is noted to differ, and does not"));
                }
            }
            (Some(_), None) => found.push(format!("== {name}\n  says not what is right")),
            (None, _) => {}
        }
        if self.cites.is_empty() {
            found.push(format!("== {name}\n  cites nothing"));
        }
        found
    }
}

fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compose");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .expect("the cases")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "cases"))
        .collect();
    paths.sort();
    let texts = paths
        .iter()
        .map(|path| std::fs::read_to_string(path).expect("a text"));
    texts.flat_map(|text| of_text(&text)).collect()
}

fn of_text(text: &str) -> Vec<Case> {
    let mut cases = Vec::new();
    let head = text.lines().take_while(|line| !line.starts_with("== "));
    let cites = head.filter_map(|line| line.strip_prefix("> ")).next();
    for chunk in text.split("\n== ").skip(1) {
        let (name, body) = chunk.split_once('\n').expect("a body");
        let mut case = Case {
            name: name.trim().to_owned(),
            cites: cites.unwrap_or_default().to_owned(),
            files: BTreeMap::new(),
            differs: None,
            expected: None,
        };
        let mut file = None;
        let names_image = body.lines().any(|line| line.starts_with("image:"));
        for line in body.lines() {
            if let Some(cites) = line.strip_prefix("> ") {
                case.cites = cites.to_owned();
            } else if let Some(reason) = line.strip_prefix("~ ") {
                case.differs = Some(reason.to_owned());
            } else if let Some(json) = line.strip_prefix("= ") {
                case.expected = Some(serde_json::from_str(json).expect(name));
            } else if let Some(name) = line.strip_prefix("--- ") {
                case.files.entry(name.to_owned()).or_default();
                file = Some(name.to_owned());
            } else {
                let name = file
                    .get_or_insert_with(|| "compose.yaml".to_owned())
                    .clone();
                let is_service = !body.contains("\n--- ");
                let text = case.files.entry(name).or_insert_with(|| match is_service {
                    true if names_image => SERVICE.to_owned(),
                    true => format!("{SERVICE}    image: shop\n"),
                    false => String::new(),
                });
                if is_service && !line.is_empty() {
                    text.push_str("    ");
                }
                text.push_str(line);
                text.push('\n');
            }
        }
        cases.push(case);
    }
    cases
}

/// What stands above a case that is the body of a service.
const SERVICE: &str = "services:\n  web:\n";
