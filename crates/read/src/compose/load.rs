//! The tree of a file set: each file interpolated, with what it includes and extends, and merged
//! over the one before it.
//!
//! The order is that of compose-go 2 (`loader/loader.go`): interpolation, `include`, `extends`,
//! merge, file by file.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use rayon::prelude::*;
use tightship_model::{Gap, Link, LinkKind, SourceId, Span, Trail};

use super::merge::Merger;
use super::variables::Interpolation;
use crate::dotenv::Text;
use crate::env_file::{self, Reader};
use crate::files::{Tree, join, normal, parent};
use crate::interpolate::Found;
use crate::yaml::{self, Data, Fault, Node, Origin};

/// Services that `extends` may lead through.
const LONGEST_EXTENSION: usize = 32;

/// Files that `include` may lead through.
const DEEPEST_INCLUSION: usize = 16;

/// Files that are included, those counted again that several include.
const MOST_INCLUSIONS: usize = 256;

/// Included files that are read at once: each may be a bomb of aliases that takes 30 MB.
const READ_AHEAD: usize = 4;

/// Nodes of all files together, those counted again that `extends` copies.
const MOST_NODES: usize = 300_000;

/// Variables by name, with their values and the places that set them.
pub(super) type Variables = BTreeMap<String, (String, Trail)>;

/// What holds for the files of one set.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    /// The project directory: relative paths begin here.
    pub(super) folder: String,
    /// What `.env` in the project directory says, or the `env_file` of an `include`.
    pub(super) variables: Arc<Variables>,
    /// Whether the files are included or extended by others.
    pub(super) is_taken_in: bool,
    /// The `include`s through which they came, the innermost first: with these ends the way of each
    /// value that they hold.
    pub(super) included_by: Vec<Link>,
}

impl Scope {
    /// The scope of a folder with the `.env` that lies in it.
    pub(super) fn of(tree: &mut Tree, folder: &str) -> Self {
        let mut scope = Self {
            folder: folder.to_owned(),
            ..Self::default()
        };
        let path = env_file::of_folder(tree, folder);
        scope.add_variables(tree, &[path]);
        scope
    }

    /// Whether both give the same to a file.
    fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.variables, &other.variables)
            && self.folder == other.folder
            && self.is_taken_in == other.is_taken_in
            && self.included_by == other.included_by
    }

    /// What is known of a variable. What no file says, the shell may.
    pub(super) fn look_up(&self, name: &str) -> Found {
        match self.variables.get(name) {
            Some((value, trail)) => Found::Set(value.clone(), trail.clone()),
            None => Found::Open,
        }
    }

    /// Adds what files say of variables that are not set yet; a later file wins over an earlier one.
    fn add_variables(&mut self, tree: &mut Tree, paths: &[String]) {
        let mut found = Variables::new();
        for path in paths {
            let look_up = |name: &str| match found.get(name) {
                Some((value, trail)) if !self.variables.contains_key(name) => {
                    Found::Set(String::clone(value), Trail::clone(trail))
                }
                _ => self.look_up(name),
            };
            let entries = env_file::read(tree, path, Reader::Compose, &look_up);
            for entry in entries.into_iter().flatten() {
                if let Some(Text::Known(value)) = entry.value {
                    let trail = Trail::at(entry.span, format!("sets {}", entry.name));
                    found.insert(entry.name, (value, trail));
                }
            }
        }
        // Those of the scope around are shared, not copied.
        if found.is_empty() {
            return;
        }
        for (name, value) in self.variables.iter() {
            found.insert(name.clone(), value.clone());
        }
        self.variables = Arc::new(found);
    }
}

/// What a file was interpolated in, and its tree.
type Extended = (Scope, Option<Arc<Node>>);

/// Loads file sets.
pub(super) struct Loader<'a> {
    pub(super) tree: &'a mut Tree,
    /// Files that were taken in beside those of the set.
    pub(super) taken_in: BTreeSet<SourceId>,
    merger: Merger,
    /// Files that services are extended from, interpolated.
    extended: HashMap<String, Vec<Extended>>,
    /// Files that were read before their turn.
    ahead: HashMap<SourceId, Read>,
    read_ahead: usize,
    nodes: usize,
    inclusions: usize,
}

impl<'a> Loader<'a> {
    pub(super) fn new(tree: &'a mut Tree) -> Self {
        Self {
            tree,
            taken_in: BTreeSet::new(),
            merger: Merger::default(),
            extended: HashMap::new(),
            ahead: HashMap::new(),
            read_ahead: 0,
            nodes: 0,
            inclusions: 0,
        }
    }

