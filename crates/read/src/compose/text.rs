//! Scalars of the merged tree as texts of the model.

use tightship_model::compose::{Entry, Text};
use tightship_model::{Dependent, Link, Traced, Trail, Value};

use super::scalar;
use crate::files::{join, normal};
use crate::interpolate::text_value;
use crate::yaml::Node;

/// The text of a scalar, which is the value of `key`.
pub(super) fn of(node: &Node, key: &str) -> Text {
    let origin = &node.origin;
    Text {
        value: scalar::text(node).unwrap_or_default(),
        open: origin.open.clone(),
        blank: origin.blank.clone(),
        demanded: origin.demanded.clone(),
        trail: trail(node, format!("sets {key}")),
    }
}

/// The text under a key, where there is one.
pub(super) fn field(node: &Node, key: &str) -> Option<Text> {
    let value = node.get(key)?;
    value.text()?;
    (!value.is_null()).then(|| of(value, key))
}

/// The texts of a list, or of a single value.
pub(super) fn list(node: &Node, key: &str) -> Vec<Text> {
    let Some(value) = node.get(key).filter(|value| !value.is_null()) else {
        return Vec::new();
    };
    let items = match value.text() {
        Some(_) => std::slice::from_ref(value),
        None => value.items(),
    };
    let texts = items.iter().filter(|item| item.text().is_some());
    texts.map(|item| of(item, key)).collect()
}

/// The entries of a mapping of scalars.
pub(super) fn entries(node: &Node, key: &str) -> Vec<Entry> {
    let entries = node.get(key).map_or(&[][..], Node::entries).iter();
    entries
        .filter_map(|(name, value)| {
            value.text()?;
            Some(Entry {
                key: name.text()?.to_owned(),
                value: of(value, name.text()?),
            })
        })
        .collect()
}

pub(super) fn is_true(node: &Node, key: &str) -> bool {
    field(node, key).is_some_and(|text| text.as_bool() == Some(true))
}

/// The way of a node: its place, then what its reader learnt of it.
pub(super) fn trail(node: &Node, text: String) -> Trail {
    let mut links = vec![Link::new(Some(node.span), text)];
    links.extend(node.origin.links.iter().cloned());
    Trail::new(links)
}

/// The value of the variable `name`; `None` for null, which hands the variable through.
pub(super) fn variable(node: &Node, name: &str) -> Option<Traced<Value>> {
    let text = scalar::text(node)?;
    let trail = trail(node, format!("sets {name}"));
    let known = (!node.origin.is_refused).then(|| text_value(name, text));
    if node.origin.open.is_empty()
        && let Some(value) = known
    {
        return Some(Traced::new(value, trail));
    }
    let dependent = Dependent {
        variables: node.origin.open.clone(),
        unset: known.map(|value| Traced::new(value, trail.clone())),
        others: Vec::new(),
        exhaustive: false,
    };
    Some(Traced::new(Value::Environment(Box::new(dependent)), trail))
}

/// A path written in this node as one below the root; `None` where it lies outside.
pub(super) fn below(node: &Node, path: &str) -> Option<String> {
    let bytes = path.as_bytes();
    let is_drive = bytes.len() > 1 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':';
    if path.is_empty() || path.starts_with(['/', '~', '\\']) || path.contains("://") || is_drive {
        return None;
    }
    normal(&join(&node.origin.folder, path))
}
