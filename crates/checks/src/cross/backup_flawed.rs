use tightship_model::compose::{MountKind, Service};
use tightship_model::{
    Check, Confidence, Deployment, Evidence, Finding, Outcome, Place, Reference, Severity, Span,
    Trail,
};

use super::label;
use crate::compose::{What, about, services, what};
use crate::setting::{beside, together};

pub(super) static CHECK: Check = Check {
    id: "cross/backup-flawed",
    title: "A backup that cannot work, or is lost with what it saves",
    severity: Severity::High,
    needs: &[],
    items: &["A4.4", "A11.1", "B5.3"],
    django_ids: &[],
    references: &[
        Reference::Url("https://www.postgresql.org/docs/current/app-pgdump.html#PG-DUMP-NOTES"),
        Reference::Cwe(693),
    ],
    doc: include_str!("backup_flawed.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let services = match services(deployment) {
        Ok(services) => services,
        Err(outcome) => return outcome,
    };
    let databases: Vec<&Service> = services
        .iter()
        .copied()
        .filter(|service| what(service) == What::Store("PostgreSQL"))
        .collect();
    let outcomes = services
        .iter()
        .filter(|service| dumps(deployment, service))
        .flat_map(|service| {
            databases
                .iter()
                .map(move |database| judge(service, database))
        });
    together(outcomes.chain([Outcome::NotApplicable(
        "Compose starts nothing that dumps a PostgreSQL of its own".to_owned(),
    )]))
}

fn judge(backup: &Service, database: &Service) -> Outcome {
    let mut findings = Vec::new();
    if let (Some(own), Some(other)) = (major(backup), major(database))
        && own < other
    {
        let mut finding = Finding {
            message: format!(
                "no backup is made: {} dumps with PostgreSQL {own}, {} is PostgreSQL {other}, and \
                 pg_dump refuses a server that is newer than itself",
                backup.name, database.name
            ),
            severity: Some(Severity::Critical),
            advice: "Give both services the same image.".to_owned(),
            ..about(backup, "pg_dump", &image_trail(backup))
        };
        finding.labels.extend(
            image_trail(database)
                .first_span()
                .map(|span| label(span, format!("{} is newer", database.name))),
        );
        findings.push(finding);
    }
    if let Some((volume, span, held)) = shared_volume(backup, database) {
        let finding = Finding {
            message: format!(
                "the disk that takes the database takes its backups too: {} writes to the volume \
                 {volume}, which holds the data of {}",
                backup.name, database.name
            ),
            confidence: Confidence::Medium,
            advice: "Write backups to a disk of their own and copy them away from the server."
                .to_owned(),
            ..about(backup, "volume", &Trail::at(span, "writes backups here"))
        };
        findings.push(beside(finding, Some(held), "keeps the database here"));
    }
    match findings.is_empty() {
        false => Outcome::Fail(findings),
        true => Outcome::Pass(vec![Evidence {
            text: format!("{} can dump {}", backup.name, database.name),
            trail: image_trail(backup),
        }]),
    }
}

/// Whether a service dumps a database: by its command, or by a script of the project that it starts.
fn dumps(deployment: &Deployment, service: &Service) -> bool {
    let is_client = service
        .reference()
        .is_some_and(|image| image.short_name().contains("postgres"));
    let commands = service.entrypoint.iter().chain(&service.command);
    let mut words = commands
        .flat_map(|command| &command.words)
        .flat_map(|word| word.split_whitespace());
    is_client
        && what(service) != What::Store("PostgreSQL")
        && words.any(|word| {
            word.contains("pg_dump")
                || word.starts_with('/') && script_dumps(deployment, service, word)
        })
}

fn script_dumps(deployment: &Deployment, service: &Service, path: &str) -> bool {
    let place = deployment
        .locate(&service.name, path)
        .map(|location| location.place);
    let Some(Place::Repository(path) | Place::Copied(path)) = place else {
        return false;
    };
    let source = deployment.sources.by_path(&path);
    source.is_some_and(|source| deployment.sources[source].raw().contains("pg_dump"))
}

/// The major version of an official image, by its tag.
fn major(service: &Service) -> Option<u32> {
    let tag = service.reference()?.tag?;
    let digits: String = tag.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

fn image_trail(service: &Service) -> Trail {
    service
        .image
        .as_ref()
        .map(|image| image.trail.clone())
        .unwrap_or_default()
}

/// The volume that both mount and the backup may write.
fn shared_volume<'a>(backup: &'a Service, database: &Service) -> Option<(&'a str, Span, Span)> {
    let named = |service: &'a Service| {
        service
            .mounts
            .iter()
            .filter(|mount| mount.kind == MountKind::Volume && !mount.read_only)
    };
    named(backup).find_map(|mount| {
        let name = mount.source.as_ref()?.value.as_str();
        let held = database.mounts.iter().find(|other| {
            other.kind == MountKind::Volume
                && other
                    .source
                    .as_ref()
                    .is_some_and(|source| source.value == name)
                && other.target.value.starts_with("/var/lib/postgresql")
        });
        Some((name, mount.span, held?.span))
    })
}
