//! Variables in the scalars of a Compose file.

use std::collections::BTreeSet;
use std::sync::Arc;

use tightship_model::Span;

use super::load::Scope;
use crate::interpolate::interpolate;
use crate::yaml::{Data, Node, Origin};

/// Puts the variables into each scalar of a tree.
pub(super) struct Interpolation<'a> {
    scope: &'a Scope,
    /// The origin of what holds no variable.
    plain: Arc<Origin>,
    pub(super) faults: Vec<(Span, &'static str)>,
    /// Those that were seen.
    pub(super) nodes: usize,
    /// Whether a scalar may be a path that Compose opens, and is no text for a program.
    holds_paths: bool,
}

/// The keys below which stands what programs get.
const TEXTS: [&str; 5] = ["environment", "args", "command", "entrypoint", "labels"];

impl<'a> Interpolation<'a> {
    /// Does so in the documents of a file.
    pub(super) fn of(documents: &mut [Node], scope: &'a Scope) -> Self {
        let mut interpolation = Self {
            plain: Arc::new(Origin {
                folder: scope.folder.clone(),
                is_taken_in: scope.is_taken_in,
                links: scope.included_by.clone(),
                ..Origin::default()
            }),
            scope,
            faults: Vec::new(),
            nodes: 0,
            holds_paths: true,
        };
        for document in documents {
            interpolation.node(document);
        }
        interpolation
    }

    /// Puts `.` for the folder in which Compose is started: that of its file, where it looks first.
    fn put_in_folder(&self, text: &mut String) {
        if !self.holds_paths || !text.starts_with('$') || self.scope.variables.contains_key("PWD") {
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
                let mut links = result.links;
                links.extend(self.scope.included_by.iter().cloned());
                node.origin = Arc::new(Origin {
                    folder: self.scope.folder.clone(),
                    is_taken_in: self.scope.is_taken_in,
                    links,
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
                let keys = entries.iter().map(|(key, _)| key.text());
                let again: Vec<bool> = keys
                    .map(|name| name.is_some_and(|name| !names.insert(name)))
                    .collect();
                for ((key, value), is_again) in entries.iter_mut().zip(again) {
                    if is_again {
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
