//! What the container of a service gets from `env_file` and `environment`.

use std::collections::BTreeMap;

use tightship_model::compose::{EnvFile, Service};
use tightship_model::{EnvOrigin, Environment, Link, Traced, Trail, Value};

use super::load::Scope;
use super::text::{self, below};
use crate::env_file::{self, Reader};
use crate::environment::{hide, insert_file};
use crate::files::Tree;
use crate::interpolate::{Found, text_value};
use crate::yaml::Node;

/// The files that `env_file` names.
pub(super) fn files(tree: &Tree, node: Option<&Node>) -> Vec<EnvFile> {
    let items = node.map_or(&[][..], Node::items).iter();
    items
        .filter_map(|item| {
            let written = match item.text() {
                Some(_) => text::of(item, "env_file"),
                None => text::field(item, "path")?,
            };
            let at = item.get("path").unwrap_or(item);
            let path = below(at, &written.value);
            let required = text::field(item, "required");
            let format = text::field(item, "format");
            Some(EnvFile {
                is_here: path.as_ref().is_some_and(|path| tree.has_file(path)),
                path,
                is_required: required.is_none_or(|text| text.as_bool() != Some(false)),
                is_raw: format.is_some_and(|text| text.value == "raw"),
                written,
                span: item.span,
            })
        })
        .collect()
}

/// Fills the environment: the files in their order, then what `environment` says.
pub(super) fn fill(
    tree: &mut Tree,
    scope: &Scope,
    files: &[String],
    service: &mut Service,
    node: Option<&Node>,
) {
    let mut environment = Environment {
        origin: EnvOrigin::Compose {
            service: service.name.clone(),
            files: files.to_vec(),
        },
        ..Environment::default()
    };
    let own = own(scope, node);
    for file in &service.env_files {
        add_file(tree, scope, &mut environment, file, &own);
    }
    for (name, own) in own {
        environment.passed.remove(&name);
        service.own_variables.insert(name.clone(), own.key.span);
        match own.value {
            Some(value) => {
                hide(tree, own.node.span, &value.value);
                environment.variables.insert(name, value);
            }
            None => {
                let passes = Link::new(
                    Some(own.key.span),
                    format!("passes {name} on from the shell"),
                );
                environment.variables.remove(&name);
                environment.passed.insert(name, Trail::new(vec![passes]));
            }
        }
    }
    service.environment = environment;
}

/// An entry of `environment`.
struct Own<'a> {
    key: &'a Node,
    node: &'a Node,
    /// `None` where the shell's value is handed through and no file tells it.
    value: Option<Traced<Value>>,
}

fn own<'a>(scope: &Scope, node: Option<&'a Node>) -> Vec<(String, Own<'a>)> {
    let entries = node.map_or(&[][..], Node::entries).iter();
    entries
        .filter_map(|(key, node)| {
            let name = key.text()?.to_owned();
            let handed = || handed_through(scope, key, &name);
            let value = text::variable(node, &name).or_else(handed);
            Some((name, Own { key, node, value }))
        })
        .collect()
}

/// What `.env` says of a variable that stands without a value.
pub(super) fn handed_through(scope: &Scope, key: &Node, name: &str) -> Option<Traced<Value>> {
    let (value, trail) = scope.variables.get(name)?;
    let passes = format!("passes {name} on from the shell");
    let mut links = vec![Link::new(Some(key.span), passes)];
    links.extend(trail.links().iter().cloned());
    let value = text_value(name, value.clone());
    Some(Traced::new(value, Trail::new(links)))
}

/// The variables of a file. What they refer to is looked up in the project's `.env` and the shell,
/// then in `environment`, in the file itself, and in the files before (compose-go 2, `WithServicesEnvironmentResolved`).
fn add_file(
    tree: &mut Tree,
    scope: &Scope,
    environment: &mut Environment,
    file: &EnvFile,
    own: &[(String, Own<'_>)],
) {
    let named = tree.place(file.span);
    let written = &file.written.value;
    let Some(path) = file.path.as_ref().filter(|_| file.is_here) else {
        if file.is_required {
            let reason = format!("{written}, which {named} names, is not here");
            environment.incomplete = Some(reason);
        } else {
            let reason = format!("{written}, which {named} names, may be on the server");
            environment.incomplete.get_or_insert(reason);
        }
        return;
    };
    let reader = match file.is_raw {
        true => Reader::Raw,
        false => Reader::Compose,
    };
    let here = env_file::names(tree, path, file.is_raw);
    let before = environment.variables.iter();
    let before = before.filter(|(name, _)| !here.contains(*name));
    let own = own
        .iter()
        .filter_map(|(name, own)| Some((name, own.value.as_ref()?)));
    let inside: BTreeMap<String, Option<String>> = before
        .chain(own)
        .map(|(name, value)| (name.clone(), value.value.as_str().map(str::to_owned)))
        .collect();
    let outside = |name: &str| match scope.look_up(name) {
        Found::Open => match inside.get(name) {
            Some(Some(value)) => Found::Set(value.clone(), Trail::default()),
            _ => Found::Open,
        },
        known => known,
    };
    let links = [Link::new(
        Some(file.span),
        format!("takes it from {written}"),
    )];
    let entries = env_file::read(tree, path, reader, &outside);
    insert_file(environment, path, entries, &links, &outside);
}
