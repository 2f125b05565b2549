//! The findings that carry the id of a package's own check, against that package: the same
//! settings go through `manage.py check --deploy` in a virtual environment that has them all.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use tightship_checks::judge;
use tightship_model::Outcome;
use tightship_read::Options;

/// Each a title and the settings that follow [`BASE`].
const CASES: &[(&str, &str)] = &[
    (
        "axes as it asks",
        r#"
INSTALLED_APPS += ["axes"]
MIDDLEWARE += ["axes.middleware.AxesMiddleware"]
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
"#,
    ),
    ("axes, the app alone", r#"INSTALLED_APPS += ["axes"]"#),
    (
        "axes, the combined backend, by its configuration class",
        r#"
INSTALLED_APPS += ["axes.apps.AppConfig"]
AUTHENTICATION_BACKENDS = ["axes.backends.AxesBackend"]
AXES_COOLOFF_TIME = 1
"#,
    ),
    (
        "axes, a cache in memory",
        r#"
INSTALLED_APPS += ["axes"]
AXES_HANDLER = "axes.handlers.cache.AxesCacheHandler"
"#,
    ),
    (
        "axes, an alias to a file cache",
        r#"
INSTALLED_APPS += ["axes"]
AXES_HANDLER = "axes.handlers.cache.AxesCacheHandler"
AXES_CACHE = "logins"
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"},
    "logins": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": "/tmp/logins"},
}
"#,
    ),
    (
        "axes, a database cache",
        r#"
INSTALLED_APPS += ["axes"]
AXES_HANDLER = "axes.handlers.cache.AxesCacheHandler"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}}
"#,
    ),
    (
        "axes, older names",
        r#"
INSTALLED_APPS += ["axes"]
AXES_ONLY_USER_FAILURES = True
AXES_PROXY_COUNT = 1
"#,
    ),
    (
        "axes, older names that do not matter beside the new one",
        r#"
INSTALLED_APPS += ["axes"]
AXES_ONLY_USER_FAILURES = True
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
"#,
    ),
    (
        "axes, names or addresses by the older switch",
        r#"
INSTALLED_APPS += ["axes"]
AXES_LOCK_OUT_BY_USER_OR_IP = True
"#,
    ),
    (
        "axes, by user agent",
        r#"
INSTALLED_APPS += ["axes"]
AXES_LOCKOUT_PARAMETERS = ["user_agent", ["username"]]
"#,
    ),
    (
        "axes, functions that are not there",
        r#"
INSTALLED_APPS += ["axes"]
AXES_LOCKOUT_CALLABLE = "own.locked"
AXES_CLIENT_IP_CALLABLE = "own.nowhere"
AXES_WHITELIST_CALLABLE = "nodots"
"#,
    ),
    (
        "corsheaders as it asks",
        r#"
INSTALLED_APPS += ["corsheaders"]
CORS_ALLOWED_ORIGINS = ["https://app.example.org", "http://localhost:3000", "null", "file://"]
CORS_ALLOWED_ORIGIN_REGEXES = [r"^https://\w+\.example\.org$"]
CORS_ALLOW_CREDENTIALS = True
"#,
    ),
    (
        "corsheaders, wrong types",
        r#"
INSTALLED_APPS += ["corsheaders"]
CORS_ALLOW_HEADERS = None
CORS_ALLOW_METHODS = [1]
CORS_ALLOW_CREDENTIALS = "yes"
CORS_ALLOW_PRIVATE_NETWORK = 1
CORS_PREFLIGHT_MAX_AGE = -1
CORS_ALLOW_ALL_ORIGINS = 0
CORS_ALLOWED_ORIGINS = {"https://app.example.org"}
CORS_ALLOWED_ORIGIN_REGEXES = None
CORS_EXPOSE_HEADERS = {"a"}
CORS_URLS_REGEX = 5
"#,
    ),
    (
        "corsheaders, origins that are none",
        r#"
INSTALLED_APPS += ["corsheaders"]
CORS_ORIGIN_WHITELIST = ["app.example.org", "https://app.example.org/path?x#y"]
CORS_PREFLIGHT_MAX_AGE = True
"#,
    ),
    (
        "corsheaders, a text for a list",
        r#"
INSTALLED_APPS += ["corsheaders"]
CORS_ALLOWED_ORIGINS = "https://app.example.org"
CORS_ALLOW_METHODS = "GET"
"#,
    ),
    (
        "corsheaders, removed settings",
        r#"
INSTALLED_APPS += ["corsheaders"]
CORS_MODEL = "x.Y"
CORS_REPLACE_HTTPS_REFERER = True
"#,
    ),
    (
        "corsheaders by its middleware alone is not checked",
        r#"
MIDDLEWARE += ["corsheaders.middleware.CorsMiddleware"]
CORS_ALLOW_CREDENTIALS = "yes"
"#,
    ),
    (
        "csp, names of version 3",
        r#"
INSTALLED_APPS += ["csp"]
MIDDLEWARE += ["csp.middleware.CSPMiddleware"]
CSP_DEFAULT_SRC = ("'self'",)
CSP_REPORT_ONLY = True
"#,
    ),
    (
        "csp, a text of prefixes",
        r#"
INSTALLED_APPS += ["csp"]
CONTENT_SECURITY_POLICY_REPORT_ONLY = {"EXCLUDE_URL_PREFIXES": "/admin", "DIRECTIVES": {}}
"#,
    ),
    (
        "csp as it asks",
        r#"
INSTALLED_APPS += ["csp"]
MIDDLEWARE += ["csp.middleware.CSPMiddleware"]
CONTENT_SECURITY_POLICY = {"EXCLUDE_URL_PREFIXES": ["/admin"], "DIRECTIVES": {"default-src": ["'self'"]}}
"#,
    ),
    (
        "rest_framework, a size without a class",
        r#"
INSTALLED_APPS += ["rest_framework"]
REST_FRAMEWORK = {"PAGE_SIZE": 20}
"#,
    ),
    (
        "rest_framework, both",
        r#"
INSTALLED_APPS += ["rest_framework"]
REST_FRAMEWORK = {"PAGE_SIZE": 20, "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.PageNumberPagination"}
"#,
    ),
    (
        "allauth, login by an address that sign-up leaves out",
        r#"
INSTALLED_APPS += ["allauth", "allauth.account"]
MIDDLEWARE += ["allauth.account.middleware.AccountMiddleware"]
ACCOUNT_LOGIN_METHODS = {"email"}
"#,
    ),
    (
        "allauth, one of two ways is required",
        r#"
INSTALLED_APPS += ["allauth", "allauth.account"]
MIDDLEWARE += ["allauth.account.middleware.AccountMiddleware"]
ACCOUNT_LOGIN_METHODS = {"email", "username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*"]
"#,
    ),
    (
        "allauth, older names in conflict",
        r#"
INSTALLED_APPS += ["allauth", "allauth.account"]
MIDDLEWARE += ["allauth.account.middleware.AccountMiddleware"]
ACCOUNT_AUTHENTICATION_METHOD = "email"
ACCOUNT_EMAIL_REQUIRED = False
"#,
    ),
    (
        "debug_toolbar, the app alone",
        r#"
INSTALLED_APPS += ["debug_toolbar"]
TEMPLATES = []
DEBUG_TOOLBAR_PANELS = []
DEBUG_TOOLBAR_CONFIG = {"OBSERVE_REQUEST_CALLBACK": "own.locked"}
"#,
    ),
    (
        "debug_toolbar, twice",
        r#"
INSTALLED_APPS += ["debug_toolbar"]
MIDDLEWARE += ["debug_toolbar.middleware.DebugToolbarMiddleware"] * 2
"#,
    ),
    (
        "debug_toolbar before compression, by a subclass",
        r#"
INSTALLED_APPS += ["debug_toolbar"]
MIDDLEWARE += ["toolbar.Toolbar", "django.middleware.gzip.GZipMiddleware"]
"#,
    ),
    (
        "debug_toolbar as it asks, and middleware of Django 1.9",
        r#"
INSTALLED_APPS += ["debug_toolbar"]
MIDDLEWARE += ["django.middleware.gzip.GZipMiddleware", "debug_toolbar.middleware.DebugToolbarMiddleware"]
MIDDLEWARE_CLASSES = []
"#,
    ),
];

