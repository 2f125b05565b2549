use tightship_model::{
    Check, Deployment, Evidence, Need, Outcome, Reference, Route, Severity, Trail, Value, View,
};

use super::stranger::{Path, judge_limits};
use crate::package::{entry_of, holds_true};
use crate::setting::has_app;

pub(crate) static CHECK: Check = Check {
    id: "cross/login-unlimited",
    title: "A login that neither nginx nor Django limits",
    severity: Severity::High,
    needs: &[Need::Settings, Need::Nginx],
    items: &["A3.3", "A14.3", "B6.4"],
    django_ids: &[],
    references: &[
        Reference::Url("https://nginx.org/en/docs/http/ngx_http_limit_req_module.html"),
        Reference::Url("https://django-axes.readthedocs.io/"),
        Reference::Cwe(307),
    ],
    doc: include_str!("login_unlimited.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let throttles = throttles(deployment);
    let logins = match paths(deployment, |route| login(route, throttles)) {
        Ok(logins) => logins,
        Err(outcome) => return outcome,
    };
    if logins.is_empty() {
        return Outcome::NotApplicable(
            "no route is one of the logins that are known by name and that nothing counts"
                .to_owned(),
        );
    }
    if let Some(limiter) = limiter(deployment) {
        return Outcome::Pass(vec![Evidence {
            text: format!("{limiter} counts failed logins"),
            trail: Trail::default(),
        }]);
    }
    judge_limits(
        deployment,
        &logins,
        "a login",
        &|path, place| {
            format!(
                "passwords are tried at {path} as fast as the line allows: nginx passes each try \
                 on in {place}, and nothing in Django counts them"
            )
        },
        "Install django-axes, and set limit_req in a location for the login.",
    )
}

/// The paths of the site that `wanted` names, each with its route.
pub(super) fn paths(
    deployment: &Deployment,
    wanted: impl Fn(&Route) -> Option<String>,
) -> Result<Vec<Path<'_>>, Outcome> {
    let Some(routes) = &deployment.routes else {
        return Err(Outcome::NotApplicable(
            "the URL configuration is not in the project".to_owned(),
        ));
    };
    let certain = routes.routes.iter().filter(|route| route.when.is_none());
    let paths = certain.filter_map(|route| Some((route, wanted(route)?)));
    Ok(paths.filter(|(_, path)| !path.contains('<')).collect())
}

/// Whether REST framework's throttles hold for every view that does not say otherwise.
pub(super) fn throttles(deployment: &Deployment) -> bool {
    let classes = entry_of(
        deployment,
        "REST_FRAMEWORK",
        "DEFAULT_THROTTLE_CLASSES",
        "REST framework",
        Value::None,
    );
    // What is not known may be a throttle.
    holds_true(&classes, &Value::truthy) != Some(false)
}

/// The path of the login that a route leads to.
fn login(route: &Route, throttles: bool) -> Option<String> {
    let path = format!("/{}", route.path()?);
    match &route.view {
        View::Admin => Some(format!("{path}login/")),
        View::Package(name) if name == "django.contrib.auth.urls" => Some(format!("{path}login/")),
        View::Package(name) if name == "dj_rest_auth.urls" && !throttles => {
            Some(format!("{path}login/"))
        }
        View::Callable(name) if LOGINS.contains(&name.as_str()) => Some(path),
        View::Callable(name) if THROTTLED.contains(&name.as_str()) && !throttles => Some(path),
        _ => None,
    }
}

/// Views that take a name and a password and count nothing: Django 6.1, Django REST framework 3.18.
const LOGINS: [&str; 3] = [
    "django.contrib.auth.views.LoginView",
    "rest_framework.authtoken.views.obtain_auth_token",
    "rest_framework.authtoken.views.ObtainAuthToken",
];

/// Those that take the throttles of the settings: simplejwt 5.5, dj-rest-auth 7.
const THROTTLED: [&str; 5] = [
    "rest_framework_simplejwt.views.TokenObtainPairView",
    "rest_framework_simplejwt.views.TokenObtainSlidingView",
    "rest_framework_simplejwt.views.token_obtain_pair",
    "rest_framework_simplejwt.views.token_obtain_sliding",
    "dj_rest_auth.views.LoginView",
];

/// What counts failed logins beside nginx, as far as the project names it.
pub(super) fn limiter(deployment: &Deployment) -> Option<&'static str> {
    const APPS: [&str; 4] = ["axes", "defender", "brutebuster", "django_otp"];
    const PACKAGES: [&str; 6] = [
        "django-axes",
        "django-defender",
        "django-ratelimit",
        "django-brutebuster",
        "django-lockout",
        "django-otp",
    ];
    let app = APPS
        .into_iter()
        .find(|app| has_app(deployment, app) == Some(true));
    app.or_else(|| {
        PACKAGES
            .into_iter()
            .find(|package| deployment.packages.get(package).is_some())
    })
    .or_else(|| (!deployment.host.jails.is_empty()).then_some("fail2ban"))
}
