//! One module of a URL configuration: its names, as far as patterns are made of them.

use std::collections::BTreeMap;

use tightship_model::{Pattern, Settings, SourceId, View};

use super::super::syntax::{absolute, ast, chain};
use super::{Entry, Leads, span_of};

/// Blocks inside of blocks.
const DEEPEST: usize = 20;

/// Terms of one sum of lists or texts.
const MOST_TERMS: usize = 200;

/// Functions of Django and DRF that make one route or an include of their arguments.
const PATHS: [&str; 3] = [
    "django.urls.path",
    "django.urls.conf.path",
    "rest_framework.urls.path",
];
const REGEXES: [&str; 5] = [
    "django.urls.re_path",
    "django.urls.conf.re_path",
    "django.conf.urls.url",
    "django.conf.urls.re_path",
    "django.urls.url",
];
const LANGUAGES: &str = "django.conf.urls.i18n.i18n_patterns";

/// Functions that serve files during development and give nothing while DEBUG is off.
const DEVELOPMENT: [&str; 2] = [
    "django.conf.urls.static.static",
    "django.contrib.staticfiles.urls.staticfiles_urlpatterns",
];

pub(super) struct Scope<'a> {
    pub(super) source: SourceId,
    module: &'a str,
    is_package: bool,
    pub(super) settings: &'a Settings,
    /// Local name to dotted path.
    pub(super) imports: BTreeMap<String, String>,
    /// What is called around a view that was assigned to a name.
    pub(super) wrappers: BTreeMap<String, Vec<String>>,
    pub(super) texts: BTreeMap<String, String>,
    pub(super) lists: BTreeMap<String, Vec<Entry>>,
    /// Prefix and view of what was registered, by the router's name.
    pub(super) routers: BTreeMap<String, Vec<Entry>>,
    depth: usize,
    /// Conditions around the statement that are not decided.
    conditions: Vec<String>,
}

impl<'a> Scope<'a> {
    pub(super) fn new(
        source: SourceId,
        module: &'a str,
        is_package: bool,
        settings: &'a Settings,
    ) -> Self {
        Self {
            source,
            module,
            is_package,
            settings,
            imports: BTreeMap::new(),
            wrappers: BTreeMap::new(),
            texts: BTreeMap::new(),
            lists: BTreeMap::new(),
            routers: BTreeMap::new(),
            depth: 0,
            conditions: Vec::new(),
        }
    }

    pub(super) fn urlpatterns(mut self) -> Vec<Entry> {
        self.lists.remove("urlpatterns").unwrap_or_default()
    }

    pub(super) fn read(&mut self, body: &[ast::Stmt]) {
        if self.depth >= DEEPEST {
            return;
        }
        self.depth += 1;
        for statement in body {
            self.statement(statement);
        }
        self.depth -= 1;
    }

    fn statement(&mut self, statement: &ast::Stmt) {
        match statement {
            ast::Stmt::Import(import) => {
                for alias in &import.names {
                    let path = alias.name.to_string();
                    let (bound, path) = match &alias.asname {
                        Some(bound) => (bound.to_string(), path),
                        None => {
                            let first = path.split('.').next().unwrap_or(&path).to_owned();
                            (first.clone(), first)
                        }
                    };
                    self.imports.insert(bound, path);
                }
            }
            ast::Stmt::ImportFrom(import) => self.import_from(import),
            ast::Stmt::Assign(assign) => {
                for target in &assign.targets {
                    if let ast::Expr::Name(name) = target {
                        self.assign(name.id.as_str(), &assign.value);
                    }
                }
            }
            ast::Stmt::AnnAssign(assign) => {
                if let (ast::Expr::Name(name), Some(value)) = (&*assign.target, &assign.value) {
                    self.assign(name.id.as_str(), value);
                }
            }
            ast::Stmt::AugAssign(assign) => {
                if let ast::Expr::Name(name) = &*assign.target {
                    let more = self.entries(&assign.value);
                    self.extend(name.id.as_str(), more);
                }
            }
            ast::Stmt::Expr(statement) => {
                if let ast::Expr::Call(call) = &*statement.value {
                    self.method(call);
                }
            }
            ast::Stmt::If(branch) => self.branch(branch),
            ast::Stmt::Try(attempt) => {
                self.read(&attempt.body);
                self.read(&attempt.orelse);
                self.read(&attempt.finalbody);
            }
            ast::Stmt::With(with) => self.read(&with.body),
            ast::Stmt::For(looped) => self.lose(&looped.body, "a loop makes them"),
            ast::Stmt::While(looped) => self.lose(&looped.body, "a loop makes them"),
            _ => {}
        }
    }

