use tightship_model::compose::{EnvFile, Service};
use tightship_model::{Check, Deployment, Finding, Outcome, Reference, Severity, names_a_secret};

use super::what::{What, what};
use super::{about, beside, is_proxy, judge_each, listed, no_compose, placed, runs_django};

pub(super) static CHECK: Check = Check {
    id: "compose/secrets-shared",
    title: "A service gets secrets that it has no use for",
    severity: Severity::Medium,
    needs: &[],
    items: &["A13.4"],
    django_ids: &[],
    references: &[
        Reference::Url("https://docs.docker.com/compose/how-tos/use-secrets/"),
        Reference::Cwe(668),
    ],
    doc: include_str!("secrets_shared.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let Some(compose) = super::compose(deployment) else {
        return no_compose(deployment);
    };
    let site: Vec<&EnvFile> = compose
        .services
        .iter()
        .filter(|service| runs_django(deployment, service))
        .flat_map(|service| &service.env_files)
        .collect();
    judge_each(
        deployment,
        "every service gets its own secrets only",
        &|service| {
            if runs_django(deployment, service)
                || service.build.is_some() && !is_proxy(deployment, service)
            {
                return Vec::new();
            }
            let severity = match is_proxy(deployment, service) {
                true => Severity::Medium,
                false => Severity::Low,
            };
            judge(service, &site, severity)
        },
    )
}

fn judge(service: &Service, site: &[&EnvFile], severity: Severity) -> Vec<Finding> {
    let Some(file) = service.env_files.last() else {
        return Vec::new();
    };
    let own: &[&str] = match what(service) {
        What::Store("PostgreSQL") => &["POSTGRES_", "PG"],
        What::Store("MySQL") => &["MYSQL_", "MARIADB_"],
        What::Store("Redis") => &["REDIS_"],
        What::Store("RabbitMQ") => &["RABBITMQ_"],
        What::Store("MongoDB") => &["MONGO_"],
        What::Store(_) | What::Proxy => &[],
        // What another program reads is not known.
        What::Admin(_) | What::Other => return Vec::new(),
    };
    let foreign: Vec<&str> = service
        .environment
        .variables
        .keys()
        .filter(|name| names_a_secret(name) && !service.own_variables.contains_key(*name))
        .filter(|name| !own.iter().any(|prefix| name.starts_with(prefix)))
        .map(String::as_str)
        .collect();
    let is_sites = !file.is_here
        && site
            .iter()
            .any(|other| other.written.value == file.written.value);
    let what = match (foreign.as_slice(), is_sites) {
        ([], false) => return Vec::new(),
        ([], true) => format!("everything in {}, the site's own file", file.written.value),
        (names, _) => listed(names),
    };
    let set = foreign.first().and_then(|name| {
        let trail = &service.environment.variables.get(*name)?.trail;
        let place = trail
            .links()
            .iter()
            .filter_map(|link| link.span)
            .next_back()?;
        Some((place, format!("{name} is set here")))
    });
    let also = set.or_else(|| {
        let other = site
            .iter()
            .find(|other| other.written.value == file.written.value)?;
        Some((other.span, "the site gets it too".to_owned()))
    });
    let finding = Finding {
        message: format!(
            "{} gets {what}: who breaks into it has the site's secrets as well",
            service.name
        ),
        severity: Some(severity),
        advice: "Give each service a file with its own variables, or secrets by name.".to_owned(),
        ..about(
            service,
            "env_file",
            &placed(Some(file.span), &format!("gives {}", file.written.value)),
        )
    };
    vec![match also {
        Some((span, text)) => beside(finding, Some(span), text),
        None => finding,
    }]
}
