use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity, State, Value};

use crate::package::{finding, pass};
use crate::secrets::written_in_code;
use crate::setting::{overridden, unclear};

pub(super) static CHECK: Check = Check {
    id: "django/secret-key-in-code",
    title: "SECRET_KEY stands in the code",
    severity: Severity::High,
    needs: &[Need::Settings],
    items: &["A1.2", "B1.2", "B1.10"],
    django_ids: &[],
    references: &[
        Reference::Django("howto/deployment/checklist/#secret-key"),
        Reference::Cwe(798),
    ],
    doc: include_str!("secret_key_in_code.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let Some(key) = overridden(deployment, "SECRET_KEY") else {
        return Outcome::NotApplicable("SECRET_KEY is not set".to_owned());
    };
    if key.value.state() != State::Known {
        return unclear("SECRET_KEY", key);
    }
    let text = key.value.as_str().unwrap_or_default();
    if text.is_empty() || !written_in_code(deployment, text, &key.trail) {
        return pass("SECRET_KEY comes from outside the code", &key.trail);
    }
    Outcome::Fail(vec![finding(
        "SECRET_KEY",
        &key.trail,
        format!(
            "SECRET_KEY ({}) stands in the code: everyone who ever had the repository, a backup or \
             an image of it can forge sessions and reset links",
            match &key.value {
                Value::Secret(secret) => secret.to_string(),
                _ => "a literal".to_owned(),
            }
        ),
        "Make a new key, give it to the process by a variable or a secret file, and leave no default.",
    )])
}
