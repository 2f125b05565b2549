//! Files of the project that look like nginx's, and what they are where no container takes them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use memchr::memmem;
use tightship_model::Files;
use tightship_model::nginx::{Configuration, RunsIn, Unused};

use super::outline::Outline;
use super::resolve::{self, Root};
use super::stock;
use super::syntax::{self, Body, Syntax};
use super::unused as unused_file;
use super::view::{Inside, View};
use crate::compose::{is_development_name, is_production_name};
use crate::files::{Tree, parent};

/// Files that are looked at, those nearest to the root first.
const MOST_CANDIDATES: usize = 2_000;

/// A file in nginx's syntax.
#[derive(Debug)]
pub(super) struct Candidate {
    pub(super) path: String,
    shape: Shape,
    pub(super) text: Arc<str>,
    syntax: Syntax,
}

/// The one at a path, where a candidate stands there.
pub(super) fn at<'c>(candidates: &'c [Candidate], path: &str) -> Option<&'c Candidate> {
    let at = candidates.binary_search_by(|one| one.path.as_str().cmp(path));
    candidates.get(at.ok()?)
}

/// What this text of a file was found to be, where it is that of a candidate.
pub(super) fn parsed<'c>(
    candidates: &'c [Candidate],
    path: &str,
    text: &str,
) -> Option<&'c Syntax> {
    let candidate = at(candidates, path)?;
    (*candidate.text == *text).then_some(&candidate.syntax)
}

/// What a file can be in a configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// It has an `http` block: nginx may begin with it.
    Whole,
    /// It has servers: an `http` block takes it in.
    Site,
    /// Directives for the inside of a server.
    Snippet,
}

/// The files of the project in nginx's syntax, by path.
pub(super) fn candidates(tree: &mut Tree) -> Vec<Candidate> {
    let mut named: Vec<String> = tree
        .files()
        .filter(|path| is_named_like_one(path))
        .map(str::to_owned)
        .collect();
    named.sort_by_key(|path| path.matches('/').count());
    named.truncate(MOST_CANDIDATES);
    let mut found: Vec<Candidate> = named
        .into_iter()
        .filter_map(|path| {
            let text = match tree.known(&path) {
                Some(known) => tree.sources()[known?].shared(),
                None => tree.load(&path).ok()?.into(),
            };
            let (shape, syntax) = shape(&path, &text)?;
            Some(Candidate {
                path,
                shape,
                text,
                syntax,
            })
        })
        .collect();
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// What is around files that nothing takes in by name.
#[derive(Debug)]
pub(super) enum Around {
    /// No Compose file, and no image that runs nginx with them.
    Nothing,
    /// Compose, none of whose services runs nginx with them.
    Compose,
    /// A service runs nginx and holds these files where nginx does not look by itself: a script puts
    /// them into their place.
    Service(String, BTreeSet<String>),
}

/// What files are where nothing takes them in by name.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) configurations: Vec<Configuration>,
    /// Those that are judged in no configuration, with the reason.
    pub(super) left: Vec<Unused>,
    /// Why it is not known which of several files nginx gets.
    pub(super) undecided: Option<String>,
}

/// The configurations that these files make where nothing takes them in by name.
pub(super) fn configurations(
    tree: &mut Tree,
    files: &Files,
    candidates: &[Candidate],
    around: &Around,
) -> Found {
    let mut found = Found::default();
    let mut chosen = chosen(candidates);
    match around {
        Around::Nothing => {}
        Around::Compose => chosen.retain(|one| match one.outline().container() {
            Some(name) if one.has_servers() => {
                let reason = format!(
                    "hands requests to {name}, as a container would, and no service of production \
                     runs nginx with it"
                );
                found.left.push(unused_file(&one.path, &reason));
                false
            }
            _ => true,
        }),
        Around::Service(_, held) => chosen.retain(|one| held.contains(&one.path)),
    }
    found.set_aside_rivals(&mut chosen);
    let mut taken = BTreeSet::new();
    let whole = chosen.iter().filter(|one| one.shape == Shape::Whole);
    for candidate in whole {
        let runs_in = place(&candidate.path, around);
        let path = &candidate.path;
        let Some(configuration) = configuration(tree, files, path, runs_in, candidates) else {
            continue;
        };
        let sources = tree.sources();
        taken.extend(
            configuration
                .files
                .iter()
                .map(|one| sources[one.file].path.clone()),
        );
        found.configurations.push(configuration);
    }
    let mut sites: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for candidate in chosen.iter().filter(|one| one.shape == Shape::Site) {
        if !taken.contains(&candidate.path) {
            let folder = configuration_folder(&candidate.path);
            sites.entry(folder).or_default().push(&candidate.path);
        }
    }
    for (folder, paths) in sites {
        let runs_in = paths.first().map(|path| place(path, around));
        found.configurations.extend(
            runs_in.and_then(|runs_in| of_sites(tree, files, folder, &paths, runs_in, candidates)),
        );
    }
    found
}

