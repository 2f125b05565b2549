use tightship_model::compose::Service;
use tightship_model::{
    Check, Confidence, Deployment, Finding, Outcome, Reference, Severity, Traced, Trail, Value,
};

use super::{at, django_services};
use crate::compose::{What, services, what};
use crate::cross::label;
use crate::package::pass;
use crate::setting::overridden;

pub(super) static CHECK: Check = Check {
    id: "env/password-differs",
    title: "The site and its database are given different passwords",
    severity: Severity::High,
    needs: &[],
    items: &["B4.5"],
    django_ids: &[],
    references: &[Reference::Url("https://hub.docker.com/_/postgres")],
    doc: include_str!("password_differs.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let site = match django_services(deployment) {
        Ok(services) => services,
        Err(outcome) => return outcome,
    };
    let stores: Vec<Store<'_>> = services(deployment)
        .unwrap_or_default()
        .into_iter()
        .filter_map(store)
        .collect();
    if stores.is_empty() {
        return Outcome::NotApplicable(
            "Compose gives no database a password in its environment".to_owned(),
        );
    }
    let mut findings = Vec::new();
    let mut same = None;
    for store in &stores {
        if let Some((trail, login)) = login_of_settings(deployment, store) {
            match login == store.password {
                true => same = same.or(Some(trail)),
                false => findings.push(of_settings(trail, store)),
            }
        }
    }
    // What an address says, the settings may say again.
    let is_told = !findings.is_empty();
    for service in site.into_iter().filter(|_| !is_told) {
        for store in &stores {
            for (name, value, login) in logins(service, store) {
                if login.user.is_some_and(|user| user != store.user) {
                    continue;
                }
                if login.password == store.password {
                    same = same.or(Some(&value.trail));
                    continue;
                }
                findings.push(finding(service, name, value, store));
            }
        }
    }
    match (findings.is_empty(), same) {
        (false, _) => Outcome::Fail(findings),
        (true, Some(trail)) => pass("the site has the password of its database", trail),
        (true, None) => Outcome::NotApplicable(
            "no service is given an address of the database with its password".to_owned(),
        ),
    }
}

fn finding(service: &Service, name: &str, value: &Traced<Value>, store: &Store<'_>) -> Finding {
    let mut finding = at(
        format!("service:{} {name}", service.name),
        value.trail.first_span(),
        &format!("{} gets {name}", service.name),
    );
    finding
        .labels
        .extend(store.given.trail.first_span().map(|span| {
            label(
                span,
                format!("{} gets {}", store.service.name, store.variable),
            )
        }));
    Finding {
        message: format!(
            "{} logs in with another password than {} is set up with: the site does not start on a \
             new volume, and runs on an old one with a password that no file tells",
            service.name, store.service.name
        ),
        confidence: Confidence::High,
        advice: format!(
            "Give both the one variable: `{}: ${{DB_PASSWORD:?}}`, and percent-encode it inside an \
             address.",
            store.variable
        ),
        ..finding
    }
}

/// A finding about the password that the settings end up with, whatever variable it came by.
fn of_settings(trail: &Trail, store: &Store<'_>) -> Finding {
    let name = store.service.name.as_str();
    let mut finding = Finding {
        message: format!(
            "the site logs in with another password than {name} is set up with: it does not start \
             on a new volume, and runs on an old one with a password that no file tells"
        ),
        advice: format!(
            "Give both the one variable: `{}: ${{DB_PASSWORD:?}}`.",
            store.variable
        ),
        ..crate::setting::about(&format!("password of {name}"), trail)
    };
    finding.labels.extend(
        store
            .given
            .trail
            .first_span()
            .map(|span| label(span, format!("{name} gets {}", store.variable))),
    );
    finding
}

/// The password with which DATABASES logs in to a store as the user that the store has.
fn login_of_settings<'a>(
    deployment: &'a Deployment,
    store: &Store<'_>,
) -> Option<(&'a Trail, String)> {
    let host = store.service.name.as_str();
    let text = |value: &'a Traced<Value>| value.value.as_str();
    let databases = overridden(deployment, "DATABASES")?.value.as_dict()?;
    databases.entries.iter().find_map(|(_, database)| {
        let database = database.value.as_dict()?;
        let get = |key: &str| text(database.get(key)?);
        let is_it = get("HOST")? == host && get("USER")? == store.user;
        let password = database.get("PASSWORD").filter(|_| is_it)?;
        Some((&password.trail, text(password)?.to_owned()))
    })
}

/// A database that Compose starts, with what its image makes the first user and password of.
struct Store<'a> {
    service: &'a Service,
    variable: &'static str,
    given: &'a Traced<Value>,
    password: &'a str,
    user: &'a str,
}

/// PostgreSQL's image names the first user `postgres` where nothing else is said; MySQL's and
/// MariaDB's make the user that `MYSQL_USER` or `MARIADB_USER` names (Docker Hub, the images' pages).
fn store(service: &Service) -> Option<Store<'_>> {
    let named: &[(&str, &str, Option<&str>)] = match what(service) {
        What::Store("PostgreSQL") => &[("POSTGRES_PASSWORD", "POSTGRES_USER", Some("postgres"))],
        What::Store("MySQL") => &[
            ("MYSQL_PASSWORD", "MYSQL_USER", None),
            ("MARIADB_PASSWORD", "MARIADB_USER", None),
        ],
        _ => return None,
    };
    named.iter().find_map(|(variable, user, default)| {
        let given = service.environment.variables.get(*variable)?;
        let user = match service.environment.variables.get(*user) {
            Some(user) => user.value.as_str()?,
            None => (*default)?,
        };
        Some(Store {
            service,
            variable,
            given,
            password: given.value.as_str()?,
            user,
        })
    })
}

/// What a client logs in with, percent-decoded.
struct Login<'a> {
    user: Option<&'a str>,
    password: String,
}

/// The variables of a service that hold a login for a store, where all of it is known: addresses
/// that name the store as their host.
fn logins<'a>(
    service: &'a Service,
    store: &Store<'_>,
) -> Vec<(&'a str, &'a Traced<Value>, Login<'a>)> {
    let host = store.service.name.as_str();
    service
        .environment
        .variables
        .iter()
        .filter_map(|(name, value)| {
            let login = login_of_address(value.value.as_str()?, host)?;
            Some((name.as_str(), value, login))
        })
        .collect()
}

/// The login in `scheme://user:password@host:port/name`, where the host is this one.
fn login_of_address<'a>(address: &'a str, host: &str) -> Option<Login<'a>> {
    let (_, rest) = address.split_once("://")?;
    let authority = rest.split(['/', '?']).next()?;
    let (credentials, address) = authority.rsplit_once('@')?;
    if address.split(':').next() != Some(host) {
        return None;
    }
    let (user, password) = credentials.split_once(':')?;
    Some(Login {
        user: Some(user).filter(|user| !user.is_empty()),
        password: decoded(password),
    })
}

/// Without percent-encoding (RFC 3986, section 2.1); what is not UTF-8 then stays as it is.
pub(super) fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let digits = tail.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        let byte = digits
            .filter(|_| *first == b'%')
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_encoding_is_taken_away_where_it_is_one() {
        for (text, expected) in [
            ("p%40ss", "p@ss"),
            ("100%", "100%"),
            ("a%zzb", "a%zzb"),
            ("%ff", "%ff"),
            ("", ""),
        ] {
            assert_eq!(decoded(text), expected, "{text}");
        }
    }
}
