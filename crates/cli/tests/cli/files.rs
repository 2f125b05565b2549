//! Files of every kind that a folder can hold, met on the whole way through the command.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::process::Command;

use crate::project::{Answer, Project, verdict};

/// The check that the tests of this module ask.
const DEBUG_ON: &str = "django/debug-on";

/// The user `nobody` of every Unix, who may read what everybody may.
const NOBODY: u32 = 65_534;

#[test]
fn links_that_lead_in_a_circle_end() {
    let project = Project::careless();
    symlink(".", project.path("self")).expect("a link");
    symlink("../..", project.path("shop/out")).expect("a link");
    symlink("left", project.path("right")).expect("a link");
    symlink("right", project.path("left")).expect("a link");
    let report = project.report(&["--select", DEBUG_ON]);
    assert_eq!(verdict(&report, DEBUG_ON)["status"], "fail");
    assert_eq!(unread(&report), ["left", "right", "shop/out"]);
}

#[test]
fn pipes_are_not_waited_for() {
    let project = Project::careless();
    let pipes = [
        ".env",
        "Dockerfile",
        "docker-compose.yml",
        "pyproject.toml",
        "shop/urls.py",
        "tightship.toml",
    ];
    for path in pipes {
        pipe(&project, path);
    }
    let report = project.report(&["--select", DEBUG_ON]);
    assert_eq!(verdict(&report, DEBUG_ON)["status"], "fail");
    assert_eq!(unread(&report), pipes);
}

#[test]
fn settings_that_cannot_be_read_are_told_from_settings_that_are_not_there() {
    let piped = Project::careless();
    std::fs::remove_file(piped.path("shop/settings.py")).expect("it was there");
    pipe(&piped, "shop/settings.py");
    let device = Project::careless();
    std::fs::remove_file(device.path("shop/settings.py")).expect("it was there");
    symlink("/dev/zero", device.path("shop/settings.py")).expect("a link");
    let large = Project::with_settings(&"#".repeat(17 << 20));
    for (project, reason) in [
        (piped, "shop/settings.py is not a regular file"),
        (device, "shop/settings.py is a symbolic link that leads out"),
        (large, "shop/settings.py is 17 MB; files beyond 16 MB"),
    ] {
        project.run(&["check"]).is_failure(reason, "shop.settings");
        project
            .run(&["inspect", "settings", "--settings", "shop.settings"])
            .is_failure(reason, "shop.settings");
    }
}

/// As root every file can be read, so root runs the command as nobody here.
#[test]
fn files_that_may_not_be_read_are_told() {
    let project = Project::careless()
        .file("hidden/views.py", "")
        .file("shop/urls.py", "");
    let close = |path: &str, mode: u32| {
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(project.path(path), permissions).expect("our own file");
    };
    // A copy that nobody can reach, wherever the build stands.
    std::fs::copy(env!("CARGO_BIN_EXE_tightship"), project.path("command")).expect("a copy");
    close("", 0o755);
    close("hidden", 0);
    close("shop/urls.py", 0);
    let is_root = std::fs::read_dir(project.path("hidden")).is_ok();
    let run = |arguments: &[&str]| {
        let mut command = Command::new(project.path("command"));
        command.args(arguments).current_dir(project.path(""));
        if is_root {
            command.uid(NOBODY).gid(NOBODY);
        }
        Answer::of(&mut command)
    };

    let judged = run(&["check", "--select", DEBUG_ON, "--format", "json"]);
    let report = serde_json::from_str(&judged.stdout).expect(&judged.stderr);
    assert_eq!(verdict(&report, DEBUG_ON)["status"], "fail");
    assert_eq!(unread(&report), ["hidden", "shop/urls.py"]);

    close("shop/settings.py", 0);
    run(&["check"]).is_failure("shop/settings.py cannot be read", "shop.settings");
    run(&["check", "--env-file", "shop/urls.py"]).is_failure("shop/urls.py", ".env syntax");
    close("hidden", 0o755);
}

