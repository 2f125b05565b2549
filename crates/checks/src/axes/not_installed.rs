use tightship_model::{
    Answer, Check, Confidence, Deployment, Need, Outcome, Reference, Severity, Trail, Value,
};

use crate::cross::login_unlimited;
use crate::package::{
    entry_of, finding, holds_true, is_used, pass, setting_value, strings, value_of,
};
use crate::setting::{has_app, unknown};
use crate::told::findings_of;

pub(super) static CHECK: Check = Check {
    id: "axes/not-installed",
    title: "Nothing limits failed logins",
    severity: Severity::Medium,
    needs: &[Need::Settings],
    items: &["A3.3"],
    django_ids: &[],
    references: &[
        Reference::Url("https://django-axes.readthedocs.io/en/latest/2_installation.html"),
        Reference::Cwe(307),
    ],
    doc: include_str!("not_installed.md"),
    run,
};

/// Apps that limit failed logins, by their place in INSTALLED_APPS or MIDDLEWARE.
const LIMITERS: [&str; 5] = [
    "axes",
    "defender",
    "django_ratelimit",
    "brutebuster",
    "lockout",
];

/// Packages that limit logins by a decorator and so need no app.
const DECORATORS: [&str; 2] = ["django-ratelimit", "django-smart-ratelimit"];

/// Backends that take a password.
const PASSWORD_BACKENDS: [&str; 4] = [
    "django.contrib.auth.backends.ModelBackend",
    "django.contrib.auth.backends.AllowAllUsersModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
    "django_auth_ldap.backend.LDAPBackend",
];

/// Whether a backend takes a password, by its name where it is the project's own: those of
/// projects look for the user by another field and are called after it.
fn takes_a_password(backend: &str) -> bool {
    let class = backend.rsplit('.').next().unwrap_or(backend);
    let is_named = ["ModelBackend", "Email", "Username", "Password"]
        .iter()
        .any(|word| class.contains(word));
    PASSWORD_BACKENDS.contains(&backend) || is_named && class.ends_with("Backend")
}

fn run(deployment: &Deployment) -> Outcome {
    if has_app(deployment, "django.contrib.auth") == Some(false) {
        return Outcome::NotApplicable(
            "there are no users: django.contrib.auth is not installed".to_owned(),
        );
    }
    for app in LIMITERS {
        if is_used(deployment, app) == Some(true) {
            return pass(format!("{app} limits failed logins"), &Trail::default());
        }
    }
    if let Some(trail) = logs_in_elsewhere(deployment) {
        return Outcome::Unknown {
            reason:
                "Django's AuthenticationMiddleware is not listed: users seem to log in elsewhere"
                    .to_owned(),
            remedy: "if there is a login form, install django-axes".to_owned(),
            trail,
        };
    }
    if let Some(package) = DECORATORS
        .iter()
        .find_map(|name| deployment.packages.get(name))
    {
        return Outcome::Unknown {
            reason: format!(
                "{} is required; whether it guards the login view is not seen",
                package.name
            ),
            remedy: "look whether the login view carries its decorator".to_owned(),
            trail: package.trail.clone(),
        };
    }
    if has_app(deployment, "allauth.account") == Some(true) && allauth_limits(deployment) {
        return pass(
            "allauth limits failed logins on its own pages (ACCOUNT_RATE_LIMITS); the login of the \
             admin is not among them",
            &Trail::default(),
        );
    }
    if let Some(trail) = throttles(deployment) {
        return Outcome::Unknown {
            reason: "REST framework throttles the API; whether logins go through it is not seen"
                .to_owned(),
            remedy: "if the admin or a form logs in too, install django-axes".to_owned(),
            trail,
        };
    }
    let Some(apps) = setting_value(deployment, "INSTALLED_APPS") else {
        return Outcome::NotApplicable("INSTALLED_APPS has no value".to_owned());
    };
    if let Answer::Doubt(doubt) = apps.ask(&|value| strings(value).map(|_| true)) {
        return unknown("INSTALLED_APPS", &doubt, &apps.trail);
    }
    judge_backends(deployment, &apps.trail)
}

fn judge_backends(deployment: &Deployment, apps: &Trail) -> Outcome {
    let Some(backends) = setting_value(deployment, "AUTHENTICATION_BACKENDS") else {
        return Outcome::NotApplicable("AUTHENTICATION_BACKENDS has no value".to_owned());
    };
    match backends.ask(&|value| {
        let names = strings(value)?;
        Some(names.iter().any(|name| takes_a_password(name)))
    }) {
        Answer::No(value) => Outcome::Unknown {
            reason: "no backend in AUTHENTICATION_BACKENDS is known to take a password".to_owned(),
            remedy: "if users log in elsewhere, accept this with a waiver".to_owned(),
            trail: value.trail.clone(),
        },
        Answer::Doubt(doubt) => unknown("AUTHENTICATION_BACKENDS", &doubt, &backends.trail),
        Answer::Yes(_) => {
            let required = deployment.packages.get("django-axes");
            let message = match required {
                Some(_) => {
                    "an attacker guesses passwords without end: django-axes is required and \
                            not in INSTALLED_APPS"
                }
                None => {
                    "an attacker guesses passwords without end: no app in INSTALLED_APPS limits \
                         failed logins"
                }
            };
            let mut finding = finding(
                "INSTALLED_APPS",
                apps,
                message.to_owned(),
                "Install django-axes: app, backend first, middleware last.",
            );
            // A proxy in front may limit requests to the login page.
            finding.confidence = Confidence::Medium;
            match findings_of(deployment, &login_unlimited::CHECK).is_empty() {
                true => Outcome::Fail(vec![finding]),
                false => Outcome::NotApplicable(format!(
                    "{} tells which logins nothing limits",
                    login_unlimited::CHECK.id
                )),
            }
        }
    }
}

/// Where the middleware is listed without the one that keeps a visitor logged in.
fn logs_in_elsewhere(deployment: &Deployment) -> Option<Trail> {
    const KEEPS_LOGIN: &str = "django.contrib.auth.middleware.AuthenticationMiddleware";
    let overridden = deployment.settings.as_ref()?.overrides("MIDDLEWARE");
    let middleware = setting_value(deployment, "MIDDLEWARE").filter(|_| overridden)?;
    let keeps = holds_true(&middleware, &|value| {
        Some(strings(value)?.contains(&KEEPS_LOGIN))
    });
    (keeps == Some(false)).then_some(middleware.trail)
}

/// Where REST framework is told to throttle.
fn throttles(deployment: &Deployment) -> Option<Trail> {
    if has_app(deployment, "rest_framework") != Some(true) {
        return None;
    }
    ["DEFAULT_THROTTLE_CLASSES", "DEFAULT_THROTTLE_RATES"]
        .into_iter()
        .map(|key| {
            entry_of(
                deployment,
                "REST_FRAMEWORK",
                key,
                "REST framework",
                Value::None,
            )
        })
        .find(|value| holds_true(value, &Value::truthy) != Some(false))
        .map(|value| value.trail)
}

/// Whether allauth's limits are on: they are unless the setting is False.
fn allauth_limits(deployment: &Deployment) -> bool {
    let limits = value_of(
        deployment,
        "ACCOUNT_RATE_LIMITS",
        "django-allauth",
        Value::None,
    );
    holds_true(&limits, &|value| Some(*value == Value::Bool(false))) == Some(false)
}
