//! One file over another, and a service over the one that it extends.
//!
//! The Compose specification, chapter "Merge": mappings merge key by key, sequences are appended,
//! `command` and `entrypoint` are replaced; `!reset` and `!override` say otherwise.

use tightship_model::Gap;

use super::load;
use crate::files::{Tree, join, normal};
use crate::yaml::{Data, Node};

/// Services that `extends` may lead through.
const LONGEST_EXTENSION: usize = 16;

/// A whole file over another.
pub(super) fn files(base: Node, over: Node) -> Node {
    merged(base, over, "")
}

/// The service with what it extends beneath it.
pub(super) fn extended(tree: &mut Tree, folder: &str, services: &Node, service: Node) -> Node {
    let mut layers = vec![service];
    let mut siblings = services.clone();
    while let Some(extends) = layers
        .last()
        .and_then(|service| service.get("extends"))
        .cloned()
    {
        let name = extends.text().or_else(|| extends.get("service")?.text());
        let file = extends.get("file").and_then(Node::text);
        if let Some(file) = file {
            let other = normal(&join(folder, file)).and_then(|path| load(tree, &path));
            siblings = match other.as_ref().and_then(|root| root.get("services")) {
                Some(services) => services.clone(),
                None => {
                    let place = tree.place(extends.span);
                    tree.add_gap(Gap {
                        place,
                        reason: format!("extends a service of {file}, which is not here"),
                        lost: "what that service says is not known".to_owned(),
                    });
                    break;
                }
            };
        }
        let Some(base) = name.and_then(|name| siblings.get(name)) else {
            break;
        };
        if layers.len() >= LONGEST_EXTENSION {
            break;
        }
        layers.push(base.clone());
    }
    let mut result = layers.pop();
    while let Some(over) = layers.pop() {
        result = Some(match result {
            Some(base) => merged(base, over, ""),
            None => over,
        });
    }
    result.unwrap_or_else(|| services.clone())
}

/// `over` on top of `base`, both under the key `key`.
fn merged(base: Node, over: Node, key: &str) -> Node {
    match over.tag.as_deref() {
        Some("override") => return over,
        Some("reset") => {
            return Node {
                data: Data::Scalar {
                    text: String::new(),
                    is_plain: true,
                },
                ..over
            };
        }
        _ => {}
    }
    if over.is_null() {
        return base;
    }
    let (base, over) = match key {
        "environment" | "args" | "labels" => (mapping(base), mapping(over)),
        "env_file" => (sequence(base), sequence(over)),
        "command" | "entrypoint" => return over,
        "build" => (build(base), build(over)),
        _ => (base, over),
    };
    let data = match (base.data, over.data) {
        (Data::Mapping(mut entries), Data::Mapping(news)) => {
            for (name, value) in news {
                let place = entries
                    .iter()
                    .position(|(known, _)| known.text() == name.text());
                match place {
                    Some(at) => {
                        let (known, old) = entries.swap_remove(at);
                        let value = merged(old, value, known.text().unwrap_or_default());
                        // The name as the later file writes it, so that trails lead there.
                        entries.push((name, value));
                        let last = entries.len() - 1;
                        entries.swap(at, last);
                    }
                    None => entries.push((name, value)),
                }
            }
            Data::Mapping(entries)
        }
        (Data::Sequence(mut items), Data::Sequence(news)) => {
            items.extend(news);
            Data::Sequence(items)
        }
        (_, over) => over,
    };
    Node {
        data,
        span: over.span,
        tag: over.tag,
    }
}

/// `[A=1, B]` as `{A: "1", B: null}`.
pub(super) fn mapping(node: Node) -> Node {
    let Data::Sequence(items) = node.data else {
        return node;
    };
    let scalar = |text: &str, is_plain, item: &Node| Node {
        data: Data::Scalar {
            text: text.to_owned(),
            is_plain,
        },
        span: item.span,
        tag: None,
    };
    let entries = items
        .iter()
        .filter_map(|item| {
            Some(match item.text()?.split_once('=') {
                Some((name, value)) => (scalar(name, false, item), scalar(value, false, item)),
                None => (scalar(item.text()?, false, item), scalar("", true, item)),
            })
        })
        .collect();
    Node {
        data: Data::Mapping(entries),
        ..node
    }
}

/// A single value as a sequence of one.
fn sequence(node: Node) -> Node {
    match node.data {
        Data::Sequence(_) => node,
        _ => Node {
            span: node.span,
            tag: None,
            data: Data::Sequence(vec![node]),
        },
    }
}

/// `build: .` as `build: {context: .}`.
fn build(node: Node) -> Node {
    if node.text().is_none() {
        return node;
    }
    let key = Node {
        data: Data::Scalar {
            text: "context".to_owned(),
            is_plain: true,
        },
        span: node.span,
        tag: None,
    };
    Node {
        span: node.span,
        tag: None,
        data: Data::Mapping(vec![(key, node)]),
    }
}
