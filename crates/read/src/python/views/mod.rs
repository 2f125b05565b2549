//! The code behind routes: what a view reads and calls, itself and through functions and classes of
//! the project. Names are followed through imports; what runs only sometimes counts as what runs.

mod body;
mod module;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use tightship_model::{Routes, Span, View, ViewCall, ViewCode};

use self::body::{Body, Called};
use self::module::{Definition, Module};
use super::symbols::module_of;
use super::syntax::{Ranged, ast};
use crate::files::Tree;

/// Words one of which stands in a module, or in a route, whose views are read.
const SIGNS: [&str; 5] = ["csrf_exempt", "hook", "Hook", "ipn", ".body"];

/// Views of one project.
const MOST_VIEWS: usize = 2_000;

/// Functions and classes that one view is followed through, and all views together.
const MOST_FOLLOWED: usize = 200;
const MOST_FOLLOWED_IN_ALL: usize = 20_000;

/// Calls and names of one view.
const MOST_FACTS: usize = 4_000;

/// Imports that one name may be followed through, and calls around one view.
const LONGEST_CHAIN: usize = 16;

/// Reads the code of the views that `routes` lead to and that lie in the project.
pub(super) fn read(tree: &mut Tree, folder: &str, routes: &mut Routes) {
    let mut wanted: BTreeMap<&str, bool> = BTreeMap::new();
    for route in &routes.routes {
        let View::Callable(path) = &route.view else {
            continue;
        };
        let speaks = |text: &str| SIGNS.iter().any(|sign| text.contains(sign));
        let route_speaks = !route.wrappers.is_empty()
            || route.name.as_deref().is_some_and(speaks)
            || route.path().as_deref().is_some_and(speaks);
        for path in route.wrappers.iter().chain([path]) {
            *wanted.entry(path).or_default() |= route_speaks;
        }
    }
    let mut reader = Reader {
        tree,
        folder,
        modules: BTreeMap::new(),
        places: BTreeMap::new(),
        classes: BTreeMap::new(),
        left: MOST_FOLLOWED_IN_ALL,
    };
    let mut code = BTreeMap::new();
    for (path, route_speaks) in wanted.into_iter().take(MOST_VIEWS) {
        if route_speaks || reader.speaks(path) {
            code.extend(reader.view(path).map(|view| (path.to_owned(), view)));
        }
    }
    routes.code = code;
}

struct Reader<'a> {
    tree: &'a mut Tree,
    folder: &'a str,
    /// By file.
    modules: BTreeMap<String, Rc<Module>>,
    /// Where dotted paths lead.
    places: BTreeMap<String, Option<Place>>,
    /// The classes of the project that a module makes or imports, by its file.
    classes: BTreeMap<String, Rc<[Place]>>,
    /// Functions and classes that may still be followed.
    left: usize,
}

/// A function, a class or a method, by its names inside of its module.
type Place = (Rc<Module>, String);

