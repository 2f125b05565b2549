use tightship_model::{Check, Confidence, Deployment, Need, Outcome, Reference, Severity, Trail};

use crate::package::{finding, pass, setting_value};

pub(super) static CHECK: Check = Check {
    id: "allauth/renamed-setting",
    title: "A setting of allauth is overruled by its new name",
    severity: Severity::Low,
    needs: &[Need::Settings, Need::App(super::APP)],
    items: &[],
    django_ids: &[],
    references: &[Reference::Url(
        "https://docs.allauth.org/en/latest/account/configuration.html",
    )],
    doc: include_str!("renamed_setting.md"),
    run,
};

/// Older names, and the setting beside which allauth 65.21 does not read them.
const OVERRULED: [(&str, &str); 6] = [
    ("ACCOUNT_AUTHENTICATION_METHOD", "ACCOUNT_LOGIN_METHODS"),
    ("ACCOUNT_USERNAME_REQUIRED", "ACCOUNT_SIGNUP_FIELDS"),
    ("ACCOUNT_EMAIL_REQUIRED", "ACCOUNT_SIGNUP_FIELDS"),
    ("ACCOUNT_SIGNUP_EMAIL_ENTER_TWICE", "ACCOUNT_SIGNUP_FIELDS"),
    (
        "ACCOUNT_SIGNUP_PASSWORD_ENTER_TWICE",
        "ACCOUNT_SIGNUP_FIELDS",
    ),
    (
        "ACCOUNT_SIGNUP_PASSWORD_VERIFICATION",
        "ACCOUNT_SIGNUP_FIELDS",
    ),
];
/// The version that brought the last of the new names.
const NEW_NAMES_SINCE: (u32, u32, u32) = (65, 5, 0);

fn run(deployment: &Deployment) -> Outcome {
    let release = super::release(deployment);
    if release.is_some_and(|release| release < NEW_NAMES_SINCE) {
        return Outcome::NotApplicable("this version of allauth has the older names".to_owned());
    }
    let overrides = |name: &str| {
        let settings = deployment.settings.as_ref();
        settings.is_some_and(|settings| settings.overrides(name))
    };
    let findings: Vec<_> = OVERRULED
        .into_iter()
        .filter(|(old, new)| overrides(old) && overrides(new))
        .filter_map(|(old, new)| {
            let value = setting_value(deployment, old)?;
            let mut finding = finding(
                old,
                &value.trail,
                format!("{old} decides nothing: {new} is set too, and allauth 65 reads only that"),
                "Remove the older line, after moving what it says to the new setting.",
            );
            if release.is_none() {
                finding.confidence = Confidence::Medium;
            }
            Some(finding)
        })
        .collect();
    match findings.is_empty() {
        true => pass("no older name stands beside its new one", &Trail::default()),
        false => Outcome::Fail(findings),
    }
}
