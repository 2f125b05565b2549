use tightship_model::{
    Check, Deployment, Evidence, Finding, Need, Outcome, Reference, Severity, Trail,
};

use super::tracker_calls;
use crate::setting::{about, together};

pub(super) static CHECK: Check = Check {
    id: "logging/personal-data-sent",
    title: "The error tracker gets personal data",
    severity: Severity::Medium,
    needs: &[Need::Settings],
    items: &["A7.1", "X22"],
    django_ids: &[],
    references: &[
        Reference::Url(
            "https://docs.sentry.io/platforms/python/configuration/options/#send-default-pii",
        ),
        Reference::Cwe(359),
    ],
    doc: include_str!("personal_data_sent.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let calls = tracker_calls(deployment).filter(|call| call.function == "sentry_sdk.init");
    let outcomes: Vec<_> = calls
        .map(|call| {
            let Some(value) = call.keyword(OPTION) else {
                return Outcome::Pass(vec![Evidence {
                    text: format!("{OPTION} is not given, which means off"),
                    trail: Trail::at(call.span, "sets up the error tracker"),
                }]);
            };
            match value.value.truthy() {
                Some(true) => Outcome::Fail(vec![finding(&value.trail)]),
                Some(false) => Outcome::Pass(vec![Evidence {
                    text: format!("{OPTION} is off"),
                    trail: value.trail.clone(),
                }]),
                None => Outcome::Unknown {
                    reason: format!("{OPTION} is computed"),
                    remedy: format!("see that {OPTION} is off in production"),
                    trail: value.trail.clone(),
                },
            }
        })
        .collect();
    if outcomes.is_empty() {
        return Outcome::NotApplicable("nothing calls sentry_sdk.init".to_owned());
    }
    together(outcomes)
}

fn finding(trail: &Trail) -> Finding {
    Finding {
        subject: format!("sentry_sdk.init {OPTION}"),
        message: format!(
            "everybody who can read the error tracker, its operator too, gets the users' names, mail \
             addresses, IP addresses and cookies with each error: {OPTION} is on"
        ),
        advice: format!("Leave {OPTION} out, or set it to False."),
        ..about(OPTION, trail)
    }
}

const OPTION: &str = "send_default_pii";
