//! nginx: its files as a tree, includes put in place.

mod accept;
mod resolve;
mod syntax;

use tightship_model::nginx::{Configuration, Nginx, RunsIn};

pub(crate) use accept::problems;

use crate::files::{Tree, parent};

/// The configurations that the project holds.
pub(crate) fn read(tree: &mut Tree) -> Nginx {
    let roots: Vec<String> = tree
        .files()
        .filter(|path| is_root_name(path))
        .map(str::to_owned)
        .collect();
    let configurations = roots
        .iter()
        .filter_map(|path| {
            let reason = "nothing says where it runs".to_owned();
            configuration(tree, path, RunsIn::NotKnown(reason))
        })
        .collect();
    Nginx {
        configurations,
        unused: Vec::new(),
    }
}

/// The configuration that begins with this file of the project.
pub(crate) fn configuration(tree: &mut Tree, path: &str, runs_in: RunsIn) -> Option<Configuration> {
    let mut configuration = resolve::resolve(tree, path, parent(path), runs_in)?;
    let problems = problems(&configuration);
    configuration.problems.extend(problems);
    Some(configuration)
}

fn is_root_name(path: &str) -> bool {
    path.rsplit('/').next() == Some("nginx.conf")
}
