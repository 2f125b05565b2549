//! Settings modules that are named and not here: production has them all the same where the image
//! puts another file in their place, or where git leaves them out.

use tightship_model::{Link, LinkKind, Module, SettingsMention, Trail};

use super::names::{is_of_step, words_of};
use super::{Use, module, module_paths, production_beside, search_folders, stem, use_of_module};
use crate::compose::{is_development_name, is_production_name};
use crate::dockerfile::Stage;
use crate::files::{Tree, join, normal, parent};
use crate::process::Starters;

/// Modules that were sought in vain.
#[derive(Debug, Default)]
pub(super) struct Absent {
    /// The last part of a name that says production: `prod`.
    wanted: Option<SettingsMention>,
    /// Why production's settings are not in the repository.
    left_out: Option<String>,
}

impl Absent {
    /// Takes in that the module of a mention is not here.
    pub(super) fn add(&mut self, tree: &Tree, folder: &str, mention: &SettingsMention) {
        let last = mention.module.rsplit('.').next().unwrap_or_default();
        if self.wanted.is_none() && is_production_name(last) {
            self.wanted = Some(mention.clone());
        }
        if self.left_out.is_none()
            && let Some(why) = left_out(tree, folder, &mention.module)
        {
            let (by, module) = (mention.by.name(), &mention.module);
            self.left_out = Some(format!("{by} names {module}, {why}"));
        }
    }

    /// Why `found` is not what production runs, where a module that is not here is.
    pub(super) fn instead_of(&self, tree: &Tree, found: &Module) -> Option<&str> {
        let reason = self.left_out.as_deref();
        reason.filter(|_| use_of_module(tree, found) != Use::Production)
    }

    /// Why production's settings are not in the repository.
    pub(super) fn reason(self) -> Option<String> {
        self.left_out
    }

    /// The module beside the developers' one that a wrong name must mean: `old.settings.prod` where
    /// only `shop.settings.prod` is here.
    pub(super) fn meant(&self, tree: &Tree, found: &Module) -> Option<(String, Trail)> {
        let mention = self.wanted.as_ref()?;
        let is_developers = use_of_module(tree, found) == Use::Development;
        let other = production_beside(tree, found).filter(|_| is_developers)?;
        let text = format!(
            "{} names {}, which is not here; {other} lies beside {}",
            mention.by.name(),
            mention.module,
            found.name
        );
        Some((other, Trail::at(mention.span, text)))
    }
}

/// Why the module of that name is production's although it is not here: git leaves it out, or an
/// example of it lies in its place.
fn left_out(tree: &Tree, folder: &str, name: &str) -> Option<String> {
    let paths = search_folders(folder)
        .into_iter()
        .map(|folder| module_paths(&folder, name)[1].clone());
    let mut paths = paths.filter(|path| tree.files().any(|other| parent(other) == parent(path)));
    paths.find_map(|path| {
        if let Some(example) = example_of(tree, &path) {
            return Some(format!("which is not here; {example} is its example"));
        }
        is_ignored(tree, &path).then(|| "which git leaves out".to_owned())
    })
}

/// The example that lies where a file belongs: `production.example.py`, `local.py.sample`.
pub(crate) fn example_of(tree: &Tree, path: &str) -> Option<String> {
    const WORDS: [&str; 7] = [
        "example", "examples", "sample", "template", "tmpl", "dist", "default",
    ];
    let stem = stem(path)?;
    let is_example = |other: &&str| {
        let name = other.rsplit('/').next().unwrap_or(other);
        let rest = name.strip_prefix(stem);
        let rest = rest.filter(|rest| rest.starts_with(['.', '_', '-']));
        parent(other) == parent(path)
            && rest.is_some_and(|rest| {
                let mut words = rest.split(['.', '_', '-']);
                words.any(|word| WORDS.contains(&word))
            })
    };
    tree.files().find(is_example).map(str::to_owned)
}

