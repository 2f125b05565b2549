//! Django's own settings.

mod allowed_hosts_empty;
mod allowed_hosts_local;
mod allowed_hosts_unmatchable;
mod allowed_hosts_wildcard;
mod async_unsafe;
mod caches;
mod clickjacking_middleware_missing;
mod cookie_names;
mod cookie_refused;
mod cookie_unprefixed;
mod csp_missing;
mod csp_nonce_cached;
mod csp_nonce_unrendered;
mod csp_not_a_dict;
mod csp_scripts_open;
mod csp_unsent;
mod csrf_cookie_insecure;
mod csrf_failure_view_broken;
mod csrf_middleware_missing;
mod database_password_weak;
mod database_sqlite;
mod databases;
mod debug_exceptions_propagated;
mod debug_on;
mod default_cache_missing;
mod end_of_life;
mod env_text_is_true;
mod error_page_missing;
mod file_cache_exposed;
mod file_cache_relative;
mod forwarded_host_trusted;
mod framing_allowed;
mod hsts_not_preloaded;
mod hsts_off;
mod hsts_short;
mod hsts_subdomains_open;
mod https_redirect_off;
mod middleware_order;
mod misspelt_setting;
mod nosniff_off;
mod opener_policy_invalid;
mod password_hasher_weak;
mod password_minimum_short;
mod passwords_unchecked;
mod proxy_header_malformed;
mod referrer_policy_invalid;
mod referrer_policy_off;
mod removed_setting;
pub(crate) mod secret_key;
mod secret_key_fallback_weak;
mod secret_key_in_code;
mod secret_key_placeholder;
mod secret_key_random;
mod secret_key_short;
mod secret_key_weak;
mod security_middleware_missing;
mod session_cookie_cross_site;
mod session_cookie_insecure;
mod session_cookie_readable;
mod session_in_cookie;
mod session_long;
mod session_pickled;
mod sessions;
mod setting_unread;
mod settings_broken;
mod settings_module_disagrees;
mod templates_uncached;
mod trusted_origin_broad;
mod trusted_origin_insecure;
mod trusted_origin_malformed;
mod unsafe_default;
mod upload_folder_missing;
mod upload_unbounded;
mod uploads_world_writable;
mod validators_bypassed;

use tightship_model::{Check, Deployment, Finding, Outcome, Value};

use crate::package::is_or_extends;
use crate::setting::{Judged, about, consider, holds, not_set, setting, shows, unless};

pub(crate) use allowed_hosts_empty::CHECK as ALLOWED_HOSTS_EMPTY;
pub(crate) use allowed_hosts_local::CHECK as ALLOWED_HOSTS_LOCAL;
pub(crate) use debug_on::CHECK as DEBUG_ON;
pub(crate) use unsafe_default::CHECK as UNSAFE_DEFAULT;

