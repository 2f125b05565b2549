//! The built-in lists, and `tightship checklist` as a team uses it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use tightship_checklist::{BUILT_IN, Binding, Checklist, Item};
use tightship_model::checklist::Kind;

use crate::documents::{assert_current, assert_valid, docs};
use crate::project::{Answer, Project};

/// Rows by the ids of the checks that prove them, as the checks themselves say.
fn proofs() -> BTreeMap<String, Vec<String>> {
    let list = Project::empty().run(&["list", "--format", "json"]).stdout;
    let list: Value = serde_json::from_str(&list).expect("JSON");
    let mut proofs = BTreeMap::<String, Vec<String>>::new();
    for check in list["checks"].as_array().expect("checks") {
        for row in check["items"].as_array().expect("items") {
            let id = check["id"].as_str().expect("an id").to_owned();
            let row = row.as_str().expect("a row").to_owned();
            proofs.entry(row).or_default().push(id);
        }
    }
    proofs
}

/// What the file says by hand (areas, and checks narrowed to a subject) stays; the checks that name
/// the row in their record are written beside it.
fn bound(item: &Item, proofs: &BTreeMap<String, Vec<String>>) -> Binding {
    let mut binding = item.binding.clone();
    binding.checks.retain(|check| check.contains(['#', '*']));
    let by_hand = binding.checks.clone();
    let is_new = |id: &&String| {
        !by_hand.iter().any(|check| {
            let (known, _) = Binding::check_and_subject(check);
            known == *id
                || known
                    .strip_suffix('*')
                    .is_some_and(|area| id.starts_with(area))
        })
    };
    let named = proofs.get(&binding.id).into_iter().flatten();
    binding.checks.extend(named.filter(is_new).cloned());
    binding.checks.sort();
    binding
}

#[test]
fn rows_are_bound_to_the_checks_that_name_them() {
    let proofs = proofs();
    for (name, _) in BUILT_IN {
        let path = docs().join(format!("../checklists/{name}.md"));
        let mut text = std::fs::read_to_string(&path).expect("a list");
        let list = Checklist::parse(name, &text).expect("a list");
        for item in &list.items {
            let start = text.find(&format!("<!-- tightship {};", item.binding.id));
            let start = start.expect("its comment");
            let end = start + text[start..].find("-->").expect("its end") + 3;
            text.replace_range(start..end, &wrapped(&bound(item, &proofs).comment()));
        }
        assert_current(&path, &text);
    }
}

/// A comment on lines that fit an editor, below its row.
fn wrapped(comment: &str) -> String {
    const WIDTH: usize = 104;
    let mut lines = vec![String::new()];
    for word in comment.split(' ') {
        let line = lines.last_mut().expect("a line");
        if line.is_empty() {
            line.push_str(word);
        } else if line.len() + 1 + word.len() > WIDTH && word != "-->" {
            lines.push(word.to_owned());
        } else {
            line.push(' ');
            line.push_str(word);
        }
    }
    lines.join("\n  ")
}

fn ids(name: &str) -> Vec<String> {
    let list = tightship_checklist::built_in(name).expect("a list");
    list.items.into_iter().map(|item| item.binding.id).collect()
}

#[test]
fn the_complete_list_joins_both_and_sixty_rows_with_their_sources() {
    let (deployment, production) = (ids("deployment"), ids("production"));
    assert_eq!((deployment.len(), production.len()), (120, 108));
    let complete = tightship_checklist::built_in("complete").expect("a list");
    let mut known: BTreeSet<_> = deployment.into_iter().chain(production).collect();
    assert_eq!(known.len(), 228);
    for number in 1..=60 {
        known.insert(format!("X{number}"));
    }
    let all: BTreeSet<_> = ids("complete").into_iter().collect();
    assert_eq!(all, known);
    for item in &complete.items {
        let binding = &item.binding;
        let is_extra = binding.id.starts_with('X');
        assert_eq!(binding.source.is_some(), is_extra, "{}", binding.id);
        assert!(binding.owner.is_some(), "{} has no owner", binding.id);
    }
    for row in proofs().keys() {
        assert!(all.contains(row), "a check names {row}, which is no row");
    }
}

