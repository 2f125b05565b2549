use tightship_model::compose::Service;
use tightship_model::{Check, Deployment, Finding, Outcome, Reference, Severity, Traced, Value};

use super::what::{What, is_public, store_behind, what};
use super::{about, judge_each};

pub(super) static CHECK: Check = Check {
    id: "compose/database-open",
    title: "A store lets everyone in without a password",
    severity: Severity::Critical,
    needs: &[],
    items: &["B5.1", "B5.2", "X41", "X50", "X56"],
    django_ids: &[],
    references: &[
        Reference::Url("https://hub.docker.com/_/postgres"),
        Reference::Cwe(306),
    ],
    doc: include_str!("database_open.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge_each(
        deployment,
        "no store is told to trust everyone",
        &|service| judge(deployment, service),
    )
}

fn judge(deployment: &Deployment, service: &Service) -> Vec<Finding> {
    let variables = service.environment.variables.iter();
    // The official image reads no such variable, and on a network of its own Redis is honest without.
    let is_redis = matches!(what(service), What::Store("Redis"));
    let mut findings: Vec<_> = variables
        .filter(|(name, value)| opens(name, value) && !(is_redis && *name == FOR_ANY_STORE))
        .map(|(name, value)| Finding {
            message: format!(
                "{name} lets everyone in who reaches the port: every container beside it, and who \
                 breaks into one of them, reads and changes all data without a password"
            ),
            advice: format!("Take {name} out and set a password."),
            ..about(service, name, &value.trail)
        })
        .collect();
    findings.extend(open_redis(deployment, service));
    findings
}

/// The images of Bitnami share it.
const FOR_ANY_STORE: &str = "ALLOW_EMPTY_PASSWORD";

fn opens(name: &str, value: &Traced<Value>) -> bool {
    let Some(text) = super::strength::text(value) else {
        return false;
    };
    let text = text.trim().to_ascii_lowercase();
    match name {
        "POSTGRES_HOST_AUTH_METHOD" => text == "trust",
        // Options of initdb: `-A trust`, `--auth=trust`, `--auth-host=trust`.
        "POSTGRES_INITDB_ARGS" => trusts(&text),
        // The images of MySQL and MariaDB take any text for yes.
        "MYSQL_ALLOW_EMPTY_PASSWORD" | "MARIADB_ALLOW_EMPTY_ROOT_PASSWORD" => !text.is_empty(),
        FOR_ANY_STORE => matches!(text.as_str(), "yes" | "true" | "1"),
        "xpack.security.enabled" => text == "false",
        "DISABLE_SECURITY_PLUGIN" | "AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED" => text == "true",
        _ => false,
    }
}

/// Whether initdb is told to write `trust` for connections over TCP into pg_hba.conf (initdb(1) of
/// PostgreSQL 18). `--auth-local` is for the socket inside the container.
fn trusts(options: &str) -> bool {
    let words: Vec<&str> = options.split([' ', '=']).collect();
    words
        .windows(2)
        .any(|pair| matches!(pair[0], "-a" | "--auth" | "--auth-host") && pair[1] == "trust")
        || words.contains(&"-atrust")
}

/// A Redis that is published without a password. On a private network alone it is honest.
fn open_redis(deployment: &Deployment, service: &Service) -> Option<Finding> {
    let port = service
        .ports
        .iter()
        .find(|port| is_public(port) && store_behind(service, port) == Some("Redis"))?;
    let commands = service.command.iter().chain(&service.entrypoint);
    // As written: a password that Compose demands leaves the words open.
    let mut texts = commands.filter_map(|command| {
        let text = deployment.sources[command.span.source].raw();
        text.get(command.span.start as usize..command.span.end as usize)
    });
    // A configuration file may ask for one too.
    let may_ask = texts.any(|text| {
        ["requirepass", "aclfile", ".conf"]
            .iter()
            .any(|word| text.contains(word))
    }) || service
        .environment
        .variables
        .keys()
        .any(|name| name.contains("PASSWORD"));
    (!may_ask).then(|| Finding {
        message:
            "Redis is published and asks for no password: anyone who reaches the server reads \
                  and changes sessions and jobs, and with them runs code"
                .to_owned(),
        advice: "Leave `ports` out, and give it a password with --requirepass.".to_owned(),
        ..about(service, "password", &port.trail)
    })
}
