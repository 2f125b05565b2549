//! `volumes`, short and long (the Compose specification, "volumes").

use tightship_model::compose::{Entry, Mount, MountKind, Text};

use super::text::{self, below};
use crate::yaml::Node;

/// Reads one element; `Err` says why Compose refuses it.
pub(super) fn read(node: &Node) -> Result<Mount, &'static str> {
    match node.text() {
        Some(written) => of_short(node, &short(written)?),
        None => of_long(node),
    }
}

/// The place in the container, which no two elements share (chapter "Merge", "Unique resources").
pub(super) fn target(node: &Node) -> Option<String> {
    match node.text() {
        Some(written) => Some(short(written).ok()?.target.to_owned()),
        None => node.get("target")?.text().map(str::to_owned),
    }
}

/// A mount of memory: an element of `tmpfs`.
pub(super) fn tmpfs(node: &Node) -> Mount {
    let written = text::of(node, "tmpfs");
    let (target, options) = match written.value.split_once(':') {
        Some((target, options)) => (target.to_owned(), options.to_owned()),
        None => (written.value.clone(), String::new()),
    };
    let options = options.split(',').filter(|option| !option.is_empty());
    Mount {
        kind: MountKind::Tmpfs,
        source: None,
        path: None,
        target: Text {
            value: target,
            ..written.clone()
        },
        read_only: options.clone().any(|option| option == "ro"),
        options: options
            .map(|option| {
                let (key, value) = option.split_once('=').unwrap_or((option, ""));
                entry(&format!("tmpfs.{key}"), value, &written)
            })
            .collect(),
        span: node.span,
    }
}

fn of_short(node: &Node, parts: &Short<'_>) -> Result<Mount, &'static str> {
    let written = text::of(node, "volumes");
    let part = |value: &str| Text {
        value: value.to_owned(),
        ..written.clone()
    };
    let is_bind = parts.source.is_some_and(is_path);
    let named = |option: &str| match option {
        "nocopy" => Some(("volume.nocopy", "true")),
        "z" | "Z" => Some(("bind.selinux", "")),
        "rprivate" | "private" | "rshared" | "shared" | "rslave" | "slave" => {
            Some(("bind.propagation", ""))
        }
        _ => None,
    };
    let options = parts.options.iter().filter_map(|option| {
        let (key, value) = named(option)?;
        Some(entry(
            key,
            if value.is_empty() { option } else { value },
            &written,
        ))
    });
    let last_access = parts
        .options
        .iter()
        .rev()
        .find(|option| matches!(**option, "ro" | "rw"));
    Ok(Mount {
        kind: if is_bind {
            MountKind::Bind
        } else {
            MountKind::Volume
        },
        source: parts.source.map(part),
        path: parts
            .source
            .filter(|_| is_bind)
            .and_then(|source| below(node, source)),
        target: part(&clean(parts.target)),
        read_only: last_access == Some(&"ro"),
        options: options.collect(),
        span: node.span,
    })
}

fn of_long(node: &Node) -> Result<Mount, &'static str> {
    let kind = match node.get("type").and_then(Node::text) {
        Some("bind") => MountKind::Bind,
        Some("tmpfs") => MountKind::Tmpfs,
        Some("npipe") => MountKind::Npipe,
        Some("cluster") => MountKind::Cluster,
        Some("image") => MountKind::Image,
        Some("volume") | None => MountKind::Volume,
        Some(_) => return Err("the type of the mount is none that Compose knows"),
    };
    let mut target = text::field(node, "target").ok_or("the mount has no target")?;
    target.value = clean(&target.value);
    let source = text::field(node, "source");
    let path = match (kind, &source) {
        (MountKind::Bind, Some(source)) => node
            .get("source")
            .and_then(|node| below(node, &source.value)),
        _ => None,
    };
    let mut options = Vec::new();
    for group in ["bind", "volume", "tmpfs", "image"] {
        for (key, value) in node.get(group).map_or(&[][..], Node::entries) {
            if let Some(key) = key.text()
                && value.text().is_some()
            {
                options.push(Entry {
                    key: format!("{group}.{key}"),
                    value: text::of(value, key),
                });
            }
        }
    }
    Ok(Mount {
        kind,
        source,
        path,
        target,
        read_only: text::field(node, "read_only").is_some_and(|text| text.as_bool() == Some(true)),
        options,
        span: node.span,
    })
}

struct Short<'a> {
    source: Option<&'a str>,
    target: &'a str,
    options: Vec<&'a str>,
}

/// `[SOURCE:]TARGET[:OPTIONS]`; the colon behind the letter of a Windows drive parts nothing.
fn short(written: &str) -> Result<Short<'_>, &'static str> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, byte) in written.bytes().enumerate() {
        let is_drive = at == start + 1 && written.as_bytes()[start].is_ascii_alphabetic();
        if byte == b':' && !is_drive {
            parts.push(&written[start..at]);
            start = at + 1;
        }
    }
    parts.push(&written[start..]);
    if parts.iter().any(|part| part.is_empty()) {
        return Err("nothing stands before or behind a colon");
    }
    let (source, target, options) = match parts.as_slice() {
        [target] => (None, *target, ""),
        [source, target] => (Some(*source), *target, ""),
        [source, target, options] => (Some(*source), *target, *options),
        _ => return Err("it has too many colons"),
    };
    Ok(Short {
        source,
        target,
        options: options
            .split(',')
            .filter(|option| !option.is_empty())
            .collect(),
    })
}

/// Whether the source of a short mount is a path of the host and no name of a volume.
fn is_path(source: &str) -> bool {
    let bytes = source.as_bytes();
    source.starts_with(['.', '/', '~'])
        || source.starts_with("\\\\")
        || bytes.len() > 1 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':'
}

/// A path of the container without `.`, `..` and double slashes.
fn clean(path: &str) -> String {
    if !path.starts_with('/') {
        return path.to_owned();
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

fn entry(key: &str, value: &str, written: &Text) -> Entry {
    Entry {
        key: key.to_owned(),
        value: Text {
            value: value.to_owned(),
            ..written.clone()
        },
    }
}
