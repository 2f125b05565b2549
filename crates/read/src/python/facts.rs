//! What the whole code of a project says: the environment variables and settings that it reads,
//! the error trackers that it sets up, the passwords that it stores.

use std::collections::BTreeSet;
use std::sync::Arc;

use memchr::memmem;
use rayon::prelude::*;
use tightship_model::{
    Administrator, EnvRead, Facts, PasswordText, PasswordWrite, SettingsRead, Span, ThrottleScope,
    Traced, TrackerCall, Trail,
};

use super::addresses;
use super::passwords;
use super::second_factors;
use super::syntax::{self, Bounded, Parsed, Ranged, TextRange, Visitor, ast, visitor};
use super::throttles;
use super::trackers;
use super::uploads::{self, Uploads};
use crate::administrators;
use crate::files::Tree;

/// A file without any of these says nothing that is asked here.
const SIGNS: [&str; 7] = [
    "environ",
    "getenv",
    "config(",
    "env(",
    "env.",
    "django.conf",
    "conf.settings",
];

/// Reads the facts of all Python files, in parallel. Files that say nothing do not become sources.
/// The syntax of the files in `kept` stays in the tree.
pub(crate) fn collect(tree: &mut Tree, kept: &BTreeSet<String>) -> Facts {
    let paths: Vec<String> = tree
        .files()
        .filter(|path| path.ends_with(".py"))
        .map(str::to_owned)
        .collect();
    let signs: Vec<_> = [
        &SIGNS[..],
        &trackers::SIGNS,
        &passwords::SIGNS,
        &addresses::SIGNS,
        &uploads::SIGNS,
        &second_factors::SIGNS,
        &throttles::SIGNS,
    ]
    .concat()
    .into_iter()
    .map(memmem::Finder::new)
    .collect();
    let read: Vec<Option<Read>> = paths
        .par_iter()
        .map(|path| Read::new(tree, path, kept.contains(path), &signs))
        .collect();
    let mut facts = Facts {
        python_files: paths.len(),
        ..Facts::default()
    };
    for (path, read) in paths.iter().zip(read) {
        let Some(read) = read else { continue };
        let source = match read.text {
            Some(text) => tree.keep(path, text),
            None => tree.known(path).flatten(),
        };
        let Some(source) = source else { continue };
        if let Some(parsed) = read.parsed {
            tree.keep_parsed(source, parsed);
        }
        let span =
            |range: TextRange| Span::new(source, range.start().to_u32(), range.end().to_u32());
        let found = read.found;
        for call in found.trackers {
            for (name, value, range) in &call.keywords {
                if name == "dsn" && value.as_str().is_some() {
                    tree.mark_secret(span(*range));
                }
            }
            facts.tracker_calls.push(TrackerCall {
                function: call.function,
                keywords: call
                    .keywords
                    .into_iter()
                    .map(|(name, value, range)| {
                        let trail = Trail::at(span(range), format!("gives {name}"));
                        (name, Traced::new(value, trail))
                    })
                    .collect(),
                span: span(call.range),
            });
        }
        if let Some(by) = administrators::runner(path) {
            for (call, password) in found.administrators {
                tree.mark_secret(span(password));
                facts.administrators.push(Administrator {
                    by: by.clone(),
                    span: span(call),
                    passwords: vec![PasswordText {
                        variable: None,
                        span: span(password),
                    }],
                });
            }
        }
        let module_validates = found.validates_passwords;
        let writes = found.passwords.into_iter();
        facts
            .password_writes
            .extend(writes.map(|(function, range)| PasswordWrite {
                function,
                module_validates,
                span: span(range),
            }));
        let fields = found.uploads.fields.into_iter();
        facts.file_fields.extend(fields.map(span));
        let factors = found.second_factors.into_iter();
        facts
            .second_factors
            .extend(factors.map(|(name, range)| (name, span(range))));
        let is_test = |part: &str| part.starts_with("test");
        let scopes = found.throttle_scopes.into_iter();
        // A view of the tests answers no client.
        let scopes = scopes.filter(|_| !path.split('/').any(is_test));
        facts
            .throttle_scopes
            .extend(scopes.map(|scope| ThrottleScope {
                scope: scope.scope,
                throttles: scope.throttles,
                span: span(scope.range),
            }));
        let redirects = found.uploads.redirects.into_iter();
        facts
            .accel_redirects
            .extend(redirects.map(|(folder, range)| (folder, span(range))));
        facts
            .first_addresses
            .extend(found.addresses.into_iter().map(span));
        facts
            .env_reads
            .extend(found.env.into_iter().map(|read| EnvRead {
                name: read.name,
                span: span(read.range),
                is_required: read.is_required,
            }));
        facts.settings_reads.extend(
            found
                .settings
                .into_iter()
                .map(|(name, range)| SettingsRead {
                    name,
                    span: span(range),
                }),
        );
    }
    facts
}

