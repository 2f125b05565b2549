use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use crate::package::{setting_value, strings};
use crate::setting::{Demand, judge_value, not_set};

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

/// Middleware that answers requests itself, which the package's documentation names.
const ANSWERS_ITSELF: [&str; 2] = [
    "django.middleware.common.CommonMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
];

fn run(deployment: &Deployment) -> Outcome {
    let Some(middleware) = setting_value(deployment, "MIDDLEWARE") else {
        return not_set("MIDDLEWARE");
    };
    let before = |names: &[&str]| -> Vec<&'static str> {
        let place = names.iter().position(|name| *name == super::MIDDLEWARE);
        let names = &names[..place.unwrap_or(0)];
        ANSWERS_ITSELF
            .into_iter()
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
