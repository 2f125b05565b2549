use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity, Value};

use crate::django::secret_key::LEAST_LENGTH;
use crate::package::{pass, setting_value};
use crate::setting::{Demand, judge_value};

pub(super) static CHECK: Check = Check {
    id: "jwt/signing-key-short",
    title: "The key that signs tokens is shorter than its algorithm asks",
    severity: Severity::High,
    needs: &[Need::Settings],
    items: &[],
    django_ids: &[],
    references: &[Reference::Rfc(7518, "3.2"), Reference::Cwe(326)],
    doc: include_str!("signing_key_short.md"),
    run,
};

/// Least key length in bytes: the size of the hash (RFC 7518, section 3.2).
const LEAST: [(&str, usize); 3] = [("HS256", 32), ("HS384", 48), ("HS512", 64)];

fn run(deployment: &Deployment) -> Outcome {
    if let Some(outcome) = super::absent(deployment) {
        return outcome;
    }
    let algorithm = super::option(deployment, "ALGORITHM", Value::Str("HS256".to_owned()));
    let Some(name) = algorithm.value.as_str() else {
        return Outcome::Unknown {
            reason: "SIMPLE_JWT.ALGORITHM is not known".to_owned(),
            remedy: "see `tightship inspect settings --only SIMPLE_JWT`".to_owned(),
            trail: algorithm.trail,
        };
    };
    let Some((_, least)) = LEAST.into_iter().find(|(hmac, _)| *hmac == name) else {
        return pass(format!("{name} signs with a key pair"), &algorithm.trail);
    };
    let key = super::signing_key(deployment);
    let is_short = key
        .value
        .as_str()
        .map(|key| key.chars().count() < LEAST_LENGTH);
    let django = setting_value(deployment, "SECRET_KEY");
    if is_short != Some(false) && django.is_some_and(|django| django.value == key.value) {
        return Outcome::NotApplicable(
            "the key is SECRET_KEY, whose strength django/secret-key-weak judges".to_owned(),
        );
    }
    let length = |value: &Value| match value {
        // PyJWT takes no such key: nothing is signed, and nothing can be forged.
        Value::None => None,
        Value::Bytes(bytes) => Some(bytes.len()),
        other => other.as_str().map(str::len),
    };
    judge_value(
        deployment,
        &key,
        &Demand {
            setting: "SIMPLE_JWT.SIGNING_KEY",
            refuses: &|value| length(value).map(|length| length < least),
            message: &|value| {
                format!(
                    "an attacker who holds any one token finds the key by trying keys offline and \
                     then signs tokens for every user: it has {} bytes, {name} asks for {least}",
                    length(value).unwrap_or_default()
                )
            },
            advice: "Make a new key of 64 random bytes; all tokens become invalid.",
            django_id: None,
            mend: None,
        },
    )
}