    fn import_from(&mut self, import: &ast::StmtImportFrom) {
        let from = absolute(import, self.module, self.is_package);
        for alias in &import.names {
            let bound = alias.asname.as_ref().unwrap_or(&alias.name).to_string();
            if bound == "*" {
                // `from .common import *` that brings the patterns.
                let entry = Entry {
                    patterns: Vec::new(),
                    leads: Leads::Module(from.clone()),
                    wrappers: Vec::new(),
                    name: None,
                    when: None,
                    span: span_of(self, alias),
                };
                if !from.starts_with("django.") && !from.ends_with("views") {
                    self.lists.insert("urlpatterns".to_owned(), vec![entry]);
                }
                continue;
            }
            self.imports.insert(bound, format!("{from}.{}", alias.name));
        }
    }

    fn assign(&mut self, name: &str, value: &ast::Expr) {
        if let Some(text) = self.text(value) {
            self.texts.insert(name.to_owned(), text);
            return;
        }
        if let ast::Expr::Call(call) = value {
            let path = self.dotted(&call.func).unwrap_or_default();
            if path.ends_with("Router") {
                self.routers.insert(name.to_owned(), Vec::new());
                return;
            }
        }
        let is_list = matches!(
            value,
            ast::Expr::List(_) | ast::Expr::BinOp(_) | ast::Expr::Tuple(_)
        );
        if is_list || name.ends_with("patterns") {
            let entries = self.entries(value);
            self.lists.insert(name.to_owned(), entries);
        } else if let Some(path) = self.view_path(value, 0) {
            self.wrappers
                .insert(name.to_owned(), self.wrappers_of(value));
            self.imports.insert(name.to_owned(), path);
        }
    }

    fn extend(&mut self, name: &str, more: Vec<Entry>) {
        let condition = self.condition();
        let more = more.into_iter().map(|entry| Entry {
            when: match (&condition, entry.when) {
                (Some(outer), Some(own)) => Some(format!("{outer} and {own}")),
                (outer, own) => outer.clone().or(own),
            },
            ..entry
        });
        self.lists.entry(name.to_owned()).or_default().extend(more);
    }

    fn condition(&self) -> Option<String> {
        (!self.conditions.is_empty()).then(|| self.conditions.join(" and "))
    }

    /// `urlpatterns.append(…)`, `router.register(…)`.
    fn method(&mut self, call: &ast::ExprCall) {
        let ast::Expr::Attribute(method) = &*call.func else {
            return;
        };
        let ast::Expr::Name(object) = &*method.value else {
            return;
        };
        let object = object.id.as_str();
        let arguments = &call.arguments.args;
        if self.routers.contains_key(object) {
            if method.attr.as_str() == "register" {
                let entry = self.registered(call);
                self.routers
                    .entry(object.to_owned())
                    .or_default()
                    .push(entry);
            }
            return;
        }
        if !self.lists.contains_key(object) {
            return;
        }
        let more = match (method.attr.as_str(), &**arguments) {
            ("append", [one]) | ("insert", [_, one]) => vec![self.entry(one)],
            ("extend", [list]) => self.entries(list),
            _ => return,
        };
        self.extend(object, more);
    }

    /// `router.register(prefix, viewset)`: the list, the detail and what further actions make.
    fn registered(&self, call: &ast::ExprCall) -> Entry {
        let argument = |at: usize, name: &str| {
            let keyword = call
                .arguments
                .keywords
                .iter()
                .find(|keyword| keyword.arg.as_ref().is_some_and(|arg| arg.as_str() == name));
            let positional = call.arguments.args.get(at);
            positional.or_else(|| Some(&keyword?.value))
        };
        let prefix = argument(0, "prefix").and_then(|prefix| self.text(prefix));
        let view = argument(1, "viewset").and_then(|view| self.dotted(view));
        Entry {
            patterns: match prefix {
                Some(prefix) if prefix.is_empty() => vec![Pattern::Open],
                // A prefix is a regular expression; that of nearly every router is plain text.
                Some(prefix) if is_plain(&prefix) => {
                    vec![Pattern::Path(format!("{prefix}/")), Pattern::Open]
                }
                Some(prefix) => vec![Pattern::Regex(format!("^{prefix}/")), Pattern::Open],
                None => vec![Pattern::Unknown("the prefix is made by code".to_owned())],
            },
            leads: Leads::View(view.map_or(View::Unknown, View::Callable)),
            wrappers: Vec::new(),
            name: None,
            when: self.condition(),
            span: span_of(self, call),
        }
    }

