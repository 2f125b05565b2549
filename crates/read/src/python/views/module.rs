//! One module: its definitions and what its names stand for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tightship_model::{SourceId, Span};

use super::super::syntax::{Parsed, Ranged, TextRange, absolute, ast, chain};

/// Blocks inside of blocks at the top of a module.
const DEEPEST_BLOCK: usize = 20;

/// Calls around one view.
const MOST_WRAPPERS: usize = 8;

pub(super) struct Module {
    pub(super) file: String,
    /// Dotted.
    name: String,
    source: SourceId,
    pub(super) parsed: Arc<Parsed>,
    /// Local name to dotted path.
    pub(super) imports: BTreeMap<String, String>,
    pub(super) stars: Vec<String>,
    /// What the module itself binds: functions, classes and variables.
    own: BTreeSet<String>,
}

/// What a module binds a name to.
#[derive(Clone, Copy)]
pub(super) enum Definition<'m> {
    Function(&'m ast::StmtFunctionDef),
    Class(&'m ast::StmtClassDef),
    Value(&'m ast::Expr),
}

impl Definition<'_> {
    pub(super) fn name(self) -> TextRange {
        match self {
            Self::Function(function) => function.name.range(),
            Self::Class(class) => class.name.range(),
            Self::Value(value) => value.range(),
        }
    }
}

impl Module {
    pub(super) fn new(file: &str, name: &str, source: SourceId, parsed: Arc<Parsed>) -> Self {
        let mut module = Self {
            file: file.to_owned(),
            name: name.to_owned(),
            source,
            imports: BTreeMap::new(),
            stars: Vec::new(),
            own: BTreeSet::new(),
            parsed,
        };
        let parsed = Arc::clone(&module.parsed);
        each(&parsed.module.body, 0, &mut |statement| {
            module.own.extend(bound_names(statement));
            for (bound, path) in module.imported(statement) {
                match bound.as_str() {
                    "*" => module.stars.push(path),
                    _ => drop(module.imports.insert(bound, path)),
                }
            }
        });
        module
    }

    /// What an import binds: local name and dotted path.
    pub(super) fn imported(&self, statement: &ast::Stmt) -> Vec<(String, String)> {
        match statement {
            ast::Stmt::Import(import) => {
                let names = import.names.iter();
                let pair = |alias: &ast::Alias| {
                    let path = alias.name.to_string();
                    match &alias.asname {
                        Some(bound) => (bound.to_string(), path),
                        None => {
                            let first = path.split('.').next().unwrap_or(&path).to_owned();
                            (first.clone(), first)
                        }
                    }
                };
                names.map(pair).collect()
            }
            ast::Stmt::ImportFrom(import) => {
                let is_package = self.file.ends_with("__init__.py");
                let from = absolute(import, &self.name, is_package);
                let names = import.names.iter();
                let pair = |alias: &ast::Alias| match alias.name.as_str() {
                    "*" => ("*".to_owned(), from.clone()),
                    name => {
                        let bound = alias.asname.as_ref().unwrap_or(&alias.name);
                        (bound.to_string(), format!("{from}.{name}"))
                    }
                };
                names.map(pair).collect()
            }
            _ => Vec::new(),
        }
    }

    /// What stands at the top of the module under this name, or in a class of it: `Shop.paid`. The
    /// last one counts, as in Python.
    pub(super) fn definition(&self, name: &str) -> Option<Definition<'_>> {
        let (first, rest) = match name.split_once('.') {
            Some((first, rest)) => (first, Some(rest)),
            None => (name, None),
        };
        if !self.own.contains(first) {
            return None;
        }
        let mut found = None;
        each(&self.parsed.module.body, 0, &mut |statement| {
            found = bound(statement, first).or(found);
        });
        match (found?, rest) {
            (found, None) => Some(found),
            (Definition::Class(class), Some(method)) => class
                .body
                .iter()
                .filter_map(|statement| bound(statement, method))
                .last(),
            _ => None,
        }
    }

    /// The dotted path of a name or an attribute; a name that nothing binds is a built-in one.
    pub(super) fn dotted(&self, expression: &ast::Expr) -> Option<String> {
        let (name, parts) = chain(expression)?;
        let path = self.path_of(name);
        Some([&[path.as_str()], parts.as_slice()].concat().join("."))
    }

    pub(super) fn path_of(&self, name: &str) -> String {
        if let Some(path) = self.imports.get(name) {
            return path.clone();
        }
        match self.own.contains(name) {
            true => format!("{}.{name}", self.name),
            false => name.to_owned(),
        }
    }

    /// The dotted paths in a list or a tuple, or the one that the expression is.
    pub(super) fn all_dotted(&self, expression: &ast::Expr) -> Vec<String> {
        let elements = match expression {
            ast::Expr::List(list) => &list.elts[..],
            ast::Expr::Tuple(tuple) => &tuple.elts[..],
            one => std::slice::from_ref(one),
        };
        let path = |element: &ast::Expr| match element {
            ast::Expr::Call(call) => self.dotted(&call.func),
            element => self.dotted(element),
        };
        elements.iter().filter_map(path).collect()
    }

    /// The dotted paths of all names in it that begin as those of classes do.
    pub(super) fn capitalised(&self) -> Vec<String> {
        let is_capital = |name: &&str| name.starts_with(|first: char| first.is_ascii_uppercase());
        let mut found: Vec<_> = self
            .imports
            .iter()
            .filter(|(name, _)| is_capital(&name.as_str()))
            .map(|(_, path)| path.clone())
            .collect();
        each(&self.parsed.module.body, 0, &mut |statement| {
            if let ast::Stmt::ClassDef(class) = statement {
                found.push(format!("{}.{}", self.name, class.name));
            }
        });
        found
    }

    pub(super) fn span(&self, range: TextRange) -> Span {
        Span::new(self.source, range.start().to_u32(), range.end().to_u32())
    }
}

