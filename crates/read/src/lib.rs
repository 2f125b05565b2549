//! Files to model: reads a project without running it and states what it says.
//!
//! [`read`] walks the tree, finds the Django project, chooses the environment, evaluates the
//! settings and extracts facts from the code. It judges nothing.

mod administrators;
mod certbot;
mod command;
mod compose;
mod dialects;
mod discover;
mod dockerfile;
mod documents;
mod dotenv;
mod env_file;
mod environment;
mod files;
mod git;
mod host;
mod image;
mod ini;
mod interpolate;
mod lockfiles;
mod nginx;
#[cfg(test)]
mod oracle;
mod process;
mod python;
mod redis;
mod repeated;
mod start;
mod systemd;
mod updates;
mod urls;
mod yaml;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tightship_model::compose::DevelopersCompose;
use tightship_model::nginx::{Nginx, RunsIn};
use tightship_model::{Deployment, Facts, Policy, Settings, Trail, Value};

use process::{SetAside, Starters};

pub use files::{Tree, given, text_of};

/// What the user decided beforehand.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The settings module to judge instead of the one that the project names.
    pub settings: Option<String>,
    /// The Compose files of production, relative to the root, the base first. Empty: those that the
    /// project tells.
    pub compose: Vec<String>,
    /// A file in `.env` syntax that is the production environment.
    pub env_file: Option<PathBuf>,
    /// Variables set on top of the environment.
    pub env: Vec<(String, String)>,
    /// Seconds since 1970-01-01 UTC.
    pub now: i64,
    pub policy: Policy,
}

/// Why nothing could be read at all.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{0} does not exist")]
    NoSuchPath(PathBuf),
    #[error("{0} is not a folder")]
    NotAFolder(PathBuf),
    #[error("{path} cannot be read: {source}")]
    Unreadable {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{0} is no Compose file with services below the project's folder")]
    Compose(String),
    #[error("{path} cannot be read: {source}")]
    EnvFile {
        path: PathBuf,
        source: std::io::Error,
    },
}

/// The settings that Django itself defines, with their values, in one version.
pub fn django_defaults(version: (u32, u32)) -> BTreeMap<String, Value> {
    python::django_defaults(version)
}

/// Reads one nginx configuration alone: the file at `path`, and what it includes from its folder.
///
/// The deployment has this one configuration and nothing else.
pub fn nginx_configuration(path: &Path) -> Result<Deployment, Error> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut tree = Tree::walk(folder)?;
    let reason = "it was given by name".to_owned();
    let configuration = nginx::configuration(&mut tree, &name, RunsIn::NotKnown(reason))
        .ok_or_else(|| Error::NoSuchPath(path.into()))?;
    let (sources, files, gaps) = tree.into_parts();
    Ok(Deployment {
        sources,
        files,
        nginx: Nginx {
            configurations: vec![Arc::new(configuration)],
            ..Nginx::default()
        },
        gaps,
        ..Deployment::default()
    })
}

