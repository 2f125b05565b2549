//! Reads `deploy_cases.json`.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use tightship_model::{Dict, Items, Outcome, Traced, Trail, Value};

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
        serde_json::from_str(include_str!("../deploy_cases.json")).expect("a fixture in JSON");
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
