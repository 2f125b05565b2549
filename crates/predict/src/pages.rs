//! The addresses of pages that every project has, as its settings and routes name them: what a look
//! at the live site asks for.

use tightship_model::{Deployment, Pattern, Route, Settings, Value, View};

/// Paths of the site, each with its leading slash; `None` where the files do not tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pages {
    /// Where people log in: `LOGIN_URL`, else the route of a login.
    pub login: Option<String>,
    /// Where an API takes passwords, by the route of a package that is known to.
    pub api_login: Option<String>,
    /// Where the pages of Django's admin begin.
    pub admin: Option<String>,
    /// `STATIC_URL`, where the site itself has it.
    pub static_folder: Option<String>,
    /// `MEDIA_URL`, where the site itself has it.
    pub media_folder: Option<String>,
    /// The first origin of `CORS_ALLOWED_ORIGINS`: of a frontend that asks from elsewhere.
    pub frontend: Option<String>,
}

/// The pages that the files name.
pub fn pages(deployment: &Deployment) -> Pages {
    let routes: Vec<_> = match &deployment.routes {
        Some(routes) => {
            let certain = routes.routes.iter().filter(|route| route.when.is_none());
            certain.collect()
        }
        None => Vec::new(),
    };
    let Some(settings) = &deployment.settings else {
        return Pages::default();
    };
    let at = |route: &&Route| path(settings, route);
    let admins = routes.iter().filter(|route| route.view == View::Admin);
    Pages {
        login: login(settings, &routes),
        api_login: routes.iter().find_map(|route| of_api(settings, route)),
        admin: admins.filter_map(at).next(),
        static_folder: folder(settings, "STATIC_URL"),
        media_folder: folder(settings, "MEDIA_URL"),
        frontend: frontend(settings),
    }
}

fn frontend(settings: &Settings) -> Option<String> {
    let origins = settings.get("CORS_ALLOWED_ORIGINS")?;
    let first = origins.value.value.as_items()?.items.first()?;
    first.value.as_str().map(str::to_owned)
}

/// `LOGIN_URL` is an address or the name of a route (`resolve_url`); its default leads nowhere in most
/// projects.
fn login(settings: &Settings, routes: &[&Route]) -> Option<String> {
    let named = text(settings, "LOGIN_URL").filter(|_| settings.overrides("LOGIN_URL"));
    if let Some(path) = named.as_deref().filter(|named| named.starts_with('/')) {
        return (!path.starts_with("//")).then(|| path.to_owned());
    }
    let mut names = named.iter().map(|name| name.rsplit(':').next());
    let name = names.next().flatten();
    let by_name = routes
        .iter()
        .filter(|route| name.is_some() && route.name.as_deref() == name);
    by_name
        .filter_map(|route| path(settings, route))
        .chain(
            routes
                .iter()
                .filter_map(|route| of_package(settings, route)),
        )
        .next()
}

/// The login of a package, below the route that includes it: Django 6.1, allauth 65.
fn of_package(settings: &Settings, route: &Route) -> Option<String> {
    let path = path(settings, route)?;
    match &route.view {
        View::Package(module) => matches!(
            module.as_str(),
            "django.contrib.auth.urls" | "allauth.urls" | "allauth.account.urls"
        )
        .then(|| format!("{path}login/")),
        View::Callable(view) => (view == "django.contrib.auth.views.LoginView").then_some(path),
        View::Admin | View::Unknown => None,
    }
}

/// The login of an API: djangorestframework-simplejwt 5.5 and its `TokenObtainPairView` by the name that
/// its guide gives the route, `rest_framework.authtoken` 3.18, dj-rest-auth 7, djoser 2.3, and the client
/// `app` of allauth's headless API 65.
fn of_api(settings: &Settings, route: &Route) -> Option<String> {
    let path = path(settings, route)?;
    let below = match &route.view {
        View::Package(module) => match module.as_str() {
            "dj_rest_auth.urls" => "login/",
            "djoser.urls.jwt" => "jwt/create/",
            "djoser.urls.authtoken" => "token/login/",
            "allauth.headless.urls" => "app/v1/auth/login",
            _ => return None,
        },
        View::Callable(view) => match view.as_str() {
            "rest_framework_simplejwt.views.TokenObtainPairView"
            | "rest_framework_simplejwt.views.token_obtain_pair"
            | "rest_framework.authtoken.views.ObtainAuthToken"
            | "rest_framework.authtoken.views.obtain_auth_token"
            | "dj_rest_auth.views.LoginView" => "",
            _ if route.name.as_deref() == Some("token_obtain_pair") => "",
            _ => return None,
        },
        View::Admin | View::Unknown => return None,
    };
    Some(format!("{path}{below}"))
}

/// The path of a route that holds no variable part, in the site's own language.
pub(crate) fn path(settings: &Settings, route: &Route) -> Option<String> {
    let parts = route.patterns.iter().map(|pattern| match pattern {
        Pattern::Path(text) => (!text.contains('<')).then(|| text.clone()),
        Pattern::Language {
            default_is_bare: true,
        } => Some(String::new()),
        Pattern::Language {
            default_is_bare: false,
        } => Some(format!(
            "{}/",
            text(settings, "LANGUAGE_CODE")?.to_lowercase()
        )),
        // The pages of the admin or of a package, which begin here.
        Pattern::Open => Some(String::new()),
        Pattern::Regex(_) | Pattern::Unknown(_) => None,
    });
    let path: String = parts.collect::<Option<_>>()?;
    Some(format!("/{path}"))
}

/// The path of `STATIC_URL` or `MEDIA_URL`.
fn folder(settings: &Settings, name: &str) -> Option<String> {
    let url = text(settings, name)?;
    let is_elsewhere = url.contains("://") || url.starts_with("//");
    // Django puts the script name before a relative one, which is `/` for a whole site.
    let path = url.trim_matches('/');
    (!is_elsewhere && !path.is_empty()).then(|| format!("/{path}/"))
}

fn text(settings: &Settings, name: &str) -> Option<String> {
    match &settings.get(name)?.value.value {
        Value::Str(text) => Some(text.clone()),
        _ => None,
    }
}
