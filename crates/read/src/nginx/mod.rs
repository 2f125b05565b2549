//! nginx: which configurations run, and each as one tree with its includes put in place.

mod accept;
mod glob;
mod hosts;
mod outline;
mod resolve;
mod start;
mod stock;
mod syntax;
mod template;
mod view;

use std::collections::BTreeSet;
use std::sync::Arc;

use tightship_model::compose::Compose;
use tightship_model::nginx::{Configuration, Nginx, RunsIn, Unused};
use tightship_model::{Containers, Files, Gap, Image};

pub(crate) use accept::prepare;

use crate::files::Tree;
use hosts::{Around, Candidate, Found};
use resolve::Root;
use start::Start;
use view::{Inside, Seen, View};

/// The configurations of the deployment: those of Compose services; else those of the images that
/// are built; else those of a host, as the project's files look like them.
///
/// Where a Compose set of developers was set aside, what is there for its containers is theirs.
pub(crate) fn read(
    tree: &mut Tree,
    compose: Option<&Compose>,
    is_set_aside: bool,
    images: &[Image],
) -> Nginx {
    let candidates = hosts::candidates(tree);
    if candidates.is_empty() {
        return Nginx::default();
    }
    let files = tree.names();
    let mut configurations = Vec::new();
    let mut around = match compose.is_some() || is_set_aside {
        true => Around::Compose,
        false => Around::Nothing,
    };
    if let Some(compose) = compose {
        let containers = Containers {
            compose,
            images,
            files: &files,
        };
        for service in &compose.services {
            let start = Start::of_service(containers, service);
            let inside = Inside::Service(containers, &service.name);
            let runs_in = RunsIn::Service(service.name.clone());
            let started = started(tree, &files, inside, &start, runs_in, &candidates);
            let mut targets = service.mounts.iter().map(|mount| &mount.target.value);
            if started.is_none()
                && (start.runs_nginx() || targets.any(|target| target.contains("/nginx")))
            {
                let view = View::new(inside, &files, start.family());
                let held = held(&view, &candidates, start.runs_nginx());
                if !held.is_empty() {
                    around = Around::Service(service.name.clone(), held);
                }
            }
            configurations.extend(started);
        }
    }
    if compose.is_none() {
        for image in images {
            let start = Start::of_image(image);
            let path = tree.sources()[image.file].path.clone();
            let inside = Inside::Image(image);
            let runs_in = RunsIn::Image(path);
            configurations.extend(started(tree, &files, inside, &start, runs_in, &candidates));
        }
    }
    let mut found = Found::default();
    if configurations.is_empty() {
        found = hosts::configurations(tree, &files, &candidates, &around);
        configurations = std::mem::take(&mut found.configurations);
    }
    if let (Some(reason), Some(first)) = (&found.undecided, found.left.first()) {
        tree.add_gap(Gap {
            place: first.path.clone(),
            reason: reason.clone(),
            lost: "no configuration of nginx is judged".to_owned(),
        });
    }
    let unused = hosts::unused(tree, &candidates, &configurations, found.left);
    Nginx {
        configurations: configurations.into_iter().map(Arc::new).collect(),
        unused,
        undecided: found.undecided,
        ..Nginx::default()
    }
}

/// The candidates with servers that a container holds: one of nginx at whatever path, one of an image
/// that brings nginx under another name in a folder that is called so.
fn held(view: &View<'_>, candidates: &[Candidate], runs_nginx: bool) -> BTreeSet<String> {
    let is_for_nginx = |path: &str| runs_nginx || path.contains("/nginx/");
    let held: BTreeSet<&str> = view
        .paths()
        .filter(|(path, _)| is_for_nginx(path))
        .map(|(_, file)| file)
        .collect();
    let candidates = candidates
        .iter()
        .filter(|one| one.has_servers() && held.contains(one.path.as_str()));
    candidates.map(|one| one.path.clone()).collect()
}

/// The configuration that begins with this file of the project, its folder being nginx's own.
pub(crate) fn configuration(tree: &mut Tree, path: &str, runs_in: RunsIn) -> Option<Configuration> {
    let files = tree.names();
    hosts::configuration(tree, &files, path, runs_in, &[])
}

/// The configuration of a container, if it runs nginx with files of the project.
fn started(
    tree: &mut Tree,
    files: &Files,
    inside: Inside<'_>,
    start: &Start,
    runs_in: RunsIn,
    candidates: &[Candidate],
) -> Option<Configuration> {
    if !start.runs_nginx() {
        return None;
    }
    let mut view = View::new(inside, files, start.family());
    start.render(tree, &mut view);
    let path = start.root();
    let root = match view.look(&path) {
        Seen::Missing(_) => Root::Unknown {
            path,
            sites: view
                .family()
                .sites
                .iter()
                .map(|&site| site.to_owned())
                .collect(),
        },
        _ => Root::Path(path),
    };
    let mut configuration = resolve::resolve(tree, &view, &root, runs_in, candidates)?;
    configuration.version = start.release();
    let is_own = |path: &str| matches!(view.look(path), Seen::File(_) | Seen::Rendered(_));
    let brings_some = configuration.files.iter().any(|file| is_own(&file.path));
    brings_some.then_some(configuration)
}

fn unused(path: &str, reason: &str) -> Unused {
    Unused {
        path: path.to_owned(),
        reason: reason.to_owned(),
    }
}
