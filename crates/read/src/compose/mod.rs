//! Docker Compose: which files make production, what they say together, and its services.

mod commands;
#[cfg(test)]
mod differential;
mod environment;
mod files;
mod load;
mod merge;
mod mounts;
mod ports;
mod resources;
mod scalar;
mod services;
#[cfg(test)]
mod tests;
mod text;
mod words;

use tightship_model::compose::Compose;

use crate::files::{Tree, parent};
use crate::yaml::Node;
use load::{Loader, Scope};

pub(crate) use files::{is_development_name, is_production_name};

/// Reads the file set of production, if the project has one.
pub(crate) fn read(tree: &mut Tree, prefer: &str) -> Option<Compose> {
    let choice = files::choose(tree, prefer)?;
    let mut compose = read_set(tree, &choice.files)?;
    compose.chosen_because = choice.because;
    compose.not_chosen = choice.others;
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
    for (key, node) in services.entries() {
        let service = services::read(tree, &scope, paths, key, node);
        compose.services.push(service);
    }
    let section = |name: &str| root.get(name).map_or(&[][..], Node::entries).iter();
    compose.networks = section("networks").filter_map(resources::network).collect();
    compose.volumes = section("volumes").filter_map(resources::volume).collect();
    compose.secrets = section("secrets")
        .filter_map(resources::stored_file)
        .collect();
    compose.configs = section("configs")
        .filter_map(resources::stored_file)
        .collect();
    Some(compose)
}
