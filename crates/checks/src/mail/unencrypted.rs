use tightship_model::{Check, Deployment, Evidence, Finding, Need, Outcome, Reference, Severity};
use tightship_model::{Trail, Value};

use super::no_smtp;
use crate::package::finding;
use crate::setting::{answers, setting, unless};

pub(super) static CHECK: Check = Check {
    id: "mail/unencrypted",
    title: "Mail and its password travel in the clear",
    severity: Severity::High,
    needs: &[Need::Settings],
    items: &["A6.1"],
    django_ids: &[],
    references: &[
        Reference::Django("ref/settings/#email-use-tls"),
        Reference::Rfc(8314, "3"),
        Reference::Cwe(319),
    ],
    doc: include_str!("unencrypted.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    if let Some(outcome) = no_smtp(deployment) {
        return outcome;
    }
    let tls = answers(deployment, "EMAIL_USE_TLS", &Value::truthy);
    let ssl = answers(deployment, "EMAIL_USE_SSL", &Value::truthy);
    match (tls, ssl) {
        (Some(true), _) | (_, Some(true)) => Outcome::Pass(vec![Evidence {
            text: "mail is handed over under TLS".to_owned(),
            trail: Trail::default(),
        }]),
        (Some(false), Some(false)) => {
            let host = setting(deployment, "EMAIL_HOST");
            let trail = host.map_or_else(Trail::default, |host| host.value.trail.clone());
            Outcome::Fail(vec![Finding {
                subject: "settings:EMAIL_USE_TLS".to_owned(),
                ..finding(
                    "EMAIL_HOST",
                    &trail,
                    "neither EMAIL_USE_TLS nor EMAIL_USE_SSL is on: the account's password and \
                     every reset link cross the network readable"
                        .to_owned(),
                    "Set EMAIL_USE_SSL with port 465, or EMAIL_USE_TLS with port 587.",
                )
            }])
        }
        _ => ["EMAIL_USE_TLS", "EMAIL_USE_SSL"]
            .into_iter()
            .find_map(|name| unless(deployment, name, &|_| None, ""))
            .unwrap_or_else(|| Outcome::NotApplicable(String::new())),
    }
}