    /// The files as one tree, and those that could be read.
    pub(super) fn set(
        &mut self,
        paths: &[String],
        scope: &Scope,
        included_by: &[String],
    ) -> (Option<Node>, Vec<SourceId>) {
        let mut merged: Option<Node> = None;
        let mut read = Vec::new();
        for path in paths {
            let Some((source, file)) = self.file(path, scope, merged.is_none()) else {
                continue;
            };
            read.push(source);
            if let Some((tree, faults)) = file.merged {
                self.merger.faults.extend(faults);
                self.report_merges();
                merged = Some(tree);
            }
            for own in file.documents {
                let (own, is_merged) = match own.get("include") {
                    Some(_) => self.with_included(path, own, scope, included_by),
                    None => (own, false),
                };
                let own = self.with_extended(path, own, merged.as_ref(), scope);
                merged = Some(match is_merged {
                    true => self.merger.merged_file(merged, own),
                    false => self.merger.file(merged, own),
                });
                self.report_merges();
            }
        }
        (merged, read)
    }

    /// Reads what the next items of `include` name, each on a thread, so that [`Loader::file`] finds
    /// it.
    fn read_ahead(&mut self, items: &[Node], scope: &Scope, chain: &[String]) {
        let mut wanted: Vec<(String, Option<Scope>)> = Vec::new();
        for item in items.iter().take(READ_AHEAD) {
            let written = written_paths(item);
            let paths = written
                .iter()
                .filter_map(|path| inside(&scope.folder, path));
            let paths: Vec<String> = paths.filter(|path| !chain.contains(path)).collect();
            // Two files are merged, and files with variables are read, when it is their turn.
            let known = match paths.as_slice() {
                [path] => scope_inside(item, path, scope),
                _ => None,
            };
            let known = known.filter(|(_, files)| !files.iter().any(|one| self.tree.has_file(one)));
            let known = known.map(|(scope, _)| scope);
            wanted.extend(paths.into_iter().map(|path| (path, known.clone())));
        }
        wanted.truncate(READ_AHEAD);
        self.read_ahead += wanted.len();
        if self.read_ahead > MOST_INCLUSIONS {
            return;
        }
        let (paths, scopes): (Vec<String>, Vec<_>) = wanted.into_iter().unzip();
        self.tree.read_all(&paths);
        let tree = &*self.tree;
        let files = paths.iter().zip(scopes);
        let files = files.filter_map(|(path, scope)| Some((tree.known(path)??, scope)));
        let read = files.collect::<Vec<_>>().into_par_iter();
        self.ahead = read
            .map(|(source, scope)| {
                let mut read = Read::parsed(source, tree.text(source));
                if let Some(scope) = scope {
                    read.interpolate(&scope);
                    read.merge();
                }
                (source, read)
            })
            .collect();
    }

    /// A file, interpolated; where it `may_be_merged` with nothing below it, that may be done.
    fn file(&mut self, path: &str, scope: &Scope, may_be_merged: bool) -> Option<(SourceId, Read)> {
        let source = self.tree.read(path)?;
        let ahead = self.ahead.remove(&source);
        let mut file = ahead
            .filter(|file| file.fits(scope) && (may_be_merged || file.merged.is_none()))
            .unwrap_or_else(|| Read::parsed(source, self.tree.text(source)));
        if file.scope.is_none() {
            file.interpolate(scope);
        }
        if let Some(fault) = file.fault.take() {
            self.tree.add_gap(Gap {
                place: format!("{path}:{}", fault.line),
                reason: fault.reason,
                lost: "what stands behind this place is not judged".to_owned(),
            });
        }
        for (span, reason) in std::mem::take(&mut file.faults) {
            self.gap(span, reason, "Compose refuses the file for it");
        }
        if !self.spend(file.nodes) {
            let span = Span::new(source, 0, 0);
            self.gap(
                span,
                TOO_MANY_NODES,
                "this file and later ones are not judged",
            );
            return None;
        }
        Some((source, file))
    }

