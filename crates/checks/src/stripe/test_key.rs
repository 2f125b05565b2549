use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity, Trail, Value};

use crate::package::{finding, pass};
use crate::setting::unclear;

pub(super) static CHECK: Check = Check {
    id: "stripe/test-key",
    title: "Payments run with a test key",
    severity: Severity::High,
    needs: &[Need::Settings],
    items: &["A14.1"],
    django_ids: &[],
    references: &[Reference::Url("https://docs.stripe.com/keys")],
    doc: include_str!("test_key.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let Some(settings) = &deployment.settings else {
        return Outcome::NotApplicable("there are no settings".to_owned());
    };
    let keys: Vec<_> = settings
        .overridden
        .iter()
        .filter(|(name, value)| is_key(name, &value.value))
        .collect();
    if keys.is_empty() {
        return Outcome::NotApplicable("no Stripe key is set".to_owned());
    }
    let findings: Vec<_> = keys
        .iter()
        .filter(|(_, value)| value.value.as_str().is_some_and(is_for_tests))
        .map(|(name, value)| {
            finding(
                name,
                &value.trail,
                format!(
                    "{name} is a test key of Stripe: orders count as paid with card numbers that \
                     anyone can look up, and no money comes"
                ),
                "Give production the live key by its environment.",
            )
        })
        .collect();
    if !findings.is_empty() {
        return Outcome::Fail(findings);
    }
    match keys
        .iter()
        .find(|(_, value)| value.value.as_str().is_none())
    {
        Some((name, value)) => unclear(name, value),
        None => pass("no key of Stripe is one for tests", &Trail::default()),
    }
}

/// Whether a setting holds a key of Stripe that is in use: names that say "test" are the other half
/// of a pair.
fn is_key(name: &str, value: &Value) -> bool {
    let words: Vec<_> = name.split('_').collect();
    let named =
        words.contains(&"STRIPE") && words.iter().any(|word| matches!(*word, "KEY" | "SECRET"));
    let looks = value
        .as_str()
        .is_some_and(|text| is_for_tests(text) || is_live(text));
    (looks || named && !matches!(value, Value::None | Value::Bool(_)))
        && !words.contains(&"TEST")
        && value
            .as_str()
            .is_none_or(|text| looks || text.is_empty() && named)
}

fn is_for_tests(key: &str) -> bool {
    ["sk_test_", "pk_test_", "rk_test_"]
        .iter()
        .any(|prefix| key.starts_with(prefix))
}

fn is_live(key: &str) -> bool {
    ["sk_live_", "pk_live_", "rk_live_"]
        .iter()
        .any(|prefix| key.starts_with(prefix))
}
