//! What settings import from Django and its packages besides readers: constants, lazy texts,
//! functions that give something new each time. Verified against Django 5.2.19 and 6.1.3,
//! django-csp 4.0, django-cors-headers 4.9.0, celery 5.7.0 and sentry-sdk 2.75.0.

use std::rc::Rc;

use tightship_model::Cause;

use super::reading::{Answer, Call};
use crate::python::eval::Evaluator;
use crate::python::value::{Kind, Made, Val};

pub(super) fn call(eval: &mut Evaluator<'_>, call: &Call<'_>) -> Answer {
    Some(Ok(match call.path {
        path if LAZY.contains(&path) => Kind::Made(Rc::new(Made {
            class: path.into(),
            positional: call.args.positional.clone(),
            keywords: call.args.keywords.clone(),
        }))
        .into(),
        path if RANDOM.contains(&path) => {
            let reason = format!("{}() makes a new one at each start", call.name());
            eval.unknown(Cause::Random, reason, call.span)
        }
        path if SILENT.contains(&path) => Val::NONE,
        _ => return None,
    }))
}

/// A constant by its dotted path.
pub(super) fn constant(path: &str) -> Option<Val> {
    if let Some(name) = path.strip_prefix("django.utils.csp.CSP.") {
        return CSP
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, text)| Val::str(*text));
    }
    if path == "csp.constants.NONCE" {
        return Some(
            Kind::Made(Rc::new(Made {
                class: "csp.constants.Nonce".into(),
                positional: Vec::new(),
                keywords: Vec::new(),
            }))
            .into(),
        );
    }
    if let Some(name) = path.strip_prefix("csp.constants.") {
        let shared = CSP.iter().find(|(known, _)| *known == name);
        let own = DJANGO_CSP.iter().find(|(known, _)| *known == name);
        return own.or(shared).map(|(_, text)| Val::str(*text));
    }
    if let Some(name) = path.strip_prefix("django.contrib.messages.constants.") {
        let level = LEVELS.iter().find(|(known, _)| *known == name);
        return level.map(|(_, number)| Val::int(*number));
    }
    let texts = |items: &[&str]| Val::tuple(items.iter().map(|item| Val::str(*item)).collect());
    match path {
        "corsheaders.defaults.default_headers" => Some(texts(&CORS_HEADERS)),
        "corsheaders.defaults.default_methods" => Some(texts(&CORS_METHODS)),
        _ => None,
    }
}

/// Functions whose result is known by the call.
const LAZY: [&str; 14] = [
    "django.utils.translation.gettext",
    "django.utils.translation.gettext_lazy",
    "django.utils.translation.gettext_noop",
    "django.utils.translation.ngettext_lazy",
    "django.utils.translation.pgettext_lazy",
    "django.utils.translation.ugettext_lazy",
    "django.utils.functional.lazy",
    "django.utils.functional.lazystr",
    "django.urls.reverse",
    "django.urls.reverse_lazy",
    "celery.schedules.crontab",
    "celery.schedules.schedule",
    "celery.schedules.solar",
    "django.templatetags.static.static",
];

const RANDOM: [&str; 2] = [
    "django.core.management.utils.get_random_secret_key",
    "django.utils.crypto.get_random_string",
];

/// Functions that change no setting and give nothing.
const SILENT: [&str; 6] = [
    "sentry_sdk.init",
    "sentry_sdk.set_tag",
    "sentry_sdk.integrations.logging.ignore_logger",
    "django_stubs_ext.monkeypatch",
    "pymysql.install_as_MySQLdb",
    "django.utils.log.configure_logging",
];

/// `django.utils.csp.CSP`; django-csp has the same but for its nonce.
const CSP: [(&str, &str); 11] = [
    ("HEADER_ENFORCE", "Content-Security-Policy"),
    ("HEADER_REPORT_ONLY", "Content-Security-Policy-Report-Only"),
    ("NONE", "'none'"),
    ("REPORT_SAMPLE", "'report-sample'"),
    ("SELF", "'self'"),
    ("STRICT_DYNAMIC", "'strict-dynamic'"),
    ("UNSAFE_EVAL", "'unsafe-eval'"),
    ("UNSAFE_HASHES", "'unsafe-hashes'"),
    ("UNSAFE_INLINE", "'unsafe-inline'"),
    ("WASM_UNSAFE_EVAL", "'wasm-unsafe-eval'"),
    ("NONCE", "<CSP_NONCE_SENTINEL>"),
];

/// What `csp.constants` has besides; its `NONCE` is an object.
const DJANGO_CSP: [(&str, &str); 2] = [
    ("HEADER", "Content-Security-Policy"),
    ("UNSAFE_ALLOW_REDIRECTS", "'unsafe-allow-redirects'"),
];

/// `django.contrib.messages.constants`.
const LEVELS: [(&str, i128); 5] = [
    ("DEBUG", 10),
    ("INFO", 20),
    ("SUCCESS", 25),
    ("WARNING", 30),
    ("ERROR", 40),
];

/// `corsheaders.defaults`.
const CORS_HEADERS: [&str; 6] = [
    "accept",
    "authorization",
    "content-type",
    "user-agent",
    "x-csrftoken",
    "x-requested-with",
];

const CORS_METHODS: [&str; 6] = ["DELETE", "GET", "OPTIONS", "PATCH", "POST", "PUT"];
