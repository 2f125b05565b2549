use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity, Value};

use crate::setting::{Demand, judge, shown};

pub(super) static CHECK: Check = Check {
    id: "django/default-cache-missing",
    title: "CACHES has no default",
    severity: Severity::Medium,
    needs: &[Need::Settings],
    items: &["A9.5"],
    django_ids: &["caches.E001"],
    references: &[Reference::Django("ref/settings/#caches")],
    doc: include_str!("default_cache_missing.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge(
        deployment,
        &Demand {
            setting: "CACHES",
            refuses: &|value| match value {
                Value::Dict(caches) if caches.get("default").is_some() => Some(false),
                Value::Dict(caches) => caches.rest.is_none().then_some(true),
                _ => Some(true),
            },
            message: &|value| {
                format!(
                    "CACHES is {} without \"default\": login limits, throttles and sessions that \
                     use the default cache fail with an error",
                    shown(value)
                )
            },
            advice: "Add the alias \"default\" to CACHES.",
            django_id: Some("caches.E001"),
            mend: None,
        },
    )
}
