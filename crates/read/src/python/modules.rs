//! Imports: modules of the project are evaluated, everything else is a dotted path.

use std::collections::BTreeSet;
use std::rc::Rc;

use tightship_model::{Cause, Gap, SourceId, Span, Unknown};

use super::eval::{Evaluator, Flow, Raise};
use super::heap::{Id, Names, Object};
use super::syntax::{self, ast};
use super::value::{Home, Kind, Made, Val, last_part};
use super::{django, paths, stdlib};

/// Where a dotted name leads.
enum Found {
    /// A file, and whether it is the `__init__.py` of a package.
    File(String, bool),
    /// A folder without `__init__.py`.
    Folder(String),
    /// The project has the package, or a name that only a project can have, but not this module.
    Absent,
    /// Not of the project.
    Foreign,
}

impl Evaluator<'_> {
    pub(crate) fn import(&mut self, node: &ast::StmtImport) -> Result<(), Raise> {
        for alias in &node.names {
            let span = self.span(alias);
            let name = alias.name.as_str();
            match &alias.asname {
                Some(as_name) => {
                    let module = self.import_module(name, span)?;
                    self.bind(as_name, module);
                }
                None => {
                    self.import_module(name, span)?;
                    let first = name.split('.').next().unwrap_or(name);
                    let module = self.import_module(first, span)?;
                    self.bind(first, module);
                }
            }
        }
        Ok(())
    }

    pub(crate) fn import_from(&mut self, node: &ast::StmtImportFrom) -> Result<(), Raise> {
        let span = self.span(node);
        let name = self.absolute(
            node.level,
            node.module.as_ref().map(|module| module.as_str()),
            span,
        )?;
        let module = if node.level > 0 {
            self.import_own(&name, span)
        } else {
            self.import_module(&name, span)
        };
        let takes_all = node.names.iter().any(|alias| alias.name.as_str() == "*");
        if takes_all && module.is_err() {
            self.leave_to_absent(&name, span);
        }
        let module = module?;
        for alias in &node.names {
            let wanted = alias.name.as_str();
            if wanted == "*" {
                self.import_star(&module, span);
                continue;
            }
            let value = self.imported(&module, &name, wanted, span)?;
            let bound = alias.asname.as_ref().unwrap_or(&alias.name);
            self.bind(bound, value);
        }
        Ok(())
    }

    /// A module by its absolute name: evaluated where it is the project's, else its path.
    pub(crate) fn import_module(&mut self, name: &str, span: Span) -> Result<Val, Raise> {
        if let Some(module) = self.loaded_module(name) {
            return Ok(module);
        }
        match self.find(name) {
            Found::Foreign => {
                if stdlib::is_module(name) {
                    return Ok(Val::native(name));
                }
                let class = Raise::new("ImportError", format!("No module named '{name}'"), None);
                // Whether a package is installed is not in the files.
                self.maybe(class, format!("{name} is not installed"));
                Ok(Val::native(name))
            }
            _ => self.import_own(name, span),
        }
    }

    /// A module that must be the project's.
    pub(crate) fn import_own(&mut self, name: &str, span: Span) -> Result<Val, Raise> {
        if let Some((parent, _)) = name.rsplit_once('.') {
            self.import_own(parent, span)?;
        }
        if let Some(module) = self.loaded_module(name) {
            return Ok(module);
        }
        match self.find(name) {
            Found::File(path, is_package) => self.load_module(name, &path, is_package, span),
            Found::Folder(path) => Ok(self.namespace(name, &path)),
            Found::Absent | Found::Foreign => Err(self.absent(name, span)),
        }
    }

    /// A module of the project that stands in the file `path`, where its name belongs or where an image
    /// takes it from.
    pub(crate) fn import_file(&mut self, name: &str, path: &str, span: Span) -> Result<Val, Raise> {
        if matches!(self.find(name), Found::File(..)) {
            return self.import_own(name, span);
        }
        if let Some((parent, _)) = name.rsplit_once('.') {
            self.import_own(parent, span)?;
        }
        self.load_module(name, path, false, span)
    }

    /// A module that was imported before, if only on some of the ways that lead here.
    fn loaded_module(&self, name: &str) -> Option<Val> {
        let is_module = |value: &&Val| matches!(value.kind, Kind::Module(..));
        let loaded = self.heap.name(self.loaded, name)?;
        if loaded.is_settled() {
            return Some(loaded.clone());
        }
        let cases = match &loaded.kind {
            Kind::OneOf(cases) => &cases[..],
            _ => &[],
        };
        let others = loaded.open.iter().flat_map(|open| &open.others);
        let module = match &loaded.kind {
            Kind::Module(..) => Some(loaded),
            _ => cases
                .iter()
                .chain(others)
                .map(|case| &case.value)
                .find(is_module),
        };
        module.map(|module| Val::from(module.kind.clone()))
    }

    fn absent(&mut self, name: &str, span: Span) -> Raise {
        let place = self.tree.sources().place(span);
        self.tree.add_gap(Gap {
            place,
            reason: format!("imports {name}, which is not in the project"),
            lost: "if production has such a file, what it sets is not judged".to_owned(),
        });
        let text = format!("No module named '{name}'");
        let error = Kind::Made(Rc::new(Made {
            class: "builtins.ModuleNotFoundError".into(),
            positional: vec![Val::str(text.as_str())],
            keywords: vec![("name".into(), Val::str(name))],
        }));
        let class = Val::native("builtins.ModuleNotFoundError");
        Raise::of(class, text, Some(error.into()), Some(span))
    }

    /// Evaluates the module in a file and gives its namespace.
    pub(crate) fn load_module(
        &mut self,
        name: &str,
        path: &str,
        is_package: bool,
        span: Span,
    ) -> Result<Val, Raise> {
        let Some((source, parsed)) = self.tree.parse(path) else {
            return Err(Raise::new(
                "ImportError",
                format!("{path} cannot be read"),
                Some(span),
            ));
        };
        self.enter_module()?;
        self.sources.insert(source);
        let globals = self.heap.add(Object::Names(Names::default()));
        let module = Val::from(Kind::Module(name.into(), globals));
        let package = if is_package {
            name
        } else {
            name.rsplit_once('.').map_or("", |(package, _)| package)
        };
        let file = paths::join(&self.root, path);
        for (key, text) in [
            ("__name__", name),
            ("__file__", file.as_str()),
            ("__package__", package),
        ] {
            self.heap.bind(globals, key, Val::str(text));
        }
        self.heap.bind(globals, "__doc__", Val::NONE);
        if let Some((at, message)) = &parsed.error {
            self.syntax_error(source, globals, *at, message);
        }
        self.register(name, module.clone());
        let home = Home {
            module: name.into(),
            source,
            globals,
            enclosing: Vec::new(),
        };
        if parsed.is_deep {
            self.too_deep(source, globals);
            return Ok(module);
        }
        let flow = self.in_module(home, |eval| eval.module_body(&parsed.module.body));
        match flow {
            Flow::Raise(raise) => {
                self.heap.bind(self.loaded, name, Kind::Unbound.into());
                Err(raise)
            }
            _ => Ok(module),
        }
    }

    /// Runs the statements of a file in the namespace of the running module, as `exec` does.
    pub(crate) fn run_here(&mut self, path: &str, span: Span) -> Result<(), Raise> {
        let Some(source) = self.tree.read(path) else {
            return Err(Raise::new(
                "OSError",
                format!("{path} cannot be read"),
                Some(span),
            ));
        };
        self.enter_module()?;
        self.sources.insert(source);
        let parsed = syntax::parse(self.tree.sources()[source].raw());
        let Some(globals) = self.globals() else {
            return Ok(());
        };
        if let Some((at, message)) = &parsed.error {
            self.syntax_error(source, globals, *at, message);
        }
        let module = match self.heap.name(globals, "__name__") {
            Some(name) => name.as_str().unwrap_or_default().into(),
            None => "".into(),
        };
        let home = Home {
            module,
            source,
            globals,
            enclosing: Vec::new(),
        };
        match self.in_module(home, |eval| eval.module_body(&parsed.module.body)) {
            Flow::Raise(raise) => Err(raise),
            _ => Ok(()),
        }
    }

    /// Variables may have made the settings of the running module something else.
    pub(crate) fn let_globals_depend(&mut self, variables: &BTreeSet<Rc<str>>, span: Span) {
        let Some(globals) = self.globals() else {
            return;
        };
        let names: Vec<&str> = variables.iter().map(|name| &**name).collect();
        let reason = format!("another file may be included ({})", names.join(", "));
        let reason = Unknown::new(Cause::Code, reason, Some(span)).decided_by(names);
        if let Object::Names(scope) = self.heap.change(globals) {
            for (name, value) in &mut scope.values {
                if !name.starts_with('_') && !name.chars().any(char::is_lowercase) {
                    *value = value.clone().depending_on(variables);
                }
            }
            scope.rest.get_or_insert_with(|| Rc::new(reason));
        }
    }

    /// Names of the running module may be anything from here on.
    pub(crate) fn open_globals(&mut self, why: &Val, span: Span) {
        if let Some(globals) = self.globals() {
            self.open_scope(globals, why, span);
        }
    }

    fn syntax_error(&mut self, source: SourceId, globals: Id, at: u32, message: &str) {
        let span = Span::new(source, at, at);
        self.stops_at(format!("SyntaxError: {message}"), span);
        let place = self.tree.sources().place(span);
        self.tree.add_gap(Gap {
            place,
            reason: format!("is not valid Python: {message}"),
            lost: "the program does not start; what stands around this place is not judged"
                .to_owned(),
        });
        let reason = super::eval::unknown(Cause::Error, "the file is not valid Python", span);
        if let Object::Names(names) = self.heap.change(globals) {
            names.rest = Some(reason);
        }
    }

    fn too_deep(&mut self, source: SourceId, globals: Id) {
        let span = Span::new(source, 0, 0);
        let place = self.tree.sources().place(span);
        let reason = format!("is nested deeper than {} levels", syntax::DEEPEST);
        self.tree.add_gap(Gap {
            place,
            reason: reason.clone(),
            lost: "nothing in this file is judged".to_owned(),
        });
        let reason = super::eval::unknown(Cause::Bound, reason, span);
        if let Object::Names(names) = self.heap.change(globals) {
            names.rest = Some(reason);
        }
    }

    fn register(&mut self, name: &str, module: Val) {
        self.heap.bind(self.loaded, name, module.clone());
        if let Some((parent, last)) = name.rsplit_once('.')
            && let Some(Kind::Module(_, id)) = self
                .heap
                .name(self.loaded, parent)
                .map(|parent| parent.kind.clone())
        {
            self.heap.bind(id, last, module);
        }
    }

    /// A package without `__init__.py`.
    fn namespace(&mut self, name: &str, path: &str) -> Val {
        let globals = self.heap.add(Object::Names(Names::default()));
        self.heap.bind(globals, "__name__", Val::str(name));
        self.heap.bind(globals, "__folder__", Val::str(path));
        let module = Val::from(Kind::Module(name.into(), globals));
        self.register(name, module.clone());
        module
    }

    /// `from module import wanted`.
    fn imported(
        &mut self,
        module: &Val,
        name: &str,
        wanted: &str,
        span: Span,
    ) -> Result<Val, Raise> {
        let Kind::Module(_, id) = module.kind else {
            if name.starts_with("django.") {
                // Which names a version of Django has is not in the files.
                let raise = Raise::new("ImportError", format!("no {wanted} in {name}"), None);
                self.maybe(raise, format!("{name} has no {wanted}"));
            }
            return self.attribute(module, wanted, span);
        };
        if let Some(value) = self.heap.name(id, wanted) {
            return Ok(value.clone());
        }
        let full = format!("{name}.{wanted}");
        if matches!(self.find(&full), Found::File(..) | Found::Folder(_)) {
            return self.import_own(&full, span);
        }
        if let Some(rest) = self.heap.names(id).and_then(|names| names.rest.clone()) {
            return Ok(Kind::Unknown(rest).into());
        }
        Err(self.missing_name(&full, wanted, name, span))
    }

    fn missing_name(&mut self, full: &str, wanted: &str, name: &str, span: Span) -> Raise {
        if looks_local(last_part(full)) {
            return self.absent(full, span);
        }
        Raise::new(
            "ImportError",
            format!("cannot import name '{wanted}' from '{name}'"),
            Some(span),
        )
    }

    /// `from module import *`: what `__all__` names, else everything without a leading underscore.
    fn import_star(&mut self, module: &Val, span: Span) {
        let Some(scope) = self.scope() else {
            return;
        };
        match &module.kind {
            Kind::Module(_, id) => {
                let Some(names) = self.heap.names(*id).cloned() else {
                    return;
                };
                let listed = names.values.get("__all__").cloned();
                let listed = listed.and_then(|all| {
                    let all = self.settled(&all);
                    let items = self.items(&all)?;
                    items.rest.is_none().then_some(())?;
                    let names = items.items.iter().map(|item| item.as_str().map(Rc::from));
                    names.collect::<Option<Vec<Rc<str>>>>()
                });
                for (name, value) in &names.values {
                    let is_public = match &listed {
                        Some(listed) => listed.contains(name),
                        None => !name.starts_with('_'),
                    };
                    let is_bound = !matches!(value.kind, Kind::Unbound) || value.open.is_some();
                    if is_public && is_bound {
                        let value = self.over(scope, name, value.clone(), span);
                        self.heap.bind(scope, name, value);
                    }
                }
                if let Some(rest) = names.rest {
                    self.open_names(scope, rest);
                }
            }
            Kind::Native(path) if &**path == "django.conf.global_settings" => {
                for (name, value) in django::defaults(self.django) {
                    let value = self.plain_value(value, span);
                    let value = value.via(None, format!("Django's default of {name}"));
                    self.heap.bind(scope, name, value);
                }
            }
            // Names of the standard library are looked up when they are used.
            Kind::Native(path) if stdlib::is_module(path) => {
                let name = format!("*{path}");
                self.heap.bind(scope, &name, module.clone());
            }
            Kind::Native(path) => {
                let reason = super::eval::unknown(
                    Cause::Package,
                    format!("all names of {path} are imported, which is not in the project"),
                    span,
                );
                self.open_names(scope, reason);
            }
            Kind::Unknown(reason) => self.open_names(scope, reason.clone()),
            _ => {}
        }
    }

    /// A value that is imported over another: where it may be unbound there, the other stays.
    fn over(&mut self, scope: Id, name: &str, value: Val, span: Span) -> Val {
        let before = self.heap.name(scope, name).cloned();
        super::eval::unbound_becomes(self, value, before, span)
    }

    pub(crate) fn open_names(&mut self, scope: Id, reason: Rc<Unknown>) {
        if let Object::Names(names) = self.heap.change(scope) {
            names.rest.get_or_insert(reason);
        }
    }

    /// The absolute name of what `from ...` names.
    fn absolute(&self, level: u32, module: Option<&str>, span: Span) -> Result<String, Raise> {
        let module = module.unwrap_or_default();
        if level == 0 {
            return Ok(module.to_owned());
        }
        let package = self
            .globals()
            .and_then(|id| self.heap.name(id, "__package__"))
            .and_then(|value| value.as_str().map(str::to_owned))
            .unwrap_or_default();
        let mut parts: Vec<&str> = package.split('.').filter(|part| !part.is_empty()).collect();
        let up = level as usize - 1;
        if parts.is_empty() || up >= parts.len() {
            return Err(Raise::new(
                "ImportError",
                "attempted relative import beyond top-level package",
                Some(span),
            ));
        }
        parts.truncate(parts.len() - up);
        if !module.is_empty() {
            parts.push(module);
        }
        Ok(parts.join("."))
    }

    fn find(&self, name: &str) -> Found {
        let mut parts = name.split('.');
        let first = parts.next().unwrap_or(name);
        let rest: Vec<&str> = parts.collect();
        let search = self
            .items(&Kind::List(self.search).into())
            .unwrap_or_default();
        for entry in search.items {
            let Some(folder) = entry.as_path().and_then(|entry| self.relative(entry)) else {
                continue;
            };
            let at = self.find_in(&folder, first);
            let Some(mut found) = at else {
                continue;
            };
            for part in &rest {
                let folder = match &found {
                    Found::File(path, true) => paths::dirname(path),
                    Found::Folder(path) => path.clone(),
                    _ => return Found::Absent,
                };
                match self.find_in(&folder, part) {
                    Some(next) => found = next,
                    None => return Found::Absent,
                }
            }
            return found;
        }
        if looks_local(first) {
            Found::Absent
        } else {
            Found::Foreign
        }
    }

    /// A module in a folder. A package wins over a module of the same name.
    fn find_in(&self, folder: &str, name: &str) -> Option<Found> {
        let base = paths::join(folder, name);
        let init = format!("{base}/__init__.py");
        let file = format!("{base}.py");
        if self.tree.has_file(&init) {
            Some(Found::File(init, true))
        } else if self.tree.has_file(&file) {
            Some(Found::File(file, false))
        } else if self.tree.has_folder(&base) && !stdlib::is_module(name) {
            let prefix = format!("{base}/");
            let has_python = self
                .tree
                .files()
                .any(|file| file.starts_with(&prefix) && file.ends_with(".py"));
            has_python.then_some(Found::Folder(base))
        } else {
            None
        }
    }
}

/// Names that projects give to a settings file which they keep out of the repository.
fn looks_local(name: &str) -> bool {
    matches!(
        name,
        "local"
            | "local_settings"
            | "settings_local"
            | "localsettings"
            | "local_config"
            | "secret_settings"
            | "settings_secret"
            | "production_settings"
            | "settings_production"
            | "dev_settings"
            | "settings_dev"
            | "private_settings"
            | "site_settings"
            | "override_settings"
            | "settings_override"
            | "overrides"
            | "dev"
            | "private"
    )
}
