//! The HTML report in Chromium: see `crates/report/tests/browser/page.mjs`.

use std::path::Path;
use std::process::Command;

use tightship_testbed::{program, repository};

use crate::project::Project;

/// Enough of `demo/careless` for each kind of part: asking axe takes longer the more there is.
const CHECKS: &str = "cors,debug,drf,django/debug-on,django/hsts-short,nginx/body-unlimited,\
                      nginx/header-twice,nginx/hsts-missing,nginx/hsts-short";

#[test]
fn the_page_works_in_a_browser_on_a_desk_and_on_a_phone() {
    let project = Project::empty();
    let page = project.path("report.html");
    let answer = Command::new(env!("CARGO_BIN_EXE_tightship"))
        .args(["check", "demo/careless", "--select", CHECKS, "--output"])
        .arg(&page)
        .current_dir(repository())
        .status()
        .expect("the command runs");
    assert_eq!(answer.code(), Some(1), "it has findings");

    let browser = repository().join("crates/report/tests/browser");
    assert!(
        browser.join("node_modules/axe-core").exists(),
        "axe-core is missing: run ./test, which installs it"
    );
    // Kept for whoever wants to look.
    let pictures = Path::new(env!("CARGO_TARGET_TMPDIR")).join("report");
    std::fs::create_dir_all(&pictures).expect("a folder");
    let output = Command::new(program("node"))
        .arg(browser.join("page.mjs"))
        .arg(program("chromium"))
        .args([&page, &pictures])
        .output()
        .expect("node runs");
    let told = String::from_utf8_lossy(&output.stdout);
    let failed = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}{failed}");
}