impl Found {
    /// Takes out files that claim the same server or upstream, as nginx cannot mean both, and a file
    /// beside them that would take one of them in.
    fn set_aside_rivals(&mut self, chosen: &mut Vec<&Candidate>) {
        if chosen.iter().filter(|one| one.has_servers()).count() < 2 {
            return;
        }
        let outlines: Vec<Outline> = chosen.iter().copied().map(Candidate::outline).collect();
        let rival = |at: usize| {
            let clashes = |other: &usize| {
                *other != at
                    && chosen[at].has_servers()
                    && chosen[*other].has_servers()
                    && !takes_in(chosen[at], chosen[*other])
                    && !takes_in(chosen[*other], chosen[at])
            };
            let mut others = (0..chosen.len()).filter(clashes);
            others.find_map(|other| {
                let both = outlines[at].clash(&outlines[other])?;
                Some(format!(
                    "claims {both} like {}, and nothing tells which of them nginx gets",
                    chosen[other].path
                ))
            })
        };
        let rivals: BTreeMap<&str, String> = (0..chosen.len())
            .filter_map(|at| Some((chosen[at].path.as_str(), rival(at)?)))
            .collect();
        self.undecided = rivals
            .first_key_value()
            .map(|(path, reason)| format!("{path} {reason}"));
        let folders: BTreeSet<&str> = rivals.keys().map(|path| parent(path)).collect();
        chosen.retain(|one| {
            let reason = match rivals.get(one.path.as_str()) {
                Some(reason) => reason.clone(),
                None if one.shape == Shape::Whole && folders.contains(parent(&one.path)) => {
                    "stands beside files of which nothing tells which nginx gets".to_owned()
                }
                None => return true,
            };
            self.left.push(unused_file(&one.path, &reason));
            false
        });
    }
}

/// Whether a file names another in an `include`, by its name or by a pattern of its folder.
fn takes_in(one: &Candidate, other: &Candidate) -> bool {
    let name = other.path.rsplit('/').next().unwrap_or(&other.path);
    let folder = parent(&other.path);
    let folder = folder.rsplit('/').next().unwrap_or(folder);
    let mut lines = one.text.lines().map(str::trim_start);
    lines.any(|line| {
        line.starts_with("include")
            && (line.contains(name) || line.contains(&format!("{folder}/*")))
    })
}

impl Candidate {
    fn outline(&self) -> Outline {
        Outline::of(&self.text, &self.syntax)
    }

    /// Whether nginx can begin with the file, or take it in as a site.
    pub(super) fn has_servers(&self) -> bool {
        self.shape != Shape::Snippet
    }
}

/// The configuration that begins with a file, its folder being the one of nginx's configuration.
pub(super) fn configuration(
    tree: &mut Tree,
    files: &Files,
    path: &str,
    runs_in: RunsIn,
    candidates: &[Candidate],
) -> Option<Configuration> {
    let family = stock::family(None);
    let folder = parent(path);
    let view = View::new(Inside::Folder(folder), files, family);
    let name = path.rsplit('/').next().unwrap_or(path);
    let root = Root::Path(format!("{}/{name}", parent(family.root)));
    resolve::resolve(tree, &view, &root, runs_in, candidates)
}

/// The candidates that are in no configuration, and why.
pub(super) fn unused(
    tree: &Tree,
    candidates: &[Candidate],
    configurations: &[Configuration],
    left: Vec<Unused>,
) -> Vec<Unused> {
    let files = configurations.iter().flat_map(|one| &one.files);
    let read: BTreeSet<&str> = files
        .map(|one| tree.sources()[one.file].path.as_str())
        .collect();
    let in_container = configurations
        .iter()
        .any(|one| matches!(one.runs_in, RunsIn::Service(_) | RunsIn::Image(_)));
    let told: BTreeSet<String> = left.iter().map(|one| one.path.clone()).collect();
    let others = candidates
        .iter()
        .filter(|one| !read.contains(one.path.as_str()) && !told.contains(&one.path))
        .map(|candidate| {
            let reason = if is_development_name(&candidate.path) {
                "is not for production by its name"
            } else if in_container {
                "is taken in by no nginx that runs: nothing mounts, copies or includes it"
            } else if candidate.shape == Shape::Snippet {
                "is included by no other file"
            } else {
                "stands beside another file that names production"
            };
            unused_file(&candidate.path, reason)
        });
    left.into_iter().chain(others).collect()
}

fn of_sites(
    tree: &mut Tree,
    files: &Files,
    folder: &str,
    paths: &[&str],
    runs_in: RunsIn,
    candidates: &[Candidate],
) -> Option<Configuration> {
    let family = stock::family(None);
    let prefix = parent(family.root);
    let view = View::new(Inside::Folder(folder), files, family);
    let inside = paths
        .iter()
        .map(|path| path[folder.len()..].trim_start_matches('/'));
    let root = Root::Unknown {
        path: family.root.to_owned(),
        sites: inside.map(|path| format!("{prefix}/{path}")).collect(),
    };
    resolve::resolve(tree, &view, &root, runs_in, candidates)
}