#[test]
fn every_row_is_bound() {
    for (name, _) in BUILT_IN {
        let list = tightship_checklist::built_in(name).expect("a list");
        for item in &list.items {
            let binding = &item.binding;
            let is_bound = match binding.kind {
                Kind::Check => !binding.checks.is_empty() || !binding.needs.is_empty(),
                Kind::Duty => binding.cadence.is_some(),
                Kind::Drill | Kind::Watch | Kind::SignOff => binding.valid.is_some(),
                Kind::Step => true,
            };
            assert!(is_bound, "{} of {name} is bound to nothing", binding.id);
        }
    }
}

fn on_demo(demo: &str, arguments: &[&str]) -> Answer {
    Answer::of(
        Project::empty()
            .command(&[&["checklist", demo], arguments].concat())
            .current_dir(docs().join("..")),
    )
}

#[test]
fn both_demos_get_a_verdict_on_each_row() {
    for (demo, code) in [("demo/careless", 1), ("demo/hardened", 0)] {
        let answer = on_demo(demo, &["--format", "json"]);
        assert_eq!(answer.code, code, "{demo}: {}", answer.stderr);
        assert_valid("checklist", &answer.stdout);
        let document: Value = serde_json::from_str(&answer.stdout).expect("JSON");
        let items = document["items"].as_array().expect("items");
        assert_eq!(items.len(), 288);
        for item in items {
            let id = item["id"].as_str().expect("an id");
            assert_ne!(item["reason"], "", "{demo}: {id} gives no reason");
            let is_open =
                ["unknown", "due", "overdue"].contains(&item["status"].as_str().expect("one"));
            assert!(
                !is_open || item["remedy"].is_string(),
                "{demo}: {id} gives no remedy"
            );
        }
        let standing = |id: &str| {
            let item = items.iter().find(|item| item["id"] == id);
            item.expect(id)["status"]
                .as_str()
                .expect("a status")
                .to_owned()
        };
        let careless = demo == "demo/careless";
        for row in [
            "A1.1", "A2.4", "A3.5", "A4.1", "B5.2", "B6.3", "B9.4", "X37",
        ] {
            assert_eq!(
                standing(row),
                if careless { "fail" } else { "pass" },
                "{demo}: {row}"
            );
        }
        assert_eq!(standing("A6.3"), "unknown", "nobody looked at the site");
        assert_eq!(standing("B12.1"), "due");
        assert_eq!(standing("A19.1"), "not-applicable", "no incident is open");
        let shown = on_demo(demo, &[]).stdout;
        for item in items {
            let id = item["id"].as_str().expect("an id");
            assert!(
                shown.contains(&format!(" {id} ")),
                "{demo}: {id} is not shown"
            );
        }
    }
}

const SECURED: &str = "MIDDLEWARE = [\"django.middleware.security.SecurityMiddleware\"]\n";

const OWN: &str = "\u{feff}# Ours\r\n\r\n\
    * [x] no tracebacks <!-- tightship debug; checks: django/debug-on --> => an old word\r\n\
    * [ ] two years <!-- tightship hsts; checks: django/hsts-short; hsts-seconds: 63072000 -->\r\n\
    * [X] our own business\r\n";

