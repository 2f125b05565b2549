use tightship_model::{
    Check, Confidence, Deployment, Evidence, Finding, Need, Outcome, Place, Reference, Severity,
    Trail, Value,
};

use super::{between, files_not_found, label};
use crate::compose::serves_django;
use crate::inside::{Inside, of_path, of_setting};
use crate::setting::{has_app, overridden, setting, together};
use crate::told::findings_of;

pub(super) static CHECK: Check = Check {
    id: "cross/data-in-container",
    title: "The database or the uploads die with the container",
    severity: Severity::High,
    needs: &[Need::Settings],
    items: &["A5.3"],
    django_ids: &[],
    references: &[
        Reference::Url("https://docs.docker.com/engine/storage/"),
        Reference::Django("ref/settings/#media-root"),
    ],
    doc: include_str!("data_in_container.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let outcomes = databases(deployment)
        .into_iter()
        .chain(uploads(deployment))
        .chain([Outcome::NotApplicable(
            "no container keeps a SQLite file or uploads at a known place".to_owned(),
        )]);
    together(outcomes)
}

/// The SQLite files of DATABASES.
fn databases(deployment: &Deployment) -> Vec<Outcome> {
    let dict = overridden(deployment, "DATABASES").and_then(|databases| databases.value.as_dict());
    let databases = dict.into_iter().flat_map(|dict| &dict.entries);
    databases
        .filter_map(|(alias, database)| {
            let database = database.value.as_dict()?;
            let engine = database.get("ENGINE")?.value.as_str()?;
            let name = database.get("NAME")?;
            if !engine.ends_with(".sqlite3") {
                return None;
            }
            let path = name.value.as_path().or(name.value.as_str())?;
            judge(
                deployment,
                &format!("DATABASES[{alias:?}]", alias = alias.as_str()?),
                "every account, order and setting is gone",
                &name.trail,
                of_path(deployment, path),
            )
        })
        .collect()
}

/// The folder of uploads, where models keep files in it.
fn uploads(deployment: &Deployment) -> Option<Outcome> {
    let keeps_files = !deployment.facts.file_fields.is_empty()
        || APPS_WITH_UPLOADS
            .iter()
            .any(|app| has_app(deployment, app) == Some(true));
    if !keeps_files || !is_stored_in_files(deployment) {
        return None;
    }
    let root = setting(deployment, "MEDIA_ROOT")?;
    let insides = of_setting(deployment, "MEDIA_ROOT");
    // Visitors upload to what serves them; a worker beside it may well do without the folder.
    let is_told = findings_of(deployment, &files_not_found::CHECK)
        .iter()
        .any(|finding| finding.subject.ends_with(" MEDIA_ROOT"));
    if is_told {
        return Some(Outcome::NotApplicable(format!(
            "{} tells that uploads are in no volume which nginx has",
            files_not_found::CHECK.id
        )));
    }
    let takes_uploads = |inside: &Inside<'_>| serves_django(deployment, inside.service);
    if !insides.is_empty() && !insides.iter().any(takes_uploads) {
        return None;
    }
    judge(
        deployment,
        "MEDIA_ROOT",
        "every upload is gone",
        &root.value.trail,
        insides,
    )
}

/// Apps that bring models with files.
const APPS_WITH_UPLOADS: [&str; 4] = ["wagtail.images", "wagtail.documents", "filer", "cms"];

/// Whether uploads go into files below MEDIA_ROOT: Django's own storage is the default one.
fn is_stored_in_files(deployment: &Deployment) -> bool {
    const OWN: &str = "django.core.files.storage";
    let default = match overridden(deployment, "STORAGES").map(|storages| &storages.value) {
        Some(Value::Dict(storages)) => match storages.get("default") {
            Some(default) => default
                .value
                .as_dict()
                .and_then(|default| Some(default.get("BACKEND")?.value.clone())),
            None => return storages.rest.is_none(),
        },
        Some(_) => return false,
        None => match overridden(deployment, "DEFAULT_FILE_STORAGE") {
            Some(storage) => Some(storage.value.clone()),
            None => return true,
        },
    };
    default.is_some_and(|storage| storage.as_str().is_some_and(|path| path.starts_with(OWN)))
}

fn judge(
    deployment: &Deployment,
    name: &str,
    loss: &str,
    trail: &Trail,
    insides: Vec<Inside<'_>>,
) -> Option<Outcome> {
    // Workers and consoles write where the site does; what only shows tasks keeps nothing.
    let serves = |inside: &Inside<'_>| serves_django(deployment, inside.service);
    let insides: Vec<_> = match insides.iter().any(serves) {
        true => insides.into_iter().filter(serves).collect(),
        false => insides,
    };
    let first = insides.first()?;
    let is_lost = |inside: &&Inside<'_>| {
        matches!(
            inside.location.place,
            Place::Image | Place::Copied(_) | Place::Tmpfs
        ) && has_own_layer(deployment, inside)
    };
    let Some(lost) = insides.iter().find(is_lost) else {
        return Some(Outcome::Pass(vec![Evidence {
            text: format!("{name} outlives the container of {}", first.service.name),
            trail: first.location.trail.clone(),
        }]));
    };
    let span = lost.service.span?;
    let mut finding = between(
        format!("settings:{name}"),
        format!(
            "{loss} with the next deployment: {name} is {} of {}, where no volume is mounted, and a \
             new container begins without it",
            lost.path, lost.service.name
        ),
        label(span, format!("{} mounts nothing there", lost.service.name)),
        trail,
        "Mount a named volume at that folder in every service that uses it.",
    );
    if finding.labels.len() > 1 {
        finding.labels.rotate_left(1);
    }
    Some(Outcome::Fail(vec![Finding {
        confidence: Confidence::Medium,
        ..finding
    }]))
}

/// Whether no other image than the project's own decides: one that is not built here may declare a
/// volume.
fn has_own_layer(deployment: &Deployment, inside: &Inside<'_>) -> bool {
    deployment
        .containers()
        .is_some_and(|containers| containers.image(&inside.service.name).is_some())
        && inside.service.volumes_from.is_empty()
}
