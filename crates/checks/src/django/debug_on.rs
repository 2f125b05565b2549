use tightship_model::{Check, Deployment, Need, Outcome, Reference, Safety, Severity, Value};

use crate::setting::{Demand, judge, shown};

pub(crate) static CHECK: Check = Check {
    id: "django/debug-on",
    title: "DEBUG is on in production",
    severity: Severity::Critical,
    needs: &[Need::Settings],
    items: &["A1.1", "B1.1"],
    django_ids: &["security.W018"],
    references: &[
        Reference::Django("ref/settings/#debug"),
        Reference::Cwe(489),
    ],
    doc: include_str!("debug_on.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge(
        deployment,
        &Demand {
            setting: "DEBUG",
            refuses: &Value::truthy,
            message: &|value| {
                format!(
                    "DEBUG is {}: every error page shows settings, source code and local variables to \
                 the visitor who caused it",
                    shown(value)
                )
            },
            advice: "Set DEBUG to False for production, as a default and not only by a variable.",
            django_id: Some("security.W018"),
            mend: Some((Safety::Unsafe, "False")),
        },
    )
}
