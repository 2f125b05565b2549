use tightship_model::{Check, Deployment, Need, Outcome, Reference, Safety, Severity};

use super::{SECURITY_MIDDLEWARE, without_hsts};
use crate::setting::{Demand, is_not_true, judge, shown};

pub(super) static CHECK: Check = Check {
    id: "django/hsts-not-preloaded",
    title: "Strict Transport Security does not ask to be preloaded",
    severity: Severity::Low,
    needs: &[Need::Settings, Need::Middleware(SECURITY_MIDDLEWARE)],
    items: &["B16.4", "X26"],
    django_ids: &["security.W021"],
    references: &[
        Reference::Django("ref/settings/#secure-hsts-preload"),
        Reference::Url("https://hstspreload.org/"),
    ],
    doc: include_str!("hsts_not_preloaded.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    if let Some(outcome) = without_hsts(deployment) {
        return outcome;
    }
    judge(
        deployment,
        &Demand {
            setting: "SECURE_HSTS_PRELOAD",
            refuses: &is_not_true,
            message: &|value| {
                format!(
                    "SECURE_HSTS_PRELOAD is {}: browsers cannot know the policy before the first \
                     visit, which goes over plain HTTP",
                    shown(value)
                )
            },
            advice: "Set SECURE_HSTS_PRELOAD to True if the domain shall enter the preload list.",
            django_id: Some("security.W021"),
            mend: Some((Safety::Unsafe, "True")),
        },
    )
}
