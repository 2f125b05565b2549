use std::collections::BTreeSet;

use tightship_model::{Check, Deployment, Dict, Finding, Need, Outcome, Reference, Severity};
use tightship_model::{Traced, Value};

use super::databases::databases;
use crate::compose::password_weak;
use crate::package::pass;
use crate::setting::{Judged, about, consider_value, nearest, together};

pub(super) static CHECK: Check = Check {
    id: "django/database-password-weak",
    title: "The database's password can be guessed",
    severity: Severity::High,
    needs: &[Need::Settings],
    items: &["B1.9", "B5.1"],
    django_ids: &[],
    references: &[Reference::Cwe(521)],
    doc: include_str!("database_password_weak.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let databases = match databases(deployment) {
        Ok(databases) => databases,
        Err(outcome) => return outcome,
    };
    together(
        databases
            .into_iter()
            .map(|(alias, database)| judge(deployment, alias, database)),
    )
}

fn judge(deployment: &Deployment, alias: &str, database: &Traced<Value>) -> Outcome {
    let place = format!("DATABASES[{alias:?}][\"PASSWORD\"]");
    let whole = &database.trail;
    let Value::Dict(database) = &database.value else {
        return crate::setting::unclear("DATABASES", database);
    };
    let Some(password) = database.get("PASSWORD") else {
        return Outcome::NotApplicable(format!("{place} is not set"));
    };
    match consider_value(&place, password, &|value| {
        let password = value.as_str().unwrap_or_default();
        Some(!password.is_empty() && weakness(password, database).is_some())
    }) {
        Judged::Good(value) if value.value.truthy() == Some(false) => Outcome::NotApplicable(
            format!("{place} is empty: the server decides by other means"),
        ),
        Judged::Good(value) => pass(
            format!("{place} is long and not a common one"),
            &value.trail,
        ),
        Judged::Open(outcome) => outcome,
        Judged::Bad(bad) => {
            let password = bad.value.value.as_str().unwrap_or_default();
            if password_weak::tells_of(deployment, password) {
                return Outcome::NotApplicable(format!(
                    "{place} is a password of Compose, which compose/password-weak judges by more"
                ));
            }
            Outcome::Fail(vec![Finding {
                severity: is_only_short(password, database).then_some(Severity::Medium),
                message: bad.worded(format!(
                    "{place} {}: whoever reaches the port, from a neighbouring container say, gets \
                     in by trying",
                    weakness(password, database).unwrap_or_default()
                )),
                confidence: bad.confidence,
                advice: "Make a random one of 24 characters and change it on the server first."
                    .to_owned(),
                ..about(&place, nearest(&bad.value.trail, whole))
            }])
        }
    }
}

/// What makes a password guessable, in words that do not tell it.
fn weakness(password: &str, database: &Dict) -> Option<String> {
    let length = password.chars().count();
    let lower = password.to_lowercase();
    let own_names = ["USER", "NAME"]
        .into_iter()
        .filter_map(|key| database.get(key)?.value.as_str())
        .filter(|name| name.len() >= 4);
    if COMMON.iter().any(|word| lower.contains(word)) {
        Some("holds a word that every list of guesses begins with".to_owned())
    } else if own_names
        .into_iter()
        .any(|name| lower == name.to_lowercase())
    {
        Some("is the name of the user or of the database".to_owned())
    } else if lower.chars().collect::<BTreeSet<_>>().len() < LEAST_DISTINCT {
        Some(format!(
            "has fewer than {LEAST_DISTINCT} different characters"
        ))
    } else if length < LEAST_LENGTH {
        Some(format!(
            "has {length} characters, fewer than {LEAST_LENGTH}"
        ))
    } else {
        None
    }
}

/// Whether the policy alone finds fault with it: long enough that trying it over the network takes
/// years, and no word of a list.
fn is_only_short(password: &str, database: &Dict) -> bool {
    const LONG_ENOUGH_TO_TRY: usize = 10;
    let shortfall = format!("fewer than {LEAST_LENGTH}");
    password.chars().count() >= LONG_ENOUGH_TO_TRY
        && weakness(password, database).is_some_and(|weakness| weakness.ends_with(&shortfall))
}

/// The checklist's row asks for 16.
const LEAST_LENGTH: usize = 16;
const LEAST_DISTINCT: usize = 6;
const COMMON: [&str; 6] = [
    "password",
    "postgres",
    "changeme",
    "change-me",
    "123456",
    "qwerty",
];
