//! The two demos, as the README shows them.

use crate::documents::docs;
use crate::project::Project;

fn check(demo: &str) -> (i32, serde_json::Value) {
    let output = Project::empty()
        .command(&["check", demo, "--format", "json"])
        .current_dir(docs().join(".."))
        .output()
        .expect("the command runs");
    let report = serde_json::from_slice(&output.stdout).expect("JSON");
    (output.status.code().expect("no signal"), report)
}

#[test]
fn the_careless_shop_fails() {
    let (code, report) = check("demo/careless");
    assert_eq!(code, 1);
    assert_ne!(report["summary"]["critical"], 0);
    assert_eq!(report["environment"]["variables_from"], "compose");
}
