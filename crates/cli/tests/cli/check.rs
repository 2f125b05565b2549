//! `tightship check`: formats, outputs and exit codes.

use std::io::Read;
use std::process::Stdio;

use crate::project::{Answer, Project, verdict};

const FORMATS: [&str; 6] = ["terminal", "json", "sarif", "junit", "github", "markdown"];

#[test]
fn the_exit_code_follows_the_severity_in_each_format() {
    let critical = Project::with_settings("DEBUG = True\n");
    let select = ["check", "--select", "django/debug-on", "--fail-on"];
    for format in FORMATS {
        for (level, code) in [
            ("low", 1),
            ("medium", 1),
            ("high", 1),
            ("critical", 1),
            ("never", 0),
        ] {
            let arguments = [&select[..], &[level, "--format", format]].concat();
            assert_eq!(critical.run(&arguments).code, code, "{format} {level}");
        }
    }
    let clean = Project::with_settings("DEBUG = False\n");
    let arguments = [&select[..], &["low"]].concat();
    assert_eq!(clean.run(&arguments).code, 0);
}

#[test]
fn the_exit_code_is_one_from_high_on() {
    let medium = Project::with_settings(
        "MIDDLEWARE = [\"django.middleware.security.SecurityMiddleware\"]\n",
    );
    let id = "django/https-redirect-off";
    let severity =
        |project: &Project| verdict(&project.report(&["--select", id]), id)["severity"].clone();
    assert_eq!(severity(&medium), "medium", "or this test proves nothing");
    assert_eq!(medium.run(&["check", "--select", id]).code, 0);
    let code = medium
        .run(&["check", "--select", id, "--fail-on", "medium"])
        .code;
    assert_eq!(code, 1);
}

#[test]
fn each_format_names_the_finding() {
    let project = Project::careless();
    for format in FORMATS {
        let answer = project.run(&["check", "--format", format]);
        assert!(answer.stdout.contains("django/debug-on"), "{format}");
        assert!(answer.stdout.contains("shop/settings.py"), "{format}");
        assert_eq!(answer.stderr, "", "{format}");
    }
}

#[test]
fn the_terminal_report_shows_the_line_and_what_to_do() {
    let project = Project::with_settings("import os\n\nDEBUG = True\n");
    let shown = project
        .run(&["check", "--select", "django/debug-on"])
        .stdout;
    for part in [
        "shop.settings",
        "Django 5.2",
        "● critical  django/debug-on",
        "shop/settings.py:3:",
        "3 │ DEBUG = True",
        "tightship explain django/debug-on",
        "1 finding: 1 critical",
    ] {
        assert!(shown.contains(part), "{part:?} is not in:\n{shown}");
    }
}

#[test]
fn several_reports_are_written_at_once() {
    let project = Project::careless();
    let answer = project.run(&[
        "check", "--format", "sarif", "--output", "a", "--output", "b.xml", "--output", "c.md",
        "--format", "json",
    ]);
    assert_eq!(answer.code, 1);
    assert!(answer.stdout.contains("tightship.report/1"));
    assert!(project.read("a").contains("\"2.1.0\""));
    assert!(project.read("b.xml").contains("<testsuites"));
    assert!(project.read("c.md").starts_with("## tightship"));
}

#[test]
fn quiet_prints_nothing_and_still_writes_files() {
    let project = Project::careless();
    let answer = project.run(&["check", "--quiet", "--output", "report.json"]);
    assert_eq!(
        (answer.code, answer.stdout.as_str(), answer.stderr.as_str()),
        (1, "", "")
    );
    assert!(project.read("report.json").contains("tightship.report/1"));
}

#[test]
fn a_file_that_cannot_be_written_is_a_failure() {
    let project = Project::careless();
    project
        .run(&["check", "--output", "no/such/folder/report.json"])
        .is_failure("no/such/folder/report.json cannot be written", "--output");
}

#[test]
fn equal_input_gives_identical_bytes() {
    let project = Project::careless();
    for format in FORMATS {
        // Early and late on 2026-11-22.
        let run = |clock: &str| {
            let mut command = project.command(&["check", "--format", format, "--verbose"]);
            Answer::of(command.env("SOURCE_DATE_EPOCH", clock)).stdout
        };
        assert!(run("1795305601") == run("1795391999"), "{format}");
    }
}

