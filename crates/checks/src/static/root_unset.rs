use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};
use tightship_model::{Dict, Span, Trail, Value};
use tightship_predict::ways::edges;

use crate::cross::{Folder, url_path};
use crate::package::entry_of;
use crate::setting::{Demand, falsy, judge, shown};

pub(super) static CHECK: Check = Check {
    id: "static/root-unset",
    title: "Static files have no place to be collected to",
    severity: Severity::Medium,
    needs: &[Need::Settings, Need::App("django.contrib.staticfiles")],
    items: &["A5.1", "A22.4"],
    django_ids: &[],
    references: &[
        Reference::Django("ref/settings/#static-root"),
        Reference::Django("howto/static-files/deployment/"),
    ],
    doc: include_str!("root_unset.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    if is_remote(deployment) {
        return Outcome::NotApplicable("static files go to another storage".to_owned());
    }
    if let Some(span) = handed_out(deployment) {
        return Outcome::Unknown {
            reason: "nginx hands the static files out of a folder that collectstatic does not fill"
                .to_owned(),
            remedy: "see that whatever fills that folder runs at each deployment".to_owned(),
            trail: Trail::at(span, "nginx finds the static files here"),
        };
    }
    judge(
        deployment,
        &Demand {
            setting: "STATIC_ROOT",
            refuses: &falsy,
            message: &|value| {
                format!(
                    "STATIC_ROOT is {}: collectstatic fails, and pages come without style and \
                     scripts unless DEBUG is switched on",
                    shown(value)
                )
            },
            advice: "Set STATIC_ROOT to a folder that the web server or WhiteNoise serves.",
            django_id: None,
            mend: None,
        },
    )
}

/// Where nginx answers STATIC_URL with files of its own.
fn handed_out(deployment: &Deployment) -> Option<Span> {
    let url = url_path(deployment, "STATIC_URL")?;
    edges(deployment).iter().find_map(|edge| {
        let folders = Folder::all(edge);
        let folder = folders
            .iter()
            .find(|folder| folder.answers(&url, &folders))?;
        (folder.prefix != "/").then(|| folder.directive.heading_span())
    })
}

/// Whether static files are kept by a storage that needs no folder here.
fn is_remote(deployment: &Deployment) -> bool {
    let none = || Value::Dict(Dict::default());
    let current = entry_of(deployment, "STORAGES", "staticfiles", "Django", none());
    let backend = current
        .value
        .as_dict()
        .and_then(|storage| storage.get("BACKEND"))
        .and_then(|backend| backend.value.as_str());
    let older = crate::setting::overridden(deployment, "STATICFILES_STORAGE")
        .and_then(|storage| storage.value.as_str());
    let local = ["django.", "whitenoise."];
    backend
        .into_iter()
        .chain(older)
        .any(|path| !local.iter().any(|package| path.starts_with(package)))
}
