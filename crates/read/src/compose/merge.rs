//! One tree over another: files of a set, and a service over the one that it extends.
//!
//! The Compose specification, chapter "Merge and override": mappings merge key by key, sequences are
//! appended; [`Form`] names what is merged otherwise. Where the chapter leaves a field open, this
//! follows compose-go 2 (`override/merge.go`, `override/uncity.go`).

use std::collections::HashMap;

use tightship_model::Span;

use super::{mounts, ports};
use crate::yaml::{Data, Node};

/// Merges trees and notes what Compose refuses to merge.
#[derive(Debug, Default)]
pub(super) struct Merger {
    pub(super) faults: Vec<(Span, &'static str)>,
    /// Where in the file it is, with `*` for names that the user gives: `services.*.build`.
    path: String,
    /// Whether the upper tree was merged before, so that all of it is in its one way of writing.
    is_merged: bool,
}

impl Merger {
    /// A whole file over what stands below it. Lists become mappings where only their keys count,
    /// and what `!reset` takes away is gone, also where nothing stands below.
    pub(super) fn file(&mut self, base: Option<Node>, over: Node) -> Node {
        self.path.clear();
        self.merged(base, over)
    }

    /// As [`Merger::file`], for a tree that came out of it: what is new in it stays as it is.
    pub(super) fn merged_file(&mut self, base: Option<Node>, over: Node) -> Node {
        if base.is_none() {
            return over;
        }
        self.is_merged = true;
        let merged = self.file(base, over);
        self.is_merged = false;
        merged
    }

    /// A service over the one that it extends.
    pub(super) fn service(&mut self, base: Option<Node>, over: Node) -> Node {
        self.path.clear();
        self.path.push_str("services.*");
        self.merged(base, over)
    }

    fn merged(&mut self, base: Option<Node>, over: Node) -> Node {
        let form = Form::of(&self.path);
        let over = form.normal(over);
        let base = match over.tag.as_deref() {
            Some("override") => None,
            _ => base.filter(|base| !base.is_null()),
        };
        let base = match form {
            Form::Replaced => None,
            Form::Logging if other_driver(base.as_ref(), &over) => None,
            _ => base.map(|base| form.normal(base)),
        };
        if over.is_null()
            && let Some(base) = base
        {
            return base;
        }
        let below = match (base.map(|base| base.data), &over.data) {
            (Some(data @ Data::Mapping(_)), Data::Mapping(_)) => Some(data),
            (Some(data @ Data::Sequence(_)), Data::Sequence(_)) => Some(data),
            (None | Some(Data::Scalar { .. }), _) => None,
            _ => {
                let reason = "is of another kind than what it is merged with";
                self.faults.push((over.span, reason));
                None
            }
        };
        let data = match (below, over.data) {
            (below, Data::Mapping(news)) => {
                let entries = match below {
                    Some(Data::Mapping(entries)) => entries,
                    _ => Vec::new(),
                };
                Data::Mapping(self.entries(form, entries, news))
            }
            (below, Data::Sequence(news)) => {
                let mut items = match below {
                    Some(Data::Sequence(items)) => items,
                    _ => Vec::new(),
                };
                items.extend(news.into_iter().filter(|item| !is_reset(item)));
                Data::Sequence(form.unique(items))
            }
            (_, scalar) => scalar,
        };
        Node {
            data,
            span: over.span,
            tag: None,
            origin: over.origin,
        }
    }

    fn entries(
        &mut self,
        form: Form,
        mut entries: Vec<(Node, Node)>,
        news: Vec<(Node, Node)>,
    ) -> Vec<(Node, Node)> {
        let known = places(&entries, &news);
        let mut taken_away = Vec::new();
        for ((name, value), known) in news.into_iter().zip(known) {
            if is_reset(&value) {
                taken_away.extend(known);
                continue;
            }
            // Nothing is a value there: it hands the shell's variable through.
            if let Form::Keyed = form {
                match known {
                    Some(at) => entries[at] = (name, value),
                    None => entries.push((name, value)),
                }
                continue;
            }
            let Some(at) = known else {
                let value = match self.is_merged {
                    true => value,
                    false => self.at_key(&name, None, value),
                };
                entries.push((name, value));
                continue;
            };
            let below = std::mem::replace(&mut entries[at].1, Node::null(value.span));
            let value = self.at_key(&name, Some(below), value);
            // The name as the later file writes it, so that trails lead there.
            entries[at] = (name, value);
        }
        taken_away.sort_unstable();
        // A file may take the same away twice.
        taken_away.dedup();
        for at in taken_away.into_iter().rev() {
            entries.remove(at);
        }
        entries
    }

