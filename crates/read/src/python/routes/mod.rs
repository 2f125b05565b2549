//! The URL configuration: `urlpatterns` of `ROOT_URLCONF` and of what it includes, read from the
//! syntax. Conditions on settings are decided by the evaluated settings; what is built by code
//! that is not followed is said to be unread.

mod error_views;
mod leads;
mod scope;
mod terms;

use std::collections::BTreeSet;

use tightship_model::{Pattern, Route, Routes, Settings, Span, UnreadRoutes, View};

use self::scope::Scope;
use super::eval::STACK;
use super::syntax::Ranged;
use super::views;
use crate::discover::module_path;
use crate::files::Tree;

/// Includes inside of includes.
const DEEPEST: usize = 16;

/// Routes of one project.
const MOST: usize = 20_000;

/// The routes of packages: module, path, view.
const PACKAGES: &str = include_str!("packages.tsv");

/// Reads the routes below the module that `ROOT_URLCONF` names; `None` where it is not known or is
/// not in the project. `folder` is where imports begin.
pub(crate) fn read(tree: &mut Tree, folder: &str, settings: &Settings) -> Option<Routes> {
    let module = settings.get("ROOT_URLCONF")?;
    let module = module.value.value.as_str()?;
    module_path(tree, folder, module)?;
    let mut reader = Reader {
        tree,
        folder,
        settings,
        routes: Routes::default(),
        open: BTreeSet::new(),
    };
    // Expressions nest as deep as the text asks for.
    stacker::grow(STACK, || reader.module(module, &Above::default()));
    let mut routes = reader.routes;
    stacker::grow(STACK, || views::read(tree, folder, &mut routes));
    Some(routes)
}

/// What stands above a route.
#[derive(Clone, Debug, Default)]
struct Above {
    patterns: Vec<Pattern>,
    when: Option<String>,
    depth: usize,
}

/// One entry of a list of patterns, as far as one module tells.
#[derive(Clone, Debug)]
struct Entry {
    patterns: Vec<Pattern>,
    leads: Leads,
    wrappers: Vec<String>,
    name: Option<String>,
    when: Option<String>,
    span: Span,
}

/// Where an entry leads.
#[derive(Clone, Debug)]
enum Leads {
    View(View),
    /// Another module's `urlpatterns`.
    Module(String),
    Entries(Vec<Entry>),
    Unread(String),
}

struct Reader<'a> {
    tree: &'a mut Tree,
    folder: &'a str,
    settings: &'a Settings,
    routes: Routes,
    /// Modules that are being read.
    open: BTreeSet<String>,
}

impl Reader<'_> {
    fn module(&mut self, module: &str, above: &Above) {
        let Some(file) = module_path(self.tree, self.folder, module) else {
            return;
        };
        let Some((source, parsed)) = self.tree.parse(&file) else {
            return;
        };
        if above.depth >= DEEPEST || !self.open.insert(module.to_owned()) {
            self.unread(
                "the includes go round in a circle, or too deep",
                Span::new(source, 0, 0),
            );
            return;
        }
        if parsed.is_deep {
            self.unread("expressions nest too deep", Span::new(source, 0, 0));
            return;
        }
        if above.depth == 0 {
            self.routes.error_views = error_views::named(&parsed.module.body);
        }
        let is_package = file.ends_with("__init__.py");
        let mut scope = Scope::new(source, module, is_package, self.settings);
        scope.read(&parsed.module.body);
        if let Some((_, error)) = &parsed.error {
            self.unread(
                &format!("the file has a syntax error: {error}"),
                Span::new(source, 0, 0),
            );
        }
        for entry in scope.urlpatterns() {
            self.entry(entry, above);
        }
        self.open.remove(module);
    }

    fn entry(&mut self, entry: Entry, above: &Above) {
        if self.routes.routes.len() >= MOST {
            if self.routes.unread.len() < MOST {
                self.unread(&format!("there are more than {MOST} routes"), entry.span);
            }
            return;
        }
        let here = Above {
            patterns: [above.patterns.clone(), entry.patterns].concat(),
            when: match (above.when.clone(), entry.when) {
                (Some(above), Some(own)) => Some(format!("{above} and {own}")),
                (above, own) => above.or(own),
            },
            depth: above.depth + 1,
        };
        match entry.leads {
            Leads::View(View::Admin) => {
                let mut site = here;
                site.patterns.push(Pattern::Open);
                self.route(&site, (View::Admin, entry.wrappers), entry.name, entry.span);
            }
            Leads::View(view) => {
                self.route(&here, (view, entry.wrappers), entry.name, entry.span);
            }
            Leads::Entries(entries) if here.depth < DEEPEST * 2 => {
                for inner in entries {
                    self.entry(inner, &here);
                }
            }
            Leads::Entries(_) => self.unread("lists of patterns nest too deep", entry.span),
            Leads::Module(module) if module_path(self.tree, self.folder, &module).is_some() => {
                self.module(&module, &here);
            }
            Leads::Module(module) => {
                for (path, view) in package_routes(&module) {
                    let mut inner = here.clone();
                    inner.patterns.push(Pattern::Path(path.to_owned()));
                    let view = View::Callable(view.to_owned());
                    self.route(&inner, (view, Vec::new()), None, entry.span);
                }
                let mut rest = here;
                rest.patterns.push(Pattern::Open);
                self.route(&rest, (View::Package(module), Vec::new()), None, entry.span);
            }
            Leads::Unread(reason) => self.unread(&reason, entry.span),
        }
    }

    fn route(
        &mut self,
        above: &Above,
        (view, wrappers): (View, Vec<String>),
        name: Option<String>,
        span: Span,
    ) {
        self.routes.routes.push(Route {
            patterns: above.patterns.clone(),
            view,
            wrappers,
            name,
            when: above.when.clone(),
            span,
        });
    }

    fn unread(&mut self, reason: &str, span: Span) {
        self.routes.unread.push(UnreadRoutes {
            reason: reason.to_owned(),
            span,
        });
    }
}

fn package_routes(module: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    PACKAGES.lines().filter_map(move |line| {
        let mut cells = line.split('\t');
        (cells.next()? == module).then_some(())?;
        Some((cells.next()?, cells.next()?))
    })
}

fn span_of(scope: &Scope<'_>, node: &impl Ranged) -> Span {
    let range = node.range();
    Span::new(scope.source, range.start().to_u32(), range.end().to_u32())
}
