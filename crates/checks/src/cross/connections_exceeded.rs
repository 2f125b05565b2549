use tightship_model::compose::Service;
use tightship_model::{
    Check, Confidence, Deployment, Finding, Label, Outcome, Process, Program, Reference, Severity,
    Starter, Trail,
};

use super::label;
use crate::compose::{What, replicas, services, what};
use crate::package::pass;
use crate::setting::overridden;

pub(super) static CHECK: Check = Check {
    id: "cross/connections-exceeded",
    title: "The workers may open more connections than the database takes",
    severity: Severity::High,
    needs: &[],
    items: &["A10.1", "A10.4", "X2"],
    django_ids: &[],
    references: &[
        Reference::Url(
            "https://www.postgresql.org/docs/current/runtime-config-connection.html#GUC-MAX-CONNECTIONS",
        ),
        Reference::Django("ref/databases/#connection-management"),
        Reference::Cwe(770),
    ],
    doc: include_str!("connections_exceeded.md"),
    run,
};

/// PostgreSQL's `max_connections` and `superuser_reserved_connections` where nothing is set.
const DEFAULT: u64 = 100;
const RESERVED: u64 = 3;

fn run(deployment: &Deployment) -> Outcome {
    let services = match services(deployment) {
        Ok(services) => services,
        Err(outcome) => return outcome,
    };
    let Some(database) = services
        .iter()
        .find(|service| is_own_database(deployment, service))
    else {
        return Outcome::NotApplicable(
            "the site uses no PostgreSQL that Compose starts".to_owned(),
        );
    };
    let (most, is_set) = match max_connections(database) {
        Some(most) => (most, true),
        None => (DEFAULT, false),
    };
    let mut users = Vec::new();
    for service in &services {
        let starter = Starter::Service(service.name.clone());
        for process in deployment.processes_of(&starter) {
            if let Some(connections) = connections(process) {
                users.push((
                    service,
                    process,
                    connections * replicas(service).unwrap_or(1),
                ));
            }
        }
    }
    if users.is_empty() {
        return Outcome::NotApplicable("how many workers run is not told".to_owned());
    }
    let total: u64 = users.iter().map(|(.., connections)| connections).sum();
    let span = database
        .command
        .as_ref()
        .map(|command| command.span)
        .or(database.span);
    let trail = span.map_or_else(Trail::default, |span| {
        Trail::at(span, format!("takes {most} connections"))
    });
    if total <= most.saturating_sub(RESERVED) {
        return pass(
            format!("{total} workers and threads share {most} connections"),
            &trail,
        );
    }
    let mut labels: Vec<Label> = span
        .map(|span| {
            let how = if is_set {
                "is set to take"
            } else {
                "takes by default"
            };
            label(span, format!("{} {how} {most}", database.name))
        })
        .into_iter()
        .collect();
    labels.extend(users.iter().filter_map(|(service, process, connections)| {
        let span = process.trail.first_span().or(service.span)?;
        Some(label(
            span,
            format!("{} may open {connections}", service.name),
        ))
    }));
    Outcome::Fail(vec![Finding {
        subject: format!("service:{} connections", database.name),
        message: format!(
            "under load pages fail with \"too many clients already\": workers and threads may hold \
             {total} connections, and {} takes {most}, {RESERVED} of them kept for its superuser",
            database.name
        ),
        severity: None,
        confidence: Confidence::Medium,
        labels,
        trail,
        django_id: None,
        advice: "Start fewer workers, raise max_connections, or put PgBouncer between.".to_owned(),
        fix: None,
    }])
}

/// Whether Django's default database is this service, a PostgreSQL itself and no pool before one.
fn is_own_database(deployment: &Deployment, service: &Service) -> bool {
    let is_pool = service.reference().is_some_and(|image| {
        image.repository.contains("pgbouncer") || image.repository.contains("pgpool")
    });
    if what(service) != What::Store("PostgreSQL") || is_pool {
        return false;
    }
    let host = overridden(deployment, "DATABASES")
        .and_then(|databases| databases.value.as_dict()?.get("default"))
        .and_then(|default| default.value.as_dict()?.get("HOST"))
        .and_then(|host| host.value.as_str());
    host == Some(service.name.as_str())
}

/// `-c max_connections=200`, `--max_connections=200` of its command.
fn max_connections(service: &Service) -> Option<u64> {
    let words = &service.command.as_ref()?.words;
    let value = |word: &str| word.split_once("max_connections=")?.1.trim().parse().ok();
    words
        .iter()
        .flat_map(|word| word.split_whitespace())
        .find_map(value)
}

/// The connections that one process may hold at a time: one for each thread that runs Django.
fn connections(process: &Process) -> Option<u64> {
    let number = |name: &str| {
        let option = process.option(name)?;
        u64::try_from(option.value.value.as_int()?).ok()
    };
    let workers = process
        .workers()
        .and_then(|workers| u64::try_from(workers.value.value.as_int()?).ok())?;
    match process.program {
        Program::Gunicorn => {
            let class = process.option("worker_class");
            let class = class.as_ref().and_then(|class| class.value.value.as_str());
            match class {
                // More than one thread makes gunicorn take the threaded worker.
                Some("sync" | "gthread") => Some(workers * number("threads")?.max(1)),
                _ => None,
            }
        }
        Program::Uwsgi => Some(workers * number("threads").unwrap_or(1).max(1)),
        Program::Waitress => number("threads"),
        Program::CeleryWorker => Some(workers),
        _ => None,
    }
}
