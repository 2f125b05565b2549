use std::collections::BTreeMap;

use tightship_model::compose::Service;
use tightship_model::{
    Check, Confidence, Deployment, Finding, Outcome, Reference, Severity, Traced, Trail, Value,
    names_a_secret,
};

use super::strength::{is_placeholder, password};
use super::{about, services};
use crate::package::pass;
use crate::setting::labels;

pub(super) static CHECK: Check = Check {
    id: "compose/secret-reused",
    title: "One secret opens several doors",
    severity: Severity::Medium,
    needs: &[],
    items: &["B1.9", "A13.4"],
    django_ids: &[],
    references: &[
        Reference::Url(
            "https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html",
        ),
        Reference::Cwe(1391),
    ],
    doc: include_str!("secret_reused.md"),
    run,
};

/// A variable of a service with a secret in it.
struct Held<'a> {
    service: &'a Service,
    name: &'a str,
    door: &'static str,
    trail: &'a Trail,
}

fn run(deployment: &Deployment) -> Outcome {
    let services = match services(deployment) {
        Ok(services) => services,
        Err(outcome) => return outcome,
    };
    let mut by_secret: BTreeMap<&str, Vec<Held<'_>>> = BTreeMap::new();
    for service in services {
        for (name, value) in &service.environment.variables {
            let Some((secret, door)) = secret(name, value) else {
                continue;
            };
            by_secret.entry(secret).or_default().push(Held {
                service,
                name,
                door,
                trail: &value.trail,
            });
        }
    }
    if by_secret.is_empty() {
        return Outcome::NotApplicable(
            "no service is given a secret in its environment".to_owned(),
        );
    }
    let findings: Vec<Finding> = by_secret.values().filter_map(|held| judge(held)).collect();
    match findings.is_empty() {
        false => Outcome::Fail(findings),
        true => pass("each secret opens one door", &Trail::default()),
    }
}

fn judge(held: &[Held<'_>]) -> Option<Finding> {
    let first = held.first()?;
    let other = held.iter().find(|other| other.door != first.door)?;
    let mut finding = Finding {
        message: format!(
            "whoever learns {} of {} has {} too: {} of {} is the same text",
            first.name, first.service.name, other.door, other.name, other.service.name
        ),
        confidence: Confidence::High,
        advice: "Make one secret for each purpose, and change those that were shared.".to_owned(),
        ..about(
            first.service,
            &format!("{} {}", first.name, other.name),
            first.trail,
        )
    };
    finding.labels.extend(labels(other.trail));
    Some(finding)
}

/// The secret in a variable with what it opens; `None` where that is not known, and for short texts
/// and placeholders, which other checks speak of.
fn secret<'a>(name: &str, value: &'a Traced<Value>) -> Option<(&'a str, &'static str)> {
    const SHORTEST: usize = 8;
    let text = value.value.as_str()?;
    let secret = match text.contains("://") {
        true => password(text),
        false if names_a_secret(name) => text,
        false => return None,
    };
    let is_path = secret.starts_with('/');
    if secret.len() < SHORTEST || is_path || is_placeholder(secret) {
        return None;
    }
    Some((secret, door(name, text)?))
}

/// What a secret opens, by the words of its name, or by the scheme of its address.
fn door(name: &str, text: &str) -> Option<&'static str> {
    let scheme = text.split_once("://").map_or("", |(scheme, _)| scheme);
    let by_scheme = DOORS
        .iter()
        .find(|(_, _, schemes)| schemes.iter().any(|own| scheme.starts_with(own)));
    let upper = name.to_ascii_uppercase();
    let by_name = || {
        let words: Vec<&str> = upper.split(['_', '-']).collect();
        DOORS
            .iter()
            .find(|(_, own, _)| own.iter().any(|word| words.contains(word)))
    };
    let (door, _, _) = by_scheme.or_else(by_name)?;
    Some(door)
}

type Door = (
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
);

/// Doors, the words of variables that are about them, and the schemes of their addresses. The first
/// that fits counts: `DJANGO_SUPERUSER_PASSWORD` is an administrator's.
const DOORS: [Door; 9] = [
    ("the administrator's account", &["SUPERUSER", "ADMIN"], &[]),
    (
        "the database",
        &[
            "DB",
            "DATABASE",
            "POSTGRES",
            "PG",
            "PGPASSWORD",
            "MYSQL",
            "MARIADB",
            "SQL",
            "PGBOUNCER",
        ],
        &["postgres", "mysql", "pgsql", "psql", "postgis"],
    ),
    ("the cache", &["REDIS", "CACHE", "VALKEY"], &["redis"]),
    ("the broker", &["RABBITMQ", "BROKER", "AMQP"], &["amqp"]),
    ("the mail account", &["EMAIL", "MAIL", "SMTP"], &["smtp"]),
    ("the stored files", &["S3", "AWS", "MINIO"], &[]),
    ("the payments", &["STRIPE", "PAYPAL", "PAYMENT"], &[]),
    ("the monitoring", &["FLOWER", "GRAFANA", "PGADMIN"], &[]),
    // The signing key of tokens is a check of its own.
    ("the sessions", &["DJANGO", "SECRET"], &[]),
];