    /// What stands at the key `name`, merged.
    fn at_key(&mut self, name: &Node, base: Option<Node>, over: Node) -> Node {
        let length = self.path.len();
        let segment = match is_user_named(&self.path) {
            true => "*",
            false => name.text().unwrap_or("?"),
        };
        if length > 0 {
            self.path.push('.');
        }
        self.path.push_str(segment);
        let merged = self.merged(base, over);
        self.path.truncate(length);
        merged
    }
}

/// Where the keys of `news` stand among `entries`; of equal ones the last.
fn places(entries: &[(Node, Node)], news: &[(Node, Node)]) -> Vec<Option<usize>> {
    /// So many are sought one by one. A table of all entries for the five services of each file that
    /// is included grows with the square of the files: 30 of 424 million instructions for 89.
    const FEW: usize = 8;
    if news.len() <= FEW {
        let stands_at = |name: &str| {
            let is_it = |(known, _): &(Node, Node)| known.text() == Some(name);
            entries.iter().rposition(is_it)
        };
        let place = |(name, _): &(Node, Node)| stands_at(name.text()?);
        return news.iter().map(place).collect();
    }
    let names = entries.iter().enumerate();
    let names: HashMap<&str, usize> = names
        .filter_map(|(at, (name, _))| Some((name.text()?, at)))
        .collect();
    let place = |(name, _): &(Node, Node)| names.get(name.text()?).copied();
    news.iter().map(place).collect()
}

/// How what stands at a path is merged.
#[derive(Clone, Copy, Debug)]
enum Form {
    Plain,
    /// The last one counts whole.
    Replaced,
    /// `[A=1, B]` or `{A: 1, B: null}`.
    Keyed,
    /// `[a, b]` or `{a: …, b: …}`.
    Named,
    /// As that; the list says that each service must have started, also over another condition.
    Needs,
    /// A folder, or a mapping.
    Build,
    /// Replaced where the drivers differ.
    Logging,
    /// `[a=1, a:2]` or `{a: 1}`: a name may have several.
    Hosts,
    /// One text or a list of them. Of two elements with equal keys the later takes the place of the
    /// earlier.
    Unique(fn(&Node) -> Option<String>),
}

impl Form {
    fn of(path: &str) -> Self {
        let Some(field) = path.strip_prefix("services.*.") else {
            return match path {
                "networks.*.labels" | "volumes.*.labels" => Self::Keyed,
                _ => Self::Plain,
            };
        };
        match field {
            "command" | "entrypoint" | "healthcheck.test" | "ulimits.*" => Self::Replaced,
            "environment"
            | "labels"
            | "annotations"
            | "sysctls"
            | "deploy.labels"
            | "build.args"
            | "build.labels"
            | "build.additional_contexts" => Self::Keyed,
            "depends_on" => Self::Needs,
            "networks" | "models" => Self::Named,
            "build" => Self::Build,
            "logging" => Self::Logging,
            "extra_hosts" | "build.extra_hosts" => Self::Hosts,
            "dns"
            | "dns_opt"
            | "dns_search"
            | "tmpfs"
            | "cap_add"
            | "cap_drop"
            | "links"
            | "profiles"
            | "expose"
            | "label_file"
            | "networks.*.aliases"
            | "networks.*.link_local_ips"
            | "build.tags" => Self::Unique(before_equals),
            "env_file" => Self::Unique(env_file),
            "ports" => Self::Unique(ports::key),
            "volumes" => Self::Unique(mounts::target),
            "secrets" => Self::Unique(secret),
            "configs" => Self::Unique(config),
            "devices" => Self::Unique(device),
            _ => Self::Plain,
        }
    }

    /// The node in the one way of writing that this form is merged in. A tag stays.
    fn normal(self, node: Node) -> Node {
        if node.is_null() {
            return node;
        }
        let is_text = matches!(node.data, Data::Scalar { .. });
        match self {
            Self::Keyed => keyed(node),
            Self::Named => named(node, Node::null),
            Self::Needs => named(node, has_started),
            Self::Build if is_text => wrapped(node, |node| {
                let key = Node::scalar("context", true, node.span);
                Data::Mapping(vec![(key, node)])
            }),
            Self::Hosts => hosts(node),
            Self::Unique(_) if is_text => wrapped(node, |node| Data::Sequence(vec![node])),
            _ => node,
        }
    }

