use tightship_model::{
    Check, Deployment, Need, Outcome, Reference, Safety, Severity, Symbol, Trail, Value,
};

use crate::package::{holds_true, setting_value, value_of};
use crate::setting::{Demand, judge_value, shown};

pub(super) static CHECK: Check = Check {
    id: "allauth/email-unverified",
    title: "Accounts work with an address that nobody verified",
    severity: Severity::Medium,
    needs: &[Need::Settings, Need::App(super::APP)],
    items: &["A3.1"],
    django_ids: &[],
    references: &[
        Reference::Url("https://docs.allauth.org/en/latest/account/configuration.html"),
        Reference::Cwe(287),
    ],
    doc: include_str!("email_unverified.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let social_only = super::option(deployment, "SOCIALACCOUNT_ONLY", Value::Bool(false));
    if holds_true(&social_only, &Value::truthy) == Some(true) {
        return Outcome::NotApplicable(
            "accounts come from other providers only, which asks for \"none\" here".to_owned(),
        );
    }
    match (
        judge_verification(deployment),
        may_close_sign_up(deployment),
    ) {
        (Outcome::Fail(_), Some(reason)) => Outcome::Unknown {
            reason,
            remedy: "open the sign-up page of the site".to_owned(),
            trail: Trail::default(),
        },
        (outcome, _) => outcome,
    }
}

/// Why nobody may be able to sign up: the project's adapter can say so.
fn may_close_sign_up(deployment: &Deployment) -> Option<String> {
    let adapter = setting_value(deployment, "ACCOUNT_ADAPTER")?;
    let path = adapter.value.as_str()?;
    let closes = match deployment.facts.symbols.get(path) {
        Some(Symbol::Class { span, .. }) => deployment.sources[span.source]
            .raw()
            .contains("def is_open_for_signup"),
        _ => true,
    };
    closes.then(|| format!("{path} may close the sign-up (is_open_for_signup)"))
}

fn judge_verification(deployment: &Deployment) -> Outcome {
    let verification = value_of(
        deployment,
        "ACCOUNT_EMAIL_VERIFICATION",
        super::PACKAGE,
        Value::Str("optional".to_owned()),
    );
    judge_value(
        deployment,
        &verification,
        &Demand {
            setting: "ACCOUNT_EMAIL_VERIFICATION",
            // The older booleans: True is "mandatory", False is "optional".
            refuses: &|value| match value {
                Value::Bool(mandatory) => Some(!mandatory),
                value => value.as_str().map(|method| method != "mandatory"),
            },
            message: &|value| {
                format!(
                    "anyone signs up with the address of somebody else and acts under it, and its \
                     owner gets mail and cannot sign up: ACCOUNT_EMAIL_VERIFICATION is {}",
                    shown(value)
                )
            },
            advice: "Set ACCOUNT_EMAIL_VERIFICATION = \"mandatory\".",
            django_id: None,
            mend: Some((Safety::Unsafe, "\"mandatory\"")),
        },
    )
}