    fn branch(&mut self, branch: &ast::StmtIf) {
        let mut tests = vec![(Some(&*branch.test), &branch.body)];
        for clause in &branch.elif_else_clauses {
            tests.push((clause.test.as_ref(), &clause.body));
        }
        for (test, body) in tests {
            let decided = test.map_or(Some(true), |test| self.decide(test));
            match decided {
                Some(true) => {
                    self.read(body);
                    return;
                }
                Some(false) => {}
                None => {
                    self.conditions
                        .push("a condition that the settings do not decide".to_owned());
                    self.read(body);
                    self.conditions.pop();
                }
            }
        }
    }

    /// What a block does to lists of patterns is not followed.
    fn lose(&mut self, body: &[ast::Stmt], why: &str) {
        for statement in body {
            let named = match statement {
                ast::Stmt::AugAssign(assign) => match &*assign.target {
                    ast::Expr::Name(name) => Some(name.id.to_string()),
                    _ => None,
                },
                ast::Stmt::Expr(statement) => match &*statement.value {
                    ast::Expr::Call(call) => match &*call.func {
                        ast::Expr::Attribute(method) => match &*method.value {
                            ast::Expr::Name(name) => Some(name.id.to_string()),
                            _ => None,
                        },
                        _ => None,
                    },
                    _ => None,
                },
                _ => None,
            };
            let lost = self.unread(statement, why);
            if let Some(list) = named.and_then(|name| self.lists.get_mut(&name)) {
                list.push(lost);
            }
        }
    }

    /// The elements of an expression that is a list of patterns.
    pub(super) fn entries(&self, expression: &ast::Expr) -> Vec<Entry> {
        let mut terms = Vec::new();
        let mut current = expression;
        // `a + b + c` leans to the left as deep as it is long.
        while let ast::Expr::BinOp(sum) = current {
            if sum.op != ast::Operator::Add || terms.len() >= MOST_TERMS {
                break;
            }
            terms.push(&*sum.right);
            current = &sum.left;
        }
        terms.push(current);
        terms
            .into_iter()
            .rev()
            .flat_map(|term| self.term(term))
            .collect()
    }

    fn term(&self, expression: &ast::Expr) -> Vec<Entry> {
        match expression {
            ast::Expr::List(list) => self.elements(&list.elts),
            ast::Expr::Tuple(tuple) => self.elements(&tuple.elts),
            ast::Expr::Name(name) => match self.lists.get(name.id.as_str()) {
                Some(entries) => entries.clone(),
                None => vec![self.unread(expression, "a list that is made elsewhere")],
            },
            ast::Expr::Attribute(attribute) if attribute.attr.as_str() == "urls" => {
                match self.router(&attribute.value) {
                    Some(entries) => entries,
                    None => vec![self.unread(expression, "the routes of an object")],
                }
            }
            ast::Expr::Call(call) => self.list_call(expression, call),
            ast::Expr::If(choice) => match self.decide(&choice.test) {
                Some(true) => self.entries(&choice.body),
                Some(false) => self.entries(&choice.orelse),
                None => vec![self.unread(expression, "a condition decides")],
            },
            _ => vec![self.unread(expression, "code makes them")],
        }
    }

    fn elements(&self, elements: &[ast::Expr]) -> Vec<Entry> {
        elements
            .iter()
            .flat_map(|element| match element {
                ast::Expr::Starred(starred) => self.entries(&starred.value),
                element => vec![self.entry(element)],
            })
            .collect()
    }

    /// A call that gives a list.
    fn list_call(&self, expression: &ast::Expr, call: &ast::ExprCall) -> Vec<Entry> {
        let function = self.dotted(&call.func).unwrap_or_default();
        if DEVELOPMENT.contains(&function.as_str()) {
            let debug = self.settings.get("DEBUG");
            return match debug.and_then(|debug| debug.value.value.truthy()) {
                Some(false) => Vec::new(),
                Some(true) => vec![self.served(expression, call)],
                None => vec![self.unread(expression, "files are served while DEBUG is on")],
            };
        }
        if function == LANGUAGES {
            let bare = call.arguments.keywords.iter().any(|keyword| {
                let is_it = keyword
                    .arg
                    .as_ref()
                    .is_some_and(|arg| arg.as_str() == "prefix_default_language");
                is_it
                    && matches!(&keyword.value, ast::Expr::BooleanLiteral(literal) if !literal.value)
            });
            return vec![Entry {
                patterns: vec![Pattern::Language {
                    default_is_bare: bare,
                }],
                leads: Leads::Entries(self.elements(&call.arguments.args)),
                wrappers: Vec::new(),
                name: None,
                when: None,
                span: span_of(self, call),
            }];
        }
        if function.ends_with("format_suffix_patterns")
            && let [list, ..] = &*call.arguments.args
        {
            return self.entries(list);
        }
        vec![self.unread(expression, &format!("{} makes them", last_part(&function)))]
    }