/// The candidates that may be production's: without those for development, and where some name
/// production, those only in their folder.
fn chosen(candidates: &[Candidate]) -> Vec<&Candidate> {
    let possible = || {
        candidates
            .iter()
            .filter(|one| !is_development_name(&one.path))
    };
    let production: BTreeSet<&str> = possible()
        .filter(|one| one.shape != Shape::Snippet && is_production_name(&one.path))
        .map(|one| parent(&one.path))
        .collect();
    possible()
        .filter(|one| !production.contains(parent(&one.path)) || is_production_name(&one.path))
        .collect()
}

fn place(path: &str, around: &Around) -> RunsIn {
    match around {
        Around::Nothing => {}
        Around::Compose => {
            return RunsIn::Host(format!(
                "no nginx of Compose is known to read it, and {path} is here for one"
            ));
        }
        Around::Service(service, _) => return RunsIn::Service(service.clone()),
    }
    let is_laid_out = FOLDERS.iter().any(|folder| path.contains(folder));
    match is_laid_out {
        true => RunsIn::Host(format!("{path} lies as on a host")),
        false => RunsIn::NotKnown(format!(
            "{path} looks like nginx's, and nothing says where it runs"
        )),
    }
}

/// The folder that stands for `/etc/nginx`.
fn configuration_folder(path: &str) -> &str {
    let folder = parent(path);
    let is_part = |folder: &str| {
        let name = folder.rsplit('/').next().unwrap_or(folder);
        FOLDERS.iter().any(|part| part.trim_matches('/') == name)
    };
    if is_part(folder) {
        parent(folder)
    } else {
        folder
    }
}

/// Names that files of nginx have: by their ending, or anything in a folder of nginx's.
fn is_named_like_one(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let lower = path.to_ascii_lowercase();
    let is_text = |end: &str| name.ends_with(end);
    let ends = [
        ".conf",
        ".nginx",
        ".vhost",
        ".conf.template",
        ".template",
        ".conf.tmpl",
        ".inc",
    ];
    if ends.iter().any(|end| is_text(end)) {
        return true;
    }
    let in_folder = FOLDERS.iter().any(|folder| lower.contains(folder)) || lower.contains("nginx");
    in_folder && !name.contains('.')
}

/// What a text can be, and how it reads; `None` where it is not nginx's.
fn shape(path: &str, text: &str) -> Option<(Shape, Syntax)> {
    /// Templates of other engines are not read.
    const OTHER_ENGINES: [&str; 3] = ["{{", "{%", "<%"];
    let has = |mark: &&str| memmem::find(text.as_bytes(), mark.as_bytes()).is_some();
    if OTHER_ENGINES.iter().any(has) || has_blank(text) {
        return None;
    }
    let syntax = syntax::parse(text);
    let words: Vec<(&str, bool)> = syntax
        .statements
        .iter()
        .filter_map(|statement| {
            let token = syntax.tokens.get(statement.words.start)?;
            let name = text.get(token.start as usize..token.end as usize)?;
            Some((name, matches!(statement.body, Body::Block { .. })))
        })
        .collect();
    let has_block = |names: &[&str]| {
        words
            .iter()
            .any(|(name, block)| *block && names.contains(name))
    };
    let is_known = |(name, _): &(&str, bool)| super::accept::is_directive(name);
    let known = words.iter().filter(|word| is_known(word)).count();
    if known * 2 <= words.len() {
        return None;
    }
    let shape = if has_block(&["http", "stream"]) {
        Shape::Whole
    } else if has_block(&["server", "upstream", "map", "geo"]) {
        Shape::Site
    } else {
        let in_folder = path.to_ascii_lowercase().contains("nginx");
        (known == words.len() && in_folder).then_some(Shape::Snippet)?
    };
    Some((shape, syntax))
}

/// Whether a text has a blank that a person or `str.format` fills in: `server_name www.{name}.com;`.
/// `${NAME}` is a variable, `[a-z]{2}` a number of times, and a block has a space before it.
fn has_blank(text: &str) -> bool {
    text.match_indices('{').any(|(at, _)| {
        let is_joined = text[..at].ends_with(|c: char| c.is_alphanumeric() || "./-_@".contains(c));
        let name = text[at + 1..].split('}').next().unwrap_or_default();
        let is_name = |c: char| c.is_ascii_alphabetic() || c == '_';
        is_joined && name.len() < 40 && !name.is_empty() && name.chars().all(is_name)
    })
}

/// Folders that nginx's packages make.
const FOLDERS: [&str; 5] = [
    "sites-available/",
    "sites-enabled/",
    "conf.d/",
    "http.d/",
    "nginx/",
];
