use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity, Value};

use super::DEVELOPMENT_BACKENDS;
use crate::setting::{Demand, answers, judge, shown};

pub(crate) static CHECK: Check = Check {
    id: "mail/backend-sends-nothing",
    title: "Mail is not sent",
    severity: Severity::High,
    needs: &[Need::Settings],
    items: &["A1.4"],
    django_ids: &[],
    references: &[
        Reference::Django("topics/email/#email-backends"),
        Reference::Django("ref/settings/#email-backend"),
    ],
    doc: include_str!("backend_sends_nothing.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    if answers(deployment, "MAILERS", &Value::truthy) == Some(true) {
        return Outcome::NotApplicable("MAILERS decides how mail is sent".to_owned());
    }
    judge(
        deployment,
        &Demand {
            setting: "EMAIL_BACKEND",
            refuses: &|backend| Some(DEVELOPMENT_BACKENDS.contains(&backend.as_str()?)),
            message: &|backend| {
                format!(
                    "EMAIL_BACKEND is {}: nobody receives password resets, confirmations or error \
                     reports, and reset links may stand in a log",
                    shown(backend)
                )
            },
            advice: "Use the SMTP backend, Django's default, or that of a mail service.",
            django_id: None,
            mend: None,
        },
    )
}
