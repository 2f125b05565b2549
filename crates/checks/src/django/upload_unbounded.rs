use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity, Value};

use crate::setting::{Demand, judge, together};

pub(super) static CHECK: Check = Check {
    id: "django/upload-unbounded",
    title: "Request bodies may be of any size",
    severity: Severity::Low,
    needs: &[Need::Settings],
    items: &["B6.8", "X9"],
    django_ids: &[],
    references: &[
        Reference::Django("ref/settings/#data-upload-max-memory-size"),
        Reference::Cwe(770),
    ],
    doc: include_str!("upload_unbounded.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    together(LIMITS.map(|(setting, loss)| {
        judge(
            deployment,
            &Demand {
                setting,
                refuses: &|value| Some(*value == Value::None),
                message: &|_| format!("{setting} is None: one request {loss}"),
                advice: "Leave the limit at Django's default, or raise it to what the largest form needs.",
                django_id: None,
                mend: None,
            },
        )
    }))
}

const LIMITS: [(&str, &str); 3] = [
    (
        "DATA_UPLOAD_MAX_MEMORY_SIZE",
        "can fill the memory of a worker with its body",
    ),
    (
        "DATA_UPLOAD_MAX_NUMBER_FIELDS",
        "with a million fields keeps a worker busy",
    ),
    (
        "DATA_UPLOAD_MAX_NUMBER_FILES",
        "with thousands of files keeps a worker busy",
    ),
];
