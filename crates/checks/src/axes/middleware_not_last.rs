use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use crate::package::{is_or_extends, strings, value_of};
use crate::setting::{Demand, judge_value};

pub(super) static CHECK: Check = Check {
    id: "axes/middleware-not-last",
    title: "The middleware of axes is not the last one",
    severity: Severity::Low,
    needs: &[Need::Settings, Need::App("axes")],
    items: &["A3.3"],
    django_ids: &[],
    references: &[Reference::Url(
        "https://django-axes.readthedocs.io/en/latest/2_installation.html",
    )],
    doc: include_str!("middleware_not_last.md"),
    run,
};

/// Middleware that belongs inside: it changes neither the answer to a login nor who logs in.
const HARMLESS: [&str; 5] = [
    "allauth.account.middleware.AccountMiddleware",
    "auditlog.middleware.AuditlogMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "waffle.middleware.WaffleMiddleware",
];

fn run(deployment: &Deployment) -> Outcome {
    let middleware = value_of(deployment, "MIDDLEWARE", "Django", super::empty());
    let behind = |names: &[&str]| -> Vec<String> {
        let Some(place) = names
            .iter()
            .rposition(|name| is_or_extends(deployment, name, super::MIDDLEWARE))
        else {
            return Vec::new();
        };
        names[place + 1..]
            .iter()
            .filter(|name| !HARMLESS.contains(name))
            .map(|name| (*name).to_owned())
            .collect()
    };
    judge_value(
        deployment,
        &middleware,
        &Demand {
            setting: "MIDDLEWARE",
            refuses: &|value| Some(!behind(&strings(value)?).is_empty()),
            message: &|value| {
                let names = strings(value)
                    .map(|names| behind(&names))
                    .unwrap_or_default();
                let names: Vec<&str> = names
                    .iter()
                    .map(|name| name.rsplit('.').next().unwrap_or(name))
                    .collect();
                format!(
                    "a locked-out login is an ordinary answer to {}: axes stands before and \
                     replaces the answer only afterwards",
                    names.join(" and ")
                )
            },
            advice: "Move \"axes.middleware.AxesMiddleware\" to the end of MIDDLEWARE.",
            django_id: None,
            mend: None,
        },
    )
}
