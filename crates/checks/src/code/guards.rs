//! What stands before a view: CSRF, a login, a signature.

use tightship_model::{Deployment, Route, View, ViewCall, ViewCode};

use crate::drf;
use crate::setting::has_middleware;

/// The decorator that lets requests of other sites in.
const EXEMPT: &str = "django.views.decorators.csrf.csrf_exempt";

/// Decorators and classes of Django after which only those who are logged in are left.
const LOGINS: [&str; 11] = [
    "django.contrib.auth.decorators.login_required",
    "django.contrib.auth.decorators.permission_required",
    "django.contrib.auth.decorators.user_passes_test",
    "django.contrib.admin.views.decorators.staff_member_required",
    "django.contrib.auth.mixins.AccessMixin",
    "django.contrib.auth.mixins.LoginRequiredMixin",
    "django.contrib.auth.mixins.PermissionRequiredMixin",
    "django.contrib.auth.mixins.UserPassesTestMixin",
    "rest_framework.permissions.IsAuthenticated",
    "rest_framework.permissions.IsAdminUser",
    "rest_framework.permissions.DjangoModelPermissions",
];

const ALLOW_ANY: &str = "rest_framework.permissions.AllowAny";

/// The views of the project that take JSON of a page and ask for the token of CSRF: nothing but the
/// session tells them who asks.
pub(crate) fn session_views(deployment: &Deployment) -> Vec<&ViewCode> {
    let routes = deployment.routes.iter().flat_map(|routes| &routes.routes);
    let certain = routes.filter(|route| route.when.is_none());
    let views = certain.filter_map(|route| Guarded::of(deployment, route));
    let asks = views.filter(|view| {
        let takes_json = |call: &ViewCall| call.path == "json.loads" && call.takes_input;
        let by_header = view.code.iter().any(|code| code.headers.is_some());
        view.calls().any(takes_json) && !by_header && !view.is_exempt(deployment)
    });
    asks.filter_map(|view| view.own()).collect()
}

/// A route that certainly exists, with the code of its view and what is called around it.
pub(super) struct Guarded<'a> {
    pub(super) route: &'a Route,
    /// Dotted.
    pub(super) view: &'a str,
    pub(super) code: Vec<&'a ViewCode>,
}

impl<'a> Guarded<'a> {
    /// `None` where the view is no function or class by name; no code where it was not read.
    pub(super) fn of(deployment: &'a Deployment, route: &'a Route) -> Option<Self> {
        let routes = deployment.routes.as_ref()?;
        let View::Callable(view) = &route.view else {
            return None;
        };
        let paths = std::iter::once(view).chain(&route.wrappers);
        Some(Self {
            route,
            view,
            code: paths.filter_map(|path| routes.code.get(path)).collect(),
        })
    }

    pub(super) fn own(&self) -> Option<&'a ViewCode> {
        self.code.first().copied()
    }

    pub(super) fn calls(&self) -> impl Iterator<Item = &'a ViewCall> {
        self.code.iter().flat_map(|code| &code.calls)
    }

    fn is_decorated_with(&self, path: &str) -> bool {
        self.route.wrappers.iter().any(|wrapper| wrapper == path)
            || self.code.iter().any(|code| code.is_decorated_with(path))
    }

    fn is_api(&self) -> bool {
        let is_framework = |path: &String| path.starts_with("rest_framework.");
        self.is_decorated_with("rest_framework.decorators.api_view")
            || self
                .code
                .iter()
                .any(|code| code.bases.iter().any(is_framework))
    }

    /// Whether a request of another site gets in: views of REST framework are exempt from the start
    /// (`APIView.as_view`).
    pub(super) fn is_exempt(&self, deployment: &Deployment) -> bool {
        const MIDDLEWARE: &str = "django.middleware.csrf.CsrfViewMiddleware";
        self.is_decorated_with(EXEMPT)
            || self.is_api()
            || has_middleware(deployment, MIDDLEWARE) == Some(false)
    }

    /// Whether the project itself has let requests of other sites in.
    pub(super) fn is_exempt_by_choice(&self) -> bool {
        self.is_decorated_with(EXEMPT) && !self.is_api()
    }

    /// Whether someone without an account gets in; `None` where that is not known.
    pub(super) fn is_open(&self, deployment: &Deployment) -> Option<bool> {
        let code = self.own()?;
        let asks = |path: &str| LOGINS.contains(&path);
        if LOGINS.iter().any(|login| self.is_decorated_with(login))
            || code.bases.iter().any(|base| asks(base))
        {
            return Some(false);
        }
        if !self.is_api() {
            return Some(true);
        }
        let listed = match &code.permissions {
            Some(own) => own.clone(),
            None => {
                let defaults = drf::classes(deployment, "DEFAULT_PERMISSION_CLASSES", &[ALLOW_ANY]);
                let paths = drf::paths(&defaults.value)?;
                paths.into_iter().map(str::to_owned).collect()
            }
        };
        match listed.iter().any(|path| asks(path)) {
            true => Some(false),
            false if listed.iter().all(|path| path == ALLOW_ANY) => Some(true),
            false => None,
        }
    }
}