const BASE: &str = r#"
SECRET_KEY = "kP3-vXq8_Zt6.Ry0~Bn4+Lm7Jc2Hg5Fa9UoEeIiQqWwTtYySsDdG"
ALLOWED_HOSTS = ["shop.example.org"]
ROOT_URLCONF = "urls"
STATIC_URL = "static/"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
"#;

const OWN: &str = "\
def locked(*args):
    return None
";

const TOOLBAR: &str = "\
from debug_toolbar.middleware import DebugToolbarMiddleware


class Toolbar(DebugToolbarMiddleware):
    pass
";

const MANAGE_PY: &str = "\
import os
import sys

os.environ.setdefault(\"DJANGO_SETTINGS_MODULE\", \"settings\")
from django.core.management import execute_from_command_line

execute_from_command_line(sys.argv)
";

/// The labels under which these packages report.
const PACKAGES: [&str; 6] = [
    "account",
    "axes",
    "corsheaders",
    "csp",
    "debug_toolbar",
    "rest_framework",
];

#[test]
fn packages_report_the_same_ids() {
    let python = tightship_testbed::python("django52");
    let workers = std::thread::available_parallelism().map_or(2, |cores| cores.get());
    let share = CASES.len().div_ceil(workers);
    let differences: Vec<String> = std::thread::scope(|scope| {
        let shares: Vec<_> = CASES
            .chunks(share)
            .map(|cases| {
                scope.spawn(|| {
                    cases
                        .iter()
                        .filter_map(|case| compare(&python, case))
                        .collect()
                })
            })
            .collect();
        let joined = shares.into_iter().map(|share| share.join());
        joined
            .flat_map(|found: std::thread::Result<Vec<String>>| found.expect("a worker"))
            .collect()
    });
    assert!(
        differences.is_empty(),
        "{} of {} settings differ:\n{}",
        differences.len(),
        CASES.len(),
        differences.join("\n")
    );
}

/// Every id that a check claims is met by one of the cases, so that a claim cannot go untested.
#[test]
fn every_claimed_id_has_a_case() {
    let met: BTreeSet<String> = CASES
        .iter()
        .flat_map(|(_, settings)| ours(project(settings).path()))
        .collect();
    let claimed: BTreeSet<String> = tightship_checks::catalog()
        .flat_map(|check| check.django_ids)
        .filter(|id| is_of_a_package(id))
        .map(|id| (*id).to_owned())
        .collect();
    let unmet: Vec<_> = claimed.difference(&met).collect();
    assert!(unmet.is_empty(), "no case meets {unmet:?}");
}

fn compare(python: &Path, (title, settings): &(&str, &str)) -> Option<String> {
    let folder = project(settings);
    let (theirs, output) = theirs(python, folder.path());
    let ours = ours(folder.path());
    (theirs != ours)
        .then(|| format!("{title}: the packages report {theirs:?}, tightship {ours:?}\n{output}"))
}

/// A project with these settings in a folder of its own.
fn project(settings: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, text) in [
        ("manage.py", MANAGE_PY),
        ("own.py", OWN),
        ("toolbar.py", TOOLBAR),
        ("urls.py", "urlpatterns = []\n"),
        ("settings.py", &format!("{BASE}\n{settings}\n")),
        ("requirements.txt", "django-csp==4.0\n"),
    ] {
        std::fs::write(folder.path().join(name), text).expect("a file");
    }
    folder
}

