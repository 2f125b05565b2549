use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity, Value};

use crate::package::{holds_true, setting_value, strings, value_of};
use crate::setting::{Demand, falsy, judge_value, not_set};

pub(super) static CHECK: Check = Check {
    id: "cors/middleware-late",
    title: "The CORS middleware stands behind one that answers itself",
    severity: Severity::Low,
    needs: &[
        Need::Settings,
        Need::Middleware("corsheaders.middleware.CorsMiddleware"),
    ],
    items: &["B3.1"],
    django_ids: &[],
    references: &[Reference::Url(
        "https://github.com/adamchainz/django-cors-headers#setup",
    )],
    doc: include_str!("middleware_late.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let Some(middleware) = setting_value(deployment, "MIDDLEWARE") else {
        return not_set("MIDDLEWARE");
    };
    let answers = answering_without(deployment);
    let before = |names: &[&str]| -> Vec<&'static str> {
        let place = names.iter().position(|name| *name == super::MIDDLEWARE);
        let names = &names[..place.unwrap_or(0)];
        answers
            .iter()
            .copied()
            .filter(|name| names.contains(name))
            .collect()
    };
    judge_value(
        deployment,
        &middleware,
        &Demand {
            setting: "MIDDLEWARE",
            refuses: &|value| Some(!before(&strings(value)?).is_empty()),
            message: &|value| {
                let names = strings(value)
                    .map(|names| before(&names))
                    .unwrap_or_default();
                format!(
                    "the frontend loses answers that {} gives itself (redirects, files): they \
                     leave without CORS headers, as CorsMiddleware comes later",
                    names.join(" and ")
                )
            },
            advice: "Move corsheaders.middleware.CorsMiddleware before them.",
            django_id: None,
            mend: None,
        },
    )
}

/// Middleware that answers requests itself, which the package's documentation names, and without
/// CORS headers: WhiteNoise 6.12 sends `Access-Control-Allow-Origin: *` unless told otherwise.
fn answering_without(deployment: &Deployment) -> Vec<&'static str> {
    let all_origins = value_of(
        deployment,
        "WHITENOISE_ALLOW_ALL_ORIGINS",
        "WhiteNoise",
        Value::Bool(true),
    );
    let mut answering = vec!["django.middleware.common.CommonMiddleware"];
    if holds_true(&all_origins, &falsy) == Some(true) {
        answering.push("whitenoise.middleware.WhiteNoiseMiddleware");
    }
    answering
}
