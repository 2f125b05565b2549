//! django-cors-headers, which lets pages of other origins read the answers of this site. Read from
//! version 4.9.0.

mod allow_all;
mod insecure_origin;
mod malformed_setting;
mod middleware_late;
mod middleware_missing;
mod null_origin;
mod open_regex;
mod origin_untrusted;
mod pattern;
mod shared_domain;

use tightship_model::{Check, Deployment, Traced, Value};

use crate::package::{holds_true, setting_value, value_of};

pub(crate) const CHECKS: &[&Check] = &[
    &allow_all::CHECK,
    &open_regex::CHECK,
    &shared_domain::CHECK,
    &null_origin::CHECK,
    &insecure_origin::CHECK,
    &middleware_missing::CHECK,
    &middleware_late::CHECK,
    &malformed_setting::CHECK,
    &origin_untrusted::CHECK,
];

const PACKAGE: &str = "django-cors-headers";
const APP: &str = "corsheaders";
const MIDDLEWARE: &str = "corsheaders.middleware.CorsMiddleware";

/// The older name of each setting that has one; it counts where the new one is missing
/// (`corsheaders/conf.py`).
const OLDER: [(&str, &str); 3] = [
    ("CORS_ALLOW_ALL_ORIGINS", "CORS_ORIGIN_ALLOW_ALL"),
    ("CORS_ALLOWED_ORIGINS", "CORS_ORIGIN_WHITELIST"),
    ("CORS_ALLOWED_ORIGIN_REGEXES", "CORS_ORIGIN_REGEX_WHITELIST"),
];

/// A setting as the package reads it: by its name or the older one, with the name that counts.
fn setting(deployment: &Deployment, name: &'static str) -> Option<(&'static str, Traced<Value>)> {
    let older = OLDER.into_iter().find(|(new, _)| *new == name);
    std::iter::once(name)
        .chain(older.map(|(_, old)| old))
        .find_map(|name| Some((name, setting_value(deployment, name)?)))
}

/// Whether cookies and passwords go along with a request from another origin.
fn with_credentials(deployment: &Deployment) -> Option<bool> {
    let credentials = value_of(
        deployment,
        "CORS_ALLOW_CREDENTIALS",
        PACKAGE,
        Value::Bool(false),
    );
    holds_true(&credentials, &Value::truthy)
}

/// The text of a pattern, compiled or not.
fn pattern_text(value: &Value) -> Option<&str> {
    match value {
        Value::Instance(compiled) if compiled.class == "re.compile" => {
            compiled.arguments.first()?.value.as_str()
        }
        other => other.as_str(),
    }
}
