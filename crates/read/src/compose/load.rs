//! The tree of a file set: each file interpolated, with what it includes and extends, and merged
//! over the one before it.
//!
//! The order is that of compose-go 2 (`loader/loader.go`): interpolation, `include`, `extends`,
//! merge, file by file.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use tightship_model::{Gap, Link, LinkKind, SourceId, Span, Trail};

use super::merge::Merger;
use crate::dotenv::Text;
use crate::env_file::{self, Reader};
use crate::files::{Tree, join, normal, parent};
use crate::interpolate::{Found, interpolate};
use crate::yaml::{self, Data, Node, Origin};

/// Services that `extends` may lead through.
const LONGEST_EXTENSION: usize = 32;

/// Files that `include` may lead through.
const DEEPEST_INCLUSION: usize = 16;

/// Files that are included, those counted again that several include.
const MOST_INCLUSIONS: usize = 256;

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
    is_taken_in: bool,
}

impl Scope {
    /// The scope of a folder with the `.env` that lies in it.
    pub(super) fn of(tree: &mut Tree, folder: &str) -> Self {
        let mut scope = Self {
            folder: folder.to_owned(),
            ..Self::default()
        };
        scope.add_variables(tree, &[join(folder, ".env")]);
        scope
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
        for (name, value) in self.variables.iter() {
            found.insert(name.clone(), value.clone());
        }
        self.variables = Arc::new(found);
    }
}

/// The variables under which a file was interpolated, and its tree.
type Extended = (Arc<Variables>, Option<Arc<Node>>);

