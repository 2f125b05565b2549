use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::sessions;
use crate::setting::{Demand, judge, shown};

pub(super) static CHECK: Check = Check {
    id: "django/session-pickled",
    title: "Sessions are pickled",
    severity: Severity::High,
    needs: &[Need::Settings],
    items: &["X19"],
    django_ids: &[],
    references: &[
        Reference::Django("topics/http/sessions/#session-serialization"),
        Reference::Cwe(502),
    ],
    doc: include_str!("session_pickled.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    if let Some(outcome) = sessions::absent(deployment) {
        return outcome;
    }
    judge(
        deployment,
        &Demand {
            setting: "SESSION_SERIALIZER",
            refuses: &|value| {
                let path = value.as_str()?;
                let class = path.rsplit('.').next().unwrap_or(path);
                Some(class.to_ascii_lowercase().contains("pickle"))
            },
            message: &|value| {
                format!(
                    "SESSION_SERIALIZER is {}: whoever can write a session, by the key, the cache \
                     or the database, runs code on the server",
                    shown(value)
                )
            },
            advice: "Use JSONSerializer, Django's default, and store plain values in sessions.",
            django_id: None,
            mend: None,
        },
    )
}
