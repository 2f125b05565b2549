//! What dotted paths lead to: classes with their bases, functions with their parameters.

use std::collections::{BTreeMap, BTreeSet};

use tightship_model::{Settings, Signature, SourceId, Span, Symbol, Value};

use super::syntax::{Ranged, absolute, ast};
use crate::command::is_dotted;
use crate::discover::module_path;
use crate::files::Tree;

/// Imports that one name may be followed through, and classes that bases may lead through.
const LONGEST_CHAIN: usize = 16;

/// Bases of one class, all levels together.
const MOST_BASES: usize = 100;

/// Blocks inside of blocks at the top of a module.
const DEEPEST_BLOCK: usize = 20;

/// Names in settings that are looked up at most.
const MOST_NAMES: usize = 2_000;

/// The texts in the settings that may be dotted paths.
pub(crate) fn dotted_paths(settings: &Settings) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for setting in settings.overridden.values() {
        setting.value.walk(&mut |value| {
            let (Value::Str(text) | Value::Reference(text)) = value else {
                return;
            };
            if text.contains('.') && is_dotted(text) && names.len() < MOST_NAMES {
                names.insert(text.clone());
            }
        });
    }
    names
}

/// Looks up each of `names` that leads into the project.
pub(crate) fn symbols(
    tree: &mut Tree,
    folder: &str,
    names: &BTreeSet<String>,
) -> BTreeMap<String, Symbol> {
    let mut finder = Finder { tree, folder };
    names
        .iter()
        .filter_map(|name| Some((name.clone(), finder.symbol(name)?)))
        .collect()
}

/// The file of the module in which a dotted path ends, and the names that are left of it.
pub(crate) fn module_of(tree: &Tree, folder: &str, path: &str) -> Option<(String, String)> {
    let mut module = path;
    loop {
        if let Some(file) = module_path(tree, folder, module) {
            let rest = path[module.len()..].trim_start_matches('.');
            return Some((file, rest.to_owned()));
        }
        module = module.rsplit_once('.')?.0;
    }
}

struct Finder<'a> {
    tree: &'a mut Tree,
    folder: &'a str,
}

/// What a module binds a name to.
enum Binding {
    Class(Vec<String>, Span),
    Function(Signature, Span),
    /// Imported from this dotted path.
    Import(String, Span),
    Other(Span),
    Missing,
}

