//! Django's own checks and these give the same ids, in each Django that is installed.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use tightship_checks::{catalog, judge};
use tightship_model::Outcome;

use crate::cases::{self, Project, cases};

#[test]
fn ids_are_those_of_django_5_2() {
    compare("django52", "5.2");
}

#[test]
fn ids_are_those_of_django_6_0() {
    compare("django60", "6.0");
}

#[test]
fn ids_are_those_of_django_6_1() {
    compare("django61", "6.1");
}

/// Judges the recorded cases and as many mixed settings as [`MIXTURES`], here and by Django.
fn compare(venv: &str, version: &str) {
    let Some(python) = tightship_testbed::python_unless_skipped(venv) else {
        return;
    };
    let mut projects: Vec<_> = cases()
        .iter()
        .filter_map(|case| case.project(version))
        .collect();
    projects.extend((0..MIXTURES).map(|seed| mixture(seed, version)));
    let theirs = djangos_ids(&python, &projects);
    let distinct: BTreeSet<_> = theirs.iter().flatten().collect();
    assert!(distinct.len() > 20, "Django gives only {distinct:?}");
    let wrong: Vec<_> = projects
        .iter()
        .zip(theirs)
        .filter_map(|(project, theirs)| {
            let ours = our_ids(project);
            let text = std::fs::read_to_string(project.folder.path().join("settings.py"));
            (ours != theirs).then(|| {
                let text = text.unwrap_or_default();
                format!(
                    "{text}{:?}\n  ours:   {ours:?}\n  theirs: {theirs:?}",
                    project.environment
                )
            })
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// Settings put together of the possible values below, a different mixture for each seed.
fn mixture(seed: u64, version: &str) -> Project {
    let mut chance = Chance(seed);
    let mut settings = String::new();
    for (name, values) in VALUES {
        let value = chance.choose(values);
        if value != "-" {
            settings += &format!("{name} = {value}\n");
        }
    }
    let middleware: String = MIDDLEWARE
        .iter()
        .filter(|_| !chance.next().is_multiple_of(3))
        .map(|class| format!("    \"{class}\",\n"))
        .collect();
    settings += &format!("MIDDLEWARE = [\n{middleware}]\n");
    let environment = match chance.choose(&["-", "", "1"]) {
        "-" => BTreeMap::new(),
        value => BTreeMap::from([("DJANGO_ALLOW_ASYNC_UNSAFE".to_owned(), value.to_owned())]),
    };
    Project::new(&settings, version, environment)
}

fn our_ids(project: &Project) -> Vec<String> {
    let verdicts = judge(&project.read(), |check| !check.django_ids.is_empty());
    let mut ids: Vec<_> = verdicts
        .iter()
        .inspect(|verdict| {
            let open = matches!(verdict.outcome, Outcome::Unknown { .. });
            assert!(!open, "{}: {:?}", verdict.check.id, verdict.outcome);
        })
        .flat_map(|verdict| cases::django_ids(&verdict.outcome))
        .filter(|id| is_djangos(id))
        .map(str::to_owned)
        .collect();
    ids.sort_unstable();
    ids
}

/// The ids that Django gives, of those that a check here stands for.
fn djangos_ids(python: &PathBuf, projects: &[Project]) -> Vec<Vec<String>> {
    let jobs: Vec<_> = projects
        .iter()
        .map(|project| {
            serde_json::json!({
                "folder": project.folder.path(),
                "environment": project.environment,
            })
        })
        .collect();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/django/checks.py");
    let mut child = Command::new(python)
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("Python starts");
    let mut input = child.stdin.take().expect("standard input");
    input
        .write_all(serde_json::Value::from(jobs).to_string().as_bytes())
        .expect("Python reads");
    drop(input);
    let output = child.wait_with_output().expect("Python ends");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let answers: Vec<Vec<String>> = serde_json::from_slice(&output.stdout).expect("lists of ids");
    let known: BTreeSet<_> = catalog()
        .flat_map(|check| check.django_ids)
        .copied()
        .collect();
    answers
        .into_iter()
        .map(|ids| {
            ids.into_iter()
                .filter(|id| known.contains(id.as_str()))
                .collect()
        })
        .collect()
}

/// Whether an id is one of Django's own, not a package's.
fn is_djangos(id: &str) -> bool {
    let area = id.split('.').next().unwrap_or(id);
    ["security", "mail", "async", "caches", "files", "4_0"].contains(&area)
}

/// Numbers that look random and are the same each time (xorshift64*, Vigna 2016).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33
    }

    fn choose<'a>(&mut self, values: &[&'a str]) -> &'a str {
        values[self.next() as usize % values.len()]
    }
}

const MIXTURES: u64 = 60;

