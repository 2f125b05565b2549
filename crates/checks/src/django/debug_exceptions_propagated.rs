use tightship_model::{Check, Deployment, Need, Outcome, Reference, Safety, Severity, Value};

use crate::setting::{Demand, judge, shown};

pub(super) static CHECK: Check = Check {
    id: "django/debug-exceptions-propagated",
    title: "Errors are passed on to the server instead of being handled",
    severity: Severity::Medium,
    needs: &[Need::Settings],
    items: &["B10.10"],
    django_ids: &[],
    references: &[
        Reference::Django("ref/settings/#debug-propagate-exceptions"),
        Reference::Cwe(209),
    ],
    doc: include_str!("debug_exceptions_propagated.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge(
        deployment,
        &Demand {
            setting: "DEBUG_PROPAGATE_EXCEPTIONS",
            refuses: &Value::truthy,
            message: &|value| {
                format!(
                    "DEBUG_PROPAGATE_EXCEPTIONS is {}: errors skip Django's page and its mail to \
                     the admins, and some servers print the traceback to the visitor",
                    shown(value)
                )
            },
            advice: "Leave DEBUG_PROPAGATE_EXCEPTIONS out; it is meant for tests.",
            django_id: None,
            mend: Some((Safety::Safe, "False")),
        },
    )
}
