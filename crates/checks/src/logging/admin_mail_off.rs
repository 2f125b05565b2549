use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity, Value};

use super::tracker;
use crate::setting::{Demand, judge, unless};

pub(super) static CHECK: Check = Check {
    id: "logging/admin-mail-off",
    title: "Error mail to the admins is refused on its way",
    severity: Severity::Low,
    needs: &[Need::Settings],
    items: &["A7.3"],
    django_ids: &[],
    references: &[
        Reference::Django("ref/settings/#server-email"),
        Reference::Django("howto/error-reporting/#server-errors"),
    ],
    doc: include_str!("admin_mail_off.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    if let Some(evidence) = tracker(deployment) {
        return Outcome::Pass(vec![evidence]);
    }
    if let Some(outcome) = unless(deployment, "ADMINS", &Value::truthy, "ADMINS names nobody") {
        return outcome;
    }
    judge(
        deployment,
        &Demand {
            setting: "SERVER_EMAIL",
            refuses: &|value| Some(value.as_str()?.ends_with("@localhost")),
            message: &|value| {
                format!(
                    "error mail to ADMINS is sent as {}: mail servers refuse that sender, and \
                     nobody hears of errors",
                    value.as_str().unwrap_or_default()
                )
            },
            advice: "Set SERVER_EMAIL to an address that the mail server may send as.",
            django_id: None,
            mend: None,
        },
    )
}
