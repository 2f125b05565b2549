//! What the services are given in their environment, held against what the code reads.

mod address_unescaped;
mod admin_password_default;
mod example_secret_kept;
mod flag_never_set;
mod password_differs;
mod redis_logins;
mod redis_password_differs;
mod settings_module_differs;
mod value_read_differently;
mod variable_missing;
mod variable_unread;

use std::collections::BTreeSet;

use tightship_model::compose::Service;
use tightship_model::{
    Check, Confidence, Deployment, Finding, LinkKind, Mention, Outcome, Program, Span, Starter,
    Trail, Value, Variable,
};

use crate::compose::{image_of, runs_django, services};
use crate::cross::label;

pub(crate) use flag_never_set::CHECK as FLAG_NEVER_SET;
pub(crate) use variable_unread::CHECK as VARIABLE_UNREAD;

pub(crate) const CHECKS: &[&Check] = &[
    &variable_unread::CHECK,
    &variable_missing::CHECK,
    &settings_module_differs::CHECK,
    &flag_never_set::CHECK,
    &password_differs::CHECK,
    &redis_password_differs::CHECK,
    &address_unescaped::CHECK,
    &value_read_differently::CHECK,
    &example_secret_kept::CHECK,
    &admin_password_default::CHECK,
];

/// The services in which the code of the project runs, or the verdict that there is none.
fn django_services(deployment: &Deployment) -> Result<Vec<&Service>, Outcome> {
    let mut services = services(deployment)?;
    services.retain(|service| runs_django(deployment, service));
    if services.is_empty() {
        return Err(Outcome::NotApplicable(
            "Compose starts no service that runs the project".to_owned(),
        ));
    }
    Ok(services)
}

/// What a service gets under a name: from Compose, or else from its image.
fn given<'a>(deployment: &'a Deployment, service: &'a Service, name: &str) -> Variable<'a> {
    match service.environment.variable(name) {
        Variable::Unset => image_of(deployment, service)
            .and_then(|image| image.config.env.get(name))
            .map_or(Variable::Unset, Variable::Set),
        known => known,
    }
}

/// The settings module that a service starts with, and where that is said; `None` where no file
/// tells.
fn module_of(deployment: &Deployment, service: &Service) -> Option<(String, Option<Span>)> {
    match given(deployment, service, "DJANGO_SETTINGS_MODULE") {
        Variable::Set(value) => {
            let Value::Str(module) = &value.value else {
                return None;
            };
            return Some((module.clone(), value.trail.first_span()));
        }
        Variable::Open(_) => return None,
        Variable::Unset => {}
    }
    let starter = Starter::Service(service.name.clone());
    let process = deployment
        .processes_of(&starter)
        .find(|process| process.program.runs_django())?;
    let by = match process.program {
        Program::Manage(_) | Program::Runserver => Mention::ManagePy,
        Program::CeleryWorker | Program::CeleryBeat | Program::Flower => Mention::Celery,
        Program::Gunicorn | Program::Waitress | Program::Uwsgi => Mention::Wsgi,
        Program::Daphne | Program::Uvicorn => Mention::Asgi,
        _ => return None,
    };
    let mut named = deployment
        .project
        .settings_mentions
        .iter()
        .filter(|mention| mention.by == by);
    let mention = named.next()?;
    // A start script may set the variable on the way to the program.
    let is_sure = named.all(|other| other.module == mention.module)
        && !deployment
            .project
            .settings_mentions
            .iter()
            .any(|mention| matches!(mention.by, Mention::StartScript));
    is_sure.then(|| (mention.module.clone(), Some(mention.span)))
}

/// Whether a service runs with the settings that were judged; `None` where that is not known.
fn has_judged_settings(deployment: &Deployment, service: &Service) -> Option<bool> {
    let judged = &deployment.project.module.as_ref()?.name;
    Some(module_of(deployment, service)?.0 == *judged)
}

/// The variables that the settings read on the way to their values.
fn read_by_settings(deployment: &Deployment) -> BTreeSet<&str> {
    let settings = deployment.settings.iter();
    settings
        .flat_map(|settings| settings.overridden.values())
        .flat_map(|value| value.trail.links())
        .filter(|link| link.kind == LinkKind::Reads)
        .filter_map(|link| link.text.strip_prefix("reads "))
        .collect()
}

/// A text that a person writes to switch something off.
fn says_no(text: &str) -> bool {
    matches!(
        text.trim().to_ascii_lowercase().as_str(),
        "false" | "0" | "no" | "off"
    )
}

/// A finding about a variable or a service, to be completed with its message and advice.
fn at(subject: String, span: Option<Span>, text: &str) -> Finding {
    Finding {
        subject,
        message: String::new(),
        severity: None,
        confidence: Confidence::High,
        labels: span.map(|span| label(span, text)).into_iter().collect(),
        trail: span.map_or_else(Trail::default, |span| Trail::at(span, text)),
        django_id: None,
        advice: String::new(),
        fix: None,
    }
}

/// `web`, `web and worker`.
fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
