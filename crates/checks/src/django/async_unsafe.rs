use tightship_model::{
    Answer, Check, Deployment, Evidence, Finding, Need, Outcome, Reference, Severity, Trail, Value,
    Variable, give_variables,
};

use crate::setting::{about, unknown};

pub(super) static CHECK: Check = Check {
    id: "django/async-unsafe",
    title: "The guard against mixing async and blocking code is off",
    severity: Severity::Medium,
    needs: &[Need::Settings],
    items: &["A9.5"],
    django_ids: &["async.E001"],
    references: &[
        Reference::Django("topics/async/#async-safety"),
        Reference::Cwe(362),
    ],
    doc: include_str!("async_unsafe.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    match deployment.environment.variable(NAME) {
        Variable::Set(value) => match value.ask(&Value::truthy) {
            Answer::Yes(value) => Outcome::Fail(vec![Finding {
                subject: format!("environment:{NAME}"),
                message: format!(
                    "{NAME} is set: under an async server two requests can share one database \
                     connection and see or lose each other's data"
                ),
                django_id: Some("async.E001"),
                advice: format!("Remove {NAME} and wrap blocking calls in sync_to_async."),
                ..about(NAME, &value.trail)
            }]),
            Answer::No(value) => Outcome::Pass(vec![Evidence {
                text: format!("{NAME} is empty"),
                trail: value.trail.clone(),
            }]),
            Answer::Doubt(doubt) => unknown(NAME, &doubt, &value.trail),
        },
        Variable::Unset => Outcome::Pass(vec![Evidence {
            text: format!("{NAME} is not set"),
            trail: Trail::default(),
        }]),
        Variable::Open(None) if !is_mentioned(deployment) => Outcome::Pass(vec![Evidence {
            text: format!("no file of the project sets {NAME}"),
            trail: Trail::default(),
        }]),
        Variable::Open(trail) => Outcome::Unknown {
            reason: format!("whether {NAME} is set is not known"),
            remedy: give_variables(&[NAME.to_owned()]),
            trail: trail.cloned().unwrap_or_default(),
        },
    }
}

/// Whether any file that was read names the variable: settings that set it, a start script.
fn is_mentioned(deployment: &Deployment) -> bool {
    let mut sources = deployment.sources.iter();
    sources.any(|(_, source)| source.raw().contains(NAME))
}

const NAME: &str = "DJANGO_ALLOW_ASYNC_UNSAFE";
