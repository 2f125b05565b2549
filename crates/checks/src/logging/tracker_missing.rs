use tightship_model::{
    Check, Confidence, Deployment, Finding, Need, Outcome, Reference, Severity, Trail,
};

use super::tracker;
use crate::package::{finding, pass};
use crate::setting::{answers, falsy};

pub(super) static CHECK: Check = Check {
    id: "logging/tracker-missing",
    title: "Errors are reported to nobody",
    severity: Severity::Low,
    needs: &[Need::Settings],
    items: &["A7.1", "B8.2"],
    django_ids: &[],
    references: &[
        Reference::Django("howto/error-reporting/"),
        Reference::Cwe(778),
    ],
    doc: include_str!("tracker_missing.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    if let Some(evidence) = tracker(deployment) {
        return Outcome::Pass(vec![evidence]);
    }
    if deployment.packages.by_name.is_empty() {
        return Outcome::Unknown {
            reason: "the project's requirements were not seen".to_owned(),
            remedy: "add a requirements or lock file".to_owned(),
            trail: Trail::default(),
        };
    }
    match answers(deployment, "ADMINS", &falsy) {
        Some(false) => pass("ADMINS get mail of errors", &Trail::default()),
        Some(true) => Outcome::Fail(vec![Finding {
            confidence: Confidence::Medium,
            ..finding(
                "ADMINS",
                &Trail::default(),
                format!(
                    "{} and ADMINS is empty: an attack that makes errors, and every broken order, \
                     goes unnoticed",
                    what_is_missing(deployment)
                ),
                "Start an error tracker such as sentry-sdk, with its DSN from the environment.",
            )
        }]),
        None => Outcome::Unknown {
            reason: "whether ADMINS names anybody is not known".to_owned(),
            remedy: "see `tightship inspect settings --only ADMINS`".to_owned(),
            trail: Trail::default(),
        },
    }
}

fn what_is_missing(deployment: &Deployment) -> String {
    let idle = NEED_A_CALL
        .into_iter()
        .find(|(package, _)| deployment.packages.get(package).is_some());
    match idle {
        Some((package, call)) => {
            format!("{package} is among the requirements, but no code calls {call},")
        }
        None => "no error tracker is among the requirements".to_owned(),
    }
}

/// Trackers that do nothing until code sets them up.
const NEED_A_CALL: [(&str, &str); 2] = [
    ("sentry-sdk", "sentry_sdk.init"),
    ("logfire", "logfire.configure"),
];
