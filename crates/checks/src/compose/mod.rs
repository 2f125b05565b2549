//! What Compose starts in production, judged after overrides, `extends` and interpolation.

pub(crate) mod admin_tool_published;
pub(crate) mod app_server_published;
mod beat_doubled;
mod blank_secret;
mod capability_dangerous;
mod data_outside_volume;
mod database_open;
pub(crate) mod database_published;
mod default_secret;
mod dependency_not_awaited;
mod development_server;
mod docker_socket_mounted;
mod filesystem_writable;
mod floating_image;
mod healthcheck_missing;
mod host_folder_mounted;
mod host_namespace;
mod limits_missing;
mod logs_unbounded;
mod one_shot_restarted;
pub(crate) mod password_weak;
mod privilege_gain;
mod privileged;
mod profile_off;
mod restart_missing;
mod root_by_choice;
mod secret_in_build_argument;
mod secret_in_file;
mod secret_reused;
mod secrets_shared;
mod sharing_propagated;
mod source_mounted;
mod store_beside_proxy;
mod strength;
mod what;

use std::collections::BTreeSet;

use tightship_model::compose::{Compose, Service, Text};
use tightship_model::{
    Check, Confidence, Deployment, Evidence, Finding, Label, Outcome, Span, Starter, Trail,
};

use crate::setting::{beside, finding_about};

pub(crate) use what::is_public;

pub(crate) use strength::is_placeholder;
pub(crate) use what::{What, what};

pub(crate) const CHECKS: &[&Check] = &[
    &database_published::CHECK,
    &admin_tool_published::CHECK,
    &app_server_published::CHECK,
    &database_open::CHECK,
    &privileged::CHECK,
    &capability_dangerous::CHECK,
    &host_namespace::CHECK,
    &docker_socket_mounted::CHECK,
    &host_folder_mounted::CHECK,
    &sharing_propagated::CHECK,
    &profile_off::CHECK,
    &root_by_choice::CHECK,
    &privilege_gain::CHECK,
    &filesystem_writable::CHECK,
    &limits_missing::CHECK,
    &password_weak::CHECK,
    &default_secret::CHECK,
    &blank_secret::CHECK,
    &secret_in_file::CHECK,
    &secrets_shared::CHECK,
    &secret_in_build_argument::CHECK,
    &development_server::CHECK,
    &source_mounted::CHECK,
    &secret_reused::CHECK,
    &restart_missing::CHECK,
    &one_shot_restarted::CHECK,
    &beat_doubled::CHECK,
    &healthcheck_missing::CHECK,
    &dependency_not_awaited::CHECK,
    &logs_unbounded::CHECK,
    &floating_image::CHECK,
    &data_outside_volume::CHECK,
    &store_beside_proxy::CHECK,
];

/// The services that production runs: those that start by default; where a profile is needed for
/// all, those of every profile that is not a developer's.
pub(crate) fn services(deployment: &Deployment) -> Result<Vec<&Service>, Outcome> {
    let Some(compose) = &deployment.compose else {
        return Err(no_compose(deployment));
    };
    let started: Vec<_> = compose
        .services
        .iter()
        .filter(|service| service.starts_by_default())
        .collect();
    if !started.is_empty() {
        return Ok(started);
    }
    let is_developers = |profile: &Text| {
        let name = profile.value.to_ascii_lowercase();
        ["dev", "debug", "test", "tool", "local", "asset", "watch"]
            .iter()
            .any(|word| name.contains(word))
    };
    Ok(compose
        .services
        .iter()
        .filter(|service| !service.profiles.iter().all(is_developers))
        .collect())
}

/// The verdict where no Compose file is production's: unknown where the only one that is here is the
/// developers' own.
pub(crate) fn no_compose(deployment: &Deployment) -> Outcome {
    match &deployment.developers_compose {
        None => Outcome::NotApplicable("no Compose file is production's".to_owned()),
        Some(developers) => Outcome::Unknown {
            reason: format!(
                "production's Compose file is not here: {}",
                said(&developers.because)
            ),
            remedy:
                "name the Compose file of production with --compose, this one too if production \
                     runs it"
                    .to_owned(),
            trail: developers.because.clone(),
        },
    }
}

/// What the first link of a way says.
fn said(trail: &Trail) -> &str {
    trail.links().first().map_or("", |link| link.text.as_str())
}

