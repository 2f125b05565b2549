use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity, Value};

use super::secret_key_weak;
use crate::setting::{Demand, judge};
use crate::told::findings_of;

pub(super) static CHECK: Check = Check {
    id: "django/secret-key-placeholder",
    title: "SECRET_KEY is a placeholder",
    severity: Severity::Critical,
    needs: &[Need::Settings],
    items: &["A1.2", "B1.2"],
    django_ids: &[],
    references: &[Reference::Cwe(1392), Reference::Cwe(798)],
    doc: include_str!("secret_key_placeholder.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let outcome = judge(
        deployment,
        &Demand {
            setting: "SECRET_KEY",
            refuses: &|key| Some(placeholder(key).is_some()),
            message: &|key| {
                format!(
                    "SECRET_KEY holds {:?}: it was copied from an example that others have too, \
                     and whoever tries that one forges sessions",
                    placeholder(key).unwrap_or_default()
                )
            },
            advice: "Make a random key and give it to the process from outside the repository.",
            django_id: None,
            mend: None,
        },
    );
    let is_weak = !findings_of(deployment, &secret_key_weak::CHECK).is_empty();
    match outcome {
        Outcome::Fail(_) if is_weak => Outcome::NotApplicable(format!(
            "the placeholder is short too, and {} tells of it",
            secret_key_weak::CHECK.id
        )),
        other => other,
    }
}

/// The words of an example that a key holds.
fn placeholder(key: &Value) -> Option<&'static str> {
    let words = key.as_str()?.to_lowercase().replace(['_', ' '], "-");
    PLACEHOLDERS
        .into_iter()
        .find(|placeholder| words.contains(placeholder))
}

const PLACEHOLDERS: [&str; 14] = [
    "change-me",
    "changeme",
    "change-this",
    "changethis",
    "your-secret",
    "your-django-secret",
    "secret-key-here",
    "replace-me",
    "replace-this",
    "insert-your",
    "placeholder",
    "dummy-key",
    "insecure-dev",
    "not-so-secret",
];
