//! Compose files that are the developers' own, although no name says so.

use tightship_model::compose::{Compose, PortRange, Service};
use tightship_model::{Environment, Link, LinkKind, Mention, Span, Value};

use super::mentions::{Mentions, of_service, while_unset};
use super::{choose, module_path, search_folders};
use crate::command::Command;
use crate::compose::is_development_name;
use crate::files::Tree;
use crate::process::{Process, Starters, own_commands};

/// Sets the Compose files aside where their web service is a developer's one and another place
/// tells what production runs: it names a settings module, or it starts a server of production.
///
/// Without such a place the Compose files are all there is, and they are judged.
///
/// Gives the web process of what counts.
pub(crate) fn set_aside(tree: &mut Tree, starters: &mut Starters, projects: &[String]) -> Process {
    let process = starters.web_process(tree, projects);
    let Some(reason) = for_development(tree, starters, &process, projects) else {
        return process;
    };
    let runs = named_by_compose(starters, &process);
    seek_production(tree, starters, projects, reason, runs);
    starters.web_process(tree, projects)
}

/// Sets the Compose files aside for that reason where another place tells what production runs.
/// The settings module that they themselves name is `runs`.
fn seek_production(
    tree: &mut Tree,
    starters: &mut Starters,
    projects: &[String],
    reason: Link,
    runs: Option<String>,
) {
    let Some(compose) = starters.compose.take() else {
        return;
    };
    for other in crate::compose::others(tree, &compose) {
        starters.replace_compose(tree, other.compose);
        let process = starters.web_process(tree, projects);
        if process.service.is_some() && (other.names_production || process.serves_production()) {
            starters.set_aside = Some(aside(tree, compose, reason));
            return;
        }
        starters.compose = None;
    }
    let others = starters.web_process(tree, projects);
    if others.serves_production() || names_production(tree, starters, &others, projects, runs) {
        starters.set_aside = Some(aside(tree, compose, reason));
        starters
            .dockerfiles
            .retain(|file| !is_development_name(&file.path));
    } else {
        starters.compose = Some(compose);
    }
}

/// The set that does not count, and why.
fn aside(tree: &Tree, compose: Compose, reason: Link) -> (Compose, Link) {
    let files: Vec<&str> = compose
        .files
        .iter()
        .map(|file| tree.sources()[*file].path.as_str())
        .collect();
    let text = format!("{} is set aside: {}", files.join(" and "), reason.text);
    (compose, Link { text, ..reason })
}

/// What says that the web service is a developer's one.
fn for_development(
    tree: &Tree,
    starters: &Starters,
    process: &Process,
    projects: &[String],
) -> Option<Link> {
    let model = starters.compose.as_ref()?;
    let service = &model.services[process.service?];
    if model.services.iter().any(is_public) {
        return None;
    }
    let says = |span: Span, text: String| Link {
        span: Some(span),
        text: format!("its service {} {text}", service.name),
        kind: LinkKind::Decides,
    };
    let starts = own_commands(service)
        .find(Command::is_development_server)
        .or_else(|| {
            let mut commands = process.commands.iter();
            let found = commands.find(|command| command.is_development_server());
            found.filter(|_| !process.serves_production()).cloned()
        });
    if let Some(command) = starts {
        return Some(says(command.span, "starts Django's own server".to_owned()));
    }
    if let Some(span) = service.span.filter(|_| is_developers(&service.name)) {
        return Some(says(span, "is called after developers".to_owned()));
    }
    let target = service
        .build
        .as_ref()
        .and_then(|build| build.target.as_ref());
    if let Some(target) = target.filter(|target| is_developers(&target.value)) {
        let span = target.trail.first_span()?;
        return Some(says(span, format!("runs the stage {}", target.value)));
    }
    let mut mentions = of_service(service, Mention::Compose).into_iter();
    if let Some(mention) = mentions.find(|mention| is_development_module(&mention.module)) {
        return Some(says(mention.span, format!("runs {}", mention.module)));
    }
    let (name, debug) = service
        .own_variables
        .keys()
        .filter_map(|name| Some((name, service.environment.variables.get(name)?)))
        .find(|(name, value)| is_debug_on(name, &value.value))?;
    let span = debug.trail.first_span()?;
    mounts_code(tree, service, projects).then(|| {
        let text = format!("mounts the source and sets {name}");
        says(span, text)
    })
}

/// The settings module that the web service runs, as far as Compose itself says.
fn named_by_compose(starters: &Starters, process: &Process) -> Option<String> {
    let model = starters.compose.as_ref()?;
    let service = &model.services[process.service?];
    let mention = of_service(service, Mention::Compose).into_iter().next();
    mention.map(|mention| mention.module)
}

/// Whether a place names a module that is here, is not a developer's and is not the one that
/// Compose `runs` (that of manage.py, where Compose names none).
fn names_production(
    tree: &mut Tree,
    starters: &Starters,
    process: &Process,
    projects: &[String],
    runs: Option<String>,
) -> bool {
    let Some(folder) = choose(projects, starters, process) else {
        return false;
    };
    let mentions = Mentions::collect(tree, starters, process, &Environment::default(), &folder);
    let deciding = &mentions.all[..mentions.deciding];
    let by_manage = || {
        let mut mentions = deciding.iter();
        let mention = mentions.find(|mention| mention.by == Mention::ManagePy)?;
        Some(mention.module.clone())
    };
    let runs = runs.or_else(by_manage);
    deciding.iter().any(|mention| {
        mention.by != Mention::ManagePy
            && runs.as_ref() != Some(&mention.module)
            && !is_development_module(&mention.module)
            && search_folders(&folder)
                .iter()
                .any(|folder| module_path(tree, folder, &mention.module).is_some())
    })
}

/// Whether a service or a stage says by its name that it is for developers: `app-dev`.
fn is_developers(name: &str) -> bool {
    const WORDS: [&str; 5] = ["dev", "devel", "develop", "development", "debug"];
    name.to_ascii_lowercase()
        .split(['-', '_', '.'])
        .any(|word| WORDS.contains(&word))
}

/// By the last part of its name: `shop.settings.dev`, `shop.test_settings`.
pub(super) fn is_development_module(name: &str) -> bool {
    is_development_name(name.rsplit('.').next().unwrap_or(name))
}

/// Whether the service takes requests of the public: port 443 of the host leads to it.
fn is_public(service: &Service) -> bool {
    let https = |range: PortRange| range == PortRange::one(443);
    let mut ports = service.ports.iter();
    ports.any(|port| https(port.published.unwrap_or(port.target)))
}

fn is_debug_on(name: &str, value: &Value) -> bool {
    let is_debug = name == "DEBUG" || name.ends_with("_DEBUG");
    is_debug
        && while_unset(value).is_some_and(|value| {
            matches!(
                value.to_ascii_lowercase().as_str(),
                "1" | "true" | "on" | "yes" | "t" | "y"
            )
        })
}

/// Whether the host's code lies over that of the image.
fn mounts_code(tree: &Tree, service: &Service, projects: &[String]) -> bool {
    let is_below = |path: &str, folder: &str| {
        folder.is_empty()
            || path
                .strip_prefix(folder)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let mut mounts = service
        .mounts
        .iter()
        .filter_map(|mount| mount.path.as_ref());
    mounts.any(|mount| {
        projects.iter().any(|project| is_below(project, mount))
            || tree
                .files()
                .any(|path| path.ends_with(".py") && is_below(path, mount))
    })
}