#[test]
fn select_and_ignore_take_ids_and_areas() {
    let project = Project::careless();
    let checks = |arguments: &[&str]| -> Vec<String> {
        project.report(arguments)["verdicts"]
            .as_array()
            .expect("verdicts")
            .iter()
            .map(|verdict| verdict["check"].as_str().expect("an id").to_owned())
            .collect()
    };
    assert_eq!(
        checks(&["--select", "django/debug-on"]),
        ["django/debug-on"]
    );
    let django = checks(&["--select", "django"]);
    assert!(django.len() > 1 && django.iter().all(|id| id.starts_with("django/")));
    assert_eq!(checks(&["--select", "django/*"]), django);
    let others = checks(&["--ignore", "django"]);
    assert!(!others.is_empty() && others.iter().all(|id| !id.starts_with("django/")));
    let rest = checks(&["--select", "django", "--ignore", "django/debug-on"]);
    assert_eq!(rest.len(), django.len() - 1);
}

#[test]
fn colours_follow_the_usual_variables() {
    let project = Project::careless();
    let styled = |arguments: &[&str], variable: Option<&str>| {
        let mut command = project.command(&[&["check"], arguments].concat());
        command.envs(variable.map(|name| (name, "1")));
        let output = command.output().expect("the command runs");
        output.stdout.contains(&b'\x1b')
    };
    assert!(!styled(&[], None), "a pipe gets none");
    assert!(styled(&[], Some("CLICOLOR_FORCE")));
    assert!(!styled(&["--no-color"], Some("CLICOLOR_FORCE")));
    assert!(!styled(&["--format", "json"], Some("CLICOLOR_FORCE")));
}

#[test]
fn a_closed_pipe_is_quiet() {
    let project = Project::careless();
    let mut child = project
        .command(&["check", "--verbose"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command runs");
    drop(child.stdout.take());
    let mut stderr = String::new();
    child
        .stderr
        .take()
        .expect("stderr")
        .read_to_string(&mut stderr)
        .expect("UTF-8");
    assert_eq!(stderr, "");
    assert_eq!(child.wait().expect("it ends").code(), Some(1));
}

#[test]
fn the_environment_decides() {
    let project =
        Project::with_settings("import os\nDEBUG = os.environ.get(\"DEBUG\", \"\") == \"1\"\n")
            .file("given/variables", "DEBUG=1\n");
    let status = |arguments: &[&str]| {
        verdict(&project.report(arguments), "django/debug-on")["status"].clone()
    };
    // One variable says nothing of the others; a file says that they are not set.
    assert_eq!(status(&["--env", "OTHER=x"]), "unknown");
    assert_eq!(status(&["--env", "DEBUG=1"]), "fail");
    assert_eq!(status(&["--env", "DEBUG=0"]), "pass");
    assert_eq!(status(&["--env-file", "given/variables"]), "fail");
    assert_eq!(
        status(&["--env-file", "given/variables", "--env", "DEBUG=0"]),
        "pass"
    );
}

#[test]
fn two_projects_in_one_folder_are_told() {
    let manage = |module: &str| {
        format!("import os\nos.environ.setdefault(\"DJANGO_SETTINGS_MODULE\", \"{module}\")\n")
    };
    let project = Project::empty()
        .file("one/manage.py", manage("first.settings"))
        .file("one/first/__init__.py", "")
        .file("one/first/settings.py", "DEBUG = False\n")
        .file("two/manage.py", manage("second.settings"))
        .file("two/second/__init__.py", "")
        .file("two/second/settings.py", "DEBUG = True\n");
    let report = project.report(&[]);
    let judged = report["environment"]["project"]
        .as_str()
        .expect("one is judged");
    let others = report["environment"]["other_projects"].to_string();
    assert!(
        matches!(judged, "one" | "two")
            && others.contains(if judged == "one" { "two" } else { "one" }),
        "{judged} {others}"
    );
    let shown = project.run(&["check"]).stdout;
    assert!(shown.contains("not judged"), "{shown}");
}

#[test]
fn inspect_shows_values_with_their_way() {
    let project =
        Project::with_settings("import os\nDEBUG = os.environ.get(\"D\") == \"1\"\nX = 3\n");
    let shown = project.run(&["inspect", "settings"]).stdout;
    assert!(
        shown.contains("X = 3") && shown.contains("shop/settings.py:3:"),
        "{shown}"
    );
    let only = project
        .run(&["inspect", "settings", "--only", "DEBUG", "USE_TZ"])
        .stdout;
    assert!(
        only.contains("DEBUG") && only.contains("USE_TZ") && !only.contains("X = 3"),
        "{only}"
    );
}
