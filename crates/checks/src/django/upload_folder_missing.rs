use tightship_model::{Check, Deployment, Finding, Need, Outcome, Reference, Severity, Trail};

use crate::setting::{Judged, about, consider, setting, shows};

pub(super) static CHECK: Check = Check {
    id: "django/upload-folder-missing",
    title: "The folder for uploads under way does not exist",
    severity: Severity::Medium,
    needs: &[Need::Settings],
    items: &["A5.3"],
    django_ids: &["files.E001"],
    references: &[Reference::Django("ref/settings/#file-upload-temp-dir")],
    doc: include_str!("upload_folder_missing.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let Some(setting) = setting(deployment, NAME) else {
        return crate::setting::not_set(NAME);
    };
    match consider(&setting, &|value| match value.as_path() {
        None | Some("") => Some(false),
        Some(path) => names_a_file(deployment, path).then_some(true),
    }) {
        Judged::Good(value) => Outcome::Pass(vec![shows(NAME, value)]),
        Judged::Open(_) => Outcome::Unknown {
            reason: format!("whether the folder of {NAME} exists on the server is not seen"),
            remedy: "look on the server, or leave the setting out to use the system's folder"
                .to_owned(),
            trail: Trail::clone(&setting.value.trail),
        },
        Judged::Bad(bad) => Outcome::Fail(vec![Finding {
            message: bad.worded(format!(
                "{NAME} names a file of the project and not a folder: larger uploads fail"
            )),
            confidence: bad.confidence,
            django_id: Some("files.E001"),
            advice: "Name a folder that exists on the server, or leave the setting out.".to_owned(),
            ..about(NAME, &bad.value.trail)
        }]),
    }
}

/// Whether a path ends in the whole path of a file that was read, which cannot be a folder.
fn names_a_file(deployment: &Deployment, path: &str) -> bool {
    deployment
        .sources
        .iter()
        .any(|(_, source)| std::path::Path::new(path).ends_with(&source.path))
}

const NAME: &str = "FILE_UPLOAD_TEMP_DIR";
