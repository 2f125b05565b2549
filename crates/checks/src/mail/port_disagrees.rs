use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity, Trail, Value};

use super::no_smtp;
use crate::setting::{Demand, answers, judge};

pub(super) static CHECK: Check = Check {
    id: "mail/port-disagrees",
    title: "The mail port expects another kind of encryption",
    severity: Severity::Medium,
    needs: &[Need::Settings],
    items: &["A6.1"],
    django_ids: &[],
    references: &[
        Reference::Django("ref/settings/#email-port"),
        Reference::Rfc(8314, "3.3"),
    ],
    doc: include_str!("port_disagrees.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    if let Some(outcome) = no_smtp(deployment) {
        return outcome;
    }
    let on = |name| answers(deployment, name, &Value::truthy);
    let (Some(tls), Some(ssl)) = (on("EMAIL_USE_TLS"), on("EMAIL_USE_SSL")) else {
        return Outcome::Unknown {
            reason: "whether mail is encrypted is not known".to_owned(),
            remedy: "see `tightship inspect settings --only EMAIL_USE_TLS EMAIL_USE_SSL`"
                .to_owned(),
            trail: Trail::default(),
        };
    };
    judge(
        deployment,
        &Demand {
            setting: "EMAIL_PORT",
            refuses: &|port| Some(fault(port.as_int()?, tls, ssl).is_some()),
            message: &|port| {
                let port = port.as_int().unwrap_or_default();
                format!(
                    "EMAIL_PORT is {port}, where {}: mail waits until it times out, or fails",
                    fault(port, tls, ssl).unwrap_or_default()
                )
            },
            advice: "Use port 465 with EMAIL_USE_SSL, or port 587 with EMAIL_USE_TLS.",
            django_id: None,
            mend: None,
        },
    )
}

/// What a well-known port expects that the settings do not do. Without any encryption only the
/// port that always has it is at fault; `mail/unencrypted` says the rest.
fn fault(port: i128, tls: bool, ssl: bool) -> Option<&'static str> {
    match (port, tls, ssl) {
        (465, true, false) => Some("TLS begins at once, and EMAIL_USE_TLS waits to be asked"),
        (465, false, false) => Some("TLS begins at once, and neither TLS setting is on"),
        (587, false, true) => Some("TLS is asked for later, and EMAIL_USE_SSL begins with it"),
        (25, false, true) => Some("plain SMTP is spoken, and EMAIL_USE_SSL begins with TLS"),
        _ => None,
    }
}