#[test]
fn what_the_user_names_may_be_a_pipe_and_never_ends_the_memory() {
    let project =
        Project::with_settings("import os\nDEBUG = os.environ.get(\"DEBUG\", \"\") == \"1\"\n");
    let shell = |line: &str| {
        let mut command = Command::new("bash");
        command
            .args(["-c", line])
            .env("TIGHTSHIP", env!("CARGO_BIN_EXE_tightship"))
            .current_dir(project.path(""));
        Answer::of(&mut command)
    };
    let given = shell(&format!(
        "\"$TIGHTSHIP\" check --select {DEBUG_ON} --env-file <(echo DEBUG=1)"
    ));
    assert_eq!(given.code, 1, "{}", given.stderr);
    assert!(given.stdout.contains("DEBUG is True"), "{}", given.stdout);
    let nothing = ["check", "--select", DEBUG_ON, "--env-file", "/dev/null"];
    assert_eq!(project.run(&nothing).code, 0);
    for flag in ["--env-file", "--baseline", "--config"] {
        project
            .run(&["check", flag, "/dev/zero"])
            .is_failure("/dev/zero", "");
        project.run(&["check", flag, "shop"]).is_failure("shop", "");
    }
}

#[test]
fn bytes_of_every_encoding_give_their_answer() {
    let utf16: Vec<u8> = "\u{FEFF}DEBUG = True\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let long = format!("X = \"{}\"; DEBUG = True\n", "y".repeat(5_000_000));
    let noise: Vec<u8> = (0..100_000_u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    for (name, settings, status) in [
        (
            "a byte order mark",
            b"\xEF\xBB\xBFDEBUG = True\n".to_vec(),
            "fail",
        ),
        (
            "Latin-1",
            b"# coding: latin-1\nDEBUG = True\nX = '\xE9'\n".to_vec(),
            "fail",
        ),
        (
            "invalid UTF-8",
            b"DEBUG = True\nX = '\xE9'\n".to_vec(),
            "fail",
        ),
        ("NUL bytes", b"DEBUG = True\nX = 'a\0b'\n".to_vec(), "fail"),
        (
            "tabs and spaces",
            b"if 1:\n\tDEBUG = True\n        X = 1\n".to_vec(),
            "fail",
        ),
        ("a line of 5 MB", long.into_bytes(), "fail"),
        ("nothing", Vec::new(), "pass"),
        ("noise", noise, "unknown"),
        ("only NUL bytes", vec![0; 1000], "unknown"),
    ] {
        let project = Project::careless().file("shop/settings.py", settings);
        let report = project.report(&["--select", DEBUG_ON]);
        assert_eq!(verdict(&report, DEBUG_ON)["status"], status, "{name}");
        let shown = project.run(&["check", "--select", DEBUG_ON]).stdout;
        assert!(shown.len() < 10_000, "{name}: {} bytes", shown.len());
    }
    Project::careless()
        .file("shop/settings.py", utf16)
        .run(&["check", "--select", DEBUG_ON])
        .is_failure(
            "is in UTF-16, which Python refuses",
            "its files name shop.settings",
        );
}

#[test]
fn programs_without_end_cost_no_other_setting() {
    let deep = format!("X = {}{}\n", "[".repeat(10_000), "]".repeat(10_000));
    for (name, bomb, status) in [
        ("a list of a billion", "X = [0] * 10**9\n", "fail"),
        ("a text of a billion", "X = 'x' * 10**9\n", "fail"),
        ("a number of many digits", "X = 10 ** 10 ** 8\n", "fail"),
        ("an endless loop", "while True:\n    pass\n", "fail"),
        (
            "an endless call",
            "def f():\n    return f()\nX = f()\n",
            "fail",
        ),
        (
            "a growing list",
            "X = [1]\nfor x in X:\n    X.append(x)\n",
            "fail",
        ),
        (
            "modules in a circle",
            "from shop.settings import *\n",
            "fail",
        ),
        // Python's own parser refuses it too.
        ("nesting of 10,000 levels", &deep, "unknown"),
    ] {
        let project = Project::careless().file("shop/settings.py", format!("{bomb}DEBUG = True\n"));
        let report = project.report(&["--select", DEBUG_ON]);
        assert_eq!(verdict(&report, DEBUG_ON)["status"], status, "{name}");
    }
}

fn pipe(project: &Project, path: &str) {
    let made = Command::new("mkfifo").arg(project.path(path)).status();
    assert!(made.expect("mkfifo runs").success());
}

/// The places that a report says were not read.
fn unread(report: &serde_json::Value) -> Vec<&str> {
    report["environment"]["gaps"]
        .as_array()
        .expect("gaps")
        .iter()
        .map(|gap| gap["place"].as_str().expect("a place"))
        .collect()
}
