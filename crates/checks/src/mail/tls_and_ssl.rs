use tightship_model::{Check, Deployment, Need, Outcome, Reference, Safety, Severity, Value};

use super::no_smtp;
use crate::setting::{Demand, judge, unless};

pub(super) static CHECK: Check = Check {
    id: "mail/tls-and-ssl",
    title: "Two ways of encrypting mail exclude each other",
    severity: Severity::High,
    needs: &[Need::Settings],
    items: &["A6.1"],
    django_ids: &[],
    references: &[Reference::Django("ref/settings/#email-use-ssl")],
    doc: include_str!("tls_and_ssl.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    if let Some(outcome) = no_smtp(deployment) {
        return outcome;
    }
    if let Some(outcome) = unless(
        deployment,
        "EMAIL_USE_TLS",
        &Value::truthy,
        "EMAIL_USE_TLS is off",
    ) {
        return outcome;
    }
    judge(
        deployment,
        &Demand {
            setting: "EMAIL_USE_SSL",
            refuses: &Value::truthy,
            message: &|_| {
                "EMAIL_USE_TLS and EMAIL_USE_SSL are both on: every attempt to send mail fails, \
                 password resets included"
                    .to_owned()
            },
            advice: "Keep EMAIL_USE_SSL for port 465, or EMAIL_USE_TLS for port 587.",
            django_id: None,
            mend: Some((Safety::Unsafe, "False")),
        },
    )
}
