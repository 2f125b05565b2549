use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity, Value};

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
    let is_empty = |value: &Value| falsy(value) == Some(true);
    let outcome = judge_running(
        deployment,
        &Demand {
            setting: "SECRET_KEY",
            refuses: &is_weak,
            message: &|value| match is_empty(value) {
                true => STOPS.to_owned(),
                false => format!(
                    "SECRET_KEY {}: whoever guesses it forges sessions and password reset links",
                    measured(value)
                ),
            },
            advice: "Make a key of 50 or more random characters and give it to the process by a \
                     variable or a secret file.",
            django_id: Some("security.W009"),
            mend: None,
        },
        &is_empty,
    );
    match outcome {
        Outcome::Fail(mut findings) => {
            for finding in &mut findings {
                if finding.message.ends_with(STOPS) {
                    finding.severity = Some(Severity::Medium);
                }
            }
            Outcome::Fail(findings)
        }
        other => other,
    }
}

/// With an empty key Django raises ImproperlyConfigured: `Settings.__init__` in
/// django/conf/__init__.py to 3.1, `LazySettings.__getattr__` since 3.2.
const STOPS: &str = "SECRET_KEY is empty or missing, and Django refuses to work without one: whoever \
                     deploys puts one in by hand, on each server another way";
