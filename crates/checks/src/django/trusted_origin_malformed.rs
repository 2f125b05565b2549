use tightship_model::{Check, Deployment, Finding, Need, Outcome, Reference, Severity};

use crate::setting::{ItemDemand, judge_items};

pub(super) static CHECK: Check = Check {
    id: "django/trusted-origin-malformed",
    title: "A trusted origin has no scheme",
    severity: Severity::Medium,
    needs: &[Need::Settings, Need::Django(4, 0)],
    items: &["B1.4", "B17.3"],
    django_ids: &["4_0.E001"],
    references: &[Reference::Django("ref/settings/#csrf-trusted-origins")],
    doc: include_str!("trusted_origin_malformed.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let outcome = judge_items(
        deployment,
        &ItemDemand {
            setting: "CSRF_TRUSTED_ORIGINS",
            refuses: &|origin| !origin.contains("://"),
            message: &|origin| {
                format!(
                    "CSRF_TRUSTED_ORIGINS holds {origin:?} without a scheme: Django refuses to \
                     start, and forms from there never pass"
                )
            },
            advice: "Put https:// before the host.",
        },
    );
    match outcome {
        Outcome::Fail(findings) => Outcome::Fail(
            findings
                .into_iter()
                .map(|finding| Finding {
                    django_id: Some("4_0.E001"),
                    ..finding
                })
                .collect(),
        ),
        other => other,
    }
}
