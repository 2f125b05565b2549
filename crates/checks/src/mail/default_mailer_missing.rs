use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity, Value};

use crate::setting::{Demand, judge, shown};

pub(super) static CHECK: Check = Check {
    id: "mail/default-mailer-missing",
    title: "MAILERS has no default",
    severity: Severity::Medium,
    needs: &[Need::Settings, Need::Django(6, 1)],
    items: &["A1.4"],
    django_ids: &["mail.W001"],
    references: &[Reference::Django("ref/settings/#mailers")],
    doc: include_str!("default_mailer_missing.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let settings = deployment.settings.as_ref();
    if settings.is_some_and(|settings| !settings.overrides("MAILERS") && settings.rest.is_none()) {
        return crate::setting::not_set("MAILERS");
    }
    judge(
        deployment,
        &Demand {
            setting: "MAILERS",
            refuses: &|value| match value {
                Value::Dict(mailers) if mailers.get("default").is_some() => Some(false),
                Value::Dict(mailers) => mailers.rest.is_none().then_some(true),
                _ => Some(true),
            },
            message: &|value| {
                format!(
                    "MAILERS is {} without \"default\": password resets and error reports fail \
                     when they are sent",
                    shown(value)
                )
            },
            advice: "Add the alias \"default\" to MAILERS.",
            django_id: Some("mail.W001"),
            mend: None,
        },
    )
}