/// What one file gave. `text` is that of a file that is no source yet.
struct Read {
    text: Option<Result<String, String>>,
    parsed: Option<Arc<Parsed>>,
    found: Found,
}

#[derive(Default)]
struct Found {
    env: Vec<Variable>,
    settings: Vec<(String, TextRange)>,
    trackers: Vec<trackers::Found>,
    passwords: Vec<(String, TextRange)>,
    validates_passwords: bool,
    /// Calls that make an administrator, and the texts that are their passwords.
    administrators: Vec<(TextRange, TextRange)>,
    addresses: Vec<TextRange>,
    uploads: Uploads,
    second_factors: Vec<(String, TextRange)>,
    throttle_scopes: Vec<throttles::Scope>,
}

struct Variable {
    name: String,
    range: TextRange,
    is_required: bool,
}

impl Read {
    fn new(tree: &Tree, path: &str, is_kept: bool, signs: &[memmem::Finder<'_>]) -> Option<Self> {
        let known = tree.known(path);
        let loaded = match known {
            Some(_) => None,
            None => Some(tree.load(path)),
        };
        let text = match (&loaded, known.flatten()) {
            (Some(Ok(text)), _) => text.as_str(),
            (None, Some(source)) => tree.text(source),
            (Some(Err(_)), _) => {
                return Some(Self {
                    text: loaded,
                    parsed: None,
                    found: Found::default(),
                });
            }
            (None, None) => return None,
        };
        let says_something = signs
            .iter()
            .any(|sign| sign.find(text.as_bytes()).is_some());
        let may_make = administrators::may_make(path, text);
        if !says_something && !may_make && !is_kept {
            return None;
        }
        let parsed = known
            .flatten()
            .and_then(|source| tree.parsed(source))
            .unwrap_or_else(|| Arc::new(syntax::parse(text)));
        let mut found = Found::of(&parsed.module, text);
        if may_make {
            found.administrators = administrators::of_module(&parsed.module);
        }
        if found.is_empty() && !is_kept {
            return None;
        }
        Some(Self {
            text: loaded,
            parsed: is_kept.then_some(parsed),
            found,
        })
    }
}

impl Found {
    fn of(module: &ast::ModModule, text: &str) -> Self {
        let mut reader = Reader {
            found: Self::default(),
            names: Names::default(),
            depth: 0,
            guards: 0,
        };
        reader.visit_body(&module.body);
        let mut found = reader.found;
        let has = |signs: &[&str]| signs.iter().any(|sign| text.contains(sign));
        if has(&trackers::SIGNS) {
            found.trackers = trackers::calls(module);
        }
        if has(&passwords::SIGNS) {
            found.passwords = passwords::writes(module);
            found.validates_passwords = passwords::validates(text);
        }
        if has(&addresses::SIGNS) {
            found.addresses = addresses::firsts(module);
        }
        if has(&uploads::SIGNS) {
            found.uploads = uploads::of(module);
        }
        if has(&second_factors::SIGNS) {
            found.second_factors = second_factors::of(module);
        }
        if has(&throttles::SIGNS) {
            found.throttle_scopes = throttles::of(module);
        }
        found
    }

