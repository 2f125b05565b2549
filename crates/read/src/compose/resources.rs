//! Networks, volumes, secrets and configs of the top level.

use tightship_model::compose::{Network, StoredFile, Text, Volume};

use super::text::{self, below};
use crate::yaml::Node;

pub(super) fn network((key, node): &(Node, Node)) -> Option<Network> {
    Some(Network {
        key: key.text()?.to_owned(),
        name: name(node),
        driver: text::field(node, "driver"),
        driver_opts: text::entries(node, "driver_opts"),
        is_external: is_external(node),
        internal: text::is_true(node, "internal"),
        attachable: text::is_true(node, "attachable"),
        enable_ipv6: text::is_true(node, "enable_ipv6"),
        labels: text::entries(node, "labels"),
        span: Some(key.span),
    })
}

pub(super) fn volume((key, node): &(Node, Node)) -> Option<Volume> {
    Some(Volume {
        key: key.text()?.to_owned(),
        name: name(node),
        driver: text::field(node, "driver"),
        driver_opts: text::entries(node, "driver_opts"),
        is_external: is_external(node),
        labels: text::entries(node, "labels"),
        span: Some(key.span),
    })
}

/// A secret or a config.
pub(super) fn stored_file((key, node): &(Node, Node)) -> Option<StoredFile> {
    let file = text::field(node, "file");
    let path = file
        .as_ref()
        .and_then(|file| below(node.get("file")?, &file.value));
    Some(StoredFile {
        key: key.text()?.to_owned(),
        name: name(node),
        file,
        path,
        environment: text::field(node, "environment"),
        content: text::field(node, "content"),
        is_external: is_external(node),
        span: Some(key.span),
    })
}

/// `external: true`, or the older `external: {name: …}`.
fn is_external(node: &Node) -> bool {
    let external = node.get("external");
    external.is_some_and(|external| !external.entries().is_empty())
        || text::is_true(node, "external")
}

fn name(node: &Node) -> Option<Text> {
    let older = || text::field(node.get("external")?, "name");
    text::field(node, "name").or_else(older)
}