#[test]
fn a_list_of_the_teams_own_is_ticked_and_else_left_as_it_is() {
    let settings = format!("DEBUG = True\nSECURE_HSTS_SECONDS = 63072000\n{SECURED}");
    let project = Project::with_settings(&settings).file("ops/LIST.md", OWN);
    let answer = project.run(&["checklist", "--list", "ops/LIST.md", "--write"]);
    assert_eq!((answer.code, answer.stderr.as_str()), (1, ""));
    let told = "ops/LIST.md: 1 of 2 rows are ticked, 1 newly; 1 no longer is\n";
    assert_eq!(answer.stdout, told);
    let written = project.read("ops/LIST.md");
    let lines: Vec<_> = written.split("\r\n").collect();
    assert!(
        lines[2].starts_with(
            "* [ ] no tracebacks <!-- tightship debug; checks: django/debug-on --> => fail: "
        ),
        "{}",
        lines[2]
    );
    assert!(
        lines[3].starts_with("* [x] two years <!-- tightship hsts; "),
        "{}",
        lines[3]
    );
    assert_eq!(lines[4], "* [X] our own business");
    project.run(&["checklist", "--list", "ops/LIST.md", "--write"]);
    assert_eq!(
        project.read("ops/LIST.md"),
        written,
        "a second time changes nothing"
    );
}

/// A run takes a while; what somebody writes into the list meanwhile stays.
#[test]
fn what_is_written_during_a_run_is_not_lost() {
    let item = "- [ ] off <!-- tightship off; checks: django/debug-on -->\n";
    let project = Project::careless().file("real/LIST.md", item);
    std::os::unix::fs::symlink("real/LIST.md", project.path("LIST.md")).expect("a link");
    let late = "- [ ] written meanwhile";
    // Opening the pipe waits for the run, which has read the list by then.
    let script = "mkfifo pipe; \
        { exec 3>pipe; printf '%s\\n' \"$LATE\" >> real/LIST.md; echo A=1 >&3; } & \
        \"$TIGHTSHIP\" checklist --list LIST.md --write --env-file pipe";
    let answer = Answer::of(
        std::process::Command::new("bash")
            .args(["-c", script])
            .env("TIGHTSHIP", env!("CARGO_BIN_EXE_tightship"))
            .env("LATE", late)
            .current_dir(project.path("")),
    );
    assert_eq!((answer.code, answer.stderr.as_str()), (1, ""));
    let written = project.read("real/LIST.md");
    assert!(written.contains("--> => fail: DEBUG is True"), "{written}");
    assert!(written.ends_with(&format!("{late}\n")), "{written}");
    let link = project
        .path("LIST.md")
        .symlink_metadata()
        .expect("it is there");
    assert!(link.is_symlink(), "the link leads there still");
}

#[test]
fn the_configuration_names_the_lists_and_the_stricter_threshold_counts() {
    let settings = format!("DEBUG = False\nSECURE_HSTS_SECONDS = 31536000\n{SECURED}");
    let project = Project::with_settings(&settings).file("LIST.md", OWN).file(
        "tightship.toml",
        "checklists = [\"deployment\", \"LIST.md\"]\n",
    );
    let answer = project.run(&["checklist", "--format", "json"]);
    let document: Value = serde_json::from_str(&answer.stdout).expect("JSON");
    assert_eq!(document["lists"][0], "deployment");
    let notes = document["notes"].to_string();
    assert!(
        notes.contains("hsts-seconds is held to the stricter 63072000 (hsts of"),
        "{notes}"
    );
    assert!(notes.contains("1 box of"), "{notes}");
    let row = |id: &str| {
        let items = document["items"].as_array().expect("items").iter();
        items
            .clone()
            .find(|item| item["id"] == id)
            .expect("a row")
            .clone()
    };
    assert_eq!(row("hsts")["status"], "fail");
    assert_eq!(row("A2.4")["parameters"]["hsts-seconds"], 63_072_000);
}

