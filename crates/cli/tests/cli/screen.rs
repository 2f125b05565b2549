//! The command on a terminal: `script` (of util-linux) gives it one.

use std::process::{Command, Stdio};
use std::time::Duration;

use crate::project::{Answer, Project};

#[test]
fn a_sign_of_life_is_shown_when_reading_takes_long() {
    let project = Project::careless();
    let shown = on_terminal(&project, &with_slow_variables(">report.txt"), &[]);
    assert!(shown.contains("reading ."), "{shown:?}");
    // Nothing of it is left: the last thing done to its line is to erase it.
    let (_, rest) = shown.rsplit_once("reading .").expect("it was shown");
    assert_eq!(rest.trim(), "\u{1b}[2K", "{shown:?}");
    assert!(project.read("report.txt").contains("DEBUG is True"));
}

#[test]
fn a_fast_run_and_a_dumb_terminal_show_no_sign_of_life() {
    let project = Project::careless();
    let fast = on_terminal(&project, "\"$TIGHTSHIP\" check >report.txt", &[]);
    assert_eq!(fast, "");
    let slow = with_slow_variables(">report.txt");
    let dumb = on_terminal(&project, &slow, &[("TERM", "dumb")]);
    assert_eq!(dumb, "");
}

#[test]
fn a_slow_run_without_a_terminal_shows_no_sign_of_life() {
    let project = Project::careless();
    let answer = Answer::of(&mut shell(&project, &with_slow_variables(""), &[]));
    assert_eq!((answer.code, answer.stderr.as_str()), (1, ""));
}

#[test]
fn a_terminal_gets_colours_unless_it_or_the_user_says_no() {
    let project = Project::careless();
    let is_styled = |line: &str, variables: &[(&str, &str)]| {
        let shown = on_terminal(&project, line, variables);
        assert!(shown.contains("django/debug-on"), "{shown}");
        shown.contains('\u{1b}')
    };
    let check = "\"$TIGHTSHIP\" check";
    assert!(is_styled(check, &[]));
    assert!(!is_styled(check, &[("NO_COLOR", "1")]));
    assert!(!is_styled(check, &[("TERM", "dumb")]));
    assert!(!is_styled("\"$TIGHTSHIP\" check --no-color", &[]));
    assert!(!is_styled("\"$TIGHTSHIP\" check | cat", &[]));
}

#[test]
fn a_terminal_that_knows_no_unicode_gets_ascii() {
    let project = Project::with_settings("NAME = \"Größe 日本\"; DEBUG = True\n");
    // Through env: bash itself complains of locales that are not installed.
    let shown = |variables: &str, line: &str| {
        on_terminal(&project, &format!("env {variables} {line}"), &[])
    };
    let check = "\"$TIGHTSHIP\" check --no-color";
    let utf8 = shown("LC_ALL=de_DE.UTF-8", check);
    assert!(utf8.contains("● critical  django/debug-on"), "{utf8}");
    for variables in [
        "LC_ALL=de_DE.ISO-8859-1",
        "LC_ALL=C",
        "LC_ALL=POSIX",
        "-u LC_ALL -u LC_CTYPE LANG=C",
        "-u LC_ALL -u LC_CTYPE -u LANG",
        "LC_ALL=de_DE.UTF-8 TERM=linux",
    ] {
        let ascii = shown(variables, check);
        assert!(ascii.is_ascii(), "{variables}: {ascii}");
        assert!(ascii.contains("* critical  django/debug-on"), "{ascii}");
        assert!(ascii.contains("\r\n-- summary ---"), "{ascii}");
        // What stands in a file is escaped, not lost, and underlined where it stands now.
        let frame = r#"1 | NAME = "Gr\xf6\xdfe \u65e5\u672c"; DEBUG = True"#;
        let (_, rest) = ascii.split_once(frame).expect("the line");
        let underline = rest.lines().nth(1).expect("a line");
        let mark = 2 + frame.find("DEBUG").expect("DEBUG");
        assert_eq!(underline.find("^^^^"), Some(mark), "{underline}");
    }
    let lines = |text: &str| text.lines().count();
    assert_eq!(lines(&utf8), lines(&shown("LC_ALL=C", check)));
    assert!(shown("LC_ALL=C", "\"$TIGHTSHIP\" checklist").is_ascii());
    // What a program reads is UTF-8 on every terminal, and so is what goes elsewhere.
    let json = shown("LC_ALL=C", "\"$TIGHTSHIP\" check --format json");
    assert!(json.contains("Größe 日本"), "JSON stays as it is");
    assert!(shown("LC_ALL=C", &format!("{check} | cat")).contains("●"));
    let said = shown("LC_ALL=C", "\"$TIGHTSHIP\" check ./Größe");
    assert!(said.contains(r"Gr\xf6\xdfe"), "{said}");
}