    /// The tree of a file over those that it includes (the specification, chapter "Include"), and
    /// whether there was one to merge it with.
    fn with_included(
        &mut self,
        path: &str,
        own: Node,
        scope: &Scope,
        included_by: &[String],
    ) -> (Node, bool) {
        let lost = "services of the included files are not known";
        let mut chain = included_by.to_vec();
        chain.push(path.to_owned());
        let mut below: Option<Node> = None;
        let include = own.get("include").cloned();
        let items = include.as_ref().map_or(&[][..], Node::items);
        for (at, item) in items.iter().enumerate() {
            if at % READ_AHEAD == 0 {
                self.read_ahead(&items[at..], scope, &chain);
            }
            let written = written_paths(item);
            let paths: Option<Vec<String>> = written
                .iter()
                .map(|path| inside(&scope.folder, path))
                .collect();
            let is_here = |path: &String| self.tree.has_file(path);
            let paths = paths.filter(|paths| !paths.is_empty() && paths.iter().all(is_here));
            let Some(paths) = paths else {
                let reason = format!("includes {}, which is not here", written.join(" and "));
                self.gap(item.span, &reason, lost);
                continue;
            };
            if chain.contains(&paths[0]) {
                self.gap(item.span, "includes a file that includes this one", lost);
                continue;
            }
            self.inclusions += 1;
            if chain.len() > DEEPEST_INCLUSION || self.inclusions > MOST_INCLUSIONS {
                self.gap(item.span, "includes too many files, or too deeply", lost);
                continue;
            }
            let Some((mut inner, env_files)) = scope_inside(item, &paths[0], scope) else {
                self.gap(
                    item.span,
                    "its project directory lies outside of the project",
                    lost,
                );
                continue;
            };
            inner.add_variables(self.tree, &env_files);
            let (tree, sources) = self.set(&paths, &inner, &chain);
            self.taken_in.extend(sources);
            if let Some(tree) = tree {
                below = Some(self.merger.merged_file(below, only_resources(tree)));
            }
        }
        match below {
            Some(below) => {
                let own = without(own, "include");
                let merged = self.merger.file(Some(below), own);
                self.report_merges();
                (merged, true)
            }
            None => (own, false),
        }
    }

    /// The tree of a file with each service over the one that it extends.
    fn with_extended(
        &mut self,
        path: &str,
        mut own: Node,
        below: Option<&Node>,
        scope: &Scope,
    ) -> Node {
        let Some(siblings) = extending(&own).cloned() else {
            return own;
        };
        let beneath = below.and_then(|below| below.get("services"));
        let entries = siblings.entries().iter().map(|(name, service)| {
            let start = (path.to_owned(), name.text().unwrap_or_default().to_owned());
            let place = Place {
                path,
                siblings: &siblings,
                beneath,
                scope,
            };
            (
                name.clone(),
                self.extended(service.clone(), &place, &mut vec![start]),
            )
        });
        let entries = entries.collect();
        if let Data::Mapping(sections) = &mut own.data
            && let Some((_, services)) = sections
                .iter_mut()
                .rev()
                .find(|(name, _)| name.text() == Some("services"))
        {
            services.data = Data::Mapping(entries);
        }
        self.report_merges();
        own
    }

    /// A service over the one that it extends, and so on (the specification, "extends").
    fn extended(
        &mut self,
        service: Node,
        place: &Place<'_>,
        chain: &mut Vec<(String, String)>,
    ) -> Node {
        let Some(extends) = service.get("extends").cloned() else {
            return service;
        };
        let lost = "what the service takes from there is not known";
        let name = extends.text().or_else(|| extends.get("service")?.text());
        let Some(name) = name.map(str::to_owned) else {
            self.gap(extends.span, "names no service to extend", lost);
            return service;
        };
        let file = extends.get("file").filter(|file| file.text().is_some());
        let path = match file {
            Some(file) => inside(&file.origin.folder, file.text().unwrap_or_default()),
            None => Some(place.path.to_owned()),
        };
        let of = file
            .and_then(Node::text)
            .map_or(String::new(), |file| format!(" of {file}"));
        let Some(path) = path.filter(|path| self.tree.has_file(path)) else {
            let reason = format!("extends the service {name}{of}, which is not here");
            self.gap(extends.span, &reason, lost);
            return service;
        };
        let step = (path.clone(), name.clone());
        if chain.contains(&step) || chain.len() > LONGEST_EXTENSION {
            self.gap(
                extends.span,
                "extends a service that extends this one",
                lost,
            );
            return service;
        }
        chain.push(step);
        let other = match file {
            Some(_) => {
                let folder = parent(&path).to_owned();
                let scope = Scope {
                    folder,
                    is_taken_in: true,
                    ..place.scope.clone()
                };
                self.file_to_extend(&path, &scope).map(|root| (root, scope))
            }
            None => None,
        };
        let there = other.as_ref().and_then(|(root, scope)| {
            Some(Place {
                path: &path,
                siblings: root.get("services")?,
                beneath: None,
                scope,
            })
        });
        let there = match (&there, file) {
            (Some(there), _) => Some(there),
            (None, None) => Some(place),
            (None, Some(_)) => None,
        };
        let base = there.and_then(|there| {
            let below = || there.beneath?.get(&name);
            there.siblings.get(&name).or_else(below)
        });
        let (Some(there), Some(base)) = (there, base) else {
            let reason = format!("extends the service {name}{of}, which is not here");
            self.gap(extends.span, &reason, lost);
            return service;
        };
        let base = self.extended(base.clone(), there, chain);
        if !self.spend(count(&base)) {
            self.gap(extends.span, TOO_MANY_NODES, lost);
            return service;
        }
        let link = Link {
            span: Some(extends.span),
            text: format!("extends {name}{of}"),
            kind: LinkKind::Decides,
        };
        // The files of both came through the same includes.
        let base = linked(base, &link, place.scope.included_by.len());
        let base = self.merger.service(None, base);
        self.merger.service(Some(base), without(service, "extends"))
    }

