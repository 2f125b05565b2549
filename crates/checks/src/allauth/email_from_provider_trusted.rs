use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity, Value};

use crate::package::{finding, pass, setting_value};
use crate::setting::{Judged, consider_value};

pub(super) static CHECK: Check = Check {
    id: "allauth/email-from-provider-trusted",
    title: "Every provider may log in to every account by its address",
    severity: Severity::Medium,
    needs: &[Need::Settings, Need::App(super::SOCIAL_APP)],
    items: &["A3.1"],
    django_ids: &[],
    references: &[
        Reference::Url("https://docs.allauth.org/en/latest/socialaccount/configuration.html"),
        Reference::Cwe(287),
    ],
    doc: include_str!("email_from_provider_trusted.md"),
    run,
};

/// Providers that verify an address before they state it, and whose addresses cannot be chosen by
/// whoever runs a tenant of theirs.
const VERIFYING: [&str; 2] = ["google", "apple"];

fn run(deployment: &Deployment) -> Outcome {
    const NAME: &str = "SOCIALACCOUNT_EMAIL_AUTHENTICATION";
    let trusted = super::option(deployment, NAME, Value::Bool(false));
    let bad = match consider_value(NAME, &trusted, &Value::truthy) {
        Judged::Good(value) => return pass("an address alone logs nobody in", &value.trail),
        Judged::Open(outcome) => return outcome,
        Judged::Bad(bad) => bad,
    };
    let Some(apps) = setting_value(deployment, "INSTALLED_APPS") else {
        return Outcome::NotApplicable("INSTALLED_APPS has no value".to_owned());
    };
    let listed = apps.value.as_items().map_or(&[][..], |items| &items.items);
    let others: Vec<_> = listed
        .iter()
        .filter_map(|app| {
            app.value
                .as_str()?
                .strip_prefix("allauth.socialaccount.providers.")
        })
        .filter(|provider| !VERIFYING.contains(provider))
        .collect();
    if others.is_empty() {
        return pass(
            "only providers that verify addresses are installed",
            &bad.value.trail,
        );
    }
    let mut finding = finding(
        NAME,
        &bad.value.trail,
        bad.worded(format!(
            "whoever gets {} to state the address of a user as verified is logged in as that user, \
             without the password: every provider is believed",
            others.join(", ")
        )),
        "Set EMAIL_AUTHENTICATION in SOCIALACCOUNT_PROVIDERS for the providers that you trust.",
    );
    finding.confidence = bad.confidence;
    Outcome::Fail(vec![finding])
}
