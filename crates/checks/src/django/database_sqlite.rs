use tightship_model::{Check, Deployment, Finding, Need, Outcome, Reference, Severity, Value};

use super::databases::databases;
use crate::setting::{Judged, about, consider_value, shows, together};

pub(super) static CHECK: Check = Check {
    id: "django/database-sqlite",
    title: "Production runs on SQLite",
    severity: Severity::Medium,
    needs: &[Need::Settings],
    items: &["A1.6", "A4.1"],
    django_ids: &[],
    references: &[Reference::Django("ref/databases/#sqlite-notes")],
    doc: include_str!("database_sqlite.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let databases = match databases(deployment) {
        Ok(databases) => databases,
        Err(outcome) => return outcome,
    };
    // Where the file lies in its container, and whether it outlives that, cross/data-in-container tells.
    let loss = match deployment.compose {
        Some(_) => "writers wait for each other",
        None => "writers wait for each other, a new container starts with an empty one",
    };
    together(databases.into_iter().map(|(alias, database)| {
        let place = format!("DATABASES[{alias:?}]");
        match consider_value("DATABASES", database, &is_sqlite) {
            Judged::Good(value) => Outcome::Pass(vec![shows(&place, value)]),
            Judged::Open(outcome) => outcome,
            Judged::Bad(bad) => Outcome::Fail(vec![Finding {
                message: bad.worded(format!(
                    "the database {alias:?} is a SQLite file: {loss}, and whoever reads the file has \
                     everything"
                )),
                confidence: bad.confidence,
                advice: "Use PostgreSQL, and let the start fail when its address is missing."
                    .to_owned(),
                ..about(&place, &bad.value.trail)
            }]),
        }
    }))
}

fn is_sqlite(database: &Value) -> Option<bool> {
    let Value::Dict(database) = database else {
        return Some(false);
    };
    match database.get("ENGINE") {
        Some(engine) => {
            let engine = engine.value.as_str()?;
            Some(engine.ends_with(".sqlite3") || engine.ends_with(".spatialite"))
        }
        None => database.rest.is_none().then_some(false),
    }
}
