//! Sending mail.

mod backend_sends_nothing;
mod default_mailer_missing;
mod mailer_sends_nothing;
mod port_disagrees;
mod tls_and_ssl;
mod unencrypted;

use tightship_model::{Check, Deployment, Outcome, Value};

use crate::setting::{answers, unless};

pub(crate) const CHECKS: &[&Check] = &[
    &backend_sends_nothing::CHECK,
    &mailer_sends_nothing::CHECK,
    &default_mailer_missing::CHECK,
    &unencrypted::CHECK,
    &tls_and_ssl::CHECK,
    &port_disagrees::CHECK,
];

pub(crate) use backend_sends_nothing::CHECK as BACKEND_SENDS_NOTHING;

/// NON_PRODUCTION_EMAIL_BACKENDS in django/core/checks/mail.py, Django 6.1; older versions have the
/// same backends.
const DEVELOPMENT_BACKENDS: [&str; 4] = [
    "django.core.mail.backends.console.EmailBackend",
    "django.core.mail.backends.dummy.EmailBackend",
    "django.core.mail.backends.filebased.EmailBackend",
    "django.core.mail.backends.locmem.EmailBackend",
];

/// The verdict where mail does not go through the EMAIL_* settings of Django's SMTP backend to a
/// server elsewhere.
pub(crate) fn no_smtp(deployment: &Deployment) -> Option<Outcome> {
    if answers(deployment, "MAILERS", &Value::truthy) == Some(true) {
        return Some(Outcome::NotApplicable(
            "MAILERS decides how mail is sent".to_owned(),
        ));
    }
    unless(
        deployment,
        "EMAIL_BACKEND",
        &|backend| Some(backend.as_str()? == SMTP_BACKEND),
        "mail does not go through Django's SMTP backend",
    )
    .or_else(|| {
        unless(
            deployment,
            "EMAIL_HOST",
            &|host| Some(!is_near(host.as_str()?)),
            "the mail server is on this machine or in its private network",
        )
    })
}

/// Whether a host name has no dot, as containers call each other, or is this machine, which Docker
/// calls `host.docker.internal` inside of containers.
fn is_near(host: &str) -> bool {
    !host.contains('.') || host.starts_with("127.") || host == "host.docker.internal"
}

const SMTP_BACKEND: &str = "django.core.mail.backends.smtp.EmailBackend";