const MIDDLEWARE: [&str; 6] = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
];

/// Settings and their possible values as Python writes them; `-` leaves the setting out.
const VALUES: [(&str, &[&str]); 25] = [
    ("DEBUG", &["-", "True", "False", "1", "\"False\"", "\"\""]),
    (
        "SECRET_KEY",
        &[
            "-",
            "\"short\"",
            "\"a\" * 60",
            "\"django-insecure-\" + \"abcdefghij\" * 5",
            "\"abcdefghij\" * 5",
        ],
    ),
    (
        "SECRET_KEY_FALLBACKS",
        &[
            "-",
            "[]",
            "[\"old\", \"older\"]",
            "(\"abcdefghij\" * 5, \"x\")",
        ],
    ),
    (
        "ALLOWED_HOSTS",
        &["-", "[]", "[\"*\"]", "[\"\"]", "(\".example.org\",)"],
    ),
    (
        "INSTALLED_APPS",
        &[
            "-",
            "[\"django.contrib.sessions\"]",
            "[\"django.contrib.auth\"]",
        ],
    ),
    (
        "SECURE_HSTS_SECONDS",
        &["-", "0", "3600", "None", "\"3600\""],
    ),
    (
        "SECURE_HSTS_INCLUDE_SUBDOMAINS",
        &["-", "True", "1", "\"True\""],
    ),
    ("SECURE_HSTS_PRELOAD", &["-", "True", "1"]),
    ("SECURE_CONTENT_TYPE_NOSNIFF", &["-", "True", "False", "1"]),
    ("SECURE_SSL_REDIRECT", &["-", "True", "False", "not False"]),
    ("SESSION_COOKIE_SECURE", &["-", "True", "1", "\"yes\""]),
    ("SESSION_COOKIE_HTTPONLY", &["-", "True", "False", "1"]),
    ("CSRF_COOKIE_SECURE", &["-", "True", "1", "None"]),
    ("CSRF_USE_SESSIONS", &["-", "True", "0", "\"no\""]),
    (
        "CSRF_FAILURE_VIEW",
        &[
            "-",
            "\"\"",
            "\"nodots\"",
            "\"shop.views.without_reason\"",
            "\"shop.views.class_based\"",
        ],
    ),
    (
        "CSRF_TRUSTED_ORIGINS",
        &["-", "[\"example.org\"]", "[\"https://example.org\", \"\"]"],
    ),
    (
        "X_FRAME_OPTIONS",
        &["-", "\"DENY\"", "\"deny\"", "\"SAMEORIGIN\"", "None"],
    ),
    (
        "SECURE_REFERRER_POLICY",
        &[
            "-",
            "None",
            "\"\"",
            "\"origin, same-origin\"",
            "\"origin,other\"",
            "[\"no-referrer\", \"origin\"]",
            "()",
            "{\"bad\"}",
        ],
    ),
    (
        "SECURE_CROSS_ORIGIN_OPENER_POLICY",
        &["-", "None", "\"\"", "\"unsafe-none\"", "\"same_origin\""],
    ),
    (
        "SECURE_CSP",
        &[
            "-",
            "None",
            "{\"default-src\": [\"'self'\"]}",
            "{\"script-src\": (\"'self'\", \"<CSP_NONCE_SENTINEL>\")}",
            "{\"script-src\": \"'self' <CSP_NONCE_SENTINEL>\"}",
            "\"default-src 'self'\"",
        ],
    ),
    (
        "SECURE_CSP_REPORT_ONLY",
        &["-", "False", "{\"script-src\": {\"<CSP_NONCE_SENTINEL>\"}}"],
    ),
    (
        "TEMPLATES",
        &[
            "-",
            "[]",
            "[{\"OPTIONS\": {\"context_processors\": [\"django.template.context_processors.csp\"]}}]",
        ],
    ),
    (
        "CACHES",
        &[
            "-",
            "{\"other\": {\"BACKEND\": \"django.core.cache.backends.locmem.LocMemCache\"}}",
            "{\"default\": {\"BACKEND\": \"django.core.cache.backends.filebased.FileBasedCache\", \
             \"LOCATION\": \"/srv/shop/media/cache\"}}",
            "{\"default\": {\"BACKEND\": \"django.core.cache.backends.filebased.FileBasedCache\", \
             \"LOCATION\": \"cache\"}}",
        ],
    ),
    (
        "MEDIA_ROOT",
        &["-", "\"/srv/shop/media\"", "\"/srv/shop/media/cache/x\""],
    ),
    (
        "MAILERS",
        &[
            "-",
            "{}",
            "{\"default\": {}}",
            "{\"default\": {\"BACKEND\": \"django.core.mail.backends.dummy.EmailBackend\"}}",
        ],
    ),
];
