use tightship_model::compose::{MountKind, Service};
use tightship_model::{
    Argv, Check, Confidence, Deployment, Finding, Need, Outcome, Reference, Severity, Span, Trail,
};

use super::label;
use crate::compose::{What, about, services, what};
use crate::package::pass;
use crate::saving::is_saver;
use crate::setting::{labels, overridden, unclear};

pub(super) static CHECK: Check = Check {
    id: "cross/backup-untold",
    title: "Nothing in the repository saves the database",
    severity: Severity::Low,
    needs: &[Need::Settings],
    items: &["A4.4", "A11.1", "B5.3"],
    django_ids: &[],
    references: &[
        Reference::Url("https://www.postgresql.org/docs/current/backup.html"),
        Reference::Url(
            "https://docs.docker.com/engine/storage/volumes/#back-up-restore-or-migrate-data-volumes",
        ),
    ],
    doc: include_str!("backup_untold.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let services = match services(deployment) {
        Ok(services) => services,
        Err(outcome) => return outcome,
    };
    let keepers: Vec<&Service> = services.iter().copied().filter(keeps_data).collect();
    if keepers.is_empty() {
        return Outcome::NotApplicable("Compose starts no database that keeps its data".to_owned());
    }
    let Some(databases) = overridden(deployment, "DATABASES") else {
        return Outcome::NotApplicable("DATABASES is not set".to_owned());
    };
    let Some(dict) = databases.value.as_dict() else {
        return unclear("DATABASES", databases);
    };
    let mut hosts = dict.entries.iter().filter_map(|(_, database)| {
        let host = database.value.as_dict()?.get("HOST")?;
        Some((host.value.as_str()?, &host.trail))
    });
    // A pool may stand between: any service will do.
    let found = hosts.find(|(host, _)| services.iter().any(|service| service.name == *host));
    let Some((host, trail)) = found else {
        return Outcome::NotApplicable(
            "the database of the settings is none of Compose's".to_owned(),
        );
    };
    if let Some((text, span)) = saver(deployment, &services) {
        return pass(text, &Trail::at(span, "saves data"));
    }
    let keeper = keepers
        .iter()
        .find(|keeper| keeper.name == host)
        .unwrap_or(&keepers[0]);
    let package = deployment.packages.get("django-dbbackup");
    let place = deployment.documents.backups.first().copied();
    if let Some(place) = place.or_else(|| package?.trail.first_span()) {
        return Outcome::Unknown {
            reason: format!(
                "the repository has a word of saving data, and nothing in it saves {} on a \
                 schedule",
                keeper.name
            ),
            remedy: "look for the newest dump on the server, and restore it somewhere".to_owned(),
            trail: Trail::at(place, "speaks of it here"),
        };
    }
    Outcome::Fail(vec![finding(keeper, trail)])
}

fn finding(keeper: &Service, host: &Trail) -> Finding {
    let volume = keeper
        .mounts
        .iter()
        .find(|mount| is_data(&mount.target.value));
    let span = volume.map(|mount| mount.span).or(keeper.span);
    let trail = span.map_or_else(Trail::default, |span| Trail::at(span, "all data is here"));
    let mut finding = Finding {
        message: format!(
            "as far as the repository tells, one lost disk or one wrong command ends the site: all \
             data of {} is on one volume, and no service, schedule, script or document has a word \
             of saving it (what a provider saves is not seen here)",
            keeper.name
        ),
        confidence: Confidence::Low,
        advice: "Dump it every day from a service or a timer of the repository to another place, \
                 and write down how it is restored."
            .to_owned(),
        ..about(keeper, "backup", &trail)
    };
    let place = labels(host).into_iter().next();
    finding
        .labels
        .extend(place.map(|place| label(place.span, "the site keeps its rows there")));
    finding
}

/// Whether a service is a database whose data stays when its container goes.
fn keeps_data(service: &&Service) -> bool {
    let is_database = matches!(
        what(service),
        What::Store("PostgreSQL" | "MySQL" | "MongoDB")
    );
    let mut mounts = service.mounts.iter();
    is_database
        && mounts.any(|mount| mount.kind != MountKind::Tmpfs && is_data(&mount.target.value))
}

/// The folders of the official images and of Bitnami's.
fn is_data(target: &str) -> bool {
    [
        "/var/lib/postgresql",
        "/var/lib/mysql",
        "/data/db",
        "/bitnami",
    ]
    .iter()
    .any(|folder| target.starts_with(folder))
}

/// What saves data again and again, by its name or its command.
fn saver(deployment: &Deployment, services: &[&Service]) -> Option<(String, Span)> {
    let saves = |argv: &Argv| argv.words.iter().any(|word| is_saver(word));
    let service = services.iter().find(|service| {
        let image = service.image.as_ref().map_or("", |image| &image.value);
        let commands = service.command.iter().chain(&service.entrypoint);
        let mut words = commands.flat_map(|command| &command.words);
        is_saver(&service.name) || is_saver(image) || words.any(|word| is_saver(word))
    });
    if let Some(service) = service {
        return Some((format!("{} saves data", service.name), service.span?));
    }
    let host = &deployment.host;
    if let Some(job) = host.cron.iter().find(|job| saves(&job.command)) {
        return Some((format!("{} saves data on a schedule", job.path), job.span));
    }
    let mut timers = host.timers.iter();
    let timer = timers.find(|timer| is_saver(&timer.path) || is_saver(&timer.starts))?;
    let span = timer.timer.first()?.1.trail.first_span()?;
    Some((format!("{} saves data on a schedule", timer.path), span))
}
