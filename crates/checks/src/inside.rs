//! Where the paths of settings lie in the containers that run the project.
//!
//! Settings are evaluated where the repository lies, so `BASE_DIR / "media"` is a path below its
//! root. In a container the same code stands where a mount or a COPY has put it.

use tightship_model::compose::{MountKind, Service};
use tightship_model::{Containers, Deployment, Location, Place, Value};

use crate::compose::{runs_django, services};
use crate::setting::setting;

/// A path of a setting in the container of a service that runs the project.
pub(crate) struct Inside<'a> {
    pub(crate) service: &'a Service,
    pub(crate) path: String,
    pub(crate) location: Location,
}

/// Where a setting's folder lies, in each service that runs the project; those where no file tells
/// are left out.
pub(crate) fn of_setting<'a>(deployment: &'a Deployment, name: &str) -> Vec<Inside<'a>> {
    let Some(setting) = setting(deployment, name) else {
        return Vec::new();
    };
    match setting.value.value {
        Value::Str(_) | Value::Path(_) => {}
        _ => return Vec::new(),
    }
    let path = setting
        .value
        .value
        .as_path()
        .or(setting.value.value.as_str());
    path.filter(|path| !path.is_empty())
        .map_or_else(Vec::new, |path| of_path(deployment, path))
}

/// The same for a path that stands in settings.
pub(crate) fn of_path<'a>(deployment: &'a Deployment, path: &str) -> Vec<Inside<'a>> {
    let services = services(deployment).unwrap_or_default();
    services
        .into_iter()
        .filter(|service| runs_django(deployment, service))
        .filter_map(|service| {
            let path = path_in(deployment, service, path)?;
            let location = deployment.locate(&service.name, &path)?;
            Some(Inside {
                service,
                path,
                location,
            })
        })
        .collect()
}

/// The path of the repository that a path of the settings means; `None` for one elsewhere.
pub(crate) fn in_repository<'p>(deployment: &Deployment, path: &'p str) -> Option<&'p str> {
    let root = deployment.root.trim_end_matches('/');
    let rest = path.strip_prefix(root).filter(|_| !root.is_empty())?;
    rest.strip_prefix('/').or(rest.is_empty().then_some(rest))
}

fn path_in(deployment: &Deployment, service: &Service, path: &str) -> Option<String> {
    if !path.starts_with('/') {
        return None;
    }
    let Some(own) = in_repository(deployment, path) else {
        return Some(path.to_owned());
    };
    let containers = deployment.containers()?;
    mounted(containers, service, own).or_else(|| copied(deployment, containers, service, own))
}

fn mounted(containers: Containers<'_>, service: &Service, own: &str) -> Option<String> {
    containers
        .mounts(service, 0)
        .iter()
        .rev()
        .find_map(|(mount, _)| {
            let root = mount
                .path
                .as_deref()
                .filter(|_| mount.kind == MountKind::Bind)?;
            let path = joined(&mount.target.value, below(own, root)?);
            let is_it = matches!(
                containers.locate(&service.name, &path).place,
                Place::Repository(found) if found == own
            );
            is_it.then_some(path)
        })
}

/// By where the image has `manage.py`: a folder that is made later has no COPY of its own.
fn copied(
    deployment: &Deployment,
    containers: Containers<'_>,
    service: &Service,
    own: &str,
) -> Option<String> {
    let image = containers.image(&service.name)?;
    let folder = deployment.project.folder.as_deref()?;
    let manage = match folder {
        "" => "manage.py".to_owned(),
        folder => format!("{folder}/manage.py"),
    };
    let copies = image.copies_of(&manage);
    let target = copies
        .iter()
        .rev()
        .find_map(|copied| copied.destination.as_deref())?;
    let target = target.rsplit_once('/').map_or("", |(folder, _)| folder);
    Some(joined(target, below(own, folder)?))
}

fn below<'p>(path: &'p str, folder: &str) -> Option<&'p str> {
    if folder.is_empty() {
        return Some(path);
    }
    let rest = path.strip_prefix(folder)?;
    rest.strip_prefix('/').or(rest.is_empty().then_some(rest))
}

fn joined(folder: &str, rest: &str) -> String {
    match rest {
        "" => folder.to_owned(),
        rest => format!("{}/{rest}", folder.trim_end_matches('/')),
    }
}
