//! What is recorded, and who hears of it.

mod admin_mail_off;
mod changes_unrecorded;
mod security_unheard;
mod tracker_missing;
mod unconfigured;

use tightship_model::{Check, Deployment};

pub(crate) const CHECKS: &[&Check] = &[
    &unconfigured::CHECK,
    &security_unheard::CHECK,
    &tracker_missing::CHECK,
    &admin_mail_off::CHECK,
    &changes_unrecorded::CHECK,
];

/// The error tracker that the project asks for, by its distribution.
fn tracker(deployment: &Deployment) -> Option<&'static str> {
    TRACKERS
        .into_iter()
        .find(|name| deployment.packages.get(name).is_some())
}

/// Distributions that report errors to a service.
const TRACKERS: [&str; 17] = [
    "sentry-sdk",
    "airbrake",
    "appsignal",
    "azure-monitor-opentelemetry",
    "bugsnag",
    "ddtrace",
    "elastic-apm",
    "honeybadger",
    "honeycomb-opentelemetry",
    "logfire",
    "newrelic",
    "opentelemetry-distro",
    "opentelemetry-instrumentation-django",
    "raven",
    "rollbar",
    "scout-apm",
    "splunk-opentelemetry",
];
