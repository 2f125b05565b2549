//! What a module sets that is not in the project, as far as its example tells.

use tightship_model::{Cause, Span};

use super::eval::Evaluator;
use super::syntax::ast;
use super::value::{Kind, Val};
use super::{paths, value::Chain};
use crate::discover::{example_of, is_ignored};

/// What `startproject` writes for developers, and each deployment sets anew.
const QUICK_START: [&str; 4] = ["DEBUG", "SECRET_KEY", "ALLOWED_HOSTS", "DATABASES"];

impl Evaluator<'_> {
    /// Takes what production's own file may set over: all names of the module are imported, it is not
    /// here, and git leaves it out or an example of it is here. What the example sets is not known
    /// then; where DEBUG is still on, neither is what else `startproject` writes for developers.
    pub(super) fn leave_to_absent(&mut self, name: &str, span: Span) {
        let Some(scope) = self.scope() else { return };
        let Some((path, example)) = self.left_out(name) else {
            return;
        };
        let mut names = Vec::new();
        let mut reason = format!("{path} is not here and may set it");
        if let Some(example) = example {
            if let Some((_, parsed)) = self.tree.parse(&example) {
                names = assigned(&parsed.module);
            }
            reason = format!("{reason}; {example} is its example");
        }
        let debug = self.heap.name(scope, "DEBUG");
        if debug.is_some_and(|debug| debug.is_settled() && matches!(debug.kind, Kind::Bool(true))) {
            names.extend(QUICK_START.map(str::to_owned));
        }
        names.sort();
        names.dedup();
        for name in names {
            let value = Val::unknown(Cause::File, reason.clone(), Some(span));
            let trail = Chain::at(span, format!("may set {name}"));
            self.heap.bind(scope, &name, value.with_trail(trail));
        }
    }
}

impl Evaluator<'_> {
    /// Where the file of a module would be, and its example, where git or an example says that it is
    /// left out.
    fn left_out(&self, name: &str) -> Option<(String, Option<String>)> {
        let search = self.items(&Kind::List(self.search).into())?;
        let folders = search.items.iter().filter_map(|entry| {
            let entry = entry.as_path()?;
            self.relative(entry)
        });
        let mut paths =
            folders.map(|folder| paths::join(&folder, &format!("{}.py", name.replace('.', "/"))));
        paths.find_map(|path| {
            let path = path.trim_start_matches("./").to_owned();
            let example = example_of(self.tree, &path);
            (example.is_some() || is_ignored(self.tree, &path)).then_some((path, example))
        })
    }
}

/// The settings that a module assigns at its top.
fn assigned(module: &ast::ModModule) -> Vec<String> {
    let mut names = Vec::new();
    for statement in &module.body {
        let targets = match statement {
            ast::Stmt::Assign(assign) => &assign.targets[..],
            ast::Stmt::AnnAssign(assign) => std::slice::from_ref(&*assign.target),
            _ => continue,
        };
        for target in targets {
            if let ast::Expr::Name(name) = target
                && !name.id.chars().any(char::is_lowercase)
            {
                names.push(name.id.to_string());
            }
        }
    }
    names
}
