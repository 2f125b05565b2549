use tightship_model::compose::{MountKind, Service};
use tightship_model::{Check, Deployment, Finding, Outcome, Reference, Severity};

use super::what::runs_own_server;
use super::{about, beside, image_place, judge_each, placed};

pub(super) static CHECK: Check = Check {
    id: "compose/data-outside-volume",
    title: "The database's files are not on a volume",
    severity: Severity::Critical,
    needs: &[],
    items: &[],
    django_ids: &[],
    references: &[Reference::Url("https://hub.docker.com/_/postgres")],
    doc: include_str!("data_outside_volume.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge_each(
        deployment,
        "the data of every database is on a volume",
        &|service| judge(service).into_iter().collect(),
    )
}

fn judge(service: &Service) -> Option<Finding> {
    let reference = service.reference().filter(|_| service.build.is_none())?;
    let name = reference
        .repository
        .rsplit('/')
        .next()?
        .to_ascii_lowercase();
    // Bitnami's images keep their data elsewhere, and a client of the database keeps none.
    if reference.repository.starts_with("bitnami")
        || !service.volumes_from.is_empty()
        || !runs_own_server(service)
    {
        return None;
    }
    let folder = folder(service, &name, reference.tag.as_deref())?;
    let mounts = service
        .mounts
        .iter()
        .filter(|mount| mount.kind != MountKind::Tmpfs);
    let covers = |target: &str| {
        let target = target.trim_end_matches('/');
        folder == target || folder.starts_with(&format!("{target}/"))
    };
    if mounts.clone().any(|mount| covers(&mount.target.value)) {
        return None;
    }
    let near = mounts
        .clone()
        .find(|mount| mount.target.value.starts_with("/var/lib/"));
    let finding = Finding {
        message: match near {
            Some(mount) => format!(
                "{} keeps its data in {folder}, and the volume is at {}: the image refuses to start, \
                 or all data is gone when the container is made anew",
                service.name, mount.target.value
            ),
            None => format!(
                "{} keeps its data in {folder}, where no volume of Compose is: `docker compose down` \
                 and the next update leave all data behind",
                service.name
            ),
        },
        advice: format!("Mount a named volume at {folder}, or above it."),
        ..about(
            service,
            "data",
            &match near {
                Some(mount) => placed(Some(mount.span), "mounts the volume"),
                None => service
                    .image
                    .as_ref()
                    .map(|image| image.trail.clone())
                    .unwrap_or_default(),
            },
        )
    };
    let text = format!("keeps data in {folder}");
    Some(beside(finding, image_place(service), text))
}

/// Where an image keeps its data: its own documentation on Docker Hub. PostgreSQL's changed with
/// version 18 from `data` to a folder for each major version.
fn folder(service: &Service, name: &str, tag: Option<&str>) -> Option<String> {
    if let Some(own) = service.environment.variables.get("PGDATA") {
        return own.value.as_str().map(str::to_owned);
    }
    if service.environment.incomplete.is_some() || service.environment.passed.contains_key("PGDATA")
    {
        return None;
    }
    match name {
        "postgres" | "postgis" | "pgvector" => {
            let digits: String = tag?
                .trim_start_matches("pg")
                .chars()
                .take_while(char::is_ascii_digit)
                .collect();
            let major: u32 = digits.parse().ok()?;
            Some(match major {
                FIRST_WITH_VERSIONED_FOLDER.. => format!("/var/lib/postgresql/{major}/docker"),
                _ => "/var/lib/postgresql/data".to_owned(),
            })
        }
        "mysql" | "mariadb" => Some("/var/lib/mysql".to_owned()),
        "mongo" => Some("/data/db".to_owned()),
        _ => None,
    }
}

const FIRST_WITH_VERSIONED_FOLDER: u32 = 18;