#[test]
fn all_that_tightship_draws_and_says_has_a_twin_in_ascii() {
    let escapes = |text: &str| {
        ["\\x", "\\u", "\\U"]
            .iter()
            .map(|escape| text.matches(escape).count())
            .sum::<usize>()
    };
    for check in tightship_checks::catalog() {
        let mut page = Vec::new();
        tightship_report::explain(check, 80, &mut page).expect("memory takes everything");
        let page = String::from_utf8(page).expect("UTF-8");
        let ascii = tightship_report::ascii(&page);
        assert!(ascii.is_ascii());
        assert_eq!(escapes(&ascii), escapes(&page), "{}", check.id);
    }
    let project = Project::careless();
    for line in [
        &["check", "--verbose"][..],
        &["checklist", "--verbose", "--list", "production"],
        &["checklist", "--verbose"],
        &["list"],
        &["due"],
        &["inspect", "settings", "--only", "DEBUG"],
    ] {
        let ascii = project.run(&[line, &["--ascii"]].concat()).stdout;
        assert!(
            ascii.is_ascii() && ascii.lines().count() > 1,
            "{line:?}: {ascii}"
        );
        assert_eq!(escapes(&ascii), 0, "{line:?}: {ascii}");
    }
    project.run(&["check", "--ascii", "--output", "report.txt"]);
    let file = project.read("report.txt");
    assert!(
        file.is_ascii() && file.contains("* critical  django/debug-on"),
        "{file}"
    );
}

/// Longer than what is left of a line beside a long place.
const LONG_NAMES: &str = "if True:
    DEBUG = True
    SECURE_HSTS_INCLUDE_SUBDOMAINS_OF_THIS_SHOP_AND_OF_ALL_ITS_OTHERS = True
";

#[test]
fn lines_fit_the_terminal() {
    let project = Project::with_settings(LONG_NAMES);
    for columns in [80, 100] {
        for command in [
            "check --verbose",
            "inspect settings",
            "list",
            "explain django/debug-on",
        ] {
            let line = format!(
                "stty rows 24 cols {columns}; \
                 \"$TIGHTSHIP\" {command} --no-color"
            );
            let shown = on_terminal(&project, &line, &[]);
            let width = |line: &str| line.trim_end().chars().count();
            let widest = shown
                .lines()
                .max_by_key(|line| width(line))
                .expect("a line");
            assert!(
                width(widest) <= columns,
                "{command} at {columns}: {} columns: {widest}",
                width(widest)
            );
        }
    }
}

/// A run that waits for its variables longer than the half second that needs no explanation.
fn with_slow_variables(redirection: &str) -> String {
    let wait = Duration::from_millis(1500).as_secs_f32();
    format!("\"$TIGHTSHIP\" check --env-file <(sleep {wait}; echo A=1) {redirection}")
}

/// What a terminal gets from a line of bash.
fn on_terminal(project: &Project, line: &str, variables: &[(&str, &str)]) -> String {
    let mut terminal = shell(
        project,
        "exec script -qec \"bash -c '$LINE'\" /dev/null",
        variables,
    );
    let answer = Answer::of(terminal.env("LINE", line));
    assert_eq!(answer.stderr, "", "script runs");
    answer.stdout
}

fn shell(project: &Project, line: &str, variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new("bash");
    command
        .args(["-c", line])
        .env_remove("NO_COLOR")
        .env_remove("CLICOLOR_FORCE")
        // In CI colours are written wherever nobody forbids them.
        .env_remove("CI")
        .env("TERM", "xterm")
        .env("LC_ALL", "C.UTF-8")
        .env("TIGHTSHIP", env!("CARGO_BIN_EXE_tightship"))
        .envs(variables.iter().copied())
        .current_dir(project.path(""))
        .stdin(Stdio::null());
    command
}
