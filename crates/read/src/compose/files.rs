//! Which Compose files make production.

use tightship_model::Trail;
use tightship_model::compose::{Compose, NotChosen};

use super::commands;
use crate::files::{Tree, join, parent};
use crate::yaml::Node;

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

const DEVELOPMENT: [&str; 23] = [
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
    "gitpod",
    "staging",
];

/// Words for what is kept and runs nowhere, whatever else the path says.
const GIVEN_UP: [&str; 6] = [
    "unused",
    "obsolete",
    "deprecated",
    "archived",
    "abandoned",
    "attic",
];

/// Whether the name of a file or one of its folders says that it is not for production.
pub(crate) fn is_development_name(path: &str) -> bool {
    has_word(path, &GIVEN_UP) || has_word(path, &DEVELOPMENT) && !has_word(path, &PRODUCTION)
}

/// Whether the name of a file or one of its folders says that it is for production.
pub(crate) fn is_production_name(path: &str) -> bool {
    has_word(path, &PRODUCTION) && !has_word(path, &GIVEN_UP)
}

/// The files that make production, and why.
pub(super) struct Choice {
    /// The base first.
    pub(super) files: Vec<String>,
    pub(super) because: Trail,
    pub(super) others: Vec<NotChosen>,
}

impl Choice {
    /// What the user gives.
    pub(super) fn given(tree: &Tree, files: Vec<String>) -> Self {
        Self {
            because: Trail::outside(format!("--compose {}", files.join(" --compose "))),
            others: others(tree, &files),
            files,
        }
    }

    /// One file alone.
    pub(super) fn of(tree: &Tree, path: String) -> Self {
        let files = vec![path];
        Self {
            because: Trail::outside(format!("{} starts a server of production", files[0])),
            others: others(tree, &files),
            files,
        }
    }
}

/// The files in the folder of a set that are not part of it, stand alone and have no name that
/// speaks of development.
pub(super) fn beside(tree: &Tree, compose: &Compose) -> Vec<String> {
    let chosen: Vec<&str> = compose
        .files
        .iter()
        .map(|file| tree.sources()[*file].path.as_str())
        .collect();
    let candidates = compose.not_chosen.iter().map(|other| &other.path);
    candidates
        .filter(|path| {
            parent(path) == compose.folder
                && !is_development_name(path)
                && !is_hidden(path)
                && chosen.iter().all(|base| stands_alone(tree, path, base))
        })
        .cloned()
        .collect()
}

/// The file set: in the folder nearest to the root, `prefer` winning a tie.
///
/// Files that name production; with the default file beneath them where they do not stand alone.
/// Without such files the default file. Never an override or a development file. Where a command of
/// the project, or COMPOSE_FILE, names a set that takes the chosen file in, that set counts.
pub(super) fn choose(tree: &mut Tree, prefer: &str) -> Option<Choice> {
    let by_name = by_name(tree, prefer, &|_| true)?;
    Some(with_commands(tree, by_name))
}

/// The file set that names production, by its file or its folder, and lies outside of `folder`.
pub(super) fn choose_outside(tree: &mut Tree, folder: &str) -> Option<Choice> {
    let is_wanted = |path: &str| parent(path) != folder && is_production_name(path);
    let by_name = by_name(tree, folder, &is_wanted)?;
    Some(with_commands(tree, by_name))
}

fn with_commands(tree: &mut Tree, (by_name, because): (Vec<String>, String)) -> Choice {
    let mut choice = Choice {
        because: Trail::outside(because),
        files: by_name,
        others: Vec::new(),
    };
    if let Some((files, because)) = commands::named_set(tree, &choice.files) {
        choice.files = files;
        choice.because = because;
    } else if let [_, production] = choice.files.as_slice()
        && runs_each(tree, production)
        && let Some(because) = commands::named_alone(tree, production)
    {
        choice.files = vec![production.clone()];
        choice.because = because;
    }
    choice.others = others(tree, &choice.files);
    choice
}

/// The set of the `wanted` files by their names, base first.
fn by_name(
    tree: &Tree,
    prefer: &str,
    wanted: &dyn Fn(&str) -> bool,
) -> Option<(Vec<String>, String)> {
    let is_candidate = |path: &&str| !is_development_name(path) && !is_hidden(path) && wanted(path);
    let mut candidates: Vec<&str> = tree
        .files()
        .filter(is_candidate)
        .filter(|path| is_compose(tree, path))
        .collect();
    if candidates.is_empty() {
        candidates = tree
            .files()
            .filter(is_candidate)
            .filter(|path| is_compose_by_another_name(path))
            .filter(|path| has_services(tree, path))
            .collect();
    }
    if candidates.len() > 1 {
        let runs = |path: &&str| DEFAULTS.contains(&name(path)) || !only_builds(tree, path);
        let kept: Vec<&str> = candidates.iter().copied().filter(runs).collect();
        if !kept.is_empty() {
            candidates = kept;
        }
    }
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
    Some(match (base, production) {
        (Some(base), Some(production)) if !stands_alone(tree, production, &base) => {
            let because = format!("{production} names production and changes {base}");
            (vec![base, production.to_owned()], because)
        }
        (_, Some(production)) => {
            let because = format!("{production} names production and stands alone");
            (vec![production.to_owned()], because)
        }
        (Some(base), None) => {
            let because = format!("{base} is what Compose takes, and no file names production");
            (vec![base], because)
        }
        (None, None) => {
            let of_site = |path: &&str| tree.load(path).is_ok_and(|text| may_run_site(&text));
            let only = here().filter(of_site);
            let only = only.min_by_key(|path| (path.len(), *path))?;
            (
                vec![only.to_owned()],
                format!("{only} is the Compose file nearest to the root"),
            )
        }
    })
}

