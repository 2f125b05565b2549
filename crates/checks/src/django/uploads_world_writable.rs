use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity, Value};

use crate::setting::{Demand, judge, together};

pub(super) static CHECK: Check = Check {
    id: "django/uploads-world-writable",
    title: "Every user of the server may change uploaded files",
    severity: Severity::Medium,
    needs: &[Need::Settings],
    items: &["A5.3"],
    django_ids: &[],
    references: &[
        Reference::Django("ref/settings/#file-upload-permissions"),
        Reference::Cwe(732),
    ],
    doc: include_str!("uploads_world_writable.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    together(
        [
            "FILE_UPLOAD_PERMISSIONS",
            "FILE_UPLOAD_DIRECTORY_PERMISSIONS",
        ]
        .map(|setting| {
            judge(
                deployment,
                &Demand {
                    setting,
                    refuses: &|value| match value {
                        Value::Int(mode) => Some(mode & OTHERS_WRITE != 0),
                        _ => Some(false),
                    },
                    message: &|value| {
                        format!(
                            "{setting} is 0o{:o}: every account on the server can replace what \
                             users uploaded",
                            value.as_int().unwrap_or_default()
                        )
                    },
                    advice: "Use 0o644 for files and 0o755 for folders, or less.",
                    django_id: None,
                    mend: None,
                },
            )
        }),
    )
}

/// The bit of a Unix mode that lets everybody write.
const OTHERS_WRITE: i128 = 0o002;
