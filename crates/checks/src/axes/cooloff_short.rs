use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity, Value};

use crate::package::value_of;
use crate::setting::{Demand, judge_value};

pub(super) static CHECK: Check = Check {
    id: "axes/cooloff-short",
    title: "axes lifts a lock sooner than the policy",
    severity: Severity::Medium,
    needs: &[Need::Settings, Need::App("axes"), Need::Thresholds],
    items: &["A3.5"],
    django_ids: &[],
    references: &[
        Reference::Url("https://django-axes.readthedocs.io/en/latest/4_configuration.html"),
        Reference::Cwe(307),
    ],
    doc: include_str!("cooloff_short.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let policy = deployment.policy.axes_cooloff_seconds as f64;
    let cooloff = value_of(deployment, "AXES_COOLOFF_TIME", super::PACKAGE, Value::None);
    judge_value(
        deployment,
        &cooloff,
        &Demand {
            setting: "AXES_COOLOFF_TIME",
            refuses: &|value| match value {
                Value::None => Some(false),
                other => seconds(other).map(|seconds| seconds < policy),
            },
            message: &|value| {
                format!(
                    "whoever is locked out guesses on after {} s; the policy asks for {policy} s",
                    seconds(value).unwrap_or_default()
                )
            },
            advice: "Raise AXES_COOLOFF_TIME to the policy, for example timedelta(hours=1).",
            django_id: None,
            mend: None,
        },
    )
}

/// The cool-off as axes reads it (`axes.helpers.get_cool_off`): bare numbers are hours.
fn seconds(value: &Value) -> Option<f64> {
    match value {
        Value::Timedelta(micros) => Some(*micros as f64 / 1e6),
        Value::Float(hours) => Some(hours * 3600.0),
        other => other.as_int().map(|hours| hours as f64 * 3600.0),
    }
}
