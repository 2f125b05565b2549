//! Docker Compose: which files make production, what they say together, and its services.

mod files;
mod merge;
mod scalar;
mod services;

use std::collections::BTreeMap;

use tightship_model::{Gap, Trail};

use crate::dotenv::Text;
use crate::env_file::{self, Reader};
use crate::files::{Tree, join, parent};
use crate::interpolate::{Found, Interpolated, interpolate};
use crate::yaml::{self, Node};

pub(crate) use files::{is_development_name, is_production_name};
pub(crate) use services::{Build, Service};

/// The production file set as one.
#[derive(Debug)]
pub(crate) struct Model {
    /// The base first.
    pub(crate) files: Vec<String>,
    /// The project directory: the folder of the first file.
    pub(crate) folder: String,
    /// In the order of the files.
    pub(crate) services: Vec<Service>,
    /// What `.env` in the project directory says.
    variables: BTreeMap<String, (String, Trail)>,
}

impl Model {
    /// Reads the file set of production, if the project has one.
    pub(crate) fn read(tree: &mut Tree, prefer: &str) -> Option<Self> {
        let files = files::choose(tree, prefer)?;
        let folder = parent(&files[0]).to_owned();
        let mut merged: Option<Node> = None;
        for path in &files {
            let Some(root) = load(tree, path) else {
                continue;
            };
            if let Some(include) = root.get("include") {
                let place = tree.place(include.span);
                tree.add_gap(Gap {
                    place,
                    reason: "`include` is not followed".to_owned(),
                    lost: "services of the included files are not known".to_owned(),
                });
            }
            merged = Some(match merged {
                Some(base) => merge::files(base, root),
                None => root,
            });
        }
        let mut model = Self {
            variables: project_variables(tree, &folder),
            files,
            folder,
            services: Vec::new(),
        };
        let root = merged?;
        let services = root.get("services")?;
        for (name, node) in services.entries() {
            let Some(name) = name.text() else { continue };
            let node = merge::extended(tree, &model.folder, services, node.clone());
            model.services.push(Service::read(&model, name, &node));
        }
        Some(model)
    }

    /// Puts variables into a text as Compose does. What `.env` does not say, the shell may.
    pub(crate) fn interpolate(&self, text: &str) -> Interpolated {
        interpolate(text, &|name| match self.variables.get(name) {
            Some((value, trail)) => Found::Set(value.clone(), trail.clone()),
            None => Found::Open,
        })
    }

    /// What a variable that is handed on without a value holds, where `.env` tells.
    pub(crate) fn variable(&self, name: &str) -> Option<&(String, Trail)> {
        self.variables.get(name)
    }

    /// The text with variables put in, open ones taken as unset.
    fn text(&self, text: &str) -> String {
        self.interpolate(text).text.unwrap_or_default()
    }
}

/// The root of a Compose file, with a gap where it is broken.
fn load(tree: &mut Tree, path: &str) -> Option<Node> {
    let source = tree.read(path)?;
    let (root, fault) = yaml::parse(source, tree.text(source));
    if let Some(fault) = fault {
        tree.add_gap(Gap {
            place: format!("{path}:{}", fault.line),
            reason: fault.reason,
            lost: "what stands behind this place is not judged".to_owned(),
        });
    }
    root
}

fn project_variables(tree: &mut Tree, folder: &str) -> BTreeMap<String, (String, Trail)> {
    let path = join(folder, ".env");
    let entries = env_file::read(tree, &path, Reader::Compose, &|_| Found::Open);
    let mut variables = BTreeMap::new();
    for entry in entries.into_iter().flatten() {
        if let Some(Text::Known(value)) = entry.value {
            let trail = Trail::at(entry.span, format!("sets {}", entry.name));
            variables.insert(entry.name, (value, trail));
        }
    }
    variables
}
