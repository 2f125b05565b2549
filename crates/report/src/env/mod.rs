//! The environment of a service: what its container gets, each variable with its trail.

mod json;
mod terminal;

pub use json::{Document, render as render_json};
pub use terminal::render as render_terminal;

use std::collections::BTreeMap;

use tightship_model::compose::Service;
use tightship_model::{Deployment, Secret, Traced, Trail, Value, names_a_secret};

/// What is known of one variable.
struct Variable<'a> {
    from: From,
    /// `None` where it is handed through from the shell that starts Compose, set or not.
    value: Option<Traced<Value>>,
    trail: &'a Trail,
}

/// What gives a variable. Compose prefers them in this order (Compose documentation, "Environment
/// variables precedence").
#[derive(Clone, Copy, PartialEq, Eq)]
enum From {
    Environment,
    EnvFile,
    Image,
}

/// The variables of a service by name: `environment` over `env_file` over the image's own ENV.
fn variables<'a>(
    deployment: &'a Deployment,
    service: &'a Service,
) -> BTreeMap<&'a str, Variable<'a>> {
    let image = deployment
        .images
        .iter()
        .find(|image| image.services.contains(&service.name));
    let from = |name: &str| match service.own_variables.contains_key(name) {
        true => From::Environment,
        false => From::EnvFile,
    };
    let baked = image.into_iter().flat_map(|image| &image.config.env);
    let mut variables: BTreeMap<_, _> = baked
        .map(|(name, value)| (name.as_str(), Variable::set(From::Image, name, value)))
        .collect();
    let given = service.environment.variables.iter();
    variables.extend(given.map(|(name, value)| {
        let variable = Variable::set(from(name), name, value);
        (name.as_str(), variable)
    }));
    let passed = service.environment.passed.iter();
    variables.extend(passed.map(|(name, trail)| {
        let variable = Variable {
            from: from(name),
            value: None,
            trail,
        };
        (name.as_str(), variable)
    }));
    variables
}

impl<'a> Variable<'a> {
    fn set(from: From, name: &str, traced: &'a Traced<Value>) -> Self {
        let value = match &traced.value {
            Value::Str(text) if names_a_secret(name) && !text.is_empty() => {
                Value::Secret(Secret::new(text.as_str()))
            }
            value => value.clone(),
        };
        Self {
            from,
            value: Some(Traced::new(value, traced.trail.clone())),
            trail: &traced.trail,
        }
    }
}

impl From {
    fn name(self) -> &'static str {
        match self {
            Self::Environment => "environment",
            Self::EnvFile => "env_file",
            Self::Image => "image",
        }
    }
}