    /// The route of `static(prefix)` and of `staticfiles_urlpatterns()` while DEBUG is on
    /// (`django.conf.urls.static.static`).
    fn served(&self, expression: &ast::Expr, call: &ast::ExprCall) -> Entry {
        let prefix = match call.arguments.args.first() {
            Some(prefix) => self.text(prefix),
            None => {
                let setting = self.settings.get("STATIC_URL");
                setting.and_then(|setting| setting.value.value.as_str().map(str::to_owned))
            }
        };
        let prefix = prefix
            .as_deref()
            .map(|prefix| prefix.trim_start_matches('/'));
        let Some(prefix) = prefix.filter(|prefix| is_plain(prefix)) else {
            return self.unread(expression, "files are served while DEBUG is on");
        };
        Entry {
            patterns: vec![Pattern::Regex(format!("^{prefix}(?P<path>.*)$"))],
            leads: Leads::View(View::Callable("django.views.static.serve".to_owned())),
            wrappers: Vec::new(),
            name: None,
            when: None,
            span: span_of(self, expression),
        }
    }

    pub(super) fn router(&self, expression: &ast::Expr) -> Option<Vec<Entry>> {
        let ast::Expr::Name(name) = expression else {
            return None;
        };
        if let Some(entries) = self.routers.get(name.id.as_str()) {
            return Some(entries.clone());
        }
        let path = self.imports.get(name.id.as_str())?;
        // A router that another module fills: what it registers is not followed.
        Some(vec![Entry {
            patterns: vec![Pattern::Open],
            leads: Leads::View(View::Unknown),
            wrappers: Vec::new(),
            name: Some(path.clone()),
            when: None,
            span: span_of(self, expression),
        }])
    }

    /// One element of a list of patterns.
    fn entry(&self, expression: &ast::Expr) -> Entry {
        let ast::Expr::Call(call) = expression else {
            return self.unread(expression, "code makes it");
        };
        let function = self.dotted(&call.func).unwrap_or_default();
        let is_path = PATHS.contains(&function.as_str());
        if !is_path && !REGEXES.contains(&function.as_str()) {
            return self.unread(expression, &format!("{} makes it", last_part(&function)));
        }
        let keyword = |name: &str| {
            let is_it = |keyword: &&ast::Keyword| {
                keyword.arg.as_ref().is_some_and(|arg| arg.as_str() == name)
            };
            call.arguments.keywords.iter().find(is_it)
        };
        let positional = |at: usize| call.arguments.args.get(at);
        let route =
            positional(0).or_else(|| Some(&keyword("route").or_else(|| keyword("regex"))?.value));
        let view = positional(1).or_else(|| Some(&keyword("view")?.value));
        let pattern = match route.and_then(|route| self.text(route)) {
            Some(text) if is_path => Pattern::Path(text),
            Some(text) => Pattern::Regex(text),
            None => Pattern::Unknown("the path is made by code".to_owned()),
        };
        Entry {
            patterns: vec![pattern],
            leads: view.map_or(Leads::View(View::Unknown), |view| self.leads(view)),
            wrappers: view.map_or_else(Vec::new, |view| self.wrappers_of(view)),
            name: keyword("name").and_then(|name| self.text(&name.value)),
            when: None,
            span: span_of(self, call),
        }
    }

    /// The dotted path of a name, as the imports tell it; a name of this module gets its own.
    pub(super) fn dotted(&self, expression: &ast::Expr) -> Option<String> {
        let (name, parts) = chain(expression)?;
        let path = match self.imports.get(name) {
            Some(path) => path.clone(),
            None => format!("{}.{name}", self.module),
        };
        Some([&[path.as_str()], parts.as_slice()].concat().join("."))
    }

    fn unread(&self, node: &impl super::Ranged, why: &str) -> Entry {
        Entry {
            patterns: Vec::new(),
            leads: Leads::Unread(why.to_owned()),
            wrappers: Vec::new(),
            name: None,
            when: self.condition(),
            span: span_of(self, node),
        }
    }
}

/// Whether a regular expression means just its text.
fn is_plain(pattern: &str) -> bool {
    pattern
        .chars()
        .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '/'))
}

fn last_part(path: &str) -> &str {
    match path.rsplit('.').next() {
        Some(part) if !part.is_empty() => part,
        _ => "code",
    }
}
