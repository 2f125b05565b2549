use tightship_model::compose::{Command, Service};
use tightship_model::{
    Check, Confidence, Deployment, Finding, Outcome, Reference, Severity, Traced, Value,
    names_a_secret,
};

use super::{about, judge_each, once_a_line};
use crate::setting::while_unset;

pub(super) static CHECK: Check = Check {
    id: "compose/blank-secret",
    title: "A secret is empty where its variable is forgotten",
    severity: Severity::Low,
    needs: &[],
    items: &["B4.5"],
    django_ids: &[],
    references: &[
        Reference::Url("https://docs.docker.com/reference/compose-file/interpolation/"),
        Reference::Cwe(1188),
    ],
    doc: include_str!("blank_secret.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let outcome = judge_each(
        deployment,
        "no secret is left empty in silence",
        &|service| {
            let mut findings = judge(deployment, service);
            let commands = service.command.iter().chain(&service.entrypoint);
            findings
                .extend(commands.filter_map(|command| open_redis(deployment, service, command)));
            findings
        },
    );
    once_a_line(outcome)
}

fn judge(deployment: &Deployment, service: &Service) -> Vec<Finding> {
    let variables = service.environment.variables.iter();
    variables
        .filter(|(name, _)| {
            names_a_secret(name)
                && !describes_a_secret(name)
                && !REFUSED_WHEN_EMPTY.contains(&name.as_str())
        })
        .filter_map(|(name, value)| {
            let Value::Environment(dependent) = &value.value else {
                return None;
            };
            if is_meant(deployment, value) {
                return None;
            }
            (dependent.unset.as_ref()?.value.as_str()?.is_empty()).then(|| Finding {
                message: format!(
                    "{}, {name} of {} is empty, and Compose only warns: the \
                     service starts unprotected, or fails later and elsewhere",
                    while_unset(&dependent.variables),
                    service.name
                ),
                confidence: Confidence::Medium,
                advice: format!(
                    "Write `${{{}:?}}`: Compose then refuses to start.",
                    dependent.variables.first().map_or("NAME", String::as_str)
                ),
                ..about(service, &format!("blank {name}"), &value.trail)
            })
        })
        .collect()
}

/// Whether a name that speaks of a secret holds something about it: how long it lasts, whether
/// credentials go along, the address of an error tracker, without which nothing is sent.
pub(super) fn describes_a_secret(name: &str) -> bool {
    const ENDS: [&str; 8] = [
        "_CREDENTIALS",
        "_HOURS",
        "_DAYS",
        "_MINUTES",
        "_SECONDS",
        "_LIFETIME",
        "_TTL",
        "_DSN",
    ];
    ENDS.iter().any(|end| name.ends_with(end))
}

/// Whether the author writes the empty default: `${NAME:-}`, of which Compose does not warn.
fn is_meant(deployment: &Deployment, value: &Traced<Value>) -> bool {
    value.trail.first_span().is_some_and(|span| {
        let source = deployment.sources[span.source].raw();
        let written = source.get(span.start as usize..span.end as usize);
        written.is_some_and(|written| written.contains(":-}") || written.contains("-}"))
    })
}

/// `--requirepass ${NAME}`: with nothing behind it, Redis asks for no password.
fn open_redis(deployment: &Deployment, service: &Service, command: &Command) -> Option<Finding> {
    let source = deployment.sources[command.span.source].raw();
    let written = source.get(command.span.start as usize..command.span.end as usize)?;
    let is_blank = command.words.iter().enumerate().any(|(at, word)| {
        let next = command.words.get(at + 1).map_or("", String::as_str);
        (word == "--requirepass" && next.is_empty()) || word.trim_end().ends_with("--requirepass")
    });
    (is_blank && !command.open.is_empty() && !written.contains('?')).then(|| Finding {
        message: format!(
            "{}, {} asks for no password: whoever reaches it reads and changes \
             sessions and jobs",
            while_unset(&passwords(&command.open)),
            service.name
        ),
        severity: Some(Severity::Medium),
        confidence: Confidence::Medium,
        advice: "Write `${NAME:?}`: Compose then refuses to start.".to_owned(),
        ..about(service, "blank requirepass", &command.trail)
    })
}

/// Those of some variables that hold a password by their name; all where none does.
fn passwords(open: &[String]) -> Vec<String> {
    let named: Vec<String> = open
        .iter()
        .filter(|name| names_a_secret(name))
        .cloned()
        .collect();
    if named.is_empty() {
        open.to_vec()
    } else {
        named
    }
}

/// Variables without which the image itself refuses to start: its entry point says so.
const REFUSED_WHEN_EMPTY: [&str; 6] = [
    "POSTGRES_PASSWORD",
    "MYSQL_ROOT_PASSWORD",
    "MARIADB_ROOT_PASSWORD",
    "PGADMIN_DEFAULT_PASSWORD",
    "MINIO_ROOT_PASSWORD",
    "SECRET_KEY",
];
