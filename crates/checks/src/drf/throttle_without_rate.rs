use tightship_model::{
    Check, Deployment, Dict, Finding, Need, Outcome, Reference, Severity, Value,
};

use crate::package::{finding, pass};
use crate::setting::{Judged, consider_value};

pub(super) static CHECK: Check = Check {
    id: "drf/throttle-without-rate",
    title: "An API throttle has no rate",
    severity: Severity::Medium,
    needs: &[Need::Settings, Need::App("rest_framework")],
    items: &["A14.3"],
    django_ids: &[],
    references: &[
        Reference::Url(
            "https://www.django-rest-framework.org/api-guide/throttling/#setting-the-throttling-policy",
        ),
        Reference::Cwe(770),
    ],
    doc: include_str!("throttle_without_rate.md"),
    run,
};

/// The framework's throttles that take their rate from a scope of the settings.
const SCOPES: [(&str, &str); 2] = [
    ("rest_framework.throttling.AnonRateThrottle", "anon"),
    ("rest_framework.throttling.UserRateThrottle", "user"),
];

fn run(deployment: &Deployment) -> Outcome {
    const NAME: &str = "REST_FRAMEWORK.DEFAULT_THROTTLE_CLASSES";
    const RATES: &str = "REST_FRAMEWORK.DEFAULT_THROTTLE_RATES";
    let classes = super::classes(deployment, "DEFAULT_THROTTLE_CLASSES", &[]);
    let scopes = match consider_value(NAME, &classes, &|value| {
        let paths = super::paths(value)?;
        Some(SCOPES.iter().any(|(class, _)| paths.contains(class)))
    }) {
        Judged::Good(value) => {
            return pass("no throttle takes a rate from the settings", &value.trail);
        }
        Judged::Open(outcome) => return outcome,
        Judged::Bad(bad) => {
            let paths = super::paths(&bad.value.value).unwrap_or_default();
            SCOPES
                .into_iter()
                .filter(move |(class, _)| paths.contains(class))
                .collect::<Vec<_>>()
        }
    };
    let unlimited = ["anon", "user"].map(|scope| {
        let none = tightship_model::Traced::new(Value::None, tightship_model::Trail::default());
        (Value::Str(scope.to_owned()), none)
    });
    let default = Value::Dict(Dict {
        entries: unlimited.to_vec(),
        rest: None,
    });
    let rates = super::option(deployment, "DEFAULT_THROTTLE_RATES", default);
    let lacking = |value: &Value| -> Option<Vec<(&str, &str, bool)>> {
        let dict = value.as_dict()?;
        let mut lacking = Vec::new();
        for (class, scope) in &scopes {
            match dict.get(scope) {
                Some(rate) if rate.value == Value::None => lacking.push((*class, *scope, true)),
                Some(_) => {}
                None if dict.rest.is_some() => return None,
                None => lacking.push((*class, *scope, false)),
            }
        }
        Some(lacking)
    };
    match consider_value(RATES, &rates, &|value| Some(!lacking(value)?.is_empty())) {
        Judged::Good(value) => pass("every throttle has its rate", &value.trail),
        Judged::Open(outcome) => outcome,
        Judged::Bad(bad) => {
            let finding = |(class, scope, unlimited): (&str, &str, bool)| -> Finding {
                let class = class.rsplit('.').next().unwrap_or(class);
                let effect = match unlimited {
                    true => "one client calls the API as often as it likes",
                    false => "every call of the API ends in an error",
                };
                let mut finding = finding(
                    &format!("{RATES}.{scope}"),
                    &bad.value.trail,
                    bad.worded(format!("{effect}: {class} finds no rate for {scope:?}")),
                    "Add the rate to DEFAULT_THROTTLE_RATES, such as \"60/min\".",
                );
                finding.confidence = bad.confidence;
                finding
            };
            let lacking = lacking(&bad.value.value).unwrap_or_default();
            Outcome::Fail(lacking.into_iter().map(finding).collect())
        }
    }
}
