//! Reads `cases.json` and lays its cases out as projects.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use tightship_model::{Deployment, Dict, Items, Outcome, Traced, Trail, Value};
use tightship_read::Options;

/// One call of one of Django's deployment checks.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) function: String,
    pub(crate) settings: BTreeMap<String, Value>,
    /// Settings that not even Django's defaults define.
    pub(crate) removed: Vec<String>,
    pub(crate) environment: BTreeMap<String, Value>,
    /// Sorted.
    pub(crate) expect: Vec<String>,
}

pub(crate) fn cases() -> Vec<Case> {
    let fixture: Json =
        serde_json::from_str(include_str!("cases.json")).expect("a fixture in JSON");
    let cases = fixture["cases"].as_array().expect("cases");
    cases.iter().map(case).collect()
}

/// The checks that ask what a function of Django asks.
pub(crate) fn checks_of(function: &str) -> &'static [&'static str] {
    let (_, checks) = FUNCTIONS
        .iter()
        .find(|(name, _)| *name == function)
        .unwrap_or_else(|| panic!("no check stands for {function}"));
    checks
}

/// Django's ids of a verdict, with multiplicity.
pub(crate) fn django_ids(outcome: &Outcome) -> Vec<&'static str> {
    match outcome {
        Outcome::Fail(findings) => findings
            .iter()
            .filter_map(|finding| finding.django_id)
            .collect(),
        _ => Vec::new(),
    }
}

/// Lays out a project in which a settings module sets these values, and reads it.
pub(crate) struct Project {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) environment: BTreeMap<String, String>,
}

impl Case {
    /// The case as a project of one Django version; `None` where no settings module can say it.
    pub(crate) fn project(&self, django: &str) -> Option<Project> {
        if !self.removed.is_empty() {
            return None;
        }
        let settings: String = self
            .settings
            .iter()
            .map(|(name, value)| format!("{name} = {}\n", python(value)))
            .collect();
        let environment = self.environment.iter();
        let environment = environment
            .map(|(name, value)| (name.clone(), value.as_str().expect("a text").to_owned()))
            .collect();
        let text = format!("from pathlib import Path\n\n{settings}");
        Some(Project::new(&text, django, environment))
    }
}

impl Project {
    /// `django` is the version that the requirements name. `/srv/shop` in the settings becomes a
    /// folder of the project, as Django makes the folders of file caches.
    pub(crate) fn new(settings: &str, django: &str, environment: BTreeMap<String, String>) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let root = folder.path().join("srv").display().to_string();
        let files = [
            ("manage.py", MANAGE_PY),
            ("requirements.txt", &format!("Django=={django}\n")),
            ("settings.py", &settings.replace("/srv/shop", &root)),
            ("shop/__init__.py", ""),
            ("shop/views.py", VIEWS_PY),
        ];
        for (path, text) in files {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            std::fs::write(path, text).expect("a file");
        }
        Self {
            folder,
            environment,
        }
    }

    pub(crate) fn read(&self) -> Deployment {
        let variables = self.environment.iter();
        let lines: String = variables
            .map(|(name, value)| format!("{name}={value}\n"))
            .collect();
        let environment = tempfile::NamedTempFile::new().expect("a temporary file");
        std::fs::write(environment.path(), lines).expect("the environment");
        let options = Options {
            env_file: Some(environment.path().to_owned()),
            ..Options::default()
        };
        tightship_read::read(self.folder.path(), &options).expect("a readable project")
    }
}

/// A value as Python writes it.
pub(crate) fn python(value: &Value) -> String {
    let all = |items: &Items| -> String {
        let items = items.items.iter();
        items.map(|item| python(&item.value) + ", ").collect()
    };
    match value {
        Value::None => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Int(number) => number.to_string(),
        Value::Str(text) => format!("{text:?}"),
        Value::Path(path) => format!("Path({path:?})"),
        Value::List(items) => format!("[{}]", all(items)),
        Value::Tuple(items) => format!("({})", all(items)),
        Value::Set(items) => format!("set([{}])", all(items)),
        Value::Dict(dict) => {
            let entries = dict.entries.iter();
            let entries: String = entries
                .map(|(key, value)| format!("{}: {}, ", python(key), python(&value.value)))
                .collect();
            format!("{{{entries}}}")
        }
        other => panic!("no Python for {other:?}"),
    }
}

