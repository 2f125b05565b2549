use tightship_model::{Check, Deployment, Finding, Need, Outcome, Reference, Severity, Value};

use crate::setting::{Judged, about, consider, setting, shows};

pub(super) static CHECK: Check = Check {
    id: "static/whitenoise-misplaced",
    title: "WhiteNoise does not stand right after SecurityMiddleware",
    severity: Severity::Low,
    needs: &[Need::Settings, Need::Middleware(WHITENOISE)],
    items: &["A5.2"],
    django_ids: &[],
    references: &[Reference::Url(
        "https://whitenoise.readthedocs.io/en/stable/django.html#enable-whitenoise",
    )],
    doc: include_str!("whitenoise_misplaced.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let Some(setting) = setting(deployment, "MIDDLEWARE") else {
        return crate::setting::not_set("MIDDLEWARE");
    };
    match consider(&setting, &|list| {
        let found = misplaced(list).is_some();
        (found || list.as_items()?.rest.is_none()).then_some(found)
    }) {
        Judged::Good(value) => Outcome::Pass(vec![shows("MIDDLEWARE", value)]),
        Judged::Open(outcome) => outcome,
        Judged::Bad(bad) => Outcome::Fail(vec![Finding {
            message: bad.worded(misplaced(&bad.value.value).unwrap_or_default()),
            confidence: bad.confidence,
            advice: "Put WhiteNoiseMiddleware right after SecurityMiddleware.".to_owned(),
            ..about("MIDDLEWARE", &bad.value.trail)
        }]),
    }
}

/// What is lost by the place of WhiteNoise, where something is.
fn misplaced(list: &Value) -> Option<String> {
    let names: Vec<_> = list
        .as_items()?
        .items
        .iter()
        .filter_map(|item| item.value.as_str())
        .collect();
    let place = |wanted: &str| names.iter().position(|name| *name == wanted);
    let whitenoise = place(WHITENOISE)?;
    if place(SECURITY).is_some_and(|security| security > whitenoise) {
        return Some(
            "WhiteNoise stands before SecurityMiddleware: static files go out without HSTS and \
             nosniff, and over plain HTTP"
                .to_owned(),
        );
    }
    names[..whitenoise]
        .iter()
        .find(|name| name.starts_with("django.") && **name != SECURITY)
        .map(|name| {
            format!(
                "{name} stands before WhiteNoise: each static file costs its work, and what it \
                 adds, cookies or other encodings, gets into cached files"
            )
        })
}

const WHITENOISE: &str = "whitenoise.middleware.WhiteNoiseMiddleware";
const SECURITY: &str = "django.middleware.security.SecurityMiddleware";