/// How many containers a service is started in; `None` where variables decide.
pub(crate) fn replicas(service: &Service) -> Option<u64> {
    let deploy = service.deploy.as_ref();
    let number = deploy
        .and_then(|deploy| deploy.replicas.as_ref())
        .or(service.scale.as_ref());
    match number {
        None => Some(1),
        Some(number) => number.known()?.trim().parse().ok(),
    }
}

/// Where the number of a service's containers is set.
pub(crate) fn replicas_place(service: &Service) -> Option<Span> {
    let deploy = service.deploy.as_ref();
    let number = deploy.and_then(|deploy| deploy.replicas.as_ref());
    number.or(service.scale.as_ref())?.trail.first_span()
}

/// A verdict over all services: the findings, or that there is none.
fn judge_each<'a>(
    deployment: &'a Deployment,
    holds: &str,
    judge: &dyn Fn(&'a Service) -> Vec<Finding>,
) -> Outcome {
    let services = match services(deployment) {
        Ok(services) => services,
        Err(outcome) => return outcome,
    };
    let findings: Vec<_> = services.iter().copied().flat_map(judge).collect();
    if findings.is_empty() {
        return holds_for(&services, holds);
    }
    Outcome::Fail(findings)
}

/// A verdict of one finding for all services that lack something.
fn judge_together<'a>(
    deployment: &'a Deployment,
    subject: &str,
    holds: &str,
    lacks: &dyn Fn(&'a Service) -> bool,
    message: &dyn Fn(&str) -> String,
    advice: &str,
) -> Outcome {
    let services = match services(deployment) {
        Ok(services) => services,
        Err(outcome) => return outcome,
    };
    let lacking: Vec<_> = services
        .iter()
        .copied()
        .filter(|service| lacks(service))
        .collect();
    if lacking.is_empty() {
        return holds_for(&services, holds);
    }
    let names: Vec<_> = lacking
        .iter()
        .map(|service| service.name.as_str())
        .collect();
    let places = lacking.iter().filter_map(|service| {
        Some(Label {
            span: service.span?,
            text: format!("the service {}", service.name),
        })
    });
    Outcome::Fail(vec![Finding {
        subject: format!("compose:{subject}"),
        message: message(&listed(&names)),
        severity: None,
        confidence: Confidence::High,
        labels: places.collect(),
        trail: Trail::default(),
        django_id: None,
        advice: advice.to_owned(),
        fix: None,
    }])
}

fn holds_for(services: &[&Service], holds: &str) -> Outcome {
    let names: Vec<_> = services
        .iter()
        .map(|service| service.name.as_str())
        .collect();
    Outcome::Pass(vec![Evidence {
        text: format!("{holds}: {}", listed(&names)),
        trail: Trail::default(),
    }])
}

/// A finding about a part of a service, to be completed with its message and advice.
pub(crate) fn about(service: &Service, part: &str, trail: &Trail) -> Finding {
    finding_about(format!("service:{} {part}", service.name), trail)
}

/// Where an image is named.
fn image_place(service: &Service) -> Option<Span> {
    service.image.as_ref()?.trail.first_span()
}

/// One finding for a line that several services take by an anchor or `extends`.
fn once_a_line(outcome: Outcome) -> Outcome {
    let Outcome::Fail(mut findings) = outcome else {
        return outcome;
    };
    let mut told = BTreeSet::new();
    findings.retain(|finding| {
        let places = finding.labels.iter().map(|label| label.span);
        finding.labels.is_empty() || told.insert(places.collect::<Vec<_>>())
    });
    Outcome::Fail(findings)
}

/// The way of something that is known by its place alone.
fn placed(span: Option<Span>, text: &str) -> Trail {
    span.map_or_else(Trail::default, |span| Trail::at(span, text))
}

/// The words with which a service starts: those of its processes, of Compose, or of its image.
pub(crate) fn start_words<'a>(deployment: &'a Deployment, service: &'a Service) -> Vec<&'a str> {
    let mut words: Vec<&str> = what::words(service).collect();
    if service.command.is_none()
        && let Some(image) = image_of(deployment, service)
    {
        let config = &image.config;
        let parts = config
            .entrypoint
            .iter()
            .filter(|_| service.entrypoint.is_none())
            .chain(&config.cmd);
        let parts = parts.flat_map(|argv| &argv.value.words);
        words.extend(parts.flat_map(|word| word.split_whitespace()));
    }
    words
}