    fn is_empty(&self) -> bool {
        self.env.is_empty()
            && self.settings.is_empty()
            && self.trackers.is_empty()
            && self.passwords.is_empty()
            && self.administrators.is_empty()
            && self.addresses.is_empty()
            && self.uploads.is_empty()
            && self.second_factors.is_empty()
            && self.throttle_scopes.is_empty()
    }
}

/// Names of the module that stand for readers of the environment or for Django's settings.
#[derive(Default)]
struct Names {
    settings: Vec<String>,
    environ: Vec<String>,
    getenv: Vec<String>,
    /// decouple's `config` and its kin: called with the name of a variable.
    readers: Vec<String>,
    /// Those of them that stop the program where a variable without a default is missing.
    strict: Vec<String>,
    /// Variables for which the reader itself was given a default: `Env(DEBUG=(bool, False))`.
    defaults: Vec<String>,
}

struct Reader {
    found: Found,
    names: Names,
    depth: usize,
    /// `try` statements and conditions around.
    guards: usize,
}

impl<'a> Visitor<'a> for Reader {
    fn visit_stmt(&mut self, statement: &'a ast::Stmt) {
        match statement {
            ast::Stmt::ImportFrom(import) => self.names.import(import),
            ast::Stmt::Assign(assign) => self.names.assign(assign),
            _ => {}
        }
        let is_guard = match statement {
            ast::Stmt::Try(_) => true,
            ast::Stmt::If(branch) => !asks_debug(&branch.test),
            _ => false,
        };
        self.guards += usize::from(is_guard);
        self.deeper(|reader| visitor::walk_stmt(reader, statement));
        self.guards -= usize::from(is_guard);
    }

    fn visit_expr(&mut self, expression: &'a ast::Expr) {
        match expression {
            ast::Expr::Attribute(attribute) => self.attribute(attribute),
            ast::Expr::Subscript(item) if self.names.is_environ(&item.value) => {
                self.env(&item.slice, item.ctx.is_load());
            }
            ast::Expr::Call(call) => self.call(call),
            ast::Expr::Compare(compare)
                if compare
                    .comparators
                    .iter()
                    .any(|side| self.names.is_environ(side)) =>
            {
                self.env(&compare.left, false);
            }
            _ => {}
        }
        self.deeper(|reader| visitor::walk_expr(reader, expression));
    }
}

impl Bounded for Reader {
    fn depth(&mut self) -> &mut usize {
        &mut self.depth
    }
}

impl Reader {
    /// `settings.NAME`.
    fn attribute(&mut self, attribute: &ast::ExprAttribute) {
        let name = attribute.attr.as_str();
        if self.names.is_settings(&attribute.value) && is_setting(name) {
            self.found
                .settings
                .push((name.to_owned(), attribute.range()));
        }
    }

    fn call(&mut self, call: &ast::ExprCall) {
        let arguments = &call.arguments.args;
        match &*call.func {
            ast::Expr::Name(function) => match (function.id.as_str(), &**arguments) {
                ("getattr" | "hasattr", [object, name, ..]) if self.names.is_settings(object) => {
                    if let Some((name, range)) = string(name).filter(|(name, _)| is_setting(name)) {
                        self.found.settings.push((name.to_owned(), range));
                    }
                }
                (function, [name, ..])
                    if self.names.is_reader(function)
                        || self.names.getenv.iter().any(|known| known == function) =>
                {
                    let is_strict = self.names.is_strict(function);
                    self.env(name, is_strict && !has_default(call));
                }
                _ => {}
            },
            ast::Expr::Attribute(function) => {
                let Some(name) = arguments.first() else {
                    return;
                };
                let method = function.attr.as_str();
                let (is_read, is_strict) = match &*function.value {
                    object if self.names.is_environ(object) => {
                        let methods = ["get", "pop", "setdefault", "__getitem__"];
                        (methods.contains(&method), false)
                    }
                    ast::Expr::Name(object) => {
                        let object = object.id.as_str();
                        let is_reader =
                            self.names.is_reader(object) && !method.starts_with("read_");
                        (
                            is_reader || (object == "os" && method == "getenv"),
                            self.names.is_strict(object),
                        )
                    }
                    _ => (false, false),
                };
                if is_read {
                    self.env(name, is_strict && !has_default(call));
                }
            }
            _ => {}
        }
    }