fn case(json: &Json) -> Case {
    let values = |key: &str| {
        let entries = json[key].as_object().into_iter().flatten();
        entries
            .map(|(name, json)| (name.clone(), value(json)))
            .collect()
    };
    let texts = |key: &str| {
        let items = json[key].as_array().into_iter().flatten();
        items
            .map(|text| text.as_str().expect("a text").to_owned())
            .collect::<Vec<_>>()
    };
    let mut expect = texts("expect");
    expect.sort_unstable();
    Case {
        function: json["function"].as_str().expect("a function").to_owned(),
        settings: values("settings"),
        removed: texts("removed"),
        environment: values("environment"),
        expect,
    }
}

fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::None,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => Value::Int(number.as_i64().expect("a whole number").into()),
        Json::String(text) => Value::Str(text.clone()),
        Json::Array(_) => Value::List(items(json)),
        Json::Object(entries) => match entries.iter().next() {
            Some((tag, path)) if tag == "$path" => {
                Value::Path(path.as_str().expect("a path").to_owned())
            }
            Some((tag, json)) if tag == "$set" => Value::Set(items(json)),
            Some((tag, json)) if tag == "$tuple" => Value::Tuple(items(json)),
            _ => Value::Dict(Dict {
                entries: entries
                    .iter()
                    .map(|(key, json)| (Value::Str(key.clone()), traced(json)))
                    .collect(),
                rest: None,
            }),
        },
    }
}

fn items(json: &Json) -> Items {
    Items {
        items: json
            .as_array()
            .expect("a list")
            .iter()
            .map(traced)
            .collect(),
        rest: None,
    }
}

fn traced(json: &Json) -> Traced<Value> {
    Traced::new(value(json), Trail::default())
}

const FUNCTIONS: [(&str, &[&str]); 27] = [
    ("check_allowed_hosts", &["django/allowed-hosts-empty"]),
    ("check_async_unsafe", &["django/async-unsafe"]),
    (
        "check_cache_location_not_exposed",
        &["django/file-cache-exposed"],
    ),
    ("check_content_type_nosniff", &["django/nosniff-off"]),
    (
        "check_cross_origin_opener_policy",
        &["django/opener-policy-invalid"],
    ),
    (
        "check_csp_nonce_context_processor",
        &["django/csp-nonce-unrendered"],
    ),
    ("check_csp_settings", &["django/csp-not-a-dict"]),
    ("check_csrf_cookie_secure", &["django/csrf-cookie-insecure"]),
    (
        "check_csrf_failure_view",
        &["django/csrf-failure-view-broken"],
    ),
    ("check_csrf_middleware", &["django/csrf-middleware-missing"]),
    ("check_debug", &["django/debug-on"]),
    (
        "check_default_cache_is_configured",
        &["django/default-cache-missing"],
    ),
    (
        "check_file_based_cache_is_absolute",
        &["django/file-cache-relative"],
    ),
    (
        "check_mailers_default_alias",
        &["mail/default-mailer-missing"],
    ),
    (
        "check_mailers_production_backend",
        &["mail/mailer-sends-nothing"],
    ),
    (
        "check_referrer_policy",
        &[
            "django/referrer-policy-off",
            "django/referrer-policy-invalid",
        ],
    ),
    ("check_secret_key", &["django/secret-key-weak"]),
    (
        "check_secret_key_fallbacks",
        &["django/secret-key-fallback-weak"],
    ),
    (
        "check_security_middleware",
        &["django/security-middleware-missing"],
    ),
    (
        "check_session_cookie_httponly",
        &["django/session-cookie-readable"],
    ),
    (
        "check_session_cookie_secure",
        &["django/session-cookie-insecure"],
    ),
    ("check_ssl_redirect", &["django/https-redirect-off"]),
    ("check_sts", &["django/hsts-off"]),
    (
        "check_sts_include_subdomains",
        &["django/hsts-subdomains-open"],
    ),
    ("check_sts_preload", &["django/hsts-not-preloaded"]),
    ("check_xframe_deny", &["django/framing-allowed"]),
    (
        "check_xframe_options_middleware",
        &["django/clickjacking-middleware-missing"],
    ),
];

const MANAGE_PY: &str = "import os\n\
    os.environ.setdefault(\"DJANGO_SETTINGS_MODULE\", \"settings\")\n";
const VIEWS_PY: &str = "from django.views.generic import View\n\n\n\
    def without_reason(request):\n    pass\n\n\n\
    class_based = View.as_view()\n";
