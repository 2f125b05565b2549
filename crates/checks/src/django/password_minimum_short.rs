use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity, Value};

use crate::partly::any;
use crate::setting::{Demand, falsy, judge, unless};

pub(super) static CHECK: Check = Check {
    id: "django/password-minimum-short",
    title: "Short passwords are accepted",
    severity: Severity::Medium,
    needs: &[
        Need::Settings,
        Need::App("django.contrib.auth"),
        Need::Thresholds,
    ],
    items: &["B7.3"],
    django_ids: &[],
    references: &[
        Reference::Django("topics/auth/passwords/#password-validation"),
        Reference::Url("https://pages.nist.gov/800-63-3/sp800-63b.html#memsecretver"),
        Reference::Cwe(521),
    ],
    doc: include_str!("password_minimum_short.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let least = i128::from(deployment.policy.password_length);
    if let Some(outcome) = unless(
        deployment,
        "AUTH_PASSWORD_VALIDATORS",
        &|validators| falsy(validators).map(|empty| !empty),
        "no password validator is set at all",
    ) {
        return outcome;
    }
    judge(
        deployment,
        &Demand {
            setting: "AUTH_PASSWORD_VALIDATORS",
            refuses: &|validators| {
                let validators = validators.as_items()?;
                any(
                    validators.rest.is_some(),
                    validators.items.iter(),
                    |validator| long_enough(&validator.value, least),
                )
                .map(|enough| !enough)
            },
            message: &|_| {
                format!(
                    "no password validator asks for {least} characters: short passwords are \
                     guessed by trying all of them"
                )
            },
            advice: "Give MinimumLengthValidator a min_length of at least the policy's length.",
            django_id: None,
            mend: None,
        },
    )
}

/// Whether a validator refuses passwords shorter than `least`. A validator that is not Django's own
/// may do so; that is not known.
fn long_enough(validator: &Value, least: i128) -> Option<bool> {
    let validator = validator.as_dict()?;
    let name = validator.get("NAME")?.value.as_str()?;
    if name != "django.contrib.auth.password_validation.MinimumLengthValidator" {
        let is_djangos = name.starts_with("django.contrib.auth.password_validation.");
        return is_djangos.then_some(false);
    }
    let Some(options) = validator.get("OPTIONS") else {
        return Some(DEFAULT_MINIMUM >= least);
    };
    match options.value.as_dict()?.get("min_length") {
        Some(length) => Some(length.value.as_int()? >= least),
        None => Some(DEFAULT_MINIMUM >= least),
    }
}

/// `MinimumLengthValidator.__init__`, Django 1.9 to 6.1.
const DEFAULT_MINIMUM: i128 = 8;
