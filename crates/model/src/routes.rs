//! The URL configuration of a Django project: which paths lead to which views.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Span, ViewCode};

/// What `ROOT_URLCONF` and all that it includes say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Routes {
    /// In the order in which Django tries them.
    pub routes: Vec<Route>,
    /// Places whose routes are not known: further ones may stand there.
    pub unread: Vec<UnreadRoutes>,
    /// Which of `handler400`, `handler403`, `handler404` and `handler500` the root names; `None` where
    /// that is not known.
    pub error_views: Option<BTreeSet<String>>,
    /// The code behind [`View::Callable`] and [`Route::wrappers`] by their dotted paths: of those in the
    /// project whose module or route speaks of webhooks, of CSRF or of a request's body.
    pub code: BTreeMap<String, ViewCode>,
}

/// One path of the site and what answers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The patterns of the includes and of the route, outermost first. A request path without its
    /// leading slash must match them one after the other.
    pub patterns: Vec<Pattern>,
    pub view: View,
    /// The dotted paths of what is called around the view where the route is made, outermost first:
    /// `csrf_exempt(view)`.
    pub wrappers: Vec<String>,
    /// The route's own name, without its namespace.
    pub name: Option<String>,
    /// The condition under which it exists, where the settings do not decide it.
    pub when: Option<String>,
    /// The call that makes it, in the outermost file that the project owns.
    pub span: Span,
}

/// One part of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// The text of `path()`: `orders/<int:pk>/`.
    Path(String),
    /// The regular expression of `re_path()`, as written.
    Regex(String),
    /// The language code that `i18n_patterns()` puts in front: `de/`.
    Language {
        /// Whether the default language goes without one.
        default_is_bare: bool,
    },
    /// Any path that begins here may be one: the routes below are made by code that is not
    /// followed.
    Open,
    /// Not known, and why.
    Unknown(String),
}

/// What answers a route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum View {
    /// A function or class, by its dotted path as imports tell it.
    Callable(String),
    /// The pages of Django's admin: all below this one.
    Admin,
    /// All routes of a package's own URL configuration, by its dotted path: `allauth.urls`.
    Package(String),
    Unknown,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadRoutes {
    pub reason: String,
    pub span: Span,
}

impl Route {
    /// The path as `path()` writes it, where every part is known text: `api/orders/<int:pk>/`.
    pub fn path(&self) -> Option<String> {
        self.patterns
            .iter()
            .map(|pattern| match pattern {
                Pattern::Path(text) => Some(text.as_str()),
                Pattern::Open => Some(""),
                Pattern::Regex(_) | Pattern::Language { .. } | Pattern::Unknown(_) => None,
            })
            .collect()
    }
}
