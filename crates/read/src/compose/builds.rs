//! What images are built from that production takes from a registry.

use tightship_model::compose::{Build, Compose, Service, Text};

use super::{files, pushed, read_set};
use crate::files::Tree;

/// Other Compose files that are asked.
const MOST_FILES: usize = 8;

/// Adds the build of each service that only names an image, where another Compose file of the
/// project builds a service of that name or that image, as developers build the Dockerfile of what
/// production pulls, or where a workflow builds and pushes it.
pub(super) fn add(tree: &mut Tree, compose: &mut Compose) {
    if !compose.services.iter().any(is_open) {
        return;
    }
    let gaps = tree.gaps();
    // What the set includes it has all of.
    let taken_in = compose.taken_in.iter();
    let taken_in: Vec<&str> = taken_in
        .map(|file| tree.sources()[*file].path.as_str())
        .collect();
    let is_taken_in = |path: &str| taken_in.contains(&path);
    let paths: Vec<String> = compose
        .not_chosen
        .iter()
        .map(|other| other.path.clone())
        .filter(|path| !files::is_hidden(path) && !is_taken_in(path))
        .take(MOST_FILES)
        .collect();
    for path in paths {
        let Some(other) = read_set(tree, &[path]) else {
            continue;
        };
        let open = compose
            .services
            .iter_mut()
            .filter(|service| is_open(service));
        for service in open {
            let mut known = other.services.iter();
            service.build = known.find_map(|known| build(tree, service, known));
        }
    }
    if compose.services.iter().any(is_open) {
        let pushed = pushed::builds(tree);
        for service in compose
            .services
            .iter_mut()
            .filter(|service| is_open(service))
        {
            let repository = service.reference().map(|image| image.repository);
            let build = repository.and_then(|image| pushed.iter().find(|one| one.is_of(&image)));
            service.build = build.map(|one| one.build.clone());
        }
    }
    // What is broken in a file that production does not use is no loss.
    tree.forget_gaps_after(gaps);
}

/// Whether the image is the project's own, as far as its name tells, and nothing tells what is in it.
fn is_open(service: &Service) -> bool {
    let is_own = |image: &Text| image.value.contains('/') || !image.open.is_empty();
    service.build.is_none() && service.image.as_ref().is_some_and(is_own)
}

/// The build of a service in another file whose result `service` runs.
fn build(tree: &Tree, service: &Service, other: &Service) -> Option<Build> {
    let build = other.build.as_ref()?;
    let repository = |service: &Service| Some(service.reference()?.repository);
    let pulls_it = match repository(other) {
        Some(built) => repository(service).is_some_and(|pulled| pulled == built),
        None => service.name == other.name && is_of_code(tree, build),
    };
    let is_developers = [&build.dockerfile_path, &build.folder]
        .into_iter()
        .flatten()
        .map(String::as_str)
        .chain(build.target.as_ref().map(|target| target.value.as_str()))
        .any(files::is_development_name);
    (pulls_it && !is_developers).then(|| Build {
        span: build.span,
        context: build.context.clone(),
        folder: build.folder.clone(),
        dockerfile: build.dockerfile.clone(),
        dockerfile_path: build.dockerfile_path.clone(),
        target: build.target.clone(),
        ..Build::default()
    })
}

/// Whether the image holds a program of the project, and no database with a few changes.
pub(crate) fn is_of_code(tree: &Tree, build: &Build) -> bool {
    let path = build.dockerfile_path.as_ref();
    path.is_some_and(|path| begins_with_a_language(tree, path))
}

/// Whether a Dockerfile begins with the image of a language.
pub(crate) fn begins_with_a_language(tree: &Tree, dockerfile: &str) -> bool {
    const LANGUAGES: [&str; 4] = ["python", "node", "uv", "pypy"];
    let text = tree.load(dockerfile).unwrap_or_default();
    let bases = text.lines().filter_map(|line| {
        line.trim()
            .to_lowercase()
            .strip_prefix("from ")
            .map(str::to_owned)
    });
    bases
        .flat_map(|base| {
            let words = base.split(['/', ':', ' ', '-', '@']);
            words.map(str::to_owned).collect::<Vec<_>>()
        })
        .any(|word| LANGUAGES.contains(&word.as_str()))
}
