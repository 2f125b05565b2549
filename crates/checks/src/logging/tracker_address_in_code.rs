use tightship_model::{Check, Deployment, Finding, Need, Outcome, Reference, Severity, Trail};

use super::tracker_calls;
use crate::package::pass;
use crate::secrets::written_in_code;
use crate::setting::about;

pub(super) static CHECK: Check = Check {
    id: "logging/tracker-address-in-code",
    title: "The error tracker's address stands in the code",
    severity: Severity::Low,
    needs: &[Need::Settings],
    items: &["A7.1"],
    django_ids: &[],
    references: &[
        Reference::Url("https://docs.sentry.io/concepts/key-terms/dsn-explainer/"),
        Reference::Cwe(798),
    ],
    doc: include_str!("tracker_address_in_code.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let in_calls = tracker_calls(deployment)
        .filter_map(|call| call.keyword("dsn"))
        .filter(|dsn| dsn.value.as_str().is_some_and(is_address))
        .map(|dsn| finding("sentry_sdk.init", &dsn.trail));
    let settings = deployment.settings.iter();
    let in_settings = settings
        .flat_map(|settings| &settings.overridden)
        .filter(|(name, value)| {
            let text = value.value.as_str().filter(|text| is_address(text));
            name.ends_with("DSN")
                && text.is_some_and(|text| written_in_code(deployment, text, &value.trail))
        })
        .map(|(name, value)| finding(name, &value.trail));
    let findings: Vec<_> = in_calls.chain(in_settings).collect();
    if findings.is_empty() {
        return pass(
            "no code holds the address of an error tracker",
            &Trail::default(),
        );
    }
    Outcome::Fail(findings)
}

fn finding(name: &str, trail: &Trail) -> Finding {
    Finding {
        message: format!(
            "{name} has the tracker's address in the code: whoever has the repository drowns real \
             errors in made-up ones, and copies on other machines report into the same place"
        ),
        advice: "Read the DSN from the environment, and leave the tracker off without it."
            .to_owned(),
        ..about(name, trail)
    }
}

/// Whether a text is the address of a tracker with the key of a project: `https://key@host/1`.
pub(crate) fn is_address(text: &str) -> bool {
    let after_scheme = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    after_scheme
        .and_then(|rest| rest.split_once('@'))
        .is_some_and(|(key, _)| !key.is_empty() && !key.contains(':'))
}