pub(crate) const CHECKS: &[&Check] = &[
    &debug_on::CHECK,
    &end_of_life::CHECK,
    &debug_exceptions_propagated::CHECK,
    &secret_key_weak::CHECK,
    &secret_key_placeholder::CHECK,
    &secret_key_short::CHECK,
    &secret_key_in_code::CHECK,
    &secret_key_random::CHECK,
    &secret_key_fallback_weak::CHECK,
    &allowed_hosts_empty::CHECK,
    &allowed_hosts_wildcard::CHECK,
    &allowed_hosts_unmatchable::CHECK,
    &allowed_hosts_local::CHECK,
    &forwarded_host_trusted::CHECK,
    &env_text_is_true::CHECK,
    &unsafe_default::CHECK,
    &settings_module_disagrees::CHECK,
    &settings_broken::CHECK,
    &setting_unread::CHECK,
    &removed_setting::CHECK,
    &misspelt_setting::CHECK,
    &security_middleware_missing::CHECK,
    &clickjacking_middleware_missing::CHECK,
    &csrf_middleware_missing::CHECK,
    &middleware_order::CHECK,
    &https_redirect_off::CHECK,
    &proxy_header_malformed::CHECK,
    &hsts_off::CHECK,
    &hsts_short::CHECK,
    &hsts_subdomains_open::CHECK,
    &hsts_not_preloaded::CHECK,
    &session_cookie_insecure::CHECK,
    &session_cookie_readable::CHECK,
    &session_cookie_cross_site::CHECK,
    &session_long::CHECK,
    &session_pickled::CHECK,
    &session_in_cookie::CHECK,
    &cookie_unprefixed::CHECK,
    &cookie_refused::CHECK,
    &csrf_cookie_insecure::CHECK,
    &csrf_failure_view_broken::CHECK,
    &trusted_origin_insecure::CHECK,
    &trusted_origin_malformed::CHECK,
    &trusted_origin_broad::CHECK,
    &password_hasher_weak::CHECK,
    &passwords_unchecked::CHECK,
    &password_minimum_short::CHECK,
    &database_sqlite::CHECK,
    &database_password_weak::CHECK,
    &framing_allowed::CHECK,
    &nosniff_off::CHECK,
    &referrer_policy_off::CHECK,
    &referrer_policy_invalid::CHECK,
    &opener_policy_invalid::CHECK,
    &csp_missing::CHECK,
    &csp_unsent::CHECK,
    &csp_scripts_open::CHECK,
    &csp_not_a_dict::CHECK,
    &csp_nonce_unrendered::CHECK,
    &csp_nonce_cached::CHECK,
    &async_unsafe::CHECK,
    &validators_bypassed::CHECK,
    &default_cache_missing::CHECK,
    &file_cache_exposed::CHECK,
    &file_cache_relative::CHECK,
    &upload_unbounded::CHECK,
    &uploads_world_writable::CHECK,
    &upload_folder_missing::CHECK,
    &templates_uncached::CHECK,
    &error_page_missing::CHECK,
];

/// The verdict of a question about Strict Transport Security where it is off, or not known to be on.
fn without_hsts(deployment: &Deployment) -> Option<Outcome> {
    unless(
        deployment,
        "SECURE_HSTS_SECONDS",
        &Value::truthy,
        "Strict Transport Security is off altogether",
    )
}

/// Demands a class in MIDDLEWARE, by exactly this path as Django's own checks do: a subclass of the
/// project does not count.
fn judge_middleware(
    deployment: &Deployment,
    class: &str,
    loss: &str,
    advice: &str,
    django_id: &'static str,
) -> Outcome {
    let Some(setting) = setting(deployment, "MIDDLEWARE") else {
        return not_set("MIDDLEWARE");
    };
    // A class of the project that extends it does the same and more.
    let is_it = |name: &str| is_or_extends(deployment, name, class);
    let lacks = |value: &_| holds(value, &is_it).map(|present| !present);
    match consider(&setting, &lacks) {
        Judged::Good(value) => Outcome::Pass(vec![shows("MIDDLEWARE", value)]),
        Judged::Open(outcome) => outcome,
        Judged::Bad(bad) => Outcome::Fail(vec![Finding {
            message: bad.worded(format!("{class} is not in MIDDLEWARE: {loss}")),
            confidence: bad.confidence,
            django_id: Some(django_id),
            advice: advice.to_owned(),
            ..about("MIDDLEWARE", &bad.value.trail)
        }]),
    }
}

const SECURITY_MIDDLEWARE: &str = "django.middleware.security.SecurityMiddleware";
const FRAME_MIDDLEWARE: &str = "django.middleware.clickjacking.XFrameOptionsMiddleware";
const CSRF_MIDDLEWARE: &str = "django.middleware.csrf.CsrfViewMiddleware";
const SESSION_MIDDLEWARE: &str = "django.contrib.sessions.middleware.SessionMiddleware";
const CSP_MIDDLEWARE: &str = "django.middleware.csp.ContentSecurityPolicyMiddleware";
