//! Where one entry leads: to a view with what is called around it, or to further patterns.

use tightship_model::View;

use super::super::syntax::ast;
use super::Leads;
use super::scope::Scope;

const INCLUDES: [&str; 3] = [
    "django.urls.include",
    "django.urls.conf.include",
    "django.conf.urls.include",
];

/// Wrappers of a view that leave it what it is: decorators that are called on the way.
const LARGEST_WRAP: usize = 8;

impl Scope<'_> {
    /// The second argument of `path()`.
    pub(super) fn leads(&self, view: &ast::Expr) -> Leads {
        if let ast::Expr::Attribute(urls) = view
            && urls.attr.as_str() == "urls"
        {
            let site = self.dotted(&urls.value).unwrap_or_default();
            let is_admin =
                site == "django.contrib.admin.site" || site.to_lowercase().contains("admin");
            if is_admin {
                return Leads::View(View::Admin);
            }
        }
        if let ast::Expr::Call(call) = view
            && let Some(function) = self.dotted(&call.func)
            && INCLUDES.contains(&function.as_str())
        {
            return match &*call.arguments.args {
                [target, ..] => self.included(target),
                [] => Leads::Unread("include() of nothing".to_owned()),
            };
        }
        match self.view_path(view, 0) {
            Some(path) => Leads::View(View::Callable(path)),
            None => Leads::View(View::Unknown),
        }
    }

    pub(super) fn included(&self, target: &ast::Expr) -> Leads {
        match target {
            ast::Expr::Tuple(tuple) => match &*tuple.elts {
                [first, ..] => self.included(first),
                [] => Leads::Unread("include() of an empty tuple".to_owned()),
            },
            ast::Expr::List(_) | ast::Expr::BinOp(_) => Leads::Entries(self.entries(target)),
            ast::Expr::Name(name) if self.lists.contains_key(name.id.as_str()) => {
                Leads::Entries(self.entries(target))
            }
            ast::Expr::Attribute(attribute) if attribute.attr.as_str() == "urls" => {
                match self.router(&attribute.value) {
                    Some(entries) => Leads::Entries(entries),
                    None => match self.dotted(target) {
                        Some(module) => Leads::Module(module),
                        None => Leads::Unread("include() of an object".to_owned()),
                    },
                }
            }
            target => match self.text(target).or_else(|| self.dotted(target)) {
                // `include(module)`, and a module's list by its name.
                Some(module) => Leads::Module(match module.strip_suffix(".urlpatterns") {
                    Some(module) => module.to_owned(),
                    None => module,
                }),
                None => Leads::Unread("include() of what code makes".to_owned()),
            },
        }
    }

    /// The dotted path of a view; decorators that are called around it are looked through.
    pub(super) fn view_path(&self, view: &ast::Expr, depth: usize) -> Option<String> {
        if depth > LARGEST_WRAP {
            return None;
        }
        let ast::Expr::Call(call) = view else {
            return self.dotted(view);
        };
        if let ast::Expr::Attribute(method) = &*call.func
            && method.attr.as_str() == "as_view"
        {
            return self.dotted(&method.value);
        }
        match &*call.arguments.args {
            [inner] if call.arguments.keywords.is_empty() => self.view_path(inner, depth + 1),
            _ => None,
        }
    }

    /// What is called around a view, outermost first, as [`Scope::view_path`] looks through it.
    pub(super) fn wrappers_of(&self, view: &ast::Expr) -> Vec<String> {
        let mut found = Vec::new();
        let mut view = view;
        while let ast::Expr::Call(call) = view {
            let is_class = matches!(&*call.func, ast::Expr::Attribute(method) if method.attr.as_str() == "as_view");
            if is_class || found.len() > LARGEST_WRAP {
                return found;
            }
            // `requires(secret)(view)`
            let function = match &*call.func {
                ast::Expr::Call(maker) => &maker.func,
                function => function,
            };
            found.extend(self.dotted(function));
            let [inner] = &*call.arguments.args else {
                return found;
            };
            view = inner;
        }
        if let ast::Expr::Name(name) = view {
            let own = self.wrappers.get(name.id.as_str());
            found.extend(own.into_iter().flatten().cloned());
        }
        found
    }
}