/// The ids that the packages report, and the whole output.
fn theirs(python: &Path, folder: &Path) -> (BTreeSet<String>, String) {
    let output = Command::new(python)
        .args(["manage.py", "check", "--deploy"])
        .current_dir(folder)
        .env_remove("DJANGO_SETTINGS_MODULE")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .expect("a running Python");
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(
        !text.contains("Traceback"),
        "the settings do not load:\n{text}"
    );
    let ids = text
        .split(['(', ')'])
        .filter(|word| is_of_a_package(word) && !word.contains(char::is_whitespace))
        .map(str::to_owned)
        .collect();
    (ids, text)
}

/// The ids of packages that tightship reports.
fn ours(folder: &Path) -> BTreeSet<String> {
    let options = Options {
        now: 1_800_000_000,
        ..Options::default()
    };
    let deployment = tightship_read::read(folder, &options).expect("a readable project");
    judge(&deployment, |check| {
        check.django_ids.iter().any(|id| is_of_a_package(id))
    })
    .into_iter()
    .flat_map(|verdict| match verdict.outcome {
        Outcome::Fail(findings) => findings,
        _ => Vec::new(),
    })
    .filter_map(|finding| finding.django_id)
    .filter(|id| is_of_a_package(id))
    .map(str::to_owned)
    .collect()
}

fn is_of_a_package(id: &str) -> bool {
    id.split_once('.').is_some_and(|(label, number)| {
        PACKAGES.contains(&label) && number.len() == 4 && number.starts_with(['E', 'W'])
    })
}
