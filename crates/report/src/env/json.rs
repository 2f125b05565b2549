//! The machine contract `tightship.env/1`.

use std::collections::BTreeMap;
use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;
use tightship_model::Deployment;
use tightship_model::compose::Service;

use super::variables;
use crate::document::{Link, links};
use crate::json::write;
use crate::settings::Known;

/// The environment of a service.
#[derive(Serialize, JsonSchema)]
pub struct Document {
    /// Always `tightship.env/1`.
    schema: &'static str,
    service: String,
    /// Why variables beyond these may be set.
    incomplete: Option<String>,
    variables: BTreeMap<String, Entry>,
}

#[derive(Serialize, JsonSchema)]
struct Entry {
    /// What gives it: `environment`, `env_file` or `image`, in the order of their say.
    from: &'static str,
    /// `null` where it is handed through from outside, set or not. Its values are in the forms of
    /// `tightship.settings/1`; secrets are their length and fingerprint.
    known: Option<Known>,
    /// The way of the value, nearest first.
    trail: Vec<Link>,
}

/// Writes the variables as JSON.
pub fn render(deployment: &Deployment, service: &Service, out: &mut dyn Write) -> io::Result<()> {
    let document = Document {
        schema: "tightship.env/1",
        service: service.name.clone(),
        incomplete: service.environment.incomplete.clone(),
        variables: variables(deployment, service)
            .into_iter()
            .map(|(name, variable)| {
                let entry = Entry {
                    from: variable.from.name(),
                    known: variable
                        .value
                        .as_ref()
                        .map(|value| Known::of(value, deployment)),
                    trail: links(variable.trail, &deployment.sources),
                };
                (name.to_owned(), entry)
            })
            .collect(),
    };
    write(&document, out)
}
