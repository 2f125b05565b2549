use tightship_model::{Cause, Check, Confidence, Deployment, Finding, Need, Outcome, Reference};
use tightship_model::{Severity, Traced, Value};

use crate::package::pass;
use crate::partly::is_known;
use crate::setting::{about, overridden, unclear, while_unset};

pub(super) static CHECK: Check = Check {
    id: "django/secret-key-random",
    title: "SECRET_KEY is made anew at each start",
    severity: Severity::Medium,
    needs: &[Need::Settings],
    items: &["A1.2", "B1.2"],
    django_ids: &[],
    references: &[Reference::Django("ref/settings/#secret-key")],
    doc: include_str!("secret_key_random.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let Some(key) = overridden(deployment, "SECRET_KEY") else {
        return Outcome::NotApplicable("SECRET_KEY is not set".to_owned());
    };
    let unset = match &key.value {
        Value::Environment(dependent) => dependent.unset.as_ref(),
        _ => None,
    };
    if is_random(key) {
        Outcome::Fail(vec![finding(key, Confidence::High, "")])
    } else if let Some(unset) = unset.filter(|unset| is_random(unset)) {
        let condition = while_unset(&key.value.variables()) + ", ";
        Outcome::Fail(vec![finding(unset, Confidence::Medium, &condition)])
    } else if is_known(&key.value) || is_read(&key.value) {
        pass("SECRET_KEY stays the same from start to start", &key.trail)
    } else {
        unclear("SECRET_KEY", key)
    }
}

fn is_random(key: &Traced<Value>) -> bool {
    matches!(&key.value, Value::Unknown(unknown) if unknown.cause == Cause::Random)
}

/// Whether a key is read from a file, or from a variable that must be set.
fn is_read(key: &Value) -> bool {
    match key {
        Value::Unknown(unknown) => unknown.cause == Cause::File,
        Value::Environment(dependent) => dependent.unset.is_none() && dependent.others.is_empty(),
        _ => false,
    }
}

fn finding(key: &Traced<Value>, confidence: Confidence, condition: &str) -> Finding {
    Finding {
        message: format!(
            "{condition}SECRET_KEY is made by chance at each start: every restart signs everybody \
             out, and two servers refuse each other's sessions and reset links"
        ),
        confidence,
        advice: "Make the key once and give it to the process by a variable or a secret file."
            .to_owned(),
        ..about("SECRET_KEY", &key.trail)
    }
}