    /// A file whose services are extended: interpolated, its documents merged, nothing included.
    fn file_to_extend(&mut self, path: &str, scope: &Scope) -> Option<Arc<Node>> {
        let mut known = self.extended.get(path).into_iter().flatten();
        if let Some((_, root)) = known.find(|(under, _)| under.is(scope)) {
            return root.clone();
        }
        let mut merged = None;
        if let Some((source, file)) = self.file(path, scope, false) {
            self.taken_in.insert(source);
            let mut documents = file.documents.into_iter();
            merged = documents.next();
            for document in documents {
                merged = Some(self.merger.file(merged, document));
            }
        }
        let merged = merged.map(Arc::new);
        let known = self.extended.entry(path.to_owned()).or_default();
        known.push((scope.clone(), merged.clone()));
        merged
    }

    fn spend(&mut self, nodes: usize) -> bool {
        self.nodes += nodes;
        self.nodes <= MOST_NODES
    }

    fn report_merges(&mut self) {
        for (span, reason) in std::mem::take(&mut self.merger.faults) {
            self.gap(span, reason, "what the later file says is taken");
        }
    }

    fn gap(&mut self, span: Span, reason: &str, lost: &str) {
        let place = self.tree.place(span);
        self.tree.add_gap(Gap {
            place,
            reason: reason.to_owned(),
            lost: lost.to_owned(),
        });
    }
}

const TOO_MANY_NODES: &str = "the Compose files have more than 300000 nodes together";