    fn env(&mut self, name: &ast::Expr, is_required: bool) {
        if let Some((name, range)) = string(name)
            && !name.is_empty()
            && name.bytes().all(|b| b == b'_' || b.is_ascii_alphanumeric())
        {
            let has_default = self.names.defaults.iter().any(|known| known == name);
            self.found.env.push(Variable {
                name: name.to_owned(),
                range,
                is_required: is_required && self.guards == 0 && !has_default,
            });
        }
    }
}

impl Names {
    fn import(&mut self, import: &ast::StmtImportFrom) {
        let module = import.module.as_ref().map_or("", |module| module.as_str());
        for alias in &import.names {
            let bound = alias.asname.as_ref().unwrap_or(&alias.name).to_string();
            match (module, alias.name.as_str()) {
                ("django.conf", "settings") => self.settings.push(bound),
                ("os", "environ") => self.environ.push(bound),
                ("os", "getenv") => self.getenv.push(bound),
                ("decouple", "config") => {
                    self.strict.push(bound.clone());
                    self.readers.push(bound);
                }
                // A module of the project that made `env` for the others.
                (_, "env") => self.readers.push(bound),
                _ => {}
            }
        }
    }

    /// `env = environ.Env(…)`, `config = AutoConfig(…)`, `ENV = os.environ`.
    fn assign(&mut self, assign: &ast::StmtAssign) {
        let [ast::Expr::Name(target)] = assign.targets.as_slice() else {
            return;
        };
        let name = target.id.to_string();
        if self.is_environ(&assign.value) {
            self.environ.push(name);
            return;
        }
        let ast::Expr::Call(call) = &*assign.value else {
            return;
        };
        let class = match &*call.func {
            ast::Expr::Name(class) => class.id.as_str(),
            ast::Expr::Attribute(class) => class.attr.as_str(),
            _ => return,
        };
        if matches!(class, "Env" | "FileAwareEnv" | "AutoConfig" | "Config") {
            let keywords = call.arguments.keywords.iter();
            self.defaults
                .extend(keywords.filter_map(|keyword| Some(keyword.arg.as_ref()?.to_string())));
            self.strict.push(name.clone());
            self.readers.push(name);
        }
    }

    fn is_settings(&self, expression: &ast::Expr) -> bool {
        match expression {
            ast::Expr::Name(name) => self.settings.iter().any(|known| known == name.id.as_str()),
            // `django.conf.settings`, `conf.settings`
            ast::Expr::Attribute(attribute) => {
                attribute.attr.as_str() == "settings"
                    && match &*attribute.value {
                        ast::Expr::Name(name) => name.id.as_str() == "conf",
                        ast::Expr::Attribute(inner) => inner.attr.as_str() == "conf",
                        _ => false,
                    }
            }
            _ => false,
        }
    }

    fn is_environ(&self, expression: &ast::Expr) -> bool {
        match expression {
            ast::Expr::Name(name) => self.environ.iter().any(|known| known == name.id.as_str()),
            ast::Expr::Attribute(attribute) => {
                attribute.attr.as_str() == "environ"
                    && matches!(&*attribute.value, ast::Expr::Name(name) if name.id.as_str().ends_with("os"))
            }
            _ => false,
        }
    }

    fn is_reader(&self, name: &str) -> bool {
        self.readers.iter().any(|known| known == name)
    }