#[test]
fn what_is_wrong_with_a_list_is_said_with_its_line() {
    let project = Project::careless()
        .file(
            "broken.md",
            "- [ ] a <!-- tightship a; checsk: django/debug-on -->\n",
        )
        .file(
            "unknown.md",
            "\n- [ ] a <!-- tightship a; checks: django/debug-of -->\n",
        )
        .file("latin.md", b"\n- [ ] caf\xe9\n");
    for (list, cause, help) in [
        (
            "broken.md",
            "broken.md:1: \"checsk\" is no key; did you mean checks?",
            "chapter",
        ),
        (
            "unknown.md",
            "unknown.md:2: no check is called",
            "did you mean django/debug-on?",
        ),
        (
            "latin.md",
            "is not UTF-8 from line 2 on",
            "deployment, production, complete",
        ),
        (
            "nowhere.md",
            "nowhere.md cannot be read",
            "deployment, production, complete",
        ),
    ] {
        project
            .run(&["checklist", "--list", list])
            .is_failure(cause, help);
    }
    project
        .run(&["checklist", "--list", "production", "--write"])
        .is_failure("tightship's own", "--format markdown > production.md");
}

#[test]
fn a_copy_of_a_built_in_list_is_ticked_and_can_be_kept() {
    let project = Project::careless();
    let copy = project
        .run(&["checklist", "--list", "deployment", "--format", "markdown"])
        .stdout;
    let (_, row) = copy
        .split_once("- [ ] `DEBUG` is off in production")
        .expect("the row");
    let (row, _) = row.split_once("\n- [").expect("the next row");
    assert!(row.contains("--> => fail: DEBUG is True"), "{row}");
    let project = project.file("SECURITY.md", &copy);
    let answer = project.run(&["checklist", "--list", "SECURITY.md", "--write"]);
    assert_eq!(answer.code, 1, "{}", answer.stderr);
    assert_eq!(
        project.read("SECURITY.md"),
        copy,
        "it stands as it was ticked"
    );
}

#[test]
fn hostile_text_stays_text_on_the_page() {
    let project = Project::careless().file(
        "LIST.md",
        "## </title><script>alert(1)</script>\n\n\
         - [ ] <img src=x onerror=alert(1)> & \"q\" <!-- tightship a; checks: django/debug-on -->\n",
    );
    let page = project
        .run(&["checklist", "--list", "LIST.md", "--format", "html"])
        .stdout;
    assert!(
        !page.contains("<script>alert") && !page.contains("<img"),
        "{page}"
    );
    assert_eq!(page.matches("<script").count(), 1, "the page's own");
    assert!(page.contains("default-src 'none'"), "{page}");
}

/// Headings of the complete list that the README shows, as `demo/hardened` stands.
const SHOWN: [&str; 2] = ["### Django's security settings", "### Database"];

#[test]
fn the_ticked_list_in_the_readme_is_current() {
    const BEGIN: &str = "<!-- ticked -->\n";
    const END: &str = "<!-- /ticked -->";
    let list = on_demo("demo/hardened", &["--format", "markdown"]).stdout;
    let path = docs().join("../README.md");
    let readme = std::fs::read_to_string(&path).expect("a README");
    let (before, rest) = readme.split_once(BEGIN).expect("a place for the list");
    let (_, after) = rest.split_once(END).expect("its end");
    let mut ticked = String::new();
    for heading in SHOWN {
        let (_, section) = list.split_once(heading).expect("a heading");
        let (section, _) = section.split_once("\n#").expect("the next heading");
        let name = heading.trim_start_matches('#').trim();
        ticked.push_str(&format!(
            "**{name}**\n\n{}\n\n",
            without_comments(section.trim())
        ));
    }
    assert!(
        ticked.contains("- [x] ") && ticked.contains("- [ ] "),
        "{ticked}"
    );
    assert_current(&path, &format!("{before}{BEGIN}\n{ticked}{END}{after}"));
}

/// Rows without what binds them, which nobody sees.
fn without_comments(section: &str) -> String {
    let mut rows = String::new();
    let mut rest = section;
    while let Some((row, tail)) = rest.split_once("<!-- tightship ") {
        rows.push_str(row.trim_end());
        rest = tail.split_once("-->").expect("it ends").1;
    }
    rows + rest
}
