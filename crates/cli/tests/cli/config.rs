//! `tightship.toml` and `[tool.tightship]`.

use crate::project::{Project, verdict};

/// Says all that a configuration can say.
pub(crate) const EVERYTHING: &str = r#"
select = ["django", "waivers/*"]
ignore = ["django/hsts-off"]
fail-on = "critical"
format = "json"
outputs = [{ format = "sarif", file = "report.sarif" }]
settings = "shop.settings"
env-file = ".env.prod"
baseline = "baseline.json"
checklists = ["deployment", "LIST.md"]
time-zone = "Europe/Berlin"

[thresholds]
hsts-seconds = 3600

[[waivers]]
check = "django/debug-on"
subject = "settings:DEBUG"
reason = "a demo"
owner = "nobody"
expires = "2027-01-31"
"#;

#[test]
fn unknown_names_are_refused_with_their_place_and_the_nearest_name() {
    let cases = [
        ("selct = []", "tightship.toml:1", "did you mean select?"),
        (
            "fail-on = \"hgh\"",
            "tightship.toml:1",
            "did you mean high?",
        ),
        (
            "\n[thresholds]\nhsts-secnds = 1",
            "tightship.toml:3",
            "did you mean hsts-seconds?",
        ),
        (
            "[[waivers]]\nowner = \"x\"\nreasons = \"x\"",
            "tightship.toml:3",
            "did you mean reason?",
        ),
        ("select = 3", "tightship.toml:1", "schema config"),
        ("select = [", "tightship.toml:1", "schema config"),
    ];
    for (text, place, help) in cases {
        Project::empty()
            .file("tightship.toml", text)
            .run(&["check"])
            .is_failure(place, help);
    }
}

#[test]
fn a_waiver_needs_a_date() {
    let waiver = "[[waivers]]\ncheck = \"django/debug-on\"\nsubject = \"settings:DEBUG\"\n\
        reason = \"a demo\"\nowner = \"nobody\"\n";
    Project::careless()
        .file("tightship.toml", waiver)
        .run(&["check"])
        .is_failure("missing field `expires`", "schema config");
    Project::careless()
        .file(
            "tightship.toml",
            format!("{waiver}expires = \"next year\"\n"),
        )
        .run(&["check"])
        .is_failure(
            "tightship.toml:6: expires is \"next year\"",
            "schema config",
        );
}

#[test]
fn pyproject_says_the_same() {
    let project = Project::careless().file(
        "pyproject.toml",
        "[project]\nname = \"shop\"\n\n[tool.tightship]\nfail-on = \"never\"\n",
    );
    assert_eq!(project.run(&["check"]).code, 0);
    Project::careless()
        .file("pyproject.toml", "[tool.tightship]\nfail-no = \"never\"\n")
        .run(&["check"])
        .is_failure("pyproject.toml:2", "did you mean fail-on?");
}

#[test]
fn a_pyproject_that_is_broken_elsewhere_is_no_concern() {
    let project = Project::careless().file("pyproject.toml", "[project\n");
    assert_eq!(project.run(&["check"]).code, 1);
}

#[test]
fn flags_win_over_the_file() {
    let project = Project::careless().file("tightship.toml", "fail-on = \"never\"\n");
    assert_eq!(project.run(&["check"]).code, 0);
    assert_eq!(project.run(&["check", "--fail-on", "critical"]).code, 1);
}

#[test]
fn paths_are_relative_to_the_file() {
    let project = Project::careless().file(
        "shop/tightship.toml",
        "fail-on = \"never\"\noutputs = [{ format = \"json\", file = \"out.json\" }]\n",
    );
    let answer = project.run(&["check", "--config", "shop/tightship.toml"]);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    assert!(project.read("shop/out.json").contains("tightship.report/1"));
}

#[test]
fn everything_is_understood() {
    let project =
        Project::with_settings("DEBUG = True\nSECRET_KEY = __import__('os').environ['K']\n")
            .file("tightship.toml", EVERYTHING)
            .file(".env.prod", "A=1\n")
            .file(
                "baseline.json",
                r#"{"schema": "tightship.report/1", "verdicts": []}"#,
            );
    let answer = project.run(&["check"]);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    assert!(answer.stdout.contains("tightship.report/1"));
    assert!(project.read("report.sarif").contains("2.1.0"));
}

#[test]
fn thresholds_reach_the_checks() {
    const CHECK: &str = "axes/failure-limit-high";
    let project = || {
        Project::with_settings(
            "INSTALLED_APPS = [\"axes\"]\nAXES_FAILURE_LIMIT = 9\n\
             AUTHENTICATION_BACKENDS = [\"axes.backends.AxesStandaloneBackend\"]\n\
             MIDDLEWARE = [\"axes.middleware.AxesMiddleware\"]\n",
        )
    };
    let status = |project: Project| verdict(&project.report(&[]), CHECK)["status"].clone();
    assert_eq!(status(project()), "fail");
    let lenient = project().file("tightship.toml", "[thresholds]\naxes-failure-limit = 9\n");
    assert_eq!(status(lenient), "pass");
}
