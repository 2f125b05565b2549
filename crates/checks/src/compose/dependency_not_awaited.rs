use tightship_model::compose::{Dependency, Service};
use tightship_model::image::Healthcheck;
use tightship_model::{
    Check, Deployment, Finding, Outcome, Reference, Severity, Starter, StepKind,
};

use super::what::{What, what};
use super::{about, beside, compose, image_of, judge_each, placed, runs_django};

pub(super) static CHECK: Check = Check {
    id: "compose/dependency-not-awaited",
    title: "The site starts before what it depends on is ready",
    severity: Severity::Low,
    needs: &[],
    items: &[],
    django_ids: &[],
    references: &[Reference::Url(
        "https://docs.docker.com/compose/how-tos/startup-order/",
    )],
    doc: include_str!("dependency_not_awaited.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge_each(
        deployment,
        "every service waits until what it needs is ready",
        &|service| {
            let dependencies = service.depends_on.iter();
            dependencies
                .filter_map(|dependency| judge(deployment, service, dependency))
                .collect()
        },
    )
}

fn judge(deployment: &Deployment, service: &Service, dependency: &Dependency) -> Option<Finding> {
    let needed = compose(deployment)?.service(&dependency.service)?;
    let trail = placed(Some(dependency.span), "depends on it");
    let found = about(service, &format!("depends on {}", needed.name), &trail);
    if dependency.condition == "service_healthy" {
        let found = beside(found, needed.span, "has no health check");
        return (has_check(deployment, needed) == Some(false)).then(|| Finding {
            message: format!(
                "{} waits until {} is healthy, and nothing checks its health: Docker refuses to \
                 start {}",
                service.name, needed.name, service.name
            ),
            severity: Some(Severity::High),
            advice: format!("Give {} a `healthcheck`.", needed.name),
            ..found
        });
    }
    let is_early = dependency.condition == "service_started"
        && matches!(
            what(needed),
            What::Store("PostgreSQL" | "MySQL" | "RabbitMQ" | "MongoDB")
        )
        && runs_django(deployment, service)
        && !waits(deployment, service);
    let found = beside(found, needed.span, "takes its time to start");
    is_early.then(|| Finding {
        message: format!(
            "{} starts as soon as {} exists, before it answers: after a restart of the server, \
             migrations and first requests fail",
            service.name, needed.name
        ),
        advice: format!(
            "Write `{}: {{condition: service_healthy}}`, with a `healthcheck` on it.",
            needed.name
        ),
        ..found
    })
}

/// Whether a service has a health check; `None` where its image may bring one.
fn has_check(deployment: &Deployment, service: &Service) -> Option<bool> {
    if let Some(own) = &service.healthcheck {
        return Some(!own.is_disabled);
    }
    match image_of(deployment, service) {
        Some(image) => image
            .config
            .healthcheck
            .as_ref()
            .map(|check| matches!(check.value, Healthcheck::Test(_))),
        // Docker's own images of databases bring none.
        None => {
            let is_own = service
                .reference()
                .is_some_and(|image| image.repository.starts_with("library/"));
            (is_own && matches!(what(service), What::Store(_))).then_some(false)
        }
    }
}

/// Whether the start of a service waits by itself.
fn waits(deployment: &Deployment, service: &Service) -> bool {
    let starter = Starter::Service(service.name.clone());
    let by_step = deployment
        .processes_of(&starter)
        .any(|process| process.steps.iter().any(|step| step.kind == StepKind::Wait));
    let speaks_of_waiting = |text: &str| WAITS.iter().any(|word| text.contains(word));
    by_step
        || super::start_words(deployment, service)
            .iter()
            .any(|word| speaks_of_waiting(word))
        || deployment.sources.iter().any(|(_, source)| {
            let name = source.path.rsplit('/').next().unwrap_or(&source.path);
            let is_script = name.ends_with(".sh") || !name.contains('.') && name != "Dockerfile";
            is_script && speaks_of_waiting(source.raw())
        })
}

/// What scripts that wait for a port or a database call.
const WAITS: [&str; 12] = [
    "wait-",
    "wait_",
    "waitfor",
    "waitdb",
    "wait4",
    "pg_isready",
    "nc -z",
    "ncat -z",
    "dockerize",
    "/dev/tcp/",
    "until ",
    "while !",
];
