use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::secret_key::{LEAST_LENGTH, is_weak, length};
use crate::setting::{Demand, judge, unless};

pub(super) static CHECK: Check = Check {
    id: "django/secret-key-short",
    title: "SECRET_KEY is shorter than the policy asks",
    severity: Severity::Low,
    needs: &[Need::Settings, Need::Thresholds],
    items: &["A1.2", "B1.2"],
    django_ids: &[],
    references: &[Reference::Django("ref/settings/#secret-key")],
    doc: include_str!("secret_key_short.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let least = deployment.policy.secret_key_length;
    if least <= LEAST_LENGTH as u64 {
        return Outcome::NotApplicable(
            "the policy asks no more than Django's own check".to_owned(),
        );
    }
    if let Some(outcome) = unless(
        deployment,
        "SECRET_KEY",
        &|key| is_weak(key).map(|weak| !weak),
        "the key is weak by Django's own measure already",
    ) {
        return outcome;
    }
    judge(
        deployment,
        &Demand {
            setting: "SECRET_KEY",
            refuses: &|key| Some(length(key) < least),
            message: &|key| {
                format!(
                    "SECRET_KEY has {} characters; the policy asks for {least}, so that guessing \
                     stays out of reach",
                    length(key)
                )
            },
            advice: "Make a longer key, and keep the old one in SECRET_KEY_FALLBACKS for two weeks.",
            django_id: None,
            mend: None,
        },
    )
}
