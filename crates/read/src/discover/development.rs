//! Compose files that are the developers' own, although no name says so.

use tightship_model::compose::Compose;
use tightship_model::{Environment, Gap, Link, Mention, SourceId};

use super::mentions::{Mentions, of_service};
use super::signs::Web;
use super::{choose, module_path, search_folders};
use crate::compose::{is_development_name, is_of_code, is_production_name};
use crate::files::Tree;
use crate::process::{Process, SetAside, Starters, own_commands};

/// Sets the Compose files aside where their web service is a developer's one and another place
/// tells what production runs: it names a settings module, or it starts a server of production.
///
/// Without such a place the Compose files are all there is: they are judged, unless everything
/// about them says that nobody but developers starts them.
///
/// Gives the web process of what counts.
pub(crate) fn set_aside(tree: &mut Tree, starters: &mut Starters, projects: &[String]) -> Process {
    let process = starters.web_process(tree, projects);
    let Some(web) = Web::of(starters, &process, projects) else {
        return process;
    };
    // Who calls a file production's and starts Django's own server there deploys that.
    let named = |file: &SourceId| {
        let path = &tree.sources()[*file].path;
        is_production_name(path.rsplit('/').next().unwrap_or(path))
    };
    if web.compose.files.iter().any(named) {
        return process;
    }
    let only = web.is_only_for_development(tree);
    let Some(reason) = web.is_for_development(tree).or_else(|| only.clone()) else {
        return process;
    };
    let service = web.service.name.clone();
    let is_served_by_django = web.starts_developers_server().is_some();
    let runs = named_by_compose(&web);
    let images = developers_images(tree, starters, &process, &web);
    let Some(compose) = starters.compose.take() else {
        return process;
    };
    let is_told = seek_production(tree, starters, projects, &compose, runs);
    if !is_told && only.is_none() {
        starters.compose = Some(compose);
        return process;
    }
    let mut reason = only.filter(|_| !is_told).unwrap_or(reason);
    reason.text = format!("{} is set aside: {}", names(tree, &compose), reason.text);
    if !is_told {
        tell_loss(tree, &compose, &reason);
    }
    if starters.compose.is_none() {
        let is_developers =
            |path: &str| is_development_name(path) || images.iter().any(|image| image == path);
        starters
            .dockerfiles
            .retain(|file| !is_developers(&file.path));
        starters.developers_images = images;
    }
    starters.set_aside = Some(SetAside {
        compose,
        service,
        reason,
        is_served_by_django,
        is_all: !is_told,
    });
    starters.web_process(tree, projects)
}

/// Whether a place beside the set tells what production runs. Another Compose set that does takes its
/// place. The settings module that the set itself names is `runs`.
fn seek_production(
    tree: &mut Tree,
    starters: &mut Starters,
    projects: &[String],
    compose: &Compose,
    runs: Option<String>,
) -> bool {
    for other in crate::compose::others(tree, compose) {
        starters.replace_compose(tree, other.compose);
        let process = starters.web_process(tree, projects);
        if process.service.is_some() && (other.names_production || process.serves_production()) {
            return true;
        }
        starters.compose = None;
    }
    let process = starters.web_process(tree, projects);
    process.serves_production() || names_production(tree, starters, &process, projects, runs)
}

/// The Dockerfiles that only developers build: that of the web service, where the image itself starts
/// their server, and those of databases and tools.
fn developers_images(
    tree: &Tree,
    starters: &Starters,
    process: &Process,
    web: &Web<'_>,
) -> Vec<String> {
    let of_web = process
        .dockerfile
        .map(|at| starters.dockerfiles[at].path.as_str());
    let starts_itself = own_commands(web.service).all(|command| !command.is_server())
        && process
            .commands
            .iter()
            .any(|command| command.is_development_server())
        && !process.serves_production();
    let builds = web
        .compose
        .services
        .iter()
        .filter_map(|one| one.build.as_ref());
    builds
        .filter_map(|build| {
            let path = build.dockerfile_path.as_ref()?;
            let is_developers = match of_web == Some(path.as_str()) {
                true => starts_itself,
                false => !is_of_code(tree, build),
            };
            is_developers.then(|| path.clone())
        })
        .collect()
}

/// That no Compose file of production is here.
fn tell_loss(tree: &mut Tree, compose: &Compose, reason: &Link) {
    let place = match reason.span {
        Some(span) => tree.place(span),
        None => names(tree, compose),
    };
    tree.add_gap(Gap {
        place,
        reason: reason.text.clone(),
        lost: "no Compose file of production is here to be judged: name it with --compose"
            .to_owned(),
    });
}

fn names(tree: &Tree, compose: &Compose) -> String {
    let files = compose.files.iter();
    let files: Vec<&str> = files
        .map(|file| tree.sources()[*file].path.as_str())
        .collect();
    files.join(" and ")
}

/// The settings module that the web service runs, as far as Compose itself says.
fn named_by_compose(web: &Web<'_>) -> Option<String> {
    let mention = of_service(web.service, Mention::Compose).into_iter().next();
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
pub(super) fn is_developers(name: &str) -> bool {
    const WORDS: [&str; 5] = ["dev", "devel", "develop", "development", "debug"];
    name.to_ascii_lowercase()
        .split(['-', '_', '.'])
        .any(|word| WORDS.contains(&word))
}

/// By the last part of its name: `shop.settings.dev`, `shop.test_settings`.
pub(super) fn is_development_module(name: &str) -> bool {
    is_development_name(name.rsplit('.').next().unwrap_or(name))
}
