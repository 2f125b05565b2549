//! The views for errors that a URL configuration names (django/urls/resolvers.py, `resolve_error_handler`).

use std::collections::BTreeSet;

use super::super::syntax::ast;

const NAMES: [&str; 4] = ["handler400", "handler403", "handler404", "handler500"];

/// Blocks inside of blocks.
const DEEPEST: usize = 20;

/// Which of them a module binds, under whatever condition; `None` where it takes in all names of
/// another.
pub(super) fn named(body: &[ast::Stmt]) -> Option<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    read(body, 0, &mut names).then_some(names)
}

/// Whether all that a block binds is known.
fn read(body: &[ast::Stmt], depth: usize, names: &mut BTreeSet<String>) -> bool {
    let mut bind = |name: &str| {
        if NAMES.contains(&name) {
            names.insert(name.to_owned());
        }
    };
    let mut inner: Vec<&[ast::Stmt]> = Vec::new();
    for statement in body {
        match statement {
            ast::Stmt::Assign(assign) => {
                for target in &assign.targets {
                    match target {
                        ast::Expr::Name(name) => bind(name.id.as_str()),
                        ast::Expr::Tuple(tuple) => {
                            let targets = tuple.elts.iter();
                            targets
                                .filter_map(|target| target.as_name_expr())
                                .for_each(|name| bind(name.id.as_str()));
                        }
                        _ => {}
                    }
                }
            }
            ast::Stmt::AnnAssign(assign) => {
                if let ast::Expr::Name(name) = &*assign.target {
                    bind(name.id.as_str());
                }
            }
            ast::Stmt::FunctionDef(function) => bind(function.name.as_str()),
            ast::Stmt::ImportFrom(import) => {
                for alias in &import.names {
                    match alias.asname.as_ref().unwrap_or(&alias.name).as_str() {
                        "*" => return false,
                        name => bind(name),
                    }
                }
            }
            ast::Stmt::If(branch) => {
                inner.push(&branch.body);
                inner.extend(branch.elif_else_clauses.iter().map(|clause| &*clause.body));
            }
            ast::Stmt::Try(attempt) => inner.extend([&*attempt.body, &*attempt.orelse]),
            ast::Stmt::With(with) => inner.push(&with.body),
            _ => {}
        }
    }
    depth < DEEPEST && inner.into_iter().all(|body| read(body, depth + 1, names))
}
