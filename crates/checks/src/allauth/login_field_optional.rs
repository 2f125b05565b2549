use std::collections::BTreeSet;

use tightship_model::{
    Answer, Check, Deployment, Need, Outcome, Reference, Severity, Trail, Value,
};

use crate::package::{finding, holds_true, pass};
use crate::setting::unknown;

pub(super) static CHECK: Check = Check {
    id: "allauth/login-field-optional",
    title: "Sign-up does not ask for what login needs",
    severity: Severity::Low,
    needs: &[Need::Settings, Need::App(super::APP)],
    items: &[],
    django_ids: &["account.W001"],
    references: &[Reference::Url(
        "https://docs.allauth.org/en/latest/account/configuration.html",
    )],
    doc: include_str!("login_field_optional.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let methods = match login_methods(deployment) {
        Ok(methods) => methods,
        Err(outcome) => return outcome,
    };
    let required = match required_fields(deployment) {
        Ok(required) => required,
        Err(outcome) => return outcome,
    };
    if methods.iter().any(|method| required.contains(method)) {
        return pass("sign-up asks for a way to log in", &Trail::default());
    }
    let list = |set: &BTreeSet<String>| set.iter().cloned().collect::<Vec<_>>().join(", ");
    let trail = super::option(deployment, "ACCOUNT_SIGNUP_FIELDS", Value::None).trail;
    let mut finding = finding(
        "ACCOUNT_SIGNUP_FIELDS",
        &trail,
        format!(
            "a new user may end up with an account and no way into it: login goes by {}, and \
             sign-up asks only for {}",
            list(&methods),
            list(&required)
        ),
        "Mark a login method as required, as in ACCOUNT_SIGNUP_FIELDS = [\"email*\", ...].",
    );
    finding.django_id = Some("account.W001");
    Outcome::Fail(vec![finding])
}

/// The ways to log in, after allauth's fallback to ACCOUNT_AUTHENTICATION_METHOD.
fn login_methods(deployment: &Deployment) -> Result<BTreeSet<String>, Outcome> {
    let methods = super::option(deployment, "ACCOUNT_LOGIN_METHODS", Value::None);
    if let Some(methods) = known_strings("ACCOUNT_LOGIN_METHODS", &methods)? {
        return Ok(methods);
    }
    let method = super::option(
        deployment,
        "ACCOUNT_AUTHENTICATION_METHOD",
        Value::Str("username".to_owned()),
    );
    match method.value.as_str() {
        Some("username_email") => Ok(["username", "email"].map(str::to_owned).into()),
        Some(method) => Ok([method.to_owned()].into()),
        None => Err(Outcome::Unknown {
            reason: "ACCOUNT_AUTHENTICATION_METHOD is not known".to_owned(),
            remedy: "see `tightship inspect settings --only ACCOUNT_AUTHENTICATION_METHOD`"
                .to_owned(),
            trail: method.trail,
        }),
    }
}

/// The fields that sign-up requires, after allauth's fallback to the older switches.
fn required_fields(deployment: &Deployment) -> Result<BTreeSet<String>, Outcome> {
    let fields = super::option(deployment, "ACCOUNT_SIGNUP_FIELDS", Value::None);
    let fields = known_strings("ACCOUNT_SIGNUP_FIELDS", &fields)?;
    if let Some(fields) = fields.filter(|fields| !fields.is_empty()) {
        return Ok(fields
            .iter()
            .filter_map(|field| Some(field.split_once('*')?.0.to_owned()))
            .collect());
    }
    let mut required: BTreeSet<_> = ["password1".to_owned()].into();
    for (name, default, field) in [
        ("ACCOUNT_USERNAME_REQUIRED", true, "username"),
        ("ACCOUNT_EMAIL_REQUIRED", false, "email"),
    ] {
        let switch = super::option(deployment, name, Value::Bool(default));
        match holds_true(&switch, &Value::truthy) {
            Some(true) => {
                required.insert(field.to_owned());
            }
            Some(false) => {}
            None => {
                return Err(Outcome::Unknown {
                    reason: format!("{name} is not known"),
                    remedy: format!("see `tightship inspect settings --only {name}`"),
                    trail: switch.trail,
                });
            }
        }
    }
    Ok(required)
}

/// The strings of a collection; `None` where it is not set.
fn known_strings(
    name: &str,
    value: &tightship_model::Traced<Value>,
) -> Result<Option<BTreeSet<String>>, Outcome> {
    let texts = |value: &Value| match value {
        Value::None => Some(None),
        value => Some(Some(
            crate::package::strings(value)?
                .into_iter()
                .map(str::to_owned)
                .collect(),
        )),
    };
    match value.ask(&|value| texts(value).map(|_| true)) {
        Answer::Yes(value) | Answer::No(value) => Ok(texts(&value.value).flatten()),
        Answer::Doubt(doubt) => Err(unknown(name, &doubt, &value.trail)),
    }
}