impl Finder<'_> {
    fn symbol(&mut self, path: &str) -> Option<Symbol> {
        let mut path = path.to_owned();
        let mut place = None;
        for _ in 0..LONGEST_CHAIN {
            let Some((file, rest)) = module_of(self.tree, self.folder, &path) else {
                // An import led out of the project.
                return place.map(|span| Symbol::Other { span });
            };
            let (source, name) = (self.tree.read(&file)?, rest.split('.').next().unwrap_or(""));
            if name.is_empty() {
                return Some(Symbol::Other {
                    span: Span::new(source, 0, 0),
                });
            }
            match self.binding(&file, &path[..path.len() - rest.len()], name) {
                Binding::Import(target, span) => {
                    let inner = rest[name.len()..].to_owned();
                    path = target + &inner;
                    place = Some(span);
                }
                // An attribute of a class or of an instance.
                Binding::Class(_, span) | Binding::Function(_, span) | Binding::Other(span)
                    if name != rest =>
                {
                    return Some(Symbol::Other { span });
                }
                Binding::Class(bases, span) => {
                    return Some(Symbol::Class {
                        bases: self.all_bases(bases),
                        span,
                    });
                }
                Binding::Function(signature, span) => {
                    return Some(Symbol::Function { signature, span });
                }
                Binding::Other(span) => return Some(Symbol::Other { span }),
                Binding::Missing => return Some(Symbol::Missing),
            }
        }
        place.map(|span| Symbol::Other { span })
    }

    /// The bases and theirs, nearest first.
    fn all_bases(&mut self, direct: Vec<String>) -> Vec<String> {
        let mut bases = direct;
        let mut at = 0;
        while at < bases.len() && bases.len() < MOST_BASES {
            for base in self.bases_of(&bases[at].clone()) {
                if !bases.contains(&base) {
                    bases.push(base);
                }
            }
            at += 1;
        }
        bases
    }

    fn bases_of(&mut self, class: &str) -> Vec<String> {
        let mut path = class.to_owned();
        for _ in 0..LONGEST_CHAIN {
            let Some((file, rest)) = module_of(self.tree, self.folder, &path) else {
                // What a module of the project only hands on goes by its own name too.
                return if path == class {
                    Vec::new()
                } else {
                    vec![path]
                };
            };
            match self.binding(&file, &path[..path.len() - rest.len()], &rest) {
                Binding::Class(bases, _) => return bases,
                Binding::Import(target, _) => path = target,
                _ => return Vec::new(),
            }
        }
        Vec::new()
    }

    fn binding(&mut self, file: &str, module: &str, name: &str) -> Binding {
        let Some((source, parsed)) = self.tree.parse(file) else {
            return Binding::Missing;
        };
        let mut scope = Scope {
            source,
            module: module.trim_end_matches('.'),
            is_package: file.ends_with("__init__.py"),
            imports: BTreeMap::new(),
            stars: Vec::new(),
            binding: None,
            is_open: parsed.error.is_some(),
        };
        scope.read(&parsed.module.body, name, 0);
        if let Some(binding) = scope.binding {
            return binding;
        }
        let (stars, is_open) = (scope.stars, scope.is_open);
        let submodule = format!("{}.{name}", module.trim_end_matches('.'));
        if let Some(file) = module_path(self.tree, self.folder, &submodule)
            && let Some(source) = self.tree.read(&file)
        {
            return Binding::Other(Span::new(source, 0, 0));
        }
        let mut has_foreign = is_open;
        for (star, span) in stars {
            match module_of(self.tree, self.folder, &star) {
                Some((other, rest)) if rest.is_empty() && other != file => {
                    let found = self.symbol_in_star(&other, &star, name, span);
                    if let Some(binding) = found {
                        return binding;
                    }
                }
                _ => has_foreign = true,
            }
        }
        if has_foreign {
            return Binding::Other(Span::new(source, 0, 0));
        }
        Binding::Missing
    }

    /// A name that a star import brings, one level deep; deeper ones are only known to be there.
    fn symbol_in_star(
        &mut self,
        file: &str,
        module: &str,
        name: &str,
        span: Span,
    ) -> Option<Binding> {
        let (source, parsed) = self.tree.parse(file)?;
        let mut scope = Scope {
            source,
            module,
            is_package: file.ends_with("__init__.py"),
            imports: BTreeMap::new(),
            stars: Vec::new(),
            binding: None,
            is_open: false,
        };
        scope.read(&parsed.module.body, name, 0);
        match scope.binding {
            Some(binding) => Some(binding),
            None if scope.stars.is_empty() => None,
            None => Some(Binding::Other(span)),
        }
    }
}

/// The top of a module, read for one name.
struct Scope<'a> {
    source: SourceId,
    module: &'a str,
    is_package: bool,
    /// Local name to dotted path.
    imports: BTreeMap<String, String>,
    stars: Vec<(String, Span)>,
    binding: Option<Binding>,
    /// Whether names may be there that the text does not show.
    is_open: bool,
}

