use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::SECURITY_MIDDLEWARE;
use crate::proxy::{adds_header, unless_nginx};
use crate::setting::{Demand, falsy, judge, shown};

pub(super) static CHECK: Check = Check {
    id: "django/hsts-off",
    title: "Strict Transport Security is off",
    severity: Severity::Medium,
    needs: &[Need::Settings, Need::Middleware(SECURITY_MIDDLEWARE)],
    items: &["A2.4", "B1.8"],
    django_ids: &["security.W004"],
    references: &[
        Reference::Django("ref/settings/#secure-hsts-seconds"),
        Reference::Rfc(6797, "7.2"),
        Reference::Cwe(319),
    ],
    doc: include_str!("hsts_off.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let outcome = of_django(deployment);
    unless_nginx(outcome, deployment, "nginx/hsts-missing", |name, words| {
        adds_header(name, words, "strict-transport-security")
    })
}

fn of_django(deployment: &Deployment) -> Outcome {
    judge(
        deployment,
        &Demand {
            setting: "SECURE_HSTS_SECONDS",
            refuses: &falsy,
            message: &|value| {
                format!(
                    "SECURE_HSTS_SECONDS is {}: browsers try plain HTTP first, where anyone on the \
                     way can take over the visit",
                    shown(value)
                )
            },
            advice: "Set SECURE_HSTS_SECONDS to 3600 first and, once every name works over HTTPS, \
                     to 31536000.",
            django_id: Some("security.W004"),
            mend: None,
        },
    )
}
