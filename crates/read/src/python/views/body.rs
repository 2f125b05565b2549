//! What one function says.

use std::collections::{BTreeMap, BTreeSet};

use super::super::syntax::{Bounded, DEEPEST, Ranged, TextRange, Visitor, ast, visitor};
use super::module::Module;

/// Texts in quotes beyond this are sentences, not names.
const LONGEST_WORD: usize = 64;

#[derive(Default)]
pub(super) struct Body {
    /// Where it first reads what the client sent.
    pub(super) payload: Option<TextRange>,
    /// Where it first reads a header or the client's address.
    pub(super) headers: Option<TextRange>,
    pub(super) calls: Vec<Call>,
    pub(super) names: BTreeSet<String>,
}

pub(super) struct Call {
    pub(super) callee: Called,
    pub(super) takes_input: bool,
    pub(super) range: TextRange,
}

pub(super) enum Called {
    /// By the dotted path that imports and the module tell.
    Path(String),
    /// A method of the own object.
    Own(String),
    /// A method of what is not known.
    Method(String),
}

impl Body {
    pub(super) fn of_function(module: &Module, function: &ast::StmtFunctionDef) -> Self {
        let mut reader = Reader {
            module,
            body: Self::default(),
            imports: BTreeMap::new(),
            locals: BTreeSet::new(),
            input: BTreeSet::new(),
            derived: BTreeSet::new(),
            depth: 0,
        };
        reader.parameters(&function.parameters);
        reader.visit_body(&function.body);
        reader.body
    }
}

struct Reader<'a> {
    module: &'a Module,
    body: Body,
    /// Those inside of the function.
    imports: BTreeMap<String, String>,
    locals: BTreeSet<String>,
    /// Names that may hold the request, or what was made of it.
    input: BTreeSet<String>,
    /// Those of them that certainly do.
    derived: BTreeSet<String>,
    depth: usize,
}

impl<'a> Visitor<'a> for Reader<'_> {
    fn visit_stmt(&mut self, statement: &'a ast::Stmt) {
        match statement {
            ast::Stmt::Import(_) | ast::Stmt::ImportFrom(_) => {
                self.imports.extend(self.module.imported(statement));
            }
            // The wrapper inside of a decorator.
            ast::Stmt::FunctionDef(inner) => {
                self.locals.insert(inner.name.to_string());
                self.parameters(&inner.parameters);
            }
            ast::Stmt::Assign(assign) => {
                for target in &assign.targets {
                    self.assign(target, &assign.value);
                }
            }
            ast::Stmt::AnnAssign(assign) => {
                if let Some(value) = &assign.value {
                    self.assign(&assign.target, value);
                }
            }
            ast::Stmt::For(looped) => self.assign(&looped.target, &looped.iter),
            ast::Stmt::With(with) => {
                for item in &with.items {
                    if let Some(target) = &item.optional_vars {
                        self.assign(target, &item.context_expr);
                    }
                }
            }
            _ => {}
        }
        self.deeper(|reader| visitor::walk_stmt(reader, statement));
    }

    fn visit_expr(&mut self, expression: &'a ast::Expr) {
        match expression {
            ast::Expr::Name(name) => {
                self.body.names.insert(name.id.to_string());
            }
            ast::Expr::Attribute(attribute) => self.attribute(attribute),
            ast::Expr::StringLiteral(literal) => {
                let text = literal.value.to_str();
                if text.len() <= LONGEST_WORD && !text.contains(char::is_whitespace) {
                    self.body.names.insert(text.to_owned());
                }
            }
            ast::Expr::Named(named) => self.assign(&named.target, &named.value),
            ast::Expr::Call(call) => self.call(call),
            _ => {}
        }
        self.deeper(|reader| visitor::walk_expr(reader, expression));
    }
}

impl Bounded for Reader<'_> {
    fn depth(&mut self) -> &mut usize {
        &mut self.depth
    }
}

