use tightship_model::{Check, Deployment, Need, Outcome, Reference, Safety, Severity};

use super::{SECURITY_MIDDLEWARE, without_hsts};
use crate::setting::{Demand, is_not_true, judge, shown};

pub(super) static CHECK: Check = Check {
    id: "django/hsts-subdomains-open",
    title: "Strict Transport Security leaves subdomains out",
    severity: Severity::Low,
    needs: &[Need::Settings, Need::Middleware(SECURITY_MIDDLEWARE)],
    items: &["B16.4", "X26"],
    django_ids: &["security.W005"],
    references: &[
        Reference::Django("ref/settings/#secure-hsts-include-subdomains"),
        Reference::Rfc(6797, "6.1.2"),
    ],
    doc: include_str!("hsts_subdomains_open.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    if let Some(outcome) = without_hsts(deployment) {
        return outcome;
    }
    judge(
        deployment,
        &Demand {
            setting: "SECURE_HSTS_INCLUDE_SUBDOMAINS",
            refuses: &is_not_true,
            message: &|value| {
                format!(
                    "SECURE_HSTS_INCLUDE_SUBDOMAINS is {}: an attacker on the way answers for a \
                     subdomain over plain HTTP and plants cookies for the whole site",
                    shown(value)
                )
            },
            advice: "Set SECURE_HSTS_INCLUDE_SUBDOMAINS to True once every subdomain serves HTTPS.",
            django_id: Some("security.W005"),
            mend: Some((Safety::Unsafe, "True")),
        },
    )
}
