//! What runs where people work: the script of the GitHub Action, the job for GitLab.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tightship_testbed::repository;

use crate::project::{Answer, Project};

/// bash in the project, with the command on its PATH.
fn bash(project: &Project, script: &str, variables: &[(&str, &str)]) -> Answer {
    let command = Path::new(env!("CARGO_BIN_EXE_tightship"));
    let folder = command.parent().expect("a folder").display();
    let path = std::env::var("PATH").expect("a PATH");
    Answer::of(
        Command::new("bash")
            .args(["-c", script])
            .current_dir(project.path(""))
            .env("PATH", format!("{folder}:{path}"))
            .envs(variables.iter().copied()),
    )
}

fn action(project: &Project, variables: &[(&str, &str)]) -> Answer {
    let script = repository().join("packaging/action");
    let at_home = [
        ("RUNNER_TEMP", "temp"),
        ("GITHUB_STEP_SUMMARY", "summary.md"),
        ("GITHUB_OUTPUT", "output"),
    ];
    let script = script.to_str().expect("a path");
    bash(project, script, &[&at_home, variables].concat())
}

#[test]
fn the_action_annotates_sums_up_and_fails() {
    let project = Project::careless().file("temp/there", "");
    let answer = action(&project, &[]);
    assert_eq!(answer.code, 1, "{}", answer.stderr);
    assert!(answer.stdout.starts_with("::error file=shop/settings.py,"));
    assert!(project.read("summary.md").starts_with("## tightship: "));
    let output = project.read("output");
    let lines: Vec<_> = output.lines().collect();
    assert_eq!(
        lines,
        [
            "sarif=temp/tightship.sarif",
            "page=tightship.html",
            "grade=F"
        ]
    );
    assert!(
        project
            .read("tightship.html")
            .starts_with("<!doctype html>")
    );
    let sarif: Value = serde_json::from_str(&project.read("temp/tightship.sarif")).expect("JSON");
    assert_eq!(sarif["version"], "2.1.0");
}

#[test]
fn the_inputs_of_the_action_are_words_and_no_script() {
    let project = Project::careless().file("temp/there", "");
    let answer = action(
        &project,
        &[
            ("TIGHTSHIP_FAIL_ON", "never"),
            ("TIGHTSHIP_ARGUMENTS", "--select django/debug-on"),
            ("TIGHTSHIP_PAGE", "$(touch ran) page.html"),
        ],
    );
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    assert!(!project.path("ran").exists());
    assert!(project.path("$(touch ran) page.html").exists());

    let broken = action(&project, &[("TIGHTSHIP_PATH", "nowhere")]);
    assert_eq!(broken.code, 2);
    assert!(
        broken.stderr.contains("nowhere does not exist"),
        "{}",
        broken.stderr
    );
}

#[test]
fn the_job_for_gitlab_writes_what_it_hands_on() {
    let text = std::fs::read_to_string(repository().join("packaging/gitlab.yml")).expect("a job");
    let (_, script) = text.split_once("  script:\n").expect("a script");
    let lines = script.lines().map_while(|line| line.strip_prefix("    - "));
    let script: Vec<_> = lines.collect();
    assert_eq!(script.len(), 1, "{script:?}");

    let project = Project::careless();
    assert_eq!(bash(&project, &script.join("\n"), &[]).code, 1);
    for file in [
        "gl-code-quality-report.json",
        "tightship.xml",
        "tightship.html",
    ] {
        assert!(project.path(file).exists(), "{file}");
        let named = text.matches(file).count();
        assert_eq!(named, 2, "{file} is written and handed on");
    }
}

/// The image brings the toolchain that the repository names.
#[test]
fn the_dockerfile_builds_with_the_toolchain_of_the_repository() {
    let read = |name: &str| std::fs::read_to_string(repository().join(name)).expect(name);
    let toolchain = read("rust-toolchain.toml");
    let (_, rest) = toolchain.split_once("channel = \"").expect("a channel");
    let (version, _) = rest.split_once('"').expect("it ends");
    let dockerfile = read("Dockerfile");
    assert!(dockerfile.contains(&format!("FROM rust:{version}-alpine AS build\n")));
    assert!(dockerfile.contains(&format!("RUSTUP_TOOLCHAIN={version}\n")));
}
