use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity, Value};

use crate::setting::{Demand, falsy, judge, unless};

pub(super) static CHECK: Check = Check {
    id: "media/root-unset",
    title: "Uploads land beside the code",
    severity: Severity::Medium,
    needs: &[Need::Settings],
    items: &["A5.3"],
    django_ids: &[],
    references: &[
        Reference::Django("ref/settings/#media-root"),
        Reference::Cwe(434),
    ],
    doc: include_str!("root_unset.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    if let Some(outcome) = unless(
        deployment,
        "MEDIA_URL",
        &Value::truthy,
        "MEDIA_URL is not set: the project serves no uploads",
    ) {
        return outcome;
    }
    if let Some(outcome) = unless(
        deployment,
        "STORAGES",
        &|storages| Some(backend(storages)? == LOCAL),
        "uploads go to another storage",
    ) && deployment
        .settings
        .as_ref()
        .is_some_and(|settings| settings.django_at_least(4, 2))
    {
        return outcome;
    }
    if crate::setting::overridden(deployment, "DEFAULT_FILE_STORAGE").is_some() {
        return Outcome::NotApplicable("uploads go to another storage".to_owned());
    }
    judge(
        deployment,
        &Demand {
            setting: "MEDIA_ROOT",
            refuses: &falsy,
            message: &|_| {
                "MEDIA_URL is set and MEDIA_ROOT is not: uploads land in the folder where the server \
                 was started, among the code, and the next deployment deletes them"
                    .to_owned()
            },
            advice: "Set MEDIA_ROOT to a folder of its own on a volume.",
            django_id: None,
            mend: None,
        },
    )
}

fn backend(storages: &Value) -> Option<&str> {
    let Some(default) = storages.as_dict()?.get("default") else {
        return Some("");
    };
    default.value.as_dict()?.get("BACKEND")?.value.as_str()
}

const LOCAL: &str = "django.core.files.storage.FileSystemStorage";
