//! Sending mail.

mod default_mailer_missing;
mod mailer_sends_nothing;

use tightship_model::Check;

pub(crate) const CHECKS: &[&Check] =
    &[&mailer_sends_nothing::CHECK, &default_mailer_missing::CHECK];

/// Backends of Django that deliver nothing, by the last part of their module.
/// NON_PRODUCTION_EMAIL_BACKENDS in django/core/checks/mail.py, Django 6.1.
const DEVELOPMENT_BACKENDS: [&str; 4] = [
    "django.core.mail.backends.console.EmailBackend",
    "django.core.mail.backends.dummy.EmailBackend",
    "django.core.mail.backends.filebased.EmailBackend",
    "django.core.mail.backends.locmem.EmailBackend",
];
