//! What is recorded, and who hears of it.

mod admin_mail_off;
mod changes_unrecorded;
pub(crate) mod heard;
mod personal_data_sent;
mod security_unheard;
mod statements_logged;
mod tracker_address_in_code;
mod tracker_missing;
mod unconfigured;

use tightship_model::{Check, Deployment, Evidence, TrackerCall, Trail};

use crate::paths::is_auxiliary;

pub(crate) use tracker_address_in_code::is_address as is_tracker_address;

pub(crate) const CHECKS: &[&Check] = &[
    &unconfigured::CHECK,
    &security_unheard::CHECK,
    &tracker_missing::CHECK,
    &tracker_address_in_code::CHECK,
    &personal_data_sent::CHECK,
    &statements_logged::CHECK,
    &admin_mail_off::CHECK,
    &changes_unrecorded::CHECK,
];

/// What reports errors to a service: code that sets it up, or a package that needs no code.
fn tracker(deployment: &Deployment) -> Option<Evidence> {
    if let Some(call) = tracker_calls(deployment).next() {
        return Some(Evidence {
            text: format!("{} is called", call.function),
            trail: Trail::at(call.span, "sets up the error tracker"),
        });
    }
    let mut agents = AGENTS.into_iter();
    let package = agents.find_map(|name| deployment.packages.get(name))?;
    Some(Evidence {
        text: format!("{} is among the requirements", package.name),
        trail: package.trail.clone(),
    })
}

/// The calls outside of tests and scripts that set up an error tracker.
fn tracker_calls(deployment: &Deployment) -> impl Iterator<Item = &TrackerCall> {
    let calls = deployment.facts.tracker_calls.iter();
    calls.filter(|call| !is_auxiliary(&deployment.sources[call.span.source].path))
}

/// Distributions that report errors to a service, by a setting, a middleware or a start command.
const AGENTS: [&str; 15] = [
    "airbrake",
    "appsignal",
    "azure-monitor-opentelemetry",
    "bugsnag",
    "ddtrace",
    "elastic-apm",
    "honeybadger",
    "honeycomb-opentelemetry",
    "newrelic",
    "opentelemetry-distro",
    "opentelemetry-instrumentation-django",
    "raven",
    "rollbar",
    "scout-apm",
    "splunk-opentelemetry",
];
