//! nginx: which configurations run, and each as one tree with its includes put in place.

mod accept;
mod glob;
mod hosts;
mod resolve;
mod start;
mod stock;
mod syntax;
mod template;
mod view;

use std::sync::Arc;

use tightship_model::compose::Compose;
use tightship_model::nginx::{Configuration, Nginx, RunsIn, Unused};
use tightship_model::{Containers, Files, Image};

pub(crate) use accept::prepare;

use crate::files::Tree;
use hosts::Candidate;
use resolve::Root;
use start::Start;
use view::{Inside, Seen, View};

/// The configurations of the deployment: those of Compose services; else those of the images that
/// are built; else those of a host, as the project's files look like them.
pub(crate) fn read(tree: &mut Tree, compose: Option<&Compose>, images: &[Image]) -> Nginx {
    let candidates = hosts::candidates(tree);
    if candidates.is_empty() {
        return Nginx::default();
    }
    let files = tree.names();
    let mut configurations = Vec::new();
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
            configurations.extend(started(tree, &files, inside, &start, runs_in, &candidates));
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
    if configurations.is_empty() {
        configurations = hosts::configurations(tree, &files, &candidates, compose.is_some());
    }
    let unused = hosts::unused(tree, &candidates, &configurations);
    Nginx {
        configurations: configurations.into_iter().map(Arc::new).collect(),
        unused,
        ..Nginx::default()
    }
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