impl Reader<'_> {
    fn parameters(&mut self, parameters: &ast::Parameters) {
        for parameter in parameters.iter() {
            let name = parameter.name().to_string();
            if is_request(&name) {
                self.derived.insert(name.clone());
            }
            if !matches!(name.as_str(), "self" | "cls") {
                self.input.insert(name.clone());
            }
            self.locals.insert(name);
        }
    }

    fn assign(&mut self, target: &ast::Expr, value: &ast::Expr) {
        let (is_input, is_derived) = (mentions(value, &self.input), mentions(value, &self.derived));
        for name in names_in(target) {
            if is_input {
                self.input.insert(name.clone());
            }
            if is_derived {
                self.derived.insert(name.clone());
            }
            self.locals.insert(name);
        }
    }

    fn attribute(&mut self, attribute: &ast::ExprAttribute) {
        let name = attribute.attr.as_str();
        self.body.names.insert(name.to_owned());
        let is_request = match &*attribute.value {
            ast::Expr::Name(object) => is_request(object.id.as_str()),
            // `self.request`
            ast::Expr::Attribute(object) => object.attr.as_str() == "request",
            _ => false,
        };
        if !is_request {
            return;
        }
        let (place, range) = (&mut self.body, attribute.range());
        match name {
            "body" | "data" | "POST" | "read" => {
                place.payload.get_or_insert(range);
            }
            "headers" | "META" => {
                place.headers.get_or_insert(range);
            }
            _ => {}
        }
    }

    fn call(&mut self, call: &ast::ExprCall) {
        let arguments = &call.arguments;
        let is_given = arguments.args.iter().any(|value| self.is_input(value))
            || arguments
                .keywords
                .iter()
                .any(|keyword| self.is_input(&keyword.value));
        for keyword in &arguments.keywords {
            let name = keyword.arg.as_ref().map(ToString::to_string);
            self.body.names.extend(name);
        }
        if let Some(callee) = self.callee(&call.func) {
            // What made the object was given the input already.
            let is_of_input =
                matches!(callee, Called::Method(_)) && mentions(&call.func, &self.derived);
            self.body.calls.push(Call {
                callee,
                takes_input: is_given && !is_of_input,
                range: call.range(),
            });
        }
    }

    fn is_input(&self, value: &ast::Expr) -> bool {
        mentions(value, &self.input)
    }

    /// `None` where the request itself is only taken apart.
    fn callee(&self, function: &ast::Expr) -> Option<Called> {
        let mut parts = Vec::new();
        let mut current = function;
        let mut calls = 0;
        loop {
            current = match current {
                ast::Expr::Attribute(attribute) => {
                    parts.push(attribute.attr.as_str());
                    &attribute.value
                }
                ast::Expr::Call(call) => {
                    calls += 1;
                    &call.func
                }
                ast::Expr::Subscript(item) => &item.value,
                ast::Expr::Await(awaited) => &awaited.value,
                _ => break,
            };
        }
        parts.reverse();
        let ast::Expr::Name(root) = current else {
            return parts
                .last()
                .map(|method| Called::Method((*method).to_owned()));
        };
        let root = root.id.as_str();
        if let Some(path) = self.imports.get(root) {
            return Some(Called::Path(joined(path, &parts)));
        }
        match (root, parts.as_slice()) {
            // `self.request.user.save()`
            ("self" | "cls", ["request", "user" | "session", .., method]) => {
                Some(Called::Method((*method).to_owned()))
            }
            (root, ["user" | "session", .., method]) if is_request(root) => {
                Some(Called::Method((*method).to_owned()))
            }
            // `self.request.POST.get(…)`
            ("self" | "cls", ["request", ..]) => None,
            ("self" | "cls", [method]) if calls == 0 => Some(Called::Own((*method).to_owned())),
            ("super", _) => None,
            (root, [_, ..]) if is_request(root) => None,
            (root, []) if self.locals.contains(root) => Some(Called::Method(root.to_owned())),
            (root, [.., method]) if self.locals.contains(root) || root == "self" => {
                Some(Called::Method((*method).to_owned()))
            }
            (root, parts) => Some(Called::Path(joined(&self.module.path_of(root), parts))),
        }
    }
}

fn joined(path: &str, parts: &[&str]) -> String {
    let mut path = path.to_owned();
    for part in parts {
        path.push('.');
        path.push_str(part);
    }
    path
}

/// Whether an expression names one of these, or the request of the own object.
fn mentions(expression: &ast::Expr, names: &BTreeSet<String>) -> bool {
    let mut search = Search {
        names,
        is_found: false,
        depth: 0,
    };
    search.visit_expr(expression);
    search.is_found
}

struct Search<'a> {
    names: &'a BTreeSet<String>,
    is_found: bool,
    depth: usize,
}

impl<'a> Visitor<'a> for Search<'_> {
    fn visit_expr(&mut self, expression: &'a ast::Expr) {
        self.is_found |= match expression {
            ast::Expr::Name(name) => self.names.contains(name.id.as_str()),
            ast::Expr::Attribute(attribute) => attribute.attr.as_str() == "request",
            _ => false,
        };
        if !self.is_found && self.depth < DEEPEST {
            self.depth += 1;
            visitor::walk_expr(self, expression);
            self.depth -= 1;
        }
    }
}

/// The names that an assignment binds.
fn names_in(target: &ast::Expr) -> Vec<String> {
    let elements = match target {
        ast::Expr::Name(name) => return vec![name.id.to_string()],
        ast::Expr::Tuple(tuple) => &tuple.elts,
        ast::Expr::List(list) => &list.elts,
        _ => return Vec::new(),
    };
    let name = |element: &ast::Expr| match element {
        ast::Expr::Name(name) => Some(name.id.to_string()),
        _ => None,
    };
    elements.iter().filter_map(name).collect()
}

/// Whether a parameter is the request, by its usual names.
fn is_request(name: &str) -> bool {
    matches!(name, "request" | "req" | "_request" | "http_request")
}
