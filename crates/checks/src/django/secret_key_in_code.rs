use tightship_model::{Cause, Check, Confidence, Deployment, Finding, Need, Outcome, Reference};
use tightship_model::{Severity, Traced, Value};

use super::{secret_key_placeholder, secret_key_weak};
use crate::package::pass;
use crate::partly::is_known;
use crate::secrets::written_in_code;
use crate::setting::{about, overridden, shown, unclear, while_unset};
use crate::told::findings_of;

pub(super) static CHECK: Check = Check {
    id: "django/secret-key-in-code",
    title: "SECRET_KEY stands in the code",
    severity: Severity::High,
    needs: &[Need::Settings],
    items: &["A1.2", "B1.2", "B1.10", "X32"],
    django_ids: &[],
    references: &[
        Reference::Django("howto/deployment/checklist/#secret-key"),
        Reference::Cwe(798),
    ],
    doc: include_str!("secret_key_in_code.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let outcome = judge(deployment);
    // A key that is guessed in any case is told as that, and mended by the same line.
    let guessed = [&secret_key_placeholder::CHECK, &secret_key_weak::CHECK];
    let tells = |check: &&&Check| !findings_of(deployment, check).is_empty();
    match guessed.iter().find(tells) {
        Some(check) if matches!(outcome, Outcome::Fail(_)) => {
            Outcome::NotApplicable(format!("{} tells of that key", check.id))
        }
        _ => outcome,
    }
}

/// Judges whether the key stands in the code, weak or not.
pub(super) fn judge(deployment: &Deployment) -> Outcome {
    let Some(key) = overridden(deployment, "SECRET_KEY") else {
        return Outcome::NotApplicable("SECRET_KEY is not set".to_owned());
    };
    let outside = || pass("SECRET_KEY comes from outside the code", &key.trail);
    match &key.value {
        Value::Unknown(unknown) if unknown.cause == Cause::File => outside(),
        Value::Environment(dependent) => match &dependent.unset {
            Some(unset) if is_in_code(deployment, unset) => {
                let condition = while_unset(&dependent.variables) + ", ";
                Outcome::Fail(vec![finding(unset, Confidence::Medium, &condition)])
            }
            None if dependent.others.is_empty() => outside(),
            _ => unclear("SECRET_KEY", key),
        },
        value if !is_known(value) => unclear("SECRET_KEY", key),
        _ if is_in_code(deployment, key) => Outcome::Fail(vec![finding(key, Confidence::High, "")]),
        _ => outside(),
    }
}

fn is_in_code(deployment: &Deployment, key: &Traced<Value>) -> bool {
    key.value
        .as_str()
        .is_some_and(|text| !text.is_empty() && written_in_code(deployment, text, &key.trail))
}

fn finding(key: &Traced<Value>, confidence: Confidence, condition: &str) -> Finding {
    Finding {
        message: format!(
            "{condition}SECRET_KEY stands in the code ({}): everyone who ever had the repository, a \
             backup or an image of it can forge sessions and reset links",
            shown(&key.value)
        ),
        confidence,
        advice: "Make a new key, give it to the process by a variable or a secret file, and leave \
                 no default."
            .to_owned(),
        ..about("SECRET_KEY", &key.trail)
    }
}