/// Reads the project below `root`.
pub fn read(root: &Path, options: &Options) -> Result<Deployment, Error> {
    // Tables that almost every project asks for are read while its files are found.
    rayon::spawn(python::prepare);
    rayon::spawn(nginx::prepare);
    let mut tree = Tree::walk(root)?;
    let projects = discover::projects(&mut tree);
    let nearest = projects.first().cloned().unwrap_or_default();
    let compose = match options.compose.as_slice() {
        [] => compose::read(&mut tree, &nearest),
        files => Some(compose::read_given(&mut tree, files)?),
    };
    let mut starters = Starters::read(&mut tree, compose);
    let process = match options.compose.as_slice() {
        [] => discover::set_aside(&mut tree, &mut starters, &projects),
        _ => starters.web_process(&mut tree, &projects),
    };
    let folder = discover::choose(&projects, &starters, &process).unwrap_or_default();
    let environment = environment::choose(&mut tree, options, &starters, &process, &folder)?;
    let project = discover::project(
        &mut tree,
        options,
        &starters,
        &process,
        &environment,
        &projects,
    );
    let folder = match &project.folder {
        Some(folder) => folder.clone(),
        None => discover::requirements_folder(&tree),
    };
    // Modules are imported from where the settings module stands, which need not be beside manage.py.
    let imports = match &project.module {
        Some(module) => {
            let path = &tree.sources()[module.source].path;
            discover::import_folder(path, &module.name)
                .unwrap_or(&folder)
                .to_owned()
        }
        None => folder.clone(),
    };
    let requirements = starters.requirements(&tree, &process);
    let packages = lockfiles::read(&mut tree, &folder, &requirements);
    let configuration = project.configuration.as_ref();
    let configuration = configuration.map(|class| class.value.clone());
    let task = project.module.as_ref().map(|module| python::Task {
        module,
        folder: &imports,
        environment: &environment,
        django: lockfiles::django(&packages),
        packages: &packages,
        configuration: configuration.as_deref(),
    });
    let settings = task.and_then(|task| python::evaluate(&mut tree, task, python::Mode::Given));
    // That a program stops when nothing is set is no loss: it is what the evaluation is for.
    let gaps = tree.gaps();
    let settings_unset =
        task.and_then(|task| python::evaluate(&mut tree, task, python::Mode::Unset));
    tree.forget_gaps_after(gaps);
    let mut facts = facts(&mut tree, &imports, settings.as_ref());
    let builds = image::builds(
        &tree,
        starters.compose.as_ref(),
        &starters.developers_images,
    );
    let images = image::read(&mut tree, &builds);
    redis::read(&mut tree, starters.compose.as_ref(), &images);
    let host = host::read(&mut tree);
    let started = start::read(&mut tree, &starters, &images, &host);
    let repeated = repeated::read(&started, &host);
    let certbot = certbot::read(&mut tree, &started, &repeated);
    let nginx = nginx::read(
        &mut tree,
        starters.compose.as_ref(),
        starters.set_aside.is_some(),
        &images,
    );
    let routes = settings
        .as_ref()
        .and_then(|settings| python::routes::read(&mut tree, &imports, settings));
    let documents = documents::read(&mut tree, &facts, starters.compose.as_ref());
    facts
        .administrators
        .extend(administrators::of_scripts(&mut tree));
    let updates = updates::read(&mut tree);
    env_file::read_unread(&mut tree);
    let divergences = dialects::find(
        &mut tree,
        starters.compose.as_ref(),
        &packages,
        &["", &folder, &imports],
    );
    let git = git::read(root);
    let root = tree.real_root();
    let (sources, files, gaps) = tree.into_parts();
    Ok(Deployment {
        root,
        now: options.now,
        policy: options.policy.clone(),
        sources,
        files,
        git,
        project,
        environment,
        compose: starters.compose,
        developers_compose: starters.set_aside.and_then(developers_compose),
        packages,
        settings,
        settings_unset,
        images,
        processes: started.processes,
        repeated,
        certbot,
        host,
        facts,
        nginx,
        routes,
        documents,
        updates,
        divergences,
        gaps,
        ..Deployment::default()
    })
}

/// The developers' Compose set, where nothing tells what production runs instead.
fn developers_compose(aside: SetAside) -> Option<DevelopersCompose> {
    aside.is_all.then(|| DevelopersCompose {
        compose: aside.compose,
        service: aside.service,
        because: Trail::new(vec![aside.reason]),
    })
}

/// What the code says, and where the dotted paths that the settings name lead.
fn facts(tree: &mut Tree, folder: &str, settings: Option<&Settings>) -> Facts {
    let names = settings.map(python::dotted_paths).unwrap_or_default();
    let modules = names
        .iter()
        .filter_map(|name| Some(python::module_of(tree, folder, name)?.0))
        .collect();
    let mut facts = python::facts::collect(tree, &modules);
    facts.symbols = python::symbols(tree, folder, &names);
    facts
}
