use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::secret_key::{is_weak, measured};
use crate::setting::{Demand, falsy, judge_running};

pub(super) static CHECK: Check = Check {
    id: "django/secret-key-weak",
    title: "SECRET_KEY is missing or can be guessed",
    severity: Severity::Critical,
    needs: &[Need::Settings],
    items: &["A1.2", "B1.2"],
    django_ids: &["security.W009"],
    references: &[
        Reference::Django("ref/settings/#secret-key"),
        Reference::Cwe(330),
        Reference::Cwe(521),
    ],
    doc: include_str!("secret_key_weak.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge_running(
        deployment,
        &Demand {
            setting: "SECRET_KEY",
            refuses: &is_weak,
            message: &|value| {
                format!(
                    "SECRET_KEY {}: whoever guesses it forges sessions and password reset links",
                    measured(value)
                )
            },
            advice: "Make a key of 50 or more random characters and give it to the process by a \
                     variable or a secret file.",
            django_id: Some("security.W009"),
            mend: None,
        },
        // With an empty key Django does not start (ImproperlyConfigured).
        &|value| falsy(value) == Some(true),
    )
}
