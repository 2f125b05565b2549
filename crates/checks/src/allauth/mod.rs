//! django-allauth: sign-up, login and logins of other providers. Read from version 65.21.1.

mod accounts_enumerable;
mod adapter_missing;
mod address_of_proxy;
mod email_from_provider_trusted;
mod email_unverified;
mod login_field_optional;
mod middleware_missing;
mod misspelt_setting;
mod plain_http_links;
mod rate_limits_off;
mod renamed_setting;
mod tokens_stored;

use tightship_model::{Check, Deployment, Traced, Value};

use crate::package::value_of;

pub(crate) const CHECKS: &[&Check] = &[
    &email_unverified::CHECK,
    &adapter_missing::CHECK,
    &rate_limits_off::CHECK,
    &address_of_proxy::CHECK,
    &accounts_enumerable::CHECK,
    &email_from_provider_trusted::CHECK,
    &tokens_stored::CHECK,
    &plain_http_links::CHECK,
    &middleware_missing::CHECK,
    &login_field_optional::CHECK,
    &renamed_setting::CHECK,
    &misspelt_setting::CHECK,
];

const PACKAGE: &str = "django-allauth";
const APP: &str = "allauth.account";
const SOCIAL_APP: &str = "allauth.socialaccount";

/// A setting of allauth, or else its default.
fn option(deployment: &Deployment, name: &str, default: Value) -> Traced<Value> {
    value_of(deployment, name, PACKAGE, default)
}

/// The pinned version.
fn release(deployment: &Deployment) -> Option<(u32, u32, u32)> {
    deployment.packages.get(PACKAGE)?.release()
}