    fn is_strict(&self, name: &str) -> bool {
        self.strict.iter().any(|known| known == name)
    }
}

/// Whether a condition is `DEBUG` or `not DEBUG`: production always takes the one way.
fn asks_debug(test: &ast::Expr) -> bool {
    match test {
        ast::Expr::UnaryOp(not) if not.op == ast::UnaryOp::Not => asks_debug(&not.operand),
        ast::Expr::Name(name) => name.id.as_str() == "DEBUG",
        _ => false,
    }
}

/// Whether a call that reads a variable says what holds without it. `**options` may.
fn has_default(call: &ast::ExprCall) -> bool {
    let keywords = &call.arguments.keywords;
    call.arguments.args.len() > 1
        || keywords
            .iter()
            .any(|keyword| keyword.arg.as_ref().is_none_or(|name| name == "default"))
}

fn is_setting(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase() || c == '_')
        && name
            .bytes()
            .all(|b| b == b'_' || b.is_ascii_uppercase() || b.is_ascii_digit())
}

fn string(expression: &ast::Expr) -> Option<(&str, TextRange)> {
    match expression {
        ast::Expr::StringLiteral(literal) => Some((literal.value.to_str(), literal.range())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Vec<String>, Vec<String>) {
        let found = Found::of(&syntax::parse(text).module, text);
        let settings = found.settings.into_iter().map(|(name, _)| name).collect();
        let env = found.env.into_iter().map(|read| read.name).collect();
        (env, settings)
    }

    #[test]
    fn every_reader_of_the_environment_is_seen() {
        let (env, _) = read(
            "import os\nfrom os import environ as e, getenv\nfrom decouple import config\n\
             import environ\nenv = environ.Env(NOT_READ=(bool, False))\n\
             os.environ['A']; os.environ.get('B', 1); os.getenv('C'); getenv('D'); e['E']\n\
             config('F', default=1); env('G'); env.bool('H'); 'I' in os.environ\n\
             env.read_env('.env'); other('J'); os.environ[name]\n",
        );
        assert_eq!(env, ["A", "B", "C", "D", "E", "F", "G", "H", "I"]);
    }

    #[test]
    fn what_a_program_cannot_do_without_is_required() {
        let text = "import os, environ\nfrom decouple import config\n\
            env = environ.Env(DEBUG=(bool, False))\n\
            os.environ['A']; config('B', cast=int); env.str('C'); env('D')\n\
            os.environ.get('E'); config('F', default=1); env('DEBUG'); env.bool('G', True)\n\
            os.environ['H'] = '1'\n\
            try:\n    os.environ['I']\nexcept KeyError:\n    pass\n\
            if MAIL:\n    os.environ['J']\nif not DEBUG:\n    os.environ['K']\n";
        let found = Found::of(&syntax::parse(text).module, text);
        let required: Vec<_> = found
            .env
            .iter()
            .filter(|read| read.is_required)
            .map(|read| read.name.as_str())
            .collect();
        assert_eq!(required, ["A", "B", "C", "D", "K"]);
    }

    #[test]
    fn settings_are_those_of_django() {
        let (_, settings) = read(
            "from django.conf import settings as s\nfrom app import settings\n\
             def f():\n    return s.ONE, getattr(s, 'TWO', 1), hasattr(s, 'THREE'), s.configure\n\
             settings.FOUR\nfrom django import conf\nconf.settings.FIVE\n",
        );
        assert_eq!(settings, ["ONE", "TWO", "THREE", "FIVE"]);
    }

    #[test]
    fn nesting_without_bound_does_no_harm() {
        for text in [
            format!("x = {}1", "1+".repeat(200_000)),
            format!("x = {}1", "-".repeat(20_000)),
            format!("x = {}{}", "(".repeat(20_000), ")".repeat(20_000)),
            format!("class A:\n  x = a{}", ".b".repeat(100_000)),
        ] {
            let parsed = syntax::parse(&text);
            Found::of(&parsed.module, &text);
        }
    }
}
