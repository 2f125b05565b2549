use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity, Value};

use crate::package::value_of;
use crate::setting::{Demand, judge_value, shown};

pub(super) static CHECK: Check = Check {
    id: "axes/cooloff-in-hours",
    title: "The cool-off of axes counts hours and looks like seconds",
    severity: Severity::Low,
    needs: &[Need::Settings, Need::App("axes")],
    items: &["A3.5"],
    django_ids: &[],
    references: &[Reference::Url(
        "https://django-axes.readthedocs.io/en/latest/4_configuration.html",
    )],
    doc: include_str!("cooloff_in_hours.md"),
    run,
};

/// Hours in a month of 31 days: no one writes a longer lock as a bare number of hours on purpose.
const LONGEST_IN_HOURS: f64 = 744.0;

fn run(deployment: &Deployment) -> Outcome {
    let cooloff = value_of(deployment, "AXES_COOLOFF_TIME", super::PACKAGE, Value::None);
    judge_value(
        deployment,
        &cooloff,
        &Demand {
            setting: "AXES_COOLOFF_TIME",
            refuses: &|value| match hours(value) {
                Some(hours) => Some(hours > LONGEST_IN_HOURS),
                None => matches!(value, Value::None | Value::Timedelta(_)).then_some(false),
            },
            message: &|value| {
                format!(
                    "a user who mistypes a password stays locked out for {:.0} days: axes reads \
                     {} as hours",
                    hours(value).unwrap_or_default() / 24.0,
                    shown(value)
                )
            },
            advice: "Write a timedelta: timedelta(seconds=3600) for one hour.",
            django_id: None,
            mend: None,
        },
    )
}

fn hours(value: &Value) -> Option<f64> {
    match value {
        Value::Float(hours) => Some(*hours),
        other => other.as_int().map(|hours| hours as f64),
    }
}
