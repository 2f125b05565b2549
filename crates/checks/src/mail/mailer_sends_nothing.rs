use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity, Value};

use super::DEVELOPMENT_BACKENDS;
use crate::setting::{Demand, judge};

pub(super) static CHECK: Check = Check {
    id: "mail/mailer-sends-nothing",
    title: "The default mailer delivers nothing",
    severity: Severity::High,
    needs: &[Need::Settings, Need::Django(6, 1)],
    items: &["A1.4"],
    django_ids: &["mail.E001"],
    references: &[Reference::Django("ref/settings/#mailers")],
    doc: include_str!("mailer_sends_nothing.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge(
        deployment,
        &Demand {
            setting: "MAILERS",
            refuses: &|value| {
                let Value::Dict(mailers) = value else {
                    return Some(false);
                };
                let Some(mailer) = mailers.get("default") else {
                    return mailers.rest.is_none().then_some(false);
                };
                let mailer = mailer.value.as_dict()?;
                match mailer.get("BACKEND") {
                    Some(backend) => Some(DEVELOPMENT_BACKENDS.contains(&backend.value.as_str()?)),
                    None => mailer.rest.is_none().then_some(false),
                }
            },
            message: &|_| {
                "the default mailer uses a backend for development: nobody receives password \
                 resets, confirmations or error reports"
                    .to_owned()
            },
            advice: "Use the SMTP backend or that of a mail service.",
            django_id: Some("mail.E001"),
            mend: None,
        },
    )
}