/// The view in `csrf_exempt(View.as_view())`, and what is called around it, outermost first.
pub(super) fn unwrapped(module: &Module, value: &ast::Expr) -> (Option<String>, Vec<String>) {
    let mut around = Vec::new();
    let mut value = value;
    while let ast::Expr::Call(call) = value {
        if let ast::Expr::Attribute(method) = &*call.func
            && method.attr.as_str() == "as_view"
        {
            return (module.dotted(&method.value), around);
        }
        let [inner] = &*call.arguments.args else {
            return (None, around);
        };
        if around.len() >= MOST_WRAPPERS {
            return (None, around);
        }
        around.extend(decorators(module, &call.func));
        value = inner;
    }
    (module.dotted(value), around)
}

/// The dotted path of a decorator, `method_decorator` and the arguments of makers looked through.
pub(super) fn decorators(module: &Module, expression: &ast::Expr) -> Vec<String> {
    let ast::Expr::Call(call) = expression else {
        return module.dotted(expression).into_iter().collect();
    };
    let path = module.dotted(&call.func);
    match (path.as_deref(), &*call.arguments.args) {
        (Some("django.utils.decorators.method_decorator"), [inner, ..]) => module.all_dotted(inner),
        _ => path.into_iter().collect(),
    }
}

pub(super) fn has_method(class: &ast::StmtClassDef, name: &str) -> bool {
    class.body.iter().any(
        |statement| matches!(statement, ast::Stmt::FunctionDef(method) if method.name.as_str() == name),
    )
}

/// The names that [`bound`] finds in a statement.
fn bound_names(statement: &ast::Stmt) -> Vec<String> {
    match statement {
        ast::Stmt::FunctionDef(function) => vec![function.name.to_string()],
        ast::Stmt::ClassDef(class) => vec![class.name.to_string()],
        ast::Stmt::Assign(assign) => {
            let names = assign.targets.iter().filter_map(|target| match target {
                ast::Expr::Name(name) => Some(name.id.to_string()),
                _ => None,
            });
            names.collect()
        }
        _ => Vec::new(),
    }
}

/// What a statement binds this name to.
fn bound<'m>(statement: &'m ast::Stmt, name: &str) -> Option<Definition<'m>> {
    match statement {
        ast::Stmt::FunctionDef(function) if function.name.as_str() == name => {
            Some(Definition::Function(function))
        }
        ast::Stmt::ClassDef(class) if class.name.as_str() == name => Some(Definition::Class(class)),
        ast::Stmt::Assign(assign) => {
            let is_it = |target: &ast::Expr| matches!(target, ast::Expr::Name(bound) if bound.id.as_str() == name);
            assign
                .targets
                .iter()
                .any(is_it)
                .then_some(Definition::Value(&assign.value))
        }
        _ => None,
    }
}

/// The statements at the top of a module, those in conditions and attempts too.
fn each<'m>(body: &'m [ast::Stmt], depth: usize, visit: &mut dyn FnMut(&'m ast::Stmt)) {
    if depth > DEEPEST_BLOCK {
        return;
    }
    for statement in body {
        visit(statement);
        match statement {
            ast::Stmt::If(branch) => {
                each(&branch.body, depth + 1, visit);
                for clause in &branch.elif_else_clauses {
                    each(&clause.body, depth + 1, visit);
                }
            }
            ast::Stmt::Try(attempt) => {
                for ast::ExceptHandler::ExceptHandler(handler) in &attempt.handlers {
                    each(&handler.body, depth + 1, visit);
                }
                each(&attempt.body, depth + 1, visit);
                each(&attempt.orelse, depth + 1, visit);
            }
            ast::Stmt::With(with) => each(&with.body, depth + 1, visit),
            _ => {}
        }
    }
}
