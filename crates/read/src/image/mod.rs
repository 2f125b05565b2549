//! Dockerfiles, and the images that the production services build from them.

mod expand;
mod ignore;
mod lines;
mod stages;
#[cfg(test)]
mod tests;
mod words;

use std::collections::BTreeMap;

use tightship_model::image::Ignore;
use tightship_model::{Gap, Image, SourceId, Trail};

use crate::files::{Tree, join};
use expand::Expanded;
use lines::Lines;
use stages::Given;

/// An image that something builds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Build {
    /// The service that does; `None` for a Dockerfile that no Compose file names.
    pub(crate) service: Option<String>,
    /// Relative to the root.
    pub(crate) file: String,
    /// Relative to the root; `None` where it lies outside.
    pub(crate) context: Option<String>,
    pub(crate) target: Option<String>,
    /// By name; `None` where variables decide that are not known.
    pub(crate) args: BTreeMap<String, (Option<String>, Trail)>,
}

/// A Dockerfile that was read.
#[derive(Debug)]
pub(crate) struct Dockerfile {
    lines: Lines,
}

impl Dockerfile {
    /// Reads any text.
    pub(crate) fn parse(source: SourceId, text: &str) -> Self {
        Self {
            lines: lines::read(source, text),
        }
    }

    /// Every stage under what is given to the build.
    fn evaluate(&self, build: &Build) -> stages::Evaluated {
        let given = Given {
            args: build.args.iter().map(given).collect(),
            target: build.target.clone(),
        };
        stages::evaluate(&self.lines, &given)
    }
}

/// The images of these builds, those that are alike as one, in the order of the builds.
pub(crate) fn read(tree: &mut Tree, builds: &[Build]) -> Vec<Image> {
    let mut images: Vec<(&Build, Image)> = Vec::new();
    for build in builds {
        if let Some((_, image)) = images.iter_mut().find(|(known, _)| known.is_like(build)) {
            image.services.extend(build.service.clone());
        } else if let Some(image) = image(tree, build) {
            images.push((build, image));
        }
    }
    images.into_iter().map(|(_, image)| image).collect()
}

impl Build {
    fn is_like(&self, other: &Self) -> bool {
        let args = |build: &Self| -> Vec<(String, Option<String>)> {
            let args = build.args.iter();
            args.map(|(name, (value, _))| (name.clone(), value.clone()))
                .collect()
        };
        (&self.file, &self.context, &self.target) == (&other.file, &other.context, &other.target)
            && args(self) == args(other)
    }
}

fn image(tree: &mut Tree, build: &Build) -> Option<Image> {
    let source = tree.read(&build.file)?;
    let made = Dockerfile::parse(source, tree.text(source)).evaluate(build);
    for fault in made.faults {
        tree.add_gap(Gap {
            place: tree.place(fault.span),
            reason: fault.reason,
            lost: "this instruction is not judged".to_owned(),
        });
    }
    for secret in made.secrets {
        tree.mark_secret(secret);
    }
    Some(Image {
        file: source,
        context: build.context.clone(),
        target: build.target.clone(),
        services: build.service.iter().cloned().collect(),
        stages: made.stages,
        chain: made.chain,
        config: made.config,
        ignore: ignore(tree, build),
    })
}

/// The ignore file beside the Dockerfile and named after it, else the one of the context.
fn ignore(tree: &mut Tree, build: &Build) -> Option<Ignore> {
    let own = format!("{}.dockerignore", build.file);
    let general = build
        .context
        .as_ref()
        .map(|folder| join(folder, ".dockerignore"));
    let path = [Some(own), general]
        .into_iter()
        .flatten()
        .find(|path| tree.has_file(path))?;
    let source = tree.read(&path)?;
    Some(ignore::parse(source, tree.text(source)))
}

/// An argument as the evaluation takes it.
fn given((name, (value, trail)): (&String, &(Option<String>, Trail))) -> (String, Expanded) {
    let expanded = Expanded {
        text: value.clone().unwrap_or_default(),
        open: value.is_none().then(|| name.clone()).into_iter().collect(),
        links: trail.links().to_vec(),
        ..Expanded::default()
    };
    (name.clone(), expanded)
}
