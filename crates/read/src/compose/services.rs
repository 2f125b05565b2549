//! What a service says of its process.

use tightship_model::Span;

use super::{Model, merge, scalar};
use crate::command::Command;
use crate::files::{join, normal};
use crate::yaml::Node;

#[derive(Clone, Debug)]
pub(crate) struct Service {
    pub(crate) name: String,
    pub(crate) environment: Vec<Variable>,
    pub(crate) env_files: Vec<EnvFile>,
    pub(crate) build: Option<Build>,
    pub(crate) image: Option<String>,
    pub(crate) command: Option<Command>,
    pub(crate) entrypoint: Option<Command>,
    /// Folders and files that are mounted from the project, relative to the root.
    pub(crate) mounts: Vec<String>,
    /// Whether it takes requests of the public: port 443 is open to the host.
    pub(crate) is_public: bool,
}

/// An entry of `environment`.
#[derive(Clone, Debug)]
pub(crate) struct Variable {
    pub(crate) name: String,
    /// As written, before interpolation; `None` where the shell's value is handed through.
    pub(crate) value: Option<String>,
    pub(crate) span: Span,
}

#[derive(Clone, Debug)]
pub(crate) struct EnvFile {
    /// Relative to the root; `None` where it lies outside of it.
    pub(crate) path: Option<String>,
    pub(crate) written: String,
    /// Without it, Compose refuses to start the service.
    pub(crate) is_required: bool,
    pub(crate) span: Span,
}

#[derive(Clone, Debug)]
pub(crate) struct Build {
    /// Relative to the root; `None` where it lies outside of it.
    pub(crate) context: Option<String>,
    /// Relative to the root.
    pub(crate) dockerfile: Option<String>,
    pub(crate) target: Option<String>,
    pub(crate) args: Vec<Variable>,
}

impl Service {
    pub(super) fn read(model: &Model, name: &str, node: &Node) -> Self {
        Self {
            name: name.to_owned(),
            environment: variables(node.get("environment")),
            env_files: env_files(model, node.get("env_file")),
            build: node.get("build").map(|node| build(model, node)),
            image: node
                .get("image")
                .and_then(Node::text)
                .map(|text| model.text(text)),
            command: node.get("command").and_then(|node| command(model, node)),
            entrypoint: node.get("entrypoint").and_then(|node| command(model, node)),
            mounts: mounts(model, node.get("volumes")),
            is_public: publishes_https(model, node.get("ports")),
        }
    }
}

fn variables(node: Option<&Node>) -> Vec<Variable> {
    let Some(node) = node else { return Vec::new() };
    merge::mapping(node.clone())
        .entries()
        .iter()
        .filter_map(|(name, value)| {
            Some(Variable {
                name: name.text()?.to_owned(),
                value: scalar::text(value),
                span: if value.is_null() {
                    name.span
                } else {
                    value.span
                },
            })
        })
        .collect()
}

fn env_files(model: &Model, node: Option<&Node>) -> Vec<EnvFile> {
    let Some(node) = node else { return Vec::new() };
    let items = match node.text() {
        Some(_) => std::slice::from_ref(node),
        None => node.items(),
    };
    items
        .iter()
        .filter_map(|item| {
            let path = item.text().or_else(|| item.get("path")?.text())?;
            let written = model.text(path);
            Some(EnvFile {
                path: below(&model.folder, &written),
                is_required: item.get("required").and_then(Node::text) != Some("false"),
                written,
                span: item.span,
            })
        })
        .collect()
}

fn mounts(model: &Model, node: Option<&Node>) -> Vec<String> {
    let items = node.map_or(&[][..], Node::items).iter();
    let sources = items.filter_map(|item| match item.text() {
        Some(short) => Some(model.text(short).split(':').next()?.to_owned()),
        None => Some(model.text(item.get("source")?.text()?)),
    });
    // Without a leading dot it is the name of a volume.
    sources
        .filter(|source| source.starts_with('.'))
        .filter_map(|source| below(&model.folder, &source))
        .collect()
}

fn publishes_https(model: &Model, node: Option<&Node>) -> bool {
    node.map_or(&[][..], Node::items)
        .iter()
        .any(|item| match item.text() {
            Some(short) => {
                let text = model.text(short);
                let mut parts = text.rsplit(':');
                let inside = parts.next();
                parts.next().or(inside) == Some("443")
            }
            None => item.get("published").and_then(Node::text) == Some("443"),
        })
}

fn build(model: &Model, node: &Node) -> Build {
    let text = |key: &str| Some(model.text(node.get(key)?.text()?));
    let context = node.text().map(|context| model.text(context));
    let context = context
        .or_else(|| text("context"))
        .unwrap_or_else(|| ".".to_owned());
    let context = below(&model.folder, &context);
    let dockerfile = text("dockerfile").unwrap_or_else(|| "Dockerfile".to_owned());
    Build {
        dockerfile: context
            .as_ref()
            .and_then(|context| below(context, &dockerfile)),
        context,
        target: text("target"),
        args: variables(node.get("args")),
    }
}

fn command(model: &Model, node: &Node) -> Option<Command> {
    if node.is_null() {
        return None;
    }
    let lines: Vec<&str> = match node.text() {
        Some(text) => vec![text],
        None => node.items().iter().filter_map(Node::text).collect(),
    };
    let words = lines
        .iter()
        .flat_map(|line| crate::command::words(&model.text(line)))
        .collect();
    Some(Command {
        words,
        span: node.span,
    })
}

/// A path of the file as one below the root.
fn below(folder: &str, path: &str) -> Option<String> {
    if path.starts_with(['/', '~']) || path.contains("://") {
        return None;
    }
    normal(&join(folder, path))
}
