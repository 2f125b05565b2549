use std::collections::BTreeMap;

use tightship_model::compose::Service;
use tightship_model::documents::Use;
use tightship_model::{
    Check, Confidence, Deployment, Finding, LinkKind, Need, Outcome, Reference, Severity, Traced,
    Trail, Value, names_a_secret,
};

use super::{at, django_services, has_judged_settings, listed, says_no};
use crate::compose::{What, services, what};
use crate::cross::label;
use crate::docs::known_readers;
use crate::docs::nearest::nearest;
use crate::package::pass;
use crate::partly::is_known;
use crate::setting::overridden;

pub(crate) static CHECK: Check = Check {
    id: "env/variable-unread",
    title: "A service is given a variable that nothing reads",
    severity: Severity::Low,
    needs: &[Need::Settings],
    items: &["B4.5", "X60"],
    django_ids: &[],
    references: &[
        Reference::Url("https://12factor.net/config"),
        Reference::Cwe(1188),
    ],
    doc: include_str!("variable_unread.md"),
    run,
};

/// A variable, with the services that get it and its value in the first of them.
struct Given<'a> {
    services: Vec<&'a Service>,
    value: &'a Traced<Value>,
}

fn run(deployment: &Deployment) -> Outcome {
    let services = match django_services(deployment) {
        Ok(services) => services,
        Err(outcome) => return outcome,
    };
    let mut given: BTreeMap<&str, Given<'_>> = BTreeMap::new();
    for service in services {
        for (name, value) in &service.environment.variables {
            given
                .entry(name)
                .and_modify(|known| known.services.push(service))
                .or_insert_with(|| Given {
                    services: vec![service],
                    value,
                });
        }
    }
    let mut findings = Vec::new();
    let mut open = None;
    for (name, given) in &given {
        let is_read = deployment
            .facts
            .env_reads
            .iter()
            .any(|read| read.name == *name);
        if is_read || known_readers::reads(name) || is_for_another(deployment, name) {
            continue;
        }
        match deployment.documents.given.get(*name) {
            Some(Use::Nothing) => findings.push(finding(deployment, name, given)),
            Some(Use::Perhaps(how)) => open = open.or(Some((*name, given, how))),
            // The word stands in some file; the settings have their own value all the same.
            Some(Use::Read(_)) if is_defied(deployment, name, given) => {
                findings.push(finding(deployment, name, given));
            }
            Some(Use::Read(_)) | None => {}
        }
    }
    match (findings.is_empty(), open) {
        (false, _) => Outcome::Fail(findings),
        (true, Some((name, given, how))) => Outcome::Unknown {
            reason: format!("whether anything reads {name} is not known: {how}"),
            remedy: format!("look whether it reads {name}"),
            trail: given.value.trail.clone(),
        },
        (true, None) => pass(
            "every variable that Compose gives to the project's code is read",
            &Trail::default(),
        ),
    }
}

/// Whether Compose says that a setting is off and the settings have it on, without asking for the
/// variable of that name.
fn is_defied(deployment: &Deployment, name: &str, given: &Given<'_>) -> bool {
    let Some(setting) = overridden(deployment, name) else {
        return false;
    };
    let asks = format!("reads {name}");
    let mut links = setting.trail.links().iter();
    given.value.value.as_str().is_some_and(says_no)
        && setting.value.truthy() == Some(true)
        && links.all(|link| link.kind != LinkKind::Reads || link.text != asks)
}

fn finding(deployment: &Deployment, name: &str, given: &Given<'_>) -> Finding {
    let names: Vec<&str> = given
        .services
        .iter()
        .map(|service| service.name.as_str())
        .collect();
    let to = listed(&names);
    let mut finding = at(
        format!("variable:{name}"),
        given.value.trail.first_span(),
        &format!("gives {name}"),
    );
    let reads = &deployment.facts.env_reads;
    let meant = nearest(name, reads.iter().map(|read| read.name.as_str()));
    let read = meant.and_then(|meant| reads.iter().find(|read| read.name == meant));
    // The settings are held against it only where these services run with them.
    let setting = overridden(deployment, name)
        .filter(|value| is_known(&value.value))
        .filter(|_| {
            let mut services = given.services.iter();
            services.any(|service| has_judged_settings(deployment, service) != Some(false))
        });
    let says_off = given.value.value.as_str().is_some_and(says_no);
    let is_on = setting.is_some_and(|setting| setting.value.truthy() == Some(true));
    if let Some(setting) = setting {
        finding.labels.extend(
            setting
                .trail
                .first_span()
                .map(|span| label(span, format!("{name} is set here without asking it"))),
        );
    } else if let Some(read) = read {
        finding
            .labels
            .push(label(read.span, format!("{} is read here", read.name)));
    }
    let instead = meant.map_or_else(String::new, |meant| format!("; {meant} is read"));
    let (severity, confidence, message) = match (name, setting, says_off && is_on) {
        ("DEBUG", Some(_), true) => (
            Severity::Critical,
            Confidence::High,
            format!(
                "Compose tells {to} that DEBUG is off, nothing reads that{instead}, and the \
                 settings have DEBUG on: every error page shows settings and source code to the \
                 visitor who caused it"
            ),
        ),
        (_, Some(_), contradicts) => (
            if contradicts || protects(name) {
                Severity::Medium
            } else {
                Severity::Low
            },
            Confidence::High,
            format!(
                "{to} is given {name}, and the settings assign {name} without asking the \
                 environment{instead}: whoever changes it there changes nothing"
            ),
        ),
        (_, None, _) => (
            if protects(name) {
                Severity::Medium
            } else {
                Severity::Low
            },
            Confidence::Medium,
            format!(
                "{to} is given {name}, and no file of the project reads it{instead}: whoever \
                 relies on it is without it"
            ),
        ),
    };
    Finding {
        severity: Some(severity),
        confidence,
        message,
        advice: match meant {
            Some(meant) => format!("Give {meant} instead, or read {name} in the settings."),
            None => format!("Read {name} in the settings, or take it out."),
        },
        ..finding
    }
}

/// Whether a variable is there for a service of another image, which gets it from the same file and
/// may read it. The official images of PostgreSQL and MySQL read names of their own alone, those of
/// nginx, Redis and Memcached none of the site's.
fn is_for_another(deployment: &Deployment, name: &str) -> bool {
    let Ok(services) = services(deployment) else {
        return false;
    };
    services
        .iter()
        .filter(|service| !crate::compose::runs_django(deployment, service))
        .filter(|service| service.environment.variables.contains_key(name))
        .any(|service| match what(service) {
            What::Store("PostgreSQL") => name.starts_with("POSTGRES_") || name.starts_with("PG"),
            What::Store("MySQL") => name.starts_with("MYSQL_") || name.starts_with("MARIADB_"),
            What::Store("Redis" | "Memcached") => false,
            What::Proxy => {
                let image = service.reference();
                name.starts_with("NGINX_")
                    || image.is_none_or(|image| image.short_name() != "nginx")
            }
            _ => true,
        })
}

/// Whether protection hangs on a variable of this name.
fn protects(name: &str) -> bool {
    const WORDS: [&str; 9] = [
        "DEBUG", "HSTS", "SSL", "HTTPS", "SECURE", "HOSTS", "CSRF", "CORS", "ORIGINS",
    ];
    names_a_secret(name) || name.split('_').any(|word| WORDS.contains(&word))
}
