use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity, Value};

use super::tracker;
use crate::setting::{Demand, falsy, judge, unless};

pub(super) static CHECK: Check = Check {
    id: "logging/unconfigured",
    title: "Nothing is logged in production",
    severity: Severity::Medium,
    needs: &[Need::Settings],
    items: &["B8.1", "X8"],
    django_ids: &[],
    references: &[
        Reference::Django("ref/logging/#django-s-default-logging-configuration"),
        Reference::Cwe(778),
    ],
    doc: include_str!("unconfigured.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    if let Some(outcome) = unless(
        deployment,
        "LOGGING_CONFIG",
        &Value::truthy,
        "LOGGING_CONFIG is off: logging is set up by code",
    ) {
        return outcome;
    }
    judge(
        deployment,
        &Demand {
            setting: "LOGGING",
            refuses: &falsy,
            message: &|_| {
                let loss = match tracker(deployment) {
                    Some(_) => "refused hosts, forged forms and other attacks leave no trace here",
                    None => "neither errors nor attacks leave a trace",
                };
                format!(
                    "LOGGING is empty: with DEBUG off Django writes nothing to the console, so {loss}"
                )
            },
            advice: "Configure LOGGING with a root logger that writes to the console at INFO.",
            django_id: None,
            mend: None,
        },
    )
}
