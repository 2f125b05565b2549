use tightship_model::compose::Compose;
use tightship_model::{Check, Deployment, Dict, Need, Outcome, Reference, Severity, Traced, Value};

use super::label;
use crate::package::{finding, pass};
use crate::setting::{overridden, together, unclear};

pub(super) static CHECK: Check = Check {
    id: "cross/database-in-clear",
    title: "The way to the database may be read and changed",
    severity: Severity::Medium,
    needs: &[Need::Settings],
    items: &["B5.5"],
    django_ids: &[],
    references: &[
        Reference::Url(
            "https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION",
        ),
        Reference::Django("ref/databases/#postgresql-notes"),
        Reference::Cwe(319),
    ],
    doc: include_str!("database_in_clear.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let Some(databases) = overridden(deployment, "DATABASES") else {
        return Outcome::NotApplicable("DATABASES is not set".to_owned());
    };
    let Some(dict) = databases.value.as_dict() else {
        return unclear("DATABASES", databases);
    };
    let outcomes = dict.entries.iter().map(|(alias, database)| {
        let alias = alias.as_str().unwrap_or("default");
        match database.value.as_dict() {
            Some(settings) => judge(deployment, alias, database, settings),
            None => unclear("DATABASES", database),
        }
    });
    together(outcomes)
}

fn judge(
    deployment: &Deployment,
    alias: &str,
    database: &Traced<Value>,
    settings: &Dict,
) -> Outcome {
    let place = format!("DATABASES[{alias:?}]");
    let engine = settings
        .get("ENGINE")
        .and_then(|engine| engine.value.as_str());
    if !engine.is_some_and(|engine| engine.contains("postg")) {
        return Outcome::NotApplicable("no database is PostgreSQL".to_owned());
    }
    let Some(host) = settings.get("HOST") else {
        return Outcome::NotApplicable("PostgreSQL is asked through a socket".to_owned());
    };
    let Some(name) = host.value.as_str() else {
        return unclear("DATABASES", host);
    };
    let compose = deployment.compose.as_ref();
    if let Some(why) = stays_here(compose, name) {
        return pass(format!("{place}: {why}"), &host.trail);
    }
    let options = settings.get("OPTIONS");
    let mode = options
        .and_then(|options| options.value.as_dict())
        .map(|options| (options.get("sslmode"), options.rest.is_some()));
    let (mode, is_hidden) = mode.unwrap_or((None, options.is_some()));
    let Some(mode) = mode else {
        if is_hidden {
            return unclear("DATABASES", options.unwrap_or(database));
        }
        return fail(deployment, &place, host, name, None);
    };
    match mode.value.as_str() {
        None => unclear("DATABASES", mode),
        Some("require" | "verify-ca" | "verify-full") => {
            pass(format!("{place} is asked over TLS"), &mode.trail)
        }
        Some(text) => fail(deployment, &place, host, name, Some((text, mode))),
    }
}

/// Why what goes to a host does not leave the machine; `None` where it does.
fn stays_here(compose: Option<&Compose>, host: &str) -> Option<&'static str> {
    let is_local = matches!(host, "" | "localhost" | "::1" | "host.docker.internal")
        || host.starts_with('/')
        || host.starts_with("127.");
    if is_local {
        return Some("it is asked on the machine itself");
    }
    let services = compose.into_iter().flat_map(|compose| &compose.services);
    let is_service = |text: &Option<tightship_model::compose::Text>| {
        text.as_ref().is_some_and(|text| text.value == host)
    };
    let mut named = services.filter(|service| {
        let mut networks = service.networks.iter().flat_map(|network| &network.aliases);
        service.name == host
            || is_service(&service.container_name)
            || is_service(&service.hostname)
            || networks.any(|alias| alias.value == host)
    });
    // A name without a dot is one of a network between containers, or of the machine itself.
    match named.next() {
        Some(_) => Some("it is a service beside the site"),
        None if !host.contains(['.', ':']) => Some("its name is none of another network"),
        None => None,
    }
}

fn fail(
    deployment: &Deployment,
    place: &str,
    host: &Traced<Value>,
    name: &str,
    mode: Option<(&str, &Traced<Value>)>,
) -> Outcome {
    let how = match mode {
        Some((text, _)) => format!("sslmode is {text}"),
        None => "sslmode is not set, and libpq's default is prefer".to_owned(),
    };
    let means = match mode {
        Some(("disable", _)) => "every row goes over the network in clear",
        _ => {
            "whoever stands between refuses TLS, and libpq goes on in clear without a word: each \
             row and change is open to him"
        }
    };
    let mut finding = finding(
        place,
        &host.trail,
        format!("{means} ({name} is no service of this deployment; {how})"),
        "Set OPTIONS = {\"sslmode\": \"verify-full\", \"sslrootcert\": \"/path/to/ca.pem\"}.",
    );
    let mode = mode.and_then(|(_, mode)| mode.trail.first_span());
    finding
        .labels
        .extend(mode.map(|span| label(span, "TLS is not demanded")));
    // The services among which the database is not.
    let first = deployment
        .compose
        .as_ref()
        .and_then(|compose| compose.services.first());
    finding.labels.extend(
        first
            .and_then(|service| service.span)
            .map(|span| label(span, format!("no service from here on is called {name}"))),
    );
    Outcome::Fail(vec![finding])
}
