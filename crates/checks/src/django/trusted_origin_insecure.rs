use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use crate::setting::{ItemDemand, judge_items};

pub(super) static CHECK: Check = Check {
    id: "django/trusted-origin-insecure",
    title: "A trusted origin is served over plain HTTP",
    severity: Severity::Medium,
    needs: &[Need::Settings],
    items: &["B1.4", "B17.3"],
    django_ids: &[],
    references: &[
        Reference::Django("ref/settings/#csrf-trusted-origins"),
        Reference::Cwe(352),
        Reference::Cwe(319),
    ],
    doc: include_str!("trusted_origin_insecure.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge_items(
        deployment,
        &ItemDemand {
            setting: "CSRF_TRUSTED_ORIGINS",
            refuses: &|origin| origin.starts_with("http://"),
            message: &|origin| {
                format!(
                    "CSRF_TRUSTED_ORIGINS trusts {origin:?}: whoever sits on the way changes that \
                     page and sends forms to this site in the visitor's name"
                )
            },
            advice: "Trust https:// origins only, and none of a developer's machine.",
        },
    )
}