/// Whether an ignore file of git names just this file.
pub(crate) fn is_ignored(tree: &Tree, path: &str) -> bool {
    let mut folder = path;
    let mut found = false;
    while !folder.is_empty() && !found {
        folder = parent(folder);
        let inner = path[folder.len()..].trim_start_matches('/');
        let text = tree.load(&join(folder, ".gitignore")).unwrap_or_default();
        found = text.lines().any(|line| {
            let pattern = line
                .trim()
                .trim_start_matches("**/")
                .trim_start_matches('/');
            let is_name = !line.trim().trim_start_matches("**/").contains('/');
            pattern == inner || is_name && inner.rsplit('/').next() == Some(pattern)
        });
    }
    found
}

/// Whether a package neither assigns nor imports anything.
pub(super) fn sets_nothing(tree: &Tree, package: &Module) -> bool {
    let says_something = |line: &str| {
        let line = line.trim();
        !line.starts_with('#') && (line.contains('=') || line.contains("import "))
    };
    tree.sources()[package.source]
        .path
        .ends_with("/__init__.py")
        && !tree.text(package.source).lines().any(says_something)
}

/// Production's module in a package that sets nothing itself: Django cannot start with the package, so
/// that the environment must name another.
pub(super) fn production_inside(tree: &mut Tree, folder: &str, package: &Module) -> Option<Module> {
    if !sets_nothing(tree, package) {
        return None;
    }
    let path = tree.sources()[package.source].path.clone();
    let inside = tree.files().filter_map(|other| {
        let name = match other.strip_suffix("/__init__.py") {
            Some(folder) if parent(folder) == parent(&path) => folder.rsplit('/').next()?,
            _ => stem(other).filter(|_| parent(other) == parent(&path))?,
        };
        (is_production_name(name) && !is_development_name(name) && !is_of_step(name))
            .then_some(name)
    });
    let inside = inside.min_by_key(|name| words_of(name))?;
    let name = format!("{}.{inside}", package.name);
    let text = format!("{} sets nothing; {name} lies in it", package.name);
    let links = package.trail.links().iter().cloned();
    let link = Link {
        span: None,
        text,
        kind: LinkKind::Decides,
    };
    let trail = Trail::new(links.chain([link]).collect());
    module(tree, folder, &name, trail)
}

/// The file that the image puts where the module of that name belongs: by `COPY docker/config.py
/// settings/config.py`, or by `RUN cp` of the same.
pub(super) fn placed_by_image(
    tree: &Tree,
    starters: &Starters,
    folder: &str,
    name: &str,
) -> Option<String> {
    let wanted: Vec<String> = search_folders(folder)
        .iter()
        .map(|folder| module_paths(folder, name)[1].clone())
        .collect();
    starters.dockerfiles.iter().find_map(|file| {
        let contexts = [parent(&file.path), ""];
        let placed = file.stages.iter().flat_map(placed);
        placed.into_iter().find_map(|(from, to)| {
            let to = to.trim_start_matches("./");
            let lands = |wanted: &String| {
                to == wanted
                    || to
                        .strip_suffix(wanted.as_str())
                        .is_some_and(|rest| rest.ends_with('/'))
            };
            wanted.iter().find(|wanted| lands(wanted))?;
            let files = contexts
                .iter()
                .filter_map(|context| normal(&join(context, &from)));
            files
                .into_iter()
                .find(|path| path.ends_with(".py") && tree.has_file(path))
        })
    })
}

/// Source and destination of each file that a stage copies, from its context or within the image.
fn placed(stage: &Stage) -> Vec<(String, String)> {
    let mut found = stage.copies.clone();
    for run in &stage.runs {
        let words: Vec<&str> = run.words.iter().map(String::as_str).collect();
        for at in 0..words.len() {
            let is_copy = matches!(words[at], "cp" | "mv" | "ln");
            let mut files = words[at + 1..].iter().filter(|word| !word.starts_with('-'));
            if is_copy && let (Some(from), Some(to)) = (files.next(), files.next()) {
                found.push(((*from).to_owned(), (*to).to_owned()));
            }
        }
    }
    found
}