/// A file as far as it was read.
struct Read {
    /// Its documents; none where they are [`Read::merged`].
    documents: Vec<Node>,
    /// Where its syntax ends to be YAML.
    fault: Option<Fault>,
    /// What its documents were interpolated in, which Compose refuses these places for.
    scope: Option<Scope>,
    faults: Vec<(Span, &'static str)>,
    nodes: usize,
    /// Its one document in the one way of writing, and what Compose refuses to merge in it.
    merged: Option<(Node, Vec<(Span, &'static str)>)>,
}

impl Read {
    fn parsed(source: SourceId, text: &str) -> Self {
        let (documents, fault) = yaml::documents(source, text);
        Self {
            documents,
            fault,
            scope: None,
            faults: Vec::new(),
            nodes: 0,
            merged: None,
        }
    }

    fn interpolate(&mut self, scope: &Scope) {
        let Interpolation { faults, nodes, .. } = Interpolation::of(&mut self.documents, scope);
        self.faults = faults;
        self.nodes = nodes;
        self.scope = Some(scope.clone());
    }

    /// Puts its one document in the one way of writing, where it takes nothing from other files.
    fn merge(&mut self) {
        let is_alone = |own: &Node| own.get("include").is_none() && extending(own).is_none();
        if self.documents.len() == 1
            && let Some(own) = self.documents.pop_if(|own| is_alone(own))
        {
            let mut merger = Merger::default();
            self.merged = Some((merger.file(None, own), merger.faults));
        }
    }

    /// Whether it was read under that scope, or under none yet.
    fn fits(&self, scope: &Scope) -> bool {
        self.scope.as_ref().is_none_or(|own| own.is(scope))
    }
}

/// The services of a file, where one of them extends another.
fn extending(own: &Node) -> Option<&Node> {
    own.get("services").filter(|services| {
        let mut services = services.entries().iter();
        services.any(|(_, service)| service.get("extends").is_some())
    })
}

/// The scope of the files that an item of `include` names, before the variables of its own files,
/// which stand beside it. `None` where its project directory lies outside of the project.
fn scope_inside(item: &Node, first: &str, scope: &Scope) -> Option<(Scope, Vec<String>)> {
    let folder = match texts(item, "project_directory").first() {
        Some(folder) => inside(&scope.folder, folder)?,
        None => parent(first).to_owned(),
    };
    let env_files = match texts(item, "env_file") {
        files if files.is_empty() => vec![join(&folder, ".env")],
        files => files
            .iter()
            .filter_map(|file| inside(&scope.folder, file))
            .collect(),
    };
    let mut inner = Scope {
        folder,
        is_taken_in: true,
        ..scope.clone()
    };
    let link = Link {
        span: Some(item.span),
        text: format!("includes {}", written_paths(item).join(" and ")),
        kind: LinkKind::Decides,
    };
    inner.included_by.insert(0, link);
    Some((inner, env_files))
}

/// Where a service stands that may extend another.
struct Place<'a> {
    path: &'a str,
    siblings: &'a Node,
    /// The services of the files before this one.
    beneath: Option<&'a Node>,
    scope: &'a Scope,
}

/// The paths of an item of `include`.
fn written_paths(item: &Node) -> Vec<String> {
    match item.text() {
        Some(path) => vec![path.to_owned()],
        None => texts(item, "path"),
    }
}

/// A text under a key, or those of a list.
fn texts(item: &Node, key: &str) -> Vec<String> {
    let value = item.get(key);
    let list = value.map_or(&[][..], Node::items).iter();
    let texts = list.chain(value).filter_map(Node::text);
    texts.map(str::to_owned).collect()
}

fn count(node: &Node) -> usize {
    match &node.data {
        Data::Scalar { .. } => 1,
        Data::Sequence(items) => 1 + items.iter().map(count).sum::<usize>(),
        Data::Mapping(entries) => {
            1 + entries
                .iter()
                .map(|(_, value)| 1 + count(value))
                .sum::<usize>()
        }
    }
}

/// The tree with one more link on each scalar's way, before so many at its end.
fn linked(mut node: Node, link: &Link, behind: usize) -> Node {
    let mut last = (Arc::default(), Arc::default());
    add_link(&mut node, link, behind, &mut last);
    node
}

/// Adds a link to each scalar. `last` is an origin and what was made of it: neighbours mostly have
/// one in common, and keep it so.
fn add_link(node: &mut Node, link: &Link, behind: usize, last: &mut (Arc<Origin>, Arc<Origin>)) {
    match &mut node.data {
        Data::Scalar { .. } => {
            if !Arc::ptr_eq(&last.0, &node.origin) {
                let mut origin = Origin::clone(&node.origin);
                let at = origin.links.len().saturating_sub(behind);
                origin.links.insert(at, link.clone());
                *last = (Arc::clone(&node.origin), Arc::new(origin));
            }
            node.origin = Arc::clone(&last.1);
        }
        Data::Sequence(items) => {
            for item in items {
                add_link(item, link, behind, last);
            }
        }
        Data::Mapping(entries) => {
            for (_, value) in entries {
                add_link(value, link, behind, last);
            }
        }
    }
}

fn without(mut node: Node, key: &str) -> Node {
    if let Data::Mapping(entries) = &mut node.data {
        entries.retain(|(name, _)| name.text() != Some(key));
    }
    node
}

/// The sections that an `include` brings.
fn only_resources(mut node: Node) -> Node {
    const SECTIONS: [&str; 6] = [
        "services", "networks", "volumes", "secrets", "configs", "models",
    ];
    if let Data::Mapping(entries) = &mut node.data {
        entries.retain(|(name, _)| name.text().is_some_and(|name| SECTIONS.contains(&name)));
    }
    node
}

/// A path of a file as one below the root.
fn inside(folder: &str, path: &str) -> Option<String> {
    if path.starts_with(['/', '~']) || path.contains("://") {
        return None;
    }
    normal(&join(folder, path))
}