/// Whether a Compose file without a name of Compose's own may start the site: one that builds nothing and
/// names no server of Python starts a tool, `docker-compose-assets.yml`.
fn may_run_site(text: &str) -> bool {
    const WORDS: [&str; 8] = [
        "build",
        "gunicorn",
        "uvicorn",
        "daphne",
        "uwsgi",
        "manage.py",
        "django",
        "env_file",
    ];
    let text = text.to_lowercase();
    WORDS.iter().any(|word| text.contains(word))
}

/// The Compose files beside the chosen ones, and why they do not count.
fn others(tree: &Tree, chosen: &[String]) -> Vec<NotChosen> {
    let folder = chosen.first().map_or("", |path| parent(path));
    let others = tree
        .files()
        .filter(|path| is_compose(tree, path) && !chosen.iter().any(|chosen| chosen == path));
    others
        .map(|path| {
            let reason = if is_development_name(path) || is_hidden(path) {
                "is for development or tests, by its name"
            } else if parent(path) != folder {
                "lies in another folder"
            } else {
                "is not part of the set that names production"
            };
            NotChosen {
                path: path.to_owned(),
                reason: reason.to_owned(),
            }
        })
        .collect()
}

/// Whether a tool's own folder holds the file: `.devcontainer`, `.github`.
pub(super) fn is_hidden(path: &str) -> bool {
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
        || stem.starts_with("docker_compose")
        || stem == "compose"
        || stem.starts_with("compose.")
        || stem.starts_with("compose-")
        || stem.ends_with("docker-compose")
        || (matches!(stem, "production" | "prod")
            && parent(path).is_empty()
            && has_services(tree, path))
}

/// Names that Compose files have where a script or `docker stack deploy` names them.
fn is_compose_by_another_name(path: &str) -> bool {
    const STEMS: [&str; 6] = [
        "stack",
        "docker-stack",
        "default",
        "base",
        "services",
        "swarm",
    ];
    let name = name(path);
    let stem = name
        .strip_suffix(".yml")
        .or_else(|| name.strip_suffix(".yaml"));
    path.matches('/').count() <= 2 && stem.is_some_and(|stem| STEMS.contains(&stem))
}

/// Whether a file is there to build images and push them: its services have nothing that a container
/// needs which runs.
fn only_builds(tree: &Tree, path: &str) -> bool {
    const OF_BUILDS: [&str; 5] = ["build", "image", "platform", "pull_policy", "profiles"];
    let root = root_of(tree, path);
    let services = root.as_ref().and_then(|root| root.get("services"));
    let keys = |service: &Node| {
        let mut keys = service.entries().iter().filter_map(|(key, _)| key.text());
        service.get("build").is_some() && keys.all(|key| OF_BUILDS.contains(&key))
    };
    services.is_some_and(|services| services.entries().iter().all(|(_, service)| keys(service)))
}

/// Whether each service of a file says itself what it runs.
fn runs_each(tree: &Tree, path: &str) -> bool {
    let root = root_of(tree, path);
    let services = root.as_ref().and_then(|root| root.get("services"));
    let runs = |service: &Node| RUNS.iter().any(|key| service.get(key).is_some());
    services.is_some_and(|services| services.entries().iter().all(|(_, service)| runs(service)))
}

/// The keys of a service that tell what it runs.
const RUNS: [&str; 3] = ["image", "build", "extends"];

/// Whether the file needs none beneath it: each service says itself what it runs and depends on
/// services of the file only, and the file does not merely change some services of `base`.
fn stands_alone(tree: &Tree, path: &str, base: &str) -> bool {
    let Some(root) = root_of(tree, path) else {
        return true;
    };
    let Some(services) = root.get("services") else {
        return false;
    };
    let is_whole = |service: &Node| {
        let runs = RUNS.iter().any(|key| service.get(key).is_some());
        let needs = service.get("depends_on");
        let listed = needs.map_or(&[][..], Node::items).iter();
        let keyed = needs
            .map_or(&[][..], Node::entries)
            .iter()
            .map(|(name, _)| name);
        let needs_are_here = listed
            .chain(keyed)
            .filter_map(Node::text)
            .all(|name| services.get(name).is_some());
        runs && needs_are_here
    };
    let changes_some = || {
        let base = root_of(tree, base)?;
        let below = base.get("services")?;
        let names = || {
            services
                .entries()
                .iter()
                .filter_map(|(name, _)| name.text())
        };
        let all_below = names().all(|name| below.get(name).is_some());
        Some(all_below && names().count() < below.entries().len())
    };
    services
        .entries()
        .iter()
        .all(|(_, service)| is_whole(service))
        && changes_some() != Some(true)
}

fn has_services(tree: &Tree, path: &str) -> bool {
    root_of(tree, path).is_some_and(|root| root.get("services").is_some())
}

fn root_of(tree: &Tree, path: &str) -> Option<Node> {
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