/// Whether a server that answers with Django runs in a service.
pub(crate) fn serves_django(deployment: &Deployment, service: &Service) -> bool {
    let starter = Starter::Service(service.name.clone());
    deployment
        .processes_of(&starter)
        .any(|process| process.program.serves_django())
        || start_words(deployment, service).iter().any(|word| {
            let program = word.rsplit('/').next().unwrap_or(word);
            [
                "gunicorn",
                "uvicorn",
                "daphne",
                "hypercorn",
                "granian",
                "uwsgi",
                "waitress-serve",
                "runserver",
                "runserver_plus",
            ]
            .contains(&program)
        })
}

/// The image that a service runs, where a Dockerfile of the repository makes it.
pub(crate) fn image_of<'a>(
    deployment: &'a Deployment,
    service: &Service,
) -> Option<&'a tightship_model::Image> {
    deployment.image(&service.name).or_else(|| {
        let path = service.build.as_ref()?.dockerfile_path.as_deref()?;
        deployment
            .images
            .iter()
            .find(|image| deployment.sources[image.file].path == path)
    })
}

/// Whether the code of the project runs in a service: a server, a worker, a command of manage.py.
pub(crate) fn runs_django(deployment: &Deployment, service: &Service) -> bool {
    let starter = Starter::Service(service.name.clone());
    serves_django(deployment, service)
        || deployment
            .processes_of(&starter)
            .any(|process| process.program.runs_django())
        || start_words(deployment, service)
            .iter()
            .any(|word| word.ends_with("manage.py") || *word == "celery")
}

/// Whether a service stands before the site: a proxy by its image or by the one it is built on, or
/// one whose nginx configuration is known.
fn is_proxy(deployment: &Deployment, service: &Service) -> bool {
    let base = || {
        let reference = image_of(deployment, service)?.base()?.image()?;
        Some(what::is_proxy_image(&reference))
    };
    what::is_proxy(service)
        || deployment.nginx.in_service(&service.name).next().is_some()
        || base().unwrap_or(false)
}

/// Whether a service does one thing and ends: others wait for its end, or it runs a command of
/// manage.py that does not serve.
fn is_one_shot(deployment: &Deployment, service: &Service) -> bool {
    let is_awaited = compose(deployment).is_some_and(|compose| {
        let dependencies = compose.services.iter().flat_map(|other| &other.depends_on);
        let mut own = dependencies.filter(|dependency| dependency.service == service.name);
        own.any(|dependency| dependency.condition == "service_completed_successfully")
    });
    let words = start_words(deployment, service);
    let script = match words.as_slice() {
        [shell, option, script @ ..]
            if matches!(*shell, "sh" | "bash" | "/bin/sh" | "/bin/bash") && *option == "-c" =>
        {
            script
        }
        words => words,
    };
    let first = script.first().map(|word| word.trim_matches(['"', '\'']));
    let lasts = script
        .iter()
        .any(|word| matches!(*word, "&&" | ";" | "||" | "|") || word.ends_with(';'));
    let is_step = first.is_some_and(|word| STEPS.contains(&word)) && !lasts;
    let ends = is_step || leaves(&words) || words.iter().any(|word| ONE_SHOT.contains(word));
    is_awaited || (ends && !serves_django(deployment, service) && !words.contains(&"sleep"))
}

/// Whether a script says at its end that it is over: `exit 0`.
fn leaves(words: &[&str]) -> bool {
    let mut words = words
        .iter()
        .rev()
        .map(|word| word.trim_matches(['"', '\'', ';']));
    let mut words = words.by_ref().filter(|word| !word.is_empty());
    match words.next() {
        Some("exit") => true,
        Some("0") => words.next() == Some("exit"),
        _ => false,
    }
}

/// Programs that end by themselves where they are all that a service runs.
const STEPS: [&str; 8] = ["cp", "chmod", "chown", "echo", "mkdir", "mv", "rm", "rsync"];

/// Commands that end.
const ONE_SHOT: [&str; 9] = [
    "check",
    "collectstatic",
    "compilemessages",
    "createcachetable",
    "createsuperuser",
    "loaddata",
    "migrate",
    "test",
    "pytest",
];

fn compose(deployment: &Deployment) -> Option<&Compose> {
    deployment.compose.as_ref()
}

/// `a, b and c`; long lists end in a number.
fn listed(names: &[&str]) -> String {
    const MOST: usize = 6;
    match names {
        [] => "no service".to_owned(),
        [one] => (*one).to_owned(),
        [first @ .., last] if names.len() <= MOST => format!("{} and {last}", first.join(", ")),
        _ => format!(
            "{} and {} more",
            names[..MOST].join(", "),
            names.len() - MOST
        ),
    }
}
