//! Help, wrong use, and the commands that judge nothing.

use crate::project::{Project, verdict};

#[test]
fn help_and_version_go_to_stdout() {
    let project = Project::empty();
    for arguments in [&["--help"][..], &["check", "--help"], &["--version"]] {
        let answer = project.run(arguments);
        assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
        assert!(answer.stdout.contains("tightship"), "{}", answer.stdout);
    }
    assert_eq!(project.run(&[]).code, 2, "no command is wrong use");
}

#[test]
fn wrong_use_says_what_and_what_next() {
    let project = Project::empty();
    let cases: [(&[&str], &str, &str); 10] = [
        (&["chekc"], "chekc", "check"),
        (&["checklist"], "nothing in . can be judged", "manage.py"),
        (&["check", "--fromat", "json"], "--fromat", "--format"),
        (&["check", "--format", "jsn"], "jsn", "json"),
        (&["check", "nowhere"], "nowhere does not exist", "manage.py"),
        (&["check", "--select", "djnago"], "djnago", "django"),
        (
            &["check", "--env", "SECRET"],
            "NAME=VALUE",
            "--env DEBUG=False",
        ),
        (
            &["check", "--env-file", "none.env"],
            "none.env",
            ".env syntax",
        ),
        (
            &["check", "--output", "report"],
            "--output report",
            "--help",
        ),
        (
            &["check", "--format", "json", "--format", "sarif"],
            "only one format can go to stdout",
            "--help",
        ),
    ];
    for (arguments, cause, help) in cases {
        project.run(arguments).is_failure(cause, help);
    }
}

#[test]
fn a_broken_variable_is_not_repeated() {
    let answer = Project::empty().run(&["check", "--env", "hunter2hunter2"]);
    assert!(!answer.stderr.contains("hunter2"), "{}", answer.stderr);
}

#[test]
fn a_file_is_no_project() {
    let project = Project::empty().file("manage.py", "");
    project
        .run(&["check", "manage.py"])
        .is_failure("manage.py is not a folder", "manage.py");
}

#[test]
fn a_folder_without_anything_to_judge_is_a_failure() {
    let project = Project::empty().file("main.go", "package main\n");
    project
        .run(&["check"])
        .is_failure("nothing in . can be judged", "--settings");
    project
        .run(&["inspect", "settings"])
        .is_failure("", "--settings");
}

#[test]
fn a_project_of_another_framework_is_named() {
    let project = Project::empty()
        .file("requirements.txt", "fastapi==0.115.0\nuvicorn==0.34.0\n")
        .file(
            "main.py",
            "from fastapi import FastAPI\n\napp = FastAPI()\n",
        )
        .file(
            "Dockerfile",
            "FROM python:3.13\nCMD [\"uvicorn\", \"main:app\"]\n",
        )
        .file("docker-compose.yml", "services:\n  web:\n    build: .\n");
    project
        .run(&["check", "--select", "django"])
        .is_failure("this is a FastAPI project, not a Django one", "manage.py");
    project
        .run(&["inspect", "settings"])
        .is_failure("this is a FastAPI project, not a Django one", "manage.py");
}

#[test]
fn what_stands_around_another_framework_is_judged() {
    let project = Project::empty()
        .file("requirements.txt", "fastapi==0.115.0\n")
        .file("main.py", "from fastapi import FastAPI\n\napp = FastAPI()\n")
        .file(
            "docker-compose.yml",
            "services:\n  web:\n    build: .\n  nginx:\n    image: nginx:1.28\n    volumes:\n      \
             - ./nginx.conf:/etc/nginx/nginx.conf:ro\n",
        )
        .file(
            "nginx.conf",
            "events {}\nhttp { server { listen 80; location / { proxy_pass http://web:8000; } } }\n",
        );
    let report = project.report(&[]);
    let status = |check: &str| verdict(&report, check)["status"].clone();
    assert_eq!(status("nginx/version-shown"), "fail");
    assert_eq!(status("django/debug-on"), "not-applicable");
}

#[test]
fn settings_that_are_not_there_are_a_failure() {
    let project = Project::careless();
    for command in [&["check"][..], &["inspect", "settings"]] {
        let arguments = [command, &["--settings", "shop.prod"]].concat();
        project
            .run(&arguments)
            .is_failure("shop.prod", "its files name shop.settings");
    }
}

#[test]
fn explain_prints_a_page_or_the_nearest_name() {
    let project = Project::empty();
    let answer = project.run(&["explain", "django/debug-on"]);
    assert_eq!(answer.code, 0);
    assert!(answer.stdout.contains("DEBUG is on in production"));
    assert!(answer.stdout.contains("Why"));
    project
        .run(&["explain", "django/debug-of"])
        .is_failure("django/debug-of", "did you mean django/debug-on?");
}

#[test]
fn list_names_all_checks_once() {
    let project = Project::empty();
    let answer = project.run(&["list", "--format", "json"]);
    let list: serde_json::Value = serde_json::from_str(&answer.stdout).expect("JSON");
    let ids: Vec<_> = list["checks"]
        .as_array()
        .expect("checks")
        .iter()
        .map(|check| check["id"].as_str().expect("an id"))
        .collect();
    assert!(ids.is_sorted_by(|a, b| a < b), "{ids:?}");
    assert!(ids.contains(&"django/debug-on") && ids.contains(&"waivers/expired"));
    let shown = project.run(&["list"]).stdout;
    for id in ids {
        assert!(shown.contains(id), "{id} is not listed");
    }
}

#[test]
fn completions_and_man_pages_are_made() {
    let project = Project::empty();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let answer = project.run(&["completions", shell]);
        assert_eq!(answer.code, 0, "{shell}: {}", answer.stderr);
        assert!(
            answer.stdout.contains("fail-on"),
            "{shell} knows the options"
        );
    }
    assert_eq!(project.run(&["man", "pages"]).code, 0);
    let page = project.read("pages/tightship-check.1");
    assert!(
        page.starts_with(".") && page.contains("fail\\-on"),
        "{page}"
    );
    project
        .file("file", "")
        .run(&["man", "file"])
        .is_failure("file cannot be written", "folder");
}