/// Loads file sets.
pub(super) struct Loader<'a> {
    pub(super) tree: &'a mut Tree,
    /// Files that were taken in beside those of the set.
    pub(super) taken_in: BTreeSet<SourceId>,
    merger: Merger,
    /// Files that services are extended from, interpolated.
    extended: HashMap<String, Vec<Extended>>,
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
            let Some((source, documents)) = self.documents(path, scope) else {
                continue;
            };
            read.push(source);
            for mut own in documents {
                if own.get("include").is_some() {
                    own = self.with_included(path, own, scope, included_by);
                }
                own = self.with_extended(path, own, merged.as_ref(), scope);
                merged = Some(self.merger.file(merged, own));
                self.report_merges();
            }
        }
        (merged, read)
    }

    /// The documents of a file, interpolated.
    fn documents(&mut self, path: &str, scope: &Scope) -> Option<(SourceId, Vec<Node>)> {
        let source = self.tree.read(path)?;
        let (mut documents, fault) = yaml::documents(source, self.tree.text(source));
        if let Some(fault) = fault {
            self.tree.add_gap(Gap {
                place: format!("{path}:{}", fault.line),
                reason: fault.reason,
                lost: "what stands behind this place is not judged".to_owned(),
            });
        }
        let mut interpolation = Interpolation {
            plain: Arc::new(Origin {
                folder: scope.folder.clone(),
                is_taken_in: scope.is_taken_in,
                ..Origin::default()
            }),
            scope,
            faults: Vec::new(),
            nodes: 0,
            holds_paths: true,
        };
        for document in &mut documents {
            interpolation.node(document);
        }
        let Interpolation { faults, nodes, .. } = interpolation;
        for (span, reason) in faults {
            self.gap(span, reason, "Compose refuses the file for it");
        }
        if !self.spend(nodes) {
            let span = Span::new(source, 0, 0);
            self.gap(
                span,
                TOO_MANY_NODES,
                "this file and later ones are not judged",
            );
            return None;
        }
        Some((source, documents))
    }

    /// The tree of a file over those that it includes (the specification, chapter "Include").
    fn with_included(
        &mut self,
        path: &str,
        own: Node,
        scope: &Scope,
        included_by: &[String],
    ) -> Node {
        let lost = "services of the included files are not known";
        let mut chain = included_by.to_vec();
        chain.push(path.to_owned());
        let mut below: Option<Node> = None;
        let include = own.get("include").cloned();
        for item in include.as_ref().map_or(&[][..], Node::items) {
            let texts = |key: &str| -> Vec<String> {
                let value = item.get(key);
                let list = value.map_or(&[][..], Node::items).iter();
                let texts = list.chain(value).filter_map(Node::text);
                texts.map(str::to_owned).collect()
            };
            let written = match item.text() {
                Some(path) => vec![path.to_owned()],
                None => texts("path"),
            };
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
            let folder = match texts("project_directory").first() {
                Some(folder) => inside(&scope.folder, folder),
                None => Some(parent(&paths[0]).to_owned()),
            };
            let Some(folder) = folder else {
                self.gap(
                    item.span,
                    "its project directory lies outside of the project",
                    lost,
                );
                continue;
            };
            let mut inner = Scope {
                folder,
                variables: Arc::clone(&scope.variables),
                is_taken_in: true,
            };
            let env_files: Vec<String> = match texts("env_file") {
                files if files.is_empty() => vec![join(&inner.folder, ".env")],
                files => files
                    .iter()
                    .filter_map(|file| inside(&scope.folder, file))
                    .collect(),
            };
            inner.add_variables(self.tree, &env_files);
            let (tree, sources) = self.set(&paths, &inner, &chain);
            self.taken_in.extend(sources);
            if let Some(tree) = tree {
                let link = Link {
                    span: Some(item.span),
                    text: format!("includes {}", written.join(" and ")),
                    kind: LinkKind::Decides,
                };
                let tree = only_resources(with_link(tree, &link));
                below = Some(self.merger.file(below, tree));
            }
        }
        match below {
            Some(below) => {
                let own = without(own, "include");
                let merged = self.merger.file(Some(below), own);
                self.report_merges();
                merged
            }
            None => own,
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
        let Some(siblings) = own.get("services").cloned() else {
            return own;
        };
        let extends = |service: &Node| service.get("extends").is_some();
        if !siblings
            .entries()
            .iter()
            .any(|(_, service)| extends(service))
        {
            return own;
        }
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
                    variables: Arc::clone(&place.scope.variables),
                    is_taken_in: true,
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
        let base = self.merger.service(None, with_link(base, &link));
        self.merger.service(Some(base), without(service, "extends"))
    }

    /// A file whose services are extended: interpolated, its documents merged, nothing included.
    fn file_to_extend(&mut self, path: &str, scope: &Scope) -> Option<Arc<Node>> {
        let mut known = self.extended.get(path).into_iter().flatten();
        if let Some((_, root)) = known.find(|(under, _)| Arc::ptr_eq(under, &scope.variables)) {
            return root.clone();
        }
        let mut merged = None;
        if let Some((source, documents)) = self.documents(path, scope) {
            self.taken_in.insert(source);
            let mut documents = documents.into_iter();
            merged = documents.next();
            for document in documents {
                merged = Some(self.merger.file(merged, document));
            }
        }
        let merged = merged.map(Arc::new);
        let known = self.extended.entry(path.to_owned()).or_default();
        known.push((Arc::clone(&scope.variables), merged.clone()));
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

/// Where a service stands that may extend another.
struct Place<'a> {
    path: &'a str,
    siblings: &'a Node,
    /// The services of the files before this one.
    beneath: Option<&'a Node>,
    scope: &'a Scope,
}

/// Puts the variables into each scalar of a tree.
struct Interpolation<'a> {
    scope: &'a Scope,
    /// The origin of what holds no variable.
    plain: Arc<Origin>,
    faults: Vec<(Span, &'static str)>,
    nodes: usize,
    /// Whether a scalar may be a path that Compose opens, and is no text for a program.
    holds_paths: bool,
}

/// The keys below which stands what programs get.
const TEXTS: [&str; 5] = ["environment", "args", "command", "entrypoint", "labels"];

impl Interpolation<'_> {
    /// Puts `.` for the folder in which Compose is started: that of its file, where it looks first.
    fn put_in_folder(&self, text: &mut String) {
        if !self.holds_paths || self.scope.variables.contains_key("PWD") {
            return;
        }
        for written in ["${PWD}/", "$PWD/"] {
            if let Some(rest) = text.strip_prefix(written) {
                *text = format!("./{rest}");
            }
        }
    }

    fn node(&mut self, node: &mut Node) {
        self.nodes += 1;
        node.origin = Arc::clone(&self.plain);
        if let Data::Scalar { text, .. } = &mut node.data {
            self.put_in_folder(text);
        }
        match &mut node.data {
            Data::Scalar { text, is_plain } if text.contains('$') => {
                let result = interpolate(text, &|name| self.scope.look_up(name));
                if let Some(reason) = result.fault {
                    self.faults.push((node.span, reason));
                }
                node.origin = Arc::new(Origin {
                    folder: self.scope.folder.clone(),
                    is_taken_in: self.scope.is_taken_in,
                    links: result.links,
                    open: result.open.into_iter().collect(),
                    blank: result.blank.into_iter().collect(),
                    demanded: result.demanded.into_iter().collect(),
                    is_refused: result.text.is_none(),
                });
                *text = result.text.unwrap_or(result.without_demanded);
                *is_plain = false;
            }
            Data::Scalar { .. } => {}
            Data::Sequence(items) => items.iter_mut().for_each(|item| self.node(item)),
            Data::Mapping(entries) => {
                let mut names = BTreeSet::new();
                for (key, value) in entries {
                    if key
                        .text()
                        .is_some_and(|name| !names.insert(name.to_owned()))
                    {
                        self.faults
                            .push((key.span, "gives a key that was given before"));
                    }
                    key.origin = Arc::clone(&self.plain);
                    let held_paths = self.holds_paths;
                    self.holds_paths &= key.text().is_none_or(|name| !TEXTS.contains(&name));
                    self.node(value);
                    self.holds_paths = held_paths;
                }
            }
        }
    }
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

/// The tree with one more link at the end of each scalar's way.
fn with_link(mut node: Node, link: &Link) -> Node {
    match &mut node.data {
        Data::Scalar { .. } => Arc::make_mut(&mut node.origin).links.push(link.clone()),
        Data::Sequence(items) => {
            let old = std::mem::take(items);
            *items = old.into_iter().map(|item| with_link(item, link)).collect();
        }
        Data::Mapping(entries) => {
            let old = std::mem::take(entries);
            let linked = old
                .into_iter()
                .map(|(key, value)| (key, with_link(value, link)));
            *entries = linked.collect();
        }
    }
    node
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