    fn unique(self, items: Vec<Node>) -> Vec<Node> {
        let key = match self {
            Self::Unique(key) => key,
            Self::Hosts => |node: &Node| node.text().map(str::to_owned),
            _ => return items,
        };
        let mut places = HashMap::new();
        let mut kept: Vec<Node> = Vec::with_capacity(items.len());
        for item in items {
            match key(&item) {
                Some(key) => match places.get(&key) {
                    Some(at) => kept[*at] = item,
                    None => {
                        places.insert(key, kept.len());
                        kept.push(item);
                    }
                },
                None => kept.push(item),
            }
        }
        kept
    }
}

fn is_user_named(path: &str) -> bool {
    matches!(
        path,
        "services"
            | "networks"
            | "volumes"
            | "secrets"
            | "configs"
            | "services.*.networks"
            | "services.*.depends_on"
            | "services.*.ulimits"
    )
}

fn is_reset(node: &Node) -> bool {
    node.tag.as_deref() == Some("reset")
}

fn other_driver(base: Option<&Node>, over: &Node) -> bool {
    let driver = |node: &Node| Some(node.get("driver")?.text()?.to_owned());
    let below = base.and_then(driver);
    matches!((below, driver(over)), (Some(below), Some(driver)) if below != driver)
}

/// `[A=1, B]` as `{A: "1", B: null}`.
fn keyed(node: Node) -> Node {
    let Data::Sequence(items) = node.data else {
        return node;
    };
    let entries = items.into_iter().filter_map(|item| {
        let text = item.text()?.to_owned();
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (text.as_str(), None),
        };
        let key = Node::scalar(name, false, item.span);
        let data = Data::Scalar {
            text: value.unwrap_or_default().to_owned(),
            is_plain: value.is_none(),
        };
        Some((key, Node { data, ..item }))
    });
    let mut unique: Vec<(Node, Node)> = Vec::new();
    let mut places = HashMap::new();
    for (key, value) in entries {
        let name = key.text().unwrap_or_default().to_owned();
        match places.get(&name) {
            Some(at) => unique[*at] = (key, value),
            None => {
                places.insert(name, unique.len());
                unique.push((key, value));
            }
        }
    }
    Node {
        data: Data::Mapping(unique),
        ..node
    }
}

/// `[a, b]` as `{a: …, b: …}`, with what `meaning` makes of the place of an item.
fn named(node: Node, meaning: fn(Span) -> Node) -> Node {
    let Data::Sequence(items) = node.data else {
        return node;
    };
    let entries = items.into_iter().map(|item| {
        let value = meaning(item.span);
        (item, value)
    });
    Node {
        data: Data::Mapping(entries.collect()),
        ..node
    }
}

/// What a service of the list `depends_on` must have done.
fn has_started(span: Span) -> Node {
    let says = |key: &str, value: &str| {
        let key = Node::scalar(key, true, span);
        (key, Node::scalar(value, true, span))
    };
    let entries = vec![
        says("condition", "service_started"),
        says("required", "true"),
    ];
    Node {
        data: Data::Mapping(entries),
        ..Node::null(span)
    }
}

/// `{a: 1, b: [2, 3]}` as `[a=1, b=2, b=3]`.
fn hosts(node: Node) -> Node {
    let Data::Mapping(entries) = node.data else {
        return node;
    };
    let mut items = Vec::new();
    for (name, value) in entries {
        let addresses = match value.data {
            Data::Sequence(addresses) => addresses,
            _ => vec![value],
        };
        for address in addresses {
            let name = name.text().unwrap_or_default();
            let text = format!("{name}={}", address.text().unwrap_or_default());
            let data = Data::Scalar {
                text,
                is_plain: false,
            };
            items.push(Node { data, ..address });
        }
    }
    Node {
        data: Data::Sequence(items),
        ..node
    }
}

/// A node around this one, which takes its tag.
fn wrapped(mut node: Node, around: fn(Node) -> Data) -> Node {
    let span = node.span;
    let tag = node.tag.take();
    let origin = node.origin.clone();
    Node {
        data: around(node),
        span,
        tag,
        origin,
    }
}

fn before_equals(node: &Node) -> Option<String> {
    let text = node.text()?;
    let (key, _) = text.split_once('=').unwrap_or((text, ""));
    Some(key.to_owned())
}

fn env_file(node: &Node) -> Option<String> {
    let at = node.get("path").unwrap_or(node);
    let path = at.text()?;
    Some(match at.origin.is_taken_in {
        true => format!("{}/{path}", at.origin.folder),
        false => path.to_owned(),
    })
}

fn secret(node: &Node) -> Option<String> {
    grant(node, "/run/secrets")
}

fn config(node: &Node) -> Option<String> {
    grant(node, "")
}

fn grant(node: &Node, folder: &str) -> Option<String> {
    if let Some(source) = node.text() {
        return Some(format!("{folder}/{source}"));
    }
    match node.get("target").and_then(Node::text) {
        Some(target) => Some(target.to_owned()),
        None => Some(format!("{folder}/{}", node.get("source")?.text()?)),
    }
}

fn device(node: &Node) -> Option<String> {
    let Some(text) = node.text() else {
        return node.get("target").and_then(Node::text).map(str::to_owned);
    };
    let mut parts = text.split(':');
    let host = parts.next()?;
    Some(parts.next().unwrap_or(host).to_owned())
}
