//! The databases of a project.

use tightship_model::{Deployment, Outcome, Traced, Value};

use crate::setting::{not_set, overridden, unclear};

/// Each database with its alias; `Err` where there is none or DATABASES is not known.
pub(super) fn databases(deployment: &Deployment) -> Result<Vec<(&str, &Traced<Value>)>, Outcome> {
    let databases = overridden(deployment, "DATABASES").ok_or_else(|| not_set("DATABASES"))?;
    let Value::Dict(dict) = &databases.value else {
        return Err(unclear("DATABASES", databases));
    };
    let found: Vec<_> = dict
        .entries
        .iter()
        .filter_map(|(alias, database)| Some((alias.as_str()?, database)))
        .collect();
    match (found.is_empty(), &dict.rest) {
        (true, None) => Err(Outcome::NotApplicable("there is no database".to_owned())),
        (true, Some(_)) => Err(unclear("DATABASES", databases)),
        (false, _) => Ok(found),
    }
}
