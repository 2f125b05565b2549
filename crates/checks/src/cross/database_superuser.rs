use tightship_model::compose::Service;
use tightship_model::{
    Check, Confidence, Deployment, Evidence, Finding, Need, Outcome, Reference, Severity, Traced,
    Trail, Value,
};

use super::label;
use crate::compose::{What, services, what};
use crate::setting::{about, labels, overridden, together};

pub(super) static CHECK: Check = Check {
    id: "cross/database-superuser",
    title: "The site is the superuser of its database",
    severity: Severity::Low,
    needs: &[Need::Settings],
    items: &["B5.4", "A13.4"],
    django_ids: &[],
    references: &[
        Reference::Url("https://hub.docker.com/_/postgres"),
        Reference::Url("https://www.postgresql.org/docs/current/role-attributes.html"),
        Reference::Cwe(250),
    ],
    doc: include_str!("database_superuser.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let stores: Vec<&Service> = services(deployment)
        .unwrap_or_default()
        .into_iter()
        .filter(|service| what(service) == What::Store("PostgreSQL"))
        .collect();
    let databases =
        overridden(deployment, "DATABASES").and_then(|databases| databases.value.as_dict());
    let databases = databases.into_iter().flat_map(|dict| &dict.entries);
    let outcomes =
        databases.filter_map(|(alias, database)| judge(alias.as_str()?, database, &stores));
    together(outcomes.chain([Outcome::NotApplicable(
        "no database of the settings is a PostgreSQL that Compose starts".to_owned(),
    )]))
}

fn judge(alias: &str, database: &Traced<Value>, stores: &[&Service]) -> Option<Outcome> {
    let database = database.value.as_dict()?;
    let host = database.get("HOST")?.value.as_str()?;
    let user = database.get("USER")?;
    let name = user.value.as_str().filter(|name| !name.is_empty())?;
    let store = stores.iter().find(|store| store.name == host)?;
    let (superuser, given) = superuser(store)?;
    if name != superuser {
        return Some(Outcome::Pass(vec![Evidence {
            text: format!("the site logs in to {host} as {name}, not as {superuser}"),
            trail: user.trail.clone(),
        }]));
    }
    let place = format!("DATABASES[{alias:?}][\"USER\"]");
    let mut places = labels(&user.trail);
    let span = given.and_then(Trail::first_span).or(store.span);
    places.extend(span.map(|span| label(span, format!("{host} makes {superuser} its superuser"))));
    Some(Outcome::Fail(vec![Finding {
        message: format!(
            "a hole in one query reads and writes files of the database server and starts programs \
             there: the site logs in as {name}, whom the image of {host} makes superuser"
        ),
        confidence: Confidence::High,
        labels: places,
        advice: "Let a script in /docker-entrypoint-initdb.d make a role that owns the site's \
                 database and no more, and log in as that."
            .to_owned(),
        ..about(&place, &user.trail)
    }]))
}

/// Whom the image makes superuser: `POSTGRES_USER`, or `postgres` (Docker Hub, the image's page).
/// Bitnami's makes it a plain role.
fn superuser(store: &Service) -> Option<(&str, Option<&Trail>)> {
    let own = store.reference().is_some_and(|image| {
        matches!(
            image.short_name(),
            "postgres" | "postgis/postgis" | "pgvector/pgvector"
        )
    });
    if !own {
        return None;
    }
    match store.environment.variables.get("POSTGRES_USER") {
        Some(user) => Some((user.value.as_str()?, Some(&user.trail))),
        None if store.environment.is_known() => Some(("postgres", None)),
        None => None,
    }
}
