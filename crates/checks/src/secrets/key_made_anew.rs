use tightship_model::{
    Cause, Check, Confidence, Deployment, Finding, Need, Outcome, Reference, Severity, Traced,
    Value, names_a_secret,
};

use crate::package::pass;
use crate::setting::{about, while_unset};

pub(super) static CHECK: Check = Check {
    id: "secrets/key-made-anew",
    title: "A key is made anew in each process",
    severity: Severity::Medium,
    needs: &[Need::Settings],
    items: &["A1.2", "A14.2"],
    django_ids: &[],
    references: &[Reference::Django("topics/signing/"), Reference::Cwe(330)],
    doc: include_str!("key_made_anew.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let Some(settings) = &deployment.settings else {
        return Outcome::NotApplicable("there are no settings".to_owned());
    };
    // SECRET_KEY has a check of its own.
    let keys = settings
        .overridden
        .iter()
        .filter(|(name, _)| *name != "SECRET_KEY" && names_a_key(name));
    let mut count = 0;
    let mut findings = Vec::new();
    for (name, value) in keys {
        count += 1;
        let unset = match &value.value {
            Value::Environment(dependent) => dependent.unset.as_ref(),
            _ => None,
        };
        if is_random(value) {
            findings.push(finding(name, value, Confidence::High, ""));
        } else if let Some(unset) = unset.filter(|unset| is_random(unset)) {
            let condition = while_unset(&value.value.variables()) + ", ";
            findings.push(finding(name, unset, Confidence::Medium, &condition));
        }
    }
    match (findings.is_empty(), count) {
        (false, _) => Outcome::Fail(findings),
        (true, 0) => {
            Outcome::NotApplicable("the settings hold no key beside SECRET_KEY".to_owned())
        }
        (true, count) => pass(
            format!("none of {count} keys and passwords is made by chance"),
            &tightship_model::Trail::default(),
        ),
    }
}

/// Whether a setting of this name holds a key: also one that no list of kinds has, `LINK_KEY`.
fn names_a_key(name: &str) -> bool {
    names_a_secret(name) || name.ends_with("_KEY") || name.ends_with("_KEYS")
}

fn is_random(key: &Traced<Value>) -> bool {
    matches!(&key.value, Value::Unknown(unknown) if unknown.cause == Cause::Random)
}

fn finding(name: &str, key: &Traced<Value>, confidence: Confidence, condition: &str) -> Finding {
    Finding {
        message: format!(
            "{condition}{name} is made by chance in each process: what one worker signs or encrypts \
             the next one refuses, and a restart makes all of it void"
        ),
        confidence,
        advice: "Make the key once and give it to every process by a variable or a secret file."
            .to_owned(),
        ..about(name, &key.trail)
    }
}
