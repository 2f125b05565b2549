use tightship_model::{Check, Deployment, Need, Outcome, Reference, Safety, Severity};

use super::SECURITY_MIDDLEWARE;
use crate::setting::{Demand, is_not_true, judge, shown};

pub(super) static CHECK: Check = Check {
    id: "django/nosniff-off",
    title: "Browsers may guess content types",
    severity: Severity::Medium,
    needs: &[Need::Settings, Need::Middleware(SECURITY_MIDDLEWARE)],
    items: &["A9.5", "B6.3", "X6"],
    django_ids: &["security.W006"],
    references: &[
        Reference::Django("ref/settings/#secure-content-type-nosniff"),
        Reference::Cwe(430),
    ],
    doc: include_str!("nosniff_off.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge(
        deployment,
        &Demand {
            setting: "SECURE_CONTENT_TYPE_NOSNIFF",
            refuses: &is_not_true,
            message: &|value| {
                format!(
                    "SECURE_CONTENT_TYPE_NOSNIFF is {}: a browser may run an uploaded text or \
                     image as a script of this site",
                    shown(value)
                )
            },
            advice: "Set SECURE_CONTENT_TYPE_NOSNIFF to True, which is Django's default.",
            django_id: Some("security.W006"),
            mend: Some((Safety::Safe, "True")),
        },
    )
}
