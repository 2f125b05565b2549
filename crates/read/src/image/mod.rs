//! Dockerfiles, and the images that the production services build from them.

mod expand;
mod ignore;
mod lines;
mod stages;
#[cfg(test)]
mod tests;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use tightship_model::compose::{self, Compose};
use tightship_model::image::Ignore;
use tightship_model::{Gap, Image, SourceId, Span, Trail};

use crate::compose::{begins_with_a_language, is_development_name, is_production_name};
use crate::files::{Tree, join, normal, parent};
use expand::Expanded;
use lines::Lines;
use stages::Given;

/// Dockerfiles that are read where nothing says which are built, those nearest to the root first.
const MOST_DOCKERFILES: usize = 100;

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

/// An instruction by its words, for those who need no image.
#[derive(Debug)]
pub(crate) struct Instruction {
    /// Upper case.
    pub(crate) keyword: String,
    flags: Vec<String>,
    /// Without the flags.
    pub(crate) arguments: String,
    pub(crate) span: Span,
}

impl Instruction {
    pub(crate) fn has_flag(&self, name: &str) -> bool {
        let mut flags = self.flags.iter().filter_map(|flag| flag.strip_prefix("--"));
        flags.any(|flag| flag.split('=').next() == Some(name))
    }
}

/// The instructions of any text.
pub(crate) fn instructions(source: SourceId, text: &str) -> Vec<Instruction> {
    let lines = lines::read(source, text).lines.into_iter();
    let instructions = lines.map(|line| Instruction {
        keyword: line.keyword,
        flags: line.flags,
        arguments: line.arguments,
        span: line.span,
    });
    instructions.collect()
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

/// What the production services build; without Compose, or where it builds nothing, every
/// Dockerfile that is not the developers' own, by its name or as one of `developers`. Beside a
/// `Dockerfile.prod`, a plain `Dockerfile` is theirs too.
pub(crate) fn builds(tree: &Tree, compose: Option<&Compose>, developers: &[String]) -> Vec<Build> {
    let services = compose.map_or(&[][..], |compose| &compose.services);
    let built: Vec<Build> = services.iter().filter_map(of_service).collect();
    if !built.is_empty() {
        return built;
    }
    let mut files: Vec<&str> = tree
        .files()
        .filter(|path| is_dockerfile(path) && !is_development_name(path))
        .filter(|path| !developers.iter().any(|own| own == path))
        .collect();
    let production: BTreeSet<&str> = files
        .iter()
        .filter(|path| is_production_name(name(path)))
        .map(|path| parent(path))
        .collect();
    files.retain(|path| !production.contains(parent(path)) || is_production_name(name(path)));
    if compose.is_some() && files.iter().any(|path| begins_with_a_language(tree, path)) {
        // The databases and servers of the set run images of others, as it says.
        files.retain(|path| begins_with_a_language(tree, path));
    }
    files.sort_by_key(|path| path.matches('/').count());
    let files = files.into_iter().take(MOST_DOCKERFILES);
    files
        .map(|path| Build {
            file: path.to_owned(),
            context: Some(context_of(tree, path)),
            ..Build::default()
        })
        .collect()
}

fn of_service(service: &compose::Service) -> Option<Build> {
    let build = service.build.as_ref()?;
    let known = build.args.iter().map(|(name, value)| {
        let text = value.value.as_str().map(str::to_owned);
        (name.clone(), (text, value.trail.clone()))
    });
    let passed = build.passed_args.iter();
    let passed = passed.map(|(name, trail)| (name.clone(), (None, trail.clone())));
    Some(Build {
        service: Some(service.name.clone()),
        file: build.dockerfile_path.clone()?,
        context: build.folder.clone(),
        target: build.target.as_ref().map(|target| target.value.clone()),
        args: known.chain(passed).collect(),
    })
}

/// The folder that a Dockerfile is built in where nothing says so: its own, unless what it copies
/// lies in the root.
pub(crate) fn context_of(tree: &Tree, path: &str) -> String {
    let own = parent(path);
    let Ok(text) = tree.load(path) else {
        return own.to_owned();
    };
    let sources = || {
        let lines = lines::read(SourceId(0), &text).lines;
        let copies = lines.into_iter().filter(|line| {
            line.keyword == "COPY" && !line.flags.iter().any(|flag| flag.starts_with("--from"))
        });
        copies.filter_map(|line| Some(line.arguments.split_whitespace().next()?.to_owned()))
    };
    let is_in = |folder: &str, source: &str| {
        let path = normal(&join(folder, source));
        path.is_some_and(|path| tree.has_file(&path) || tree.has_folder(&path))
    };
    let misses = |folder: &str| sources().filter(|source| !is_in(folder, source)).count();
    match misses("") < misses(own) {
        true => String::new(),
        false => own.to_owned(),
    }
}

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn is_dockerfile(path: &str) -> bool {
    let name = name(path);
    matches!(name, "Dockerfile" | "Containerfile")
        || name.starts_with("Dockerfile.") && !name.ends_with(".dockerignore")
        || name.ends_with(".Dockerfile")
        || name.ends_with(".dockerfile")
}
