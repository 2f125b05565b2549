//! Docker Compose: which files make production, what they say together, and its services.

mod builds;
mod commands;
#[cfg(test)]
mod differential;
mod environment;
mod files;
mod load;
mod merge;
mod mounts;
mod ports;
mod pushed;
mod resources;
mod scalar;
mod services;
#[cfg(test)]
mod tests;
mod text;
mod variables;
mod words;

use rayon::prelude::*;
use tightship_model::compose::Compose;

use crate::Error;
use crate::files::{Tree, normal, parent};
use crate::yaml::Node;
use load::{Loader, Scope};

pub(crate) use builds::{begins_with_a_language, is_of_code};
pub(crate) use commands::deployed_by;
pub(crate) use files::{is_development_name, is_production_name};

/// Reads the file set of production, if the project has one.
pub(crate) fn read(tree: &mut Tree, prefer: &str) -> Option<Compose> {
    let choice = files::choose(tree, prefer)?;
    read_choice(tree, choice)
}

/// Reads the file set that the user gives.
pub(crate) fn read_given(tree: &mut Tree, paths: &[String]) -> Result<Compose, Error> {
    let mut files = Vec::new();
    for path in paths {
        let file = normal(path).filter(|file| tree.has_file(file));
        files.push(file.ok_or_else(|| Error::Compose(path.clone()))?);
    }
    let choice = files::Choice::given(tree, files);
    read_choice(tree, choice).ok_or_else(|| Error::Compose(paths.join(" and ")))
}

/// A file set that may be production's where the one that was read is the developers'.
pub(crate) struct Other {
    pub(crate) compose: Compose,
    pub(crate) names_production: bool,
}

/// The set that names production in another folder, then each file beside that says of itself
/// nothing and stands alone.
pub(crate) fn others(tree: &mut Tree, compose: &Compose) -> Vec<Other> {
    const MOST: usize = 4;
    let mut others = Vec::new();
    let outside = files::choose_outside(tree, &compose.folder);
    if let Some(other) = outside.and_then(|choice| read_choice(tree, choice)) {
        others.push(Other {
            compose: other,
            names_production: true,
        });
    }
    for path in files::beside(tree, compose).into_iter().take(MOST) {
        let choice = files::Choice::of(tree, path);
        others.extend(read_choice(tree, choice).map(|compose| Other {
            compose,
            names_production: false,
        }));
    }
    others
}

fn read_choice(tree: &mut Tree, choice: files::Choice) -> Option<Compose> {
    let mut compose = read_set(tree, &choice.files)?;
    compose.chosen_because = choice.because;
    compose.not_chosen = choice.others;
    builds::add(tree, &mut compose);
    Some(compose)
}

/// Reads these files as one set, the base first. `None` where none of them has services.
pub(crate) fn read_set(tree: &mut Tree, paths: &[String]) -> Option<Compose> {
    let scope = Scope::of(tree, parent(paths.first()?));
    let mut loader = Loader::new(tree);
    let (root, files) = loader.set(paths, &scope, &[]);
    let taken_in = loader.taken_in;
    let root = root?;
    let mut compose = Compose {
        taken_in: taken_in.into_iter().collect(),
        files,
        folder: scope.folder.clone(),
        name: text::field(&root, "name"),
        ..Compose::default()
    };
    let services = root
        .get("services")
        .filter(|services| !services.entries().is_empty())?;
    let here = &*tree;
    let services: Vec<_> = services
        .entries()
        .par_iter()
        .map(|(key, node)| services::read(here, &scope, key, node))
        .collect();
    let env_files = services.iter().flat_map(services::Read::env_files);
    tree.read_all(&env_files.collect::<Vec<_>>());
    compose.services = services
        .into_iter()
        .map(|service| service.filled(tree, &scope, paths))
        .collect();
    let section = |name: &str| root.get(name).map_or(&[][..], Node::entries).iter();
    compose.networks = section("networks").filter_map(resources::network).collect();
    compose.volumes = section("volumes").filter_map(resources::volume).collect();
    compose.secrets = section("secrets")
        .filter_map(resources::stored_file)
        .collect();
    compose.configs = section("configs")
        .filter_map(resources::stored_file)
        .collect();
    // Taking a tree of a hundred files apart takes as long as reading twenty: nobody waits for it.
    rayon::spawn(move || drop(root));
    Some(compose)
}
