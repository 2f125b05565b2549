//! Which Compose files make production.

use crate::files::{Tree, join, parent};

/// The base names that Compose looks for itself, in its order of preference.
const DEFAULTS: [&str; 4] = [
    "compose.yaml",
    "compose.yml",
    "docker-compose.yml",
    "docker-compose.yaml",
];

const PRODUCTION: [&str; 8] = [
    "prod",
    "production",
    "prd",
    "live",
    "deploy",
    "deployment",
    "server",
    "release",
];

const DEVELOPMENT: [&str; 22] = [
    "dev",
    "devel",
    "develop",
    "development",
    "local",
    "localhost",
    "test",
    "tests",
    "testing",
    "ci",
    "e2e",
    "override",
    "debug",
    "sandbox",
    "example",
    "sample",
    "template",
    "dist",
    "docs",
    "vscode",
    "devcontainer",
    "staging",
];

/// Whether the name of a file or one of its folders says that it is not for production.
pub(crate) fn is_development_name(path: &str) -> bool {
    has_word(path, &DEVELOPMENT) && !has_word(path, &PRODUCTION)
}

/// The file set, base first: in the folder nearest to the root, `prefer` winning a tie.
///
/// Files that name production; with the default file beneath them where they do not stand alone.
/// Without such files the default file. Never an override or a development file.
pub(super) fn choose(tree: &Tree, prefer: &str) -> Option<Vec<String>> {
    let candidates: Vec<&str> = tree
        .files()
        .filter(|path| is_compose(tree, path) && !is_development_name(path) && !is_hidden(path))
        .collect();
    let mut folders: Vec<&str> = candidates.iter().map(|path| parent(path)).collect();
    folders.sort_by_key(|folder| {
        let depth = if folder.is_empty() {
            0
        } else {
            folder.matches('/').count() + 1
        };
        (depth, *folder != prefer, *folder)
    });
    let folder = *folders.first()?;
    let here = || {
        candidates
            .iter()
            .copied()
            .filter(|path| parent(path) == folder)
    };
    let base = DEFAULTS
        .iter()
        .map(|name| join(folder, name))
        .find(|path| tree.has_file(path));
    let production = here()
        .filter(|path| has_word(name(path), &PRODUCTION))
        .min_by_key(|path| (path.len(), *path));
    match (base, production) {
        (Some(base), Some(production)) if !stands_alone(tree, production) => {
            Some(vec![base, production.to_owned()])
        }
        (_, Some(production)) => Some(vec![production.to_owned()]),
        (Some(base), None) => Some(vec![base]),
        (None, None) => here()
            .min_by_key(|path| (path.len(), *path))
            .map(|path| vec![path.to_owned()]),
    }
}

/// Whether a tool's own folder holds the file: `.devcontainer`, `.github`.
fn is_hidden(path: &str) -> bool {
    path.starts_with('.') || parent(path).contains("/.")
}

/// Compose's own names with anything between, and the bare names of cookiecutter's layout.
fn is_compose(tree: &Tree, path: &str) -> bool {
    let name = name(path);
    let Some(stem) = name
        .strip_suffix(".yml")
        .or_else(|| name.strip_suffix(".yaml"))
    else {
        return false;
    };
    stem.starts_with("docker-compose")
        || stem == "compose"
        || stem.starts_with("compose.")
        || stem.starts_with("compose-")
        || stem.ends_with("docker-compose")
        || (matches!(stem, "production" | "prod")
            && parent(path).is_empty()
            && has_services(tree, path))
}

/// Whether each service of the file says itself what it runs: then it needs no file beneath it.
fn stands_alone(tree: &Tree, path: &str) -> bool {
    let Some(root) = root(tree, path) else {
        return true;
    };
    root.get("services").is_some_and(|services| {
        services.entries().iter().all(|(_, service)| {
            ["image", "build", "extends"]
                .iter()
                .any(|key| service.get(key).is_some())
        })
    })
}

fn has_services(tree: &Tree, path: &str) -> bool {
    root(tree, path).is_some_and(|root| root.get("services").is_some())
}

fn root(tree: &Tree, path: &str) -> Option<crate::yaml::Node> {
    let text = tree.load(path).ok()?;
    crate::yaml::parse(tightship_model::SourceId(0), &text).0
}

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn has_word(path: &str, words: &[&str]) -> bool {
    path.to_ascii_lowercase()
        .split(['/', '.', '-', '_'])
        .any(|word| words.contains(&word))
}
