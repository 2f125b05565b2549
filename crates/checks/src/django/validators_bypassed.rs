use tightship_model::{
    Check, Confidence, Deployment, Finding, Label, Need, Outcome, PasswordWrite, Reference,
    Severity, Trail, Value,
};

use crate::package::pass;
use crate::paths::is_auxiliary;
use crate::setting::{about, unless};

pub(super) static CHECK: Check = Check {
    id: "django/validators-bypassed",
    title: "A password is stored past the validators",
    severity: Severity::Medium,
    needs: &[Need::Settings],
    items: &["B7.3", "X14"],
    django_ids: &[],
    references: &[
        Reference::Django("topics/auth/passwords/#integrating-validation"),
        Reference::Cwe(521),
    ],
    doc: include_str!("validators_bypassed.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    if let Some(outcome) = unless(
        deployment,
        "AUTH_PASSWORD_VALIDATORS",
        &Value::truthy,
        "there are no validators, which django/passwords-unchecked says",
    ) {
        return outcome;
    }
    let path = |write: &PasswordWrite| deployment.sources[write.span.source].path.as_str();
    let writes = deployment.facts.password_writes.iter();
    let findings: Vec<_> = writes
        .filter(|write| !write.module_validates && !is_auxiliary(path(write)))
        .map(|write| finding(write, path(write)))
        .collect();
    if findings.is_empty() {
        return pass(
            "no serializer or view stores a password that came in without validating it",
            &Trail::default(),
        );
    }
    Outcome::Fail(findings)
}

fn finding(write: &PasswordWrite, path: &str) -> Finding {
    let function = &write.function;
    Finding {
        subject: format!("code:{path} {function}"),
        message: format!(
            "users choose \"123456\" over this way, and lists of common passwords open their \
             accounts: {function}() asks none of AUTH_PASSWORD_VALIDATORS"
        ),
        // A function of another module may validate before.
        confidence: Confidence::Medium,
        labels: vec![Label {
            span: write.span,
            text: "stores the password".to_owned(),
        }],
        advice: "Call django.contrib.auth.password_validation.validate_password before.".to_owned(),
        ..about("AUTH_PASSWORD_VALIDATORS", &Trail::default())
    }
}
