use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity, State, Value};

use crate::package::{finding, pass, setting_value};
use crate::setting::{Judged, consider_value};

pub(super) static CHECK: Check = Check {
    id: "jwt/signing-key-shared",
    title: "Tokens are signed with SECRET_KEY",
    severity: Severity::Low,
    needs: &[Need::Settings],
    items: &[],
    django_ids: &[],
    references: &[
        Reference::Url(
            "https://django-rest-framework-simplejwt.readthedocs.io/en/latest/settings.html#signing-key",
        ),
        Reference::Cwe(323),
    ],
    doc: include_str!("signing_key_shared.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    if let Some(outcome) = super::absent(deployment) {
        return outcome;
    }
    const NAME: &str = "SIMPLE_JWT.SIGNING_KEY";
    let algorithm = super::option(deployment, "ALGORITHM", Value::Str("HS256".to_owned()));
    if algorithm
        .value
        .as_str()
        .is_some_and(|name| !name.starts_with("HS"))
    {
        return pass("tokens are signed with a key pair", &algorithm.trail);
    }
    let secret = setting_value(deployment, "SECRET_KEY");
    let key = super::option(deployment, "SIGNING_KEY", Value::None);
    let is_secret_key = |value: &Value| match (value, &secret) {
        (Value::None, _) => Some(true),
        (value, Some(secret)) => Some(value.as_str()? == secret.value.as_str()?),
        (_, None) => Some(false),
    };
    // The same variable in both places is the same key, whatever it holds.
    let is_same = secret
        .as_ref()
        .is_some_and(|secret| secret.value == key.value && key.value.state() != State::Unknown);
    if is_same || key.value == Value::None {
        return Outcome::Fail(vec![shared(&key.trail, key.value == Value::None)]);
    }
    match consider_value(NAME, &key, &is_secret_key) {
        Judged::Good(value) => pass("tokens are signed with a key of their own", &value.trail),
        Judged::Open(outcome) => outcome,
        Judged::Bad(bad) => Outcome::Fail(vec![shared(&bad.value.trail, false)]),
    }
}

fn shared(trail: &tightship_model::Trail, by_omission: bool) -> tightship_model::Finding {
    let why = match by_omission {
        true => "SIGNING_KEY is not set, which means SECRET_KEY",
        false => "SIGNING_KEY is SECRET_KEY",
    };
    finding(
        "SIMPLE_JWT.SIGNING_KEY",
        trail,
        format!(
            "whoever learns the one key forges API tokens for every user as well as sessions and \
             reset links, and changing it ends all of them at once: {why}"
        ),
        "Give SIGNING_KEY a random value of its own, from the environment.",
    )
}
