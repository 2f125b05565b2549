//! What runs where people work: the GitHub Action, the job for GitLab, the hook, completions.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tightship_testbed::{program, python, repository};

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

/// A program of the virtual environment for workplaces.
fn workplace(name: &str) -> Command {
    Command::new(python("workplaces").with_file_name(name))
}

/// By the schemas of SchemaStore, which `check-jsonschema` brings.
#[test]
fn the_action_and_the_job_are_what_their_hosts_read() {
    for (schema, file) in [
        ("vendor.github-actions", "action.yml"),
        ("vendor.gitlab-ci", "packaging/gitlab.yml"),
    ] {
        let good = repository().join(file);
        let check = |file: &Path| {
            let mut command = workplace("check-jsonschema");
            Answer::of(command.args(["--builtin-schema", schema]).arg(file))
        };
        let answer = check(&good);
        assert_eq!(answer.code, 0, "{file}: {}{}", answer.stdout, answer.stderr);
        // The schema says no to what is no such file.
        let text = std::fs::read_to_string(&good).expect("a file");
        let broken = text
            .replacen("\nruns:", "\nrun:", 1)
            .replacen("stage: test", "stage: {}", 1);
        assert_ne!(broken, text, "{file}");
        let project = Project::empty().file("broken.yml", broken);
        assert_eq!(check(&project.path("broken.yml")).code, 1, "{file}");
    }
}

/// The hook of the manifest in a real repository. pre-commit would build the wheel for it, which
/// `packaging/test` does: here the command is the one that the tests have compiled.
#[test]
fn pre_commit_runs_the_hook_and_stops_a_commit() {
    let manifest = repository().join(".pre-commit-hooks.yaml");
    let mut command = workplace("pre-commit");
    let valid = Answer::of(command.arg("validate-manifest").arg(&manifest));
    assert_eq!(valid.code, 0, "{}{}", valid.stdout, valid.stderr);

    let hook = std::fs::read_to_string(&manifest).expect("a manifest");
    assert!(hook.contains("  language: python\n"), "{hook}");
    let hook = hook.replace("  language: python\n", "  language: system\n");
    let hook: String = hook.lines().map(|line| format!("      {line}\n")).collect();
    let project = Project::careless().file(
        ".pre-commit-config.yaml",
        format!("repos:\n  - repo: local\n    hooks:\n{hook}"),
    );
    let hooks = python("workplaces");
    let script = format!(
        "export PATH=\"{}:$PATH\" PRE_COMMIT_HOME=\"$PWD/.cache\" GIT_CONFIG_GLOBAL=/dev/null
         git init -q . && git config user.name Ada && git config user.email ada@example.org
         pre-commit install >/dev/null && git add . && git commit -qm first",
        hooks.parent().expect("a folder").display()
    );
    let refused = bash(&project, &script, &[]);
    let told = format!("{}{}", refused.stdout, refused.stderr);
    assert_eq!(refused.code, 1, "{told}");
    assert!(told.contains("django/debug-on"), "{told}");
    assert!(told.contains("Failed"), "{told}");

    let project = project.file("tightship.toml", "fail-on = \"never\"\n");
    let accepted = bash(&project, &script, &[]);
    assert_eq!(accepted.code, 0, "{}{}", accepted.stdout, accepted.stderr);
}

#[test]
fn shells_complete_commands_by_what_is_made_for_them() {
    let project = Project::careless();
    for shell in ["bash", "zsh", "fish"] {
        let script = project.run(&["completions", shell]).stdout;
        std::fs::write(project.path(&format!("tightship.{shell}")), script).expect("a file");
    }
    let in_shell = |shell: &str, arguments: &[&str], line: &str| {
        let mut command = Command::new(program(shell));
        let answer = Answer::of(
            command
                .args(arguments)
                .arg(line)
                .current_dir(project.path(""))
                .env("HOME", project.path("")),
        );
        assert_eq!(
            answer.code, 0,
            "{shell}: {}{}",
            answer.stdout, answer.stderr
        );
        answer.stdout
    };
    let bash = "source tightship.bash
        COMP_WORDS=(tightship che); COMP_CWORD=1; _tightship tightship che tightship
        echo \"${COMPREPLY[@]}\"";
    let words = in_shell("bash", &["--norc", "-c"], bash);
    let words: Vec<_> = words.split_whitespace().collect();
    assert_eq!(words, ["check", "checklist"]);
    let fish = "source tightship.fish; complete -C 'tightship che'";
    let words = in_shell("fish", &["--no-config", "-c"], fish);
    let words: Vec<_> = words
        .lines()
        .filter_map(|line| line.split('\t').next())
        .collect();
    assert_eq!(words, ["check", "checklist"]);
    // zsh completes at a prompt alone: what is asked is whether it takes the function for the command.
    let zsh = "autoload -Uz compinit && compinit -u -D && source ./tightship.zsh
        print $_comps[tightship]; whence -w _tightship";
    let words = in_shell("zsh", &["-f", "-c"], zsh);
    assert_eq!(words.trim(), "_tightship\n_tightship: function");
}