impl Scope<'_> {
    /// The last binding counts, as in Python.
    fn read(&mut self, body: &[ast::Stmt], name: &str, depth: usize) {
        if depth > DEEPEST_BLOCK {
            return;
        }
        for statement in body {
            match statement {
                ast::Stmt::ClassDef(class) => {
                    if class.name.as_str() == name {
                        let bases = class
                            .arguments
                            .iter()
                            .flat_map(|arguments| &arguments.args)
                            .filter_map(|base| self.dotted(base))
                            .collect();
                        self.binding = Some(Binding::Class(bases, self.span(class.name.range())));
                    }
                    let own = format!("{}.{}", self.module, class.name);
                    self.imports.insert(class.name.to_string(), own);
                }
                ast::Stmt::FunctionDef(function) => {
                    if function.name.as_str() == name {
                        let signature = signature(&function.parameters);
                        let span = self.span(function.name.range());
                        self.binding = Some(Binding::Function(signature, span));
                    }
                    self.is_open |= function.name.as_str() == "__getattr__";
                }
                ast::Stmt::Import(import) => {
                    for alias in &import.names {
                        let path = alias.name.to_string();
                        match &alias.asname {
                            Some(bound) => {
                                self.import(bound.to_string(), path, name, alias.range())
                            }
                            None => {
                                let first = path.split('.').next().unwrap_or(&path).to_owned();
                                self.import(first.clone(), first, name, alias.range());
                            }
                        }
                    }
                }
                ast::Stmt::ImportFrom(import) => {
                    let from = absolute(import, self.module, self.is_package);
                    for alias in &import.names {
                        let span = self.span(alias.range());
                        if alias.name.as_str() == "*" {
                            self.stars.push((from.clone(), span));
                            continue;
                        }
                        let bound = alias.asname.as_ref().unwrap_or(&alias.name).to_string();
                        let path = format!("{from}.{}", alias.name);
                        self.import(bound, path, name, alias.range());
                    }
                }
                ast::Stmt::Assign(assign) => {
                    for target in &assign.targets {
                        self.target(target, name);
                        self.class_based_view(target, &assign.value, name);
                    }
                }
                ast::Stmt::AnnAssign(assign) if assign.value.is_some() => {
                    self.target(&assign.target, name);
                }
                ast::Stmt::If(branch) => {
                    self.read(&branch.body, name, depth + 1);
                    for clause in &branch.elif_else_clauses {
                        self.read(&clause.body, name, depth + 1);
                    }
                }
                ast::Stmt::Try(attempt) => {
                    for handler in &attempt.handlers {
                        let ast::ExceptHandler::ExceptHandler(handler) = handler;
                        self.read(&handler.body, name, depth + 1);
                    }
                    self.read(&attempt.body, name, depth + 1);
                    self.read(&attempt.orelse, name, depth + 1);
                    self.read(&attempt.finalbody, name, depth + 1);
                }
                ast::Stmt::With(with) => self.read(&with.body, name, depth + 1),
                ast::Stmt::For(_) | ast::Stmt::While(_) | ast::Stmt::Match(_) => {
                    self.is_open = true;
                }
                ast::Stmt::Expr(statement) => {
                    // `globals().update(…)` and its kin.
                    self.is_open |= matches!(&*statement.value, ast::Expr::Call(call)
                        if matches!(&*call.func, ast::Expr::Attribute(function)
                            if matches!(&*function.value, ast::Expr::Call(_))));
                }
                _ => {}
            }
        }
    }

    fn import(&mut self, bound: String, path: String, name: &str, range: super::syntax::TextRange) {
        if bound == name {
            self.binding = Some(Binding::Import(path.clone(), self.span(range)));
        }
        self.imports.insert(bound, path);
    }

    fn target(&mut self, target: &ast::Expr, name: &str) {
        match target {
            ast::Expr::Name(bound) if bound.id.as_str() == name => {
                self.binding = Some(Binding::Other(self.span(bound.range())));
            }
            ast::Expr::Tuple(tuple) => {
                tuple.elts.iter().for_each(|element| match element {
                    ast::Expr::Tuple(_) => self.is_open = true,
                    element => self.target(element, name),
                });
            }
            _ => {}
        }
    }

    /// `view = SomeView.as_view(…)`: whatever the class, a function of the request and any further
    /// arguments (`django.views.generic.base.View.as_view`).
    fn class_based_view(&mut self, target: &ast::Expr, value: &ast::Expr, name: &str) {
        let is_bound = matches!(target, ast::Expr::Name(bound) if bound.id.as_str() == name);
        let is_view = matches!(value, ast::Expr::Call(call)
            if matches!(&*call.func, ast::Expr::Attribute(method) if method.attr.as_str() == "as_view"));
        if is_bound && is_view {
            let signature = Signature {
                positional_or_keyword: vec![("request".to_owned(), false)],
                takes_any_positional: true,
                takes_any_keyword: true,
                ..Signature::default()
            };
            self.binding = Some(Binding::Function(signature, self.span(target.range())));
        }
    }

    /// The dotted path of a base class.
    fn dotted(&self, expression: &ast::Expr) -> Option<String> {
        let mut parts = Vec::new();
        let mut current = expression;
        loop {
            match current {
                ast::Expr::Attribute(attribute) => {
                    parts.push(attribute.attr.as_str());
                    current = &attribute.value;
                }
                // `Generic[T]`
                ast::Expr::Subscript(item) => current = &item.value,
                ast::Expr::Name(name) => {
                    let name = name.id.as_str();
                    let mut path = match self.imports.get(name) {
                        Some(path) => path.clone(),
                        None => name.to_owned(),
                    };
                    for part in parts.iter().rev() {
                        path.push('.');
                        path.push_str(part);
                    }
                    return Some(path);
                }
                _ => return None,
            }
        }
    }

    fn span(&self, range: super::syntax::TextRange) -> Span {
        Span::new(self.source, range.start().to_u32(), range.end().to_u32())
    }
}

fn signature(parameters: &ast::Parameters) -> Signature {
    let named = |parameters: &[ast::ParameterWithDefault]| {
        parameters
            .iter()
            .map(|parameter| {
                (
                    parameter.parameter.name.to_string(),
                    parameter.default.is_some(),
                )
            })
            .collect()
    };
    Signature {
        positional_only: named(&parameters.posonlyargs),
        positional_or_keyword: named(&parameters.args),
        keyword_only: named(&parameters.kwonlyargs),
        takes_any_positional: parameters.vararg.is_some(),
        takes_any_keyword: parameters.kwarg.is_some(),
    }
}
