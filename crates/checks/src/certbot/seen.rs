//! What stands behind a path for nginx and for certbot, and whether both see the same thing.

use tightship_model::{Deployment, Location, Place, Program, Span, Starter, Trail};

/// Who sees a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seer<'a> {
    /// The container of a service.
    Service(&'a str),
    Host,
}

/// What runs certbot, and the place that says so; `None` where nothing does.
pub(super) fn certbot(deployment: &Deployment) -> Option<(Seer<'_>, Option<Span>)> {
    let services = deployment.compose.iter().flat_map(|one| &one.services);
    for service in services {
        let starter = Starter::Service(service.name.clone());
        let starts = deployment
            .processes_of(&starter)
            .any(|process| process.program == Program::Certbot);
        // `nginx-certbot` and its like hold both.
        let is_image = service.reference().is_some_and(|image| {
            image.repository.contains("certbot") && !image.repository.contains("nginx")
        });
        if starts || is_image {
            return Some((Seer::Service(&service.name), service.span));
        }
    }
    let on_host = |by: &Starter| !matches!(by, Starter::Service(_) | Starter::Image(_));
    let run = deployment.certbot.runs.iter();
    let mut run = run.filter(|run| run.by.as_ref().is_some_and(on_host));
    run.next().map(|run| (Seer::Host, Some(run.span)))
}

impl Seer<'_> {
    pub(super) fn locate(self, deployment: &Deployment, path: &str) -> Location {
        let located = match self {
            Self::Service(name) => deployment.locate(name, path),
            Self::Host => None,
        };
        located.unwrap_or_else(|| Location {
            place: Place::Host(path.trim_end_matches('/').to_owned()),
            read_only: false,
            trail: Trail::default(),
        })
    }
}

/// Whether two paths lead to one thing; `None` where the files do not tell.
pub(super) fn is_same(
    deployment: &Deployment,
    (one, one_path): (Seer<'_>, &str),
    (other, other_path): (Seer<'_>, &str),
) -> Option<bool> {
    let normal = |path: &str| path.trim_end_matches('/').to_owned();
    if one == other && normal(one_path) == normal(other_path) {
        return Some(true);
    }
    let brings_mounts = |seer: Seer<'_>| match seer {
        Seer::Service(name) => deployment
            .compose
            .as_ref()
            .and_then(|compose| compose.service(name))
            .is_some_and(|service| !service.volumes_from.is_empty()),
        Seer::Host => false,
    };
    let places = [
        one.locate(deployment, one_path).place,
        other.locate(deployment, other_path).place,
    ];
    match are_same(deployment, &places[0], &places[1]) {
        // A volume without a name may come along.
        Some(false) if brings_mounts(one) || brings_mounts(other) => None,
        known => known,
    }
}

/// What a place is called in a sentence.
pub(crate) fn in_words(place: &Place) -> String {
    match place {
        Place::Repository(path) => format!("./{path} of the project"),
        Place::Host(path) => format!("{path} of the host"),
        Place::Volume {
            name: Some(name), ..
        } => format!("the volume {name}"),
        Place::Volume { name: None, .. } => "a volume of its own".to_owned(),
        Place::Tmpfs => "a folder in memory".to_owned(),
        Place::Copied(path) => format!("a copy of ./{path} in its image"),
        Place::Image => "its own container, where nothing is mounted".to_owned(),
        Place::Unknown(reason) => format!("a place that is not known ({reason})"),
    }
}

/// Whether two places are one; `None` where the files do not tell.
pub(crate) fn are_same(deployment: &Deployment, one: &Place, other: &Place) -> Option<bool> {
    let is_alone = |place: &Place| {
        matches!(
            place,
            Place::Image | Place::Copied(_) | Place::Tmpfs | Place::Volume { name: None, .. }
        )
    };
    match (one, other) {
        (Place::Unknown(_), _) | (_, Place::Unknown(_)) => None,
        _ if is_alone(one) || is_alone(other) => Some(false),
        (
            Place::Volume {
                name: Some(one),
                path,
            },
            Place::Volume {
                name: Some(other),
                path: other_path,
            },
        ) => {
            let is_one = docker_name(deployment, one) == docker_name(deployment, other);
            match is_one || !(is_bound(deployment, one) || is_bound(deployment, other)) {
                true => Some(is_one && path == other_path),
                false => None,
            }
        }
        (
            Place::Volume {
                name: Some(name), ..
            },
            Place::Host(path),
        )
        | (
            Place::Host(path),
            Place::Volume {
                name: Some(name), ..
            },
        ) => (!is_bound(deployment, name) && !path.contains("docker/volumes")).then_some(false),
        (
            Place::Volume {
                name: Some(name), ..
            },
            _,
        )
        | (
            _,
            Place::Volume {
                name: Some(name), ..
            },
        ) => (!is_bound(deployment, name)).then_some(false),
        (Place::Repository(one), Place::Repository(other)) => Some(one == other),
        (Place::Host(one), Place::Host(other)) => match one == other {
            true => Some(true),
            false => (one.starts_with('/') && other.starts_with('/')).then_some(false),
        },
        // Where the project lies on the host is not told.
        _ => None,
    }
}

/// The name of a volume: two keys may stand for one.
fn docker_name<'a>(deployment: &'a Deployment, key: &'a str) -> &'a str {
    let compose = deployment.compose.as_ref();
    let volume = compose.and_then(|compose| compose.volume(key));
    volume
        .and_then(|volume| volume.name.as_ref())
        .map_or(key, |name| name.value.as_str())
}

/// Whether a volume is a folder of the host or of a server by its driver's options.
pub(super) fn is_bound(deployment: &Deployment, key: &str) -> bool {
    let compose = deployment.compose.as_ref();
    let volume = compose.and_then(|compose| compose.volume(key));
    volume.is_some_and(|volume| !volume.driver_opts.is_empty())
}