impl Reader<'_> {
    /// Whether the module of a view says one of [`SIGNS`].
    fn speaks(&mut self, path: &str) -> bool {
        let file = module_of(self.tree, self.folder, path).map(|(file, _)| file);
        let source = file.and_then(|file| self.tree.read(&file));
        source.is_some_and(|source| {
            let text = self.tree.text(source);
            SIGNS.iter().any(|sign| text.contains(sign))
        })
    }

    fn view(&mut self, path: &str) -> Option<ViewCode> {
        let mut decorators = Vec::new();
        let mut path = path.to_owned();
        for _ in 0..LONGEST_CHAIN {
            let Some((module, name)) = self.place(&path) else {
                return self.missing(&path);
            };
            let parsed = Rc::clone(&module);
            match parsed.definition(&name)? {
                // `hook = csrf_exempt(Hook.as_view())`
                Definition::Value(value) => {
                    let (inner, around) = module::unwrapped(&parsed, value);
                    decorators.extend(around);
                    path = inner?;
                }
                definition => {
                    let mut follow = Follow {
                        code: ViewCode::new(parsed.span(definition.name())),
                        waiting: vec![(module, name.clone())],
                        seen: BTreeSet::new(),
                    };
                    follow.code.decorators = decorators;
                    self.follow(&mut follow, &parsed.file, &name);
                    return Some(follow.code);
                }
            }
        }
        None
    }

    /// A view whose module is in the project and that is not found there, or that it only hands on.
    fn missing(&mut self, path: &str) -> Option<ViewCode> {
        let (file, rest) = module_of(self.tree, self.folder, path)?;
        let module = self.module(&file, path[..path.len() - rest.len()].trim_end_matches('.'))?;
        let name = rest.split('.').next().unwrap_or_default();
        if module.imports.contains_key(name) {
            return None;
        }
        let mut code = ViewCode::new(Span::new(self.tree.read(&file)?, 0, 0));
        code.lost = Some(("it is not found in its module".to_owned(), code.span));
        Some(code)
    }

    /// Reads all that the view leads to.
    fn follow(&mut self, follow: &mut Follow, root_file: &str, root: &str) {
        let mut lineage = BTreeSet::from([(root_file.to_owned(), root.to_owned())]);
        for decorator in follow.code.decorators.clone() {
            self.call(follow, decorator, follow.code.span, true);
        }
        while let Some((module, name)) = follow.waiting.pop() {
            let key = (module.file.clone(), name.clone());
            if !follow.seen.insert(key.clone()) {
                continue;
            }
            let Some(definition) = module.definition(&name) else {
                continue;
            };
            if follow.seen.len() > MOST_FOLLOWED || self.left == 0 {
                let span = module.span(definition.name());
                let why = "it calls more functions than are followed".to_owned();
                follow.code.lost.get_or_insert((why, span));
                return;
            }
            self.left -= 1;
            if module.parsed.is_deep {
                let span = module.span(definition.name());
                let why = "expressions nest too deep".to_owned();
                follow.code.lost.get_or_insert((why, span));
                continue;
            }
            let is_root = lineage.contains(&key);
            match definition {
                Definition::Function(function) => {
                    self.decorated(follow, &module, &function.decorator_list, is_root);
                    self.body(follow, &module, None, Body::of_function(&module, function));
                }
                Definition::Class(class) => {
                    self.decorated(follow, &module, &class.decorator_list, is_root);
                    for base in class.bases() {
                        let Some(path) = module.dotted(base) else {
                            continue;
                        };
                        match self.place(&path) {
                            Some((file, name)) => {
                                if is_root {
                                    lineage.insert((file.file.clone(), name.clone()));
                                }
                                follow.waiting.push((file, name));
                            }
                            None if is_root => follow.code.bases.push(path),
                            None => {}
                        }
                    }
                    self.class(follow, &module, class, is_root);
                }
                Definition::Value(value) => {
                    let (inner, around) = module::unwrapped(&module, value);
                    for path in inner.into_iter().chain(around) {
                        follow.waiting.extend(self.place(&path));
                    }
                }
            }
        }
    }

    /// The methods of a class, and what its attributes name.
    fn class(
        &mut self,
        follow: &mut Follow,
        module: &Rc<Module>,
        class: &ast::StmtClassDef,
        is_root: bool,
    ) {
        for statement in &class.body {
            match statement {
                ast::Stmt::FunctionDef(method) => {
                    self.decorated(follow, module, &method.decorator_list, is_root);
                    let body = Body::of_function(module, method);
                    self.body(follow, module, Some(class), body);
                }
                ast::Stmt::Assign(assign) => {
                    let named = module.all_dotted(&assign.value);
                    if let (true, [ast::Expr::Name(target)]) = (is_root, &*assign.targets) {
                        let code = &mut follow.code;
                        let own = match target.id.as_str() {
                            "permission_classes" => Some(&mut code.permissions),
                            "authentication_classes" => Some(&mut code.authentications),
                            _ => None,
                        };
                        if let Some(own) = own {
                            own.get_or_insert_with(|| named.clone());
                        }
                    }
                    for path in named {
                        follow.waiting.extend(self.place(&path));
                    }
                }
                _ => {}
            }
        }
    }

    /// Decorators of a function, a method or a class. Those of the view are its own.
    fn decorated(
        &mut self,
        follow: &mut Follow,
        module: &Rc<Module>,
        decorators: &[ast::Decorator],
        is_root: bool,
    ) {
        for decorator in decorators {
            let span = module.span(decorator.range());
            for path in module::decorators(module, &decorator.expression) {
                if is_root {
                    follow.code.decorators.push(path.clone());
                }
                self.call(follow, path, span, true);
            }
            if let (true, ast::Expr::Call(call)) = (is_root, &decorator.expression) {
                let named = call.arguments.args.first();
                let named = named.map_or_else(Vec::new, |classes| module.all_dotted(classes));
                let code = &mut follow.code;
                match module.dotted(&call.func).as_deref() {
                    Some("rest_framework.decorators.permission_classes") => {
                        code.permissions.get_or_insert_with(|| named.clone());
                    }
                    Some("rest_framework.decorators.authentication_classes") => {
                        code.authentications.get_or_insert_with(|| named.clone());
                    }
                    _ => {}
                }
                for path in named {
                    follow.waiting.extend(self.place(&path));
                }
            }
        }
    }

    /// What a function says. `class` is the one that it is a method of.
    fn body(
        &mut self,
        follow: &mut Follow,
        module: &Rc<Module>,
        class: Option<&ast::StmtClassDef>,
        body: Body,
    ) {
        let code = &mut follow.code;
        let span = |range| module.span(range);
        code.payload = code.payload.or(body.payload.map(span));
        code.headers = code.headers.or(body.headers.map(span));
        let room = MOST_FACTS.saturating_sub(code.names.len());
        code.names.extend(body.names.into_iter().take(room));
        for call in body.calls {
            let span = module.span(call.range);
            match call.callee {
                Called::Path(path) => self.call(follow, path, span, call.takes_input),
                Called::Own(method) => {
                    let is_there = class.is_some_and(|class| module::has_method(class, &method));
                    self.add(
                        follow,
                        format!("self.{method}"),
                        span,
                        (call.takes_input, is_there),
                    );
                }
                Called::Method(method) => {
                    let named = self.methods_named(module, &method);
                    let is_followed = !named.is_empty();
                    follow.waiting.extend(named);
                    let path = format!(".{method}");
                    self.add(follow, path, span, (call.takes_input, is_followed));
                }
            }
        }
    }

    /// A call by its dotted path.
    fn call(&mut self, follow: &mut Follow, path: String, span: Span, takes_input: bool) {
        // A task of Celery runs the function.
        let function = [".delay", ".apply_async", ".s", ".si"]
            .iter()
            .find_map(|starts| path.strip_suffix(starts));
        let place = self.place(function.unwrap_or(&path));
        let is_followed = place.is_some();
        follow.waiting.extend(place);
        self.add(follow, path, span, (takes_input, is_followed));
    }

    fn add(
        &mut self,
        follow: &mut Follow,
        path: String,
        span: Span,
        (takes_input, is_followed): (bool, bool),
    ) {
        let calls = &mut follow.code.calls;
        if calls.len() >= MOST_FACTS {
            let why = "it makes more calls than are read".to_owned();
            follow.code.lost.get_or_insert((why, span));
            return;
        }
        calls.push(ViewCall {
            path,
            span,
            takes_input,
            is_followed,
        });
    }

    /// The methods of this name of the classes that a module makes or imports.
    fn methods_named(&mut self, module: &Rc<Module>, method: &str) -> Vec<Place> {
        let has_it = |(file, name): &&Place| matches!(file.definition(name), Some(Definition::Class(class)) if module::has_method(class, method));
        let classes = self.classes_of(module);
        let those = classes.iter().filter(has_it);
        those
            .map(|(file, name)| (Rc::clone(file), format!("{name}.{method}")))
            .collect()
    }

    fn classes_of(&mut self, module: &Rc<Module>) -> Rc<[Place]> {
        if let Some(known) = self.classes.get(&module.file) {
            return Rc::clone(known);
        }
        let named = module.capitalised();
        let found: Rc<[Place]> = named.iter().filter_map(|path| self.place(path)).collect();
        self.classes.insert(module.file.clone(), Rc::clone(&found));
        found
    }

    /// Where a dotted path leads in the project: to a function, a class, a method or a variable.
    fn place(&mut self, path: &str) -> Option<Place> {
        if let Some(known) = self.places.get(path) {
            return known.clone();
        }
        let found = self.find(path);
        self.places.insert(path.to_owned(), found.clone());
        found
    }

    fn find(&mut self, path: &str) -> Option<Place> {
        let mut path = path.to_owned();
        for _ in 0..LONGEST_CHAIN {
            let (file, rest) = module_of(self.tree, self.folder, &path)?;
            let module =
                self.module(&file, path[..path.len() - rest.len()].trim_end_matches('.'))?;
            let first = rest.split('.').next().filter(|name| !name.is_empty())?;
            match module.definition(&rest) {
                Some(_) => return Some((module, rest)),
                // Something of a class, or of what a variable holds, that is not there.
                None if module.definition(first).is_some() => return None,
                None => {}
            }
            let target = match module.imports.get(first) {
                Some(target) => target.clone(),
                None => self.starred(&module, first)?,
            };
            let next = format!("{target}{}", &rest[first.len()..]);
            if next == path {
                return None;
            }
            path = next;
        }
        None
    }

    /// The path of a name that a star import brings, one level deep.
    fn starred(&mut self, module: &Module, name: &str) -> Option<String> {
        module.stars.iter().find_map(|star| {
            let (file, rest) = module_of(self.tree, self.folder, star)?;
            let other = rest.is_empty().then(|| self.module(&file, star))??;
            let is_there = other.definition(name).is_some() || other.imports.contains_key(name);
            (is_there && other.file != module.file).then(|| format!("{star}.{name}"))
        })
    }

    fn module(&mut self, file: &str, name: &str) -> Option<Rc<Module>> {
        if let Some(known) = self.modules.get(file) {
            return Some(Rc::clone(known));
        }
        let (source, parsed) = self.tree.parse(file)?;
        let module = Rc::new(Module::new(file, name, source, parsed));
        self.modules.insert(file.to_owned(), Rc::clone(&module));
        Some(module)
    }
}

/// A view on its way.
struct Follow {
    code: ViewCode,
    waiting: Vec<Place>,
    /// Files and names that were read.
    seen: BTreeSet<(String, String)>,
}
