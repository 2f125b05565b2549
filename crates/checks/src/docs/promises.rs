//! Whether a promise of a security document is kept.

use tightship_model::documents::Promise;
use tightship_model::{Deployment, Trail, Value};

use crate::package::{entry_of, is_used, value_of};
use crate::proxy::{adds_header, nginx_says};
use crate::setting::{
    Judged, consider_value, falsy, has_app, has_middleware, holds, setting, shown,
};

/// How a promise stands.
pub(super) enum Kept {
    Yes,
    /// What is there instead, and where.
    No(String, Trail),
    /// Not known; `None` where no setting has anything to say.
    Open,
}

/// Holds a promise against the settings, the packages and what nginx sends itself.
pub(super) fn kept(deployment: &Deployment, promise: &Promise) -> Kept {
    let on = |name: &str| asks(deployment, name, &falsy, &|_| format!("{name} is off"));
    match promise {
        Promise::HttpsRedirect => or_nginx(deployment, on("SECURE_SSL_REDIRECT"), |name, words| {
            matches!(name, "return" | "rewrite")
                && words.iter().any(|word| word.starts_with("https://"))
        }),
        Promise::Hsts {
            seconds,
            subdomains,
        } => or_nginx(
            deployment,
            hsts(deployment, *seconds, *subdomains),
            |name, words| adds_header(name, words, "strict-transport-security"),
        ),
        Promise::SecureCookies => all([on("SESSION_COOKIE_SECURE"), on("CSRF_COOKIE_SECURE")]),
        Promise::ReadableByServerOnly => on("SESSION_COOKIE_HTTPONLY"),
        Promise::Framing(wanted) => {
            let django = asks(
                deployment,
                "X_FRAME_OPTIONS",
                &|value| Some(!value.as_str()?.eq_ignore_ascii_case(wanted)),
                &|value| format!("X_FRAME_OPTIONS is {}", shown(value)),
            );
            or_nginx(deployment, django, |name, words| {
                adds_header(name, words, "x-frame-options")
            })
        }
        Promise::ContentSecurityPolicy => {
            or_nginx(deployment, policy(deployment), |name, words| {
                adds_header(name, words, "content-security-policy")
            })
        }
        Promise::Lockout { attempts } => lockout(deployment, *attempts),
        Promise::TwoFactors => brought_by(deployment, &SECOND_FACTORS, "a second factor"),
        Promise::PasswordLength(least) => password_length(deployment, *least),
        Promise::Hasher(wanted) => asks(
            deployment,
            "PASSWORD_HASHERS",
            &|hashers| {
                let first = hashers.as_items()?.items.first()?;
                Some(!first.value.as_str()?.to_lowercase().contains(wanted))
            },
            &|hashers| {
                let first = hashers.as_items().and_then(|hashers| hashers.items.first());
                let first = first
                    .and_then(|first| first.value.as_str())
                    .unwrap_or("nothing");
                format!("new passwords are stored by {first}")
            },
        ),
        Promise::TokenLifetime(seconds) => token_lifetime(deployment, *seconds),
        Promise::TokenBlacklist => match has_app(deployment, BLACKLIST_APP) {
            Some(true) => Kept::Yes,
            Some(false) => Kept::No(
                format!("{BLACKLIST_APP} is not in INSTALLED_APPS"),
                Trail::default(),
            ),
            None => Kept::Open,
        },
        Promise::RateLimit => or_nginx(deployment, rate_limit(deployment), |name, _| {
            name == "limit_req"
        }),
        Promise::DebugOff => asks(deployment, "DEBUG", &Value::truthy, &|_| {
            "DEBUG is on".to_owned()
        }),
        Promise::Package(name) => match deployment.packages.by_name.is_empty() {
            true => Kept::Open,
            false if deployment.packages.get(name).is_some() => Kept::Yes,
            false => Kept::No(
                format!("{name} is not among the requirements"),
                Trail::default(),
            ),
        },
        Promise::Setting { name, literal } => named_setting(deployment, name, literal.as_deref()),
    }
}

fn hsts(deployment: &Deployment, seconds: Option<u64>, subdomains: bool) -> Kept {
    let least = i128::from(seconds.unwrap_or(1));
    let long = asks(
        deployment,
        "SECURE_HSTS_SECONDS",
        &|value| Some(value.as_int()? < least),
        &|value| match value.as_int() {
            Some(0) => "SECURE_HSTS_SECONDS is 0".to_owned(),
            _ => format!("SECURE_HSTS_SECONDS is {}, which is less", shown(value)),
        },
    );
    match subdomains {
        true => all([
            long,
            asks(
                deployment,
                "SECURE_HSTS_INCLUDE_SUBDOMAINS",
                &falsy,
                &|_| "SECURE_HSTS_INCLUDE_SUBDOMAINS is off".to_owned(),
            ),
        ]),
        false => long,
    }
}

fn policy(deployment: &Deployment) -> Kept {
    let own = has_middleware(
        deployment,
        "django.middleware.csp.ContentSecurityPolicyMiddleware",
    );
    match (own, is_used(deployment, "csp")) {
        (Some(true), _) | (_, Some(true)) => Kept::Yes,
        (Some(false), Some(false)) => Kept::No(
            "no middleware of MIDDLEWARE sends a policy".to_owned(),
            Trail::default(),
        ),
        _ => Kept::Open,
    }
}

fn lockout(deployment: &Deployment, attempts: Option<u64>) -> Kept {
    if has_app(deployment, "axes") != Some(true) {
        return brought_by(deployment, &LOCKOUTS, "a lock after failed logins");
    }
    let Some(most) = attempts.map(i128::from) else {
        return Kept::Yes;
    };
    let limit = value_of(
        deployment,
        "AXES_FAILURE_LIMIT",
        "axes",
        Value::Int(AXES_DEFAULT),
    );
    judged(
        "AXES_FAILURE_LIMIT",
        &limit,
        &|value| Some(value.as_int()? > most),
        &|value| format!("AXES_FAILURE_LIMIT is {}", shown(value)),
    )
}

fn password_length(deployment: &Deployment, least: u64) -> Kept {
    let longest = |value: &Value| {
        let validators = value.as_items()?;
        if validators.rest.is_some() {
            return None;
        }
        let lengths = validators.items.iter().map(|item| {
            let validator = item.value.as_dict()?;
            let name = validator.get("NAME")?.value.as_str()?;
            if !name.ends_with(".MinimumLengthValidator") {
                return name.starts_with("django.contrib.auth.").then_some(0);
            }
            match validator.get("OPTIONS") {
                Some(options) => match options.value.as_dict()?.get("min_length") {
                    Some(length) => length.value.as_int(),
                    None => Some(DJANGO_DEFAULT),
                },
                None => Some(DJANGO_DEFAULT),
            }
        });
        lengths
            .collect::<Option<Vec<_>>>()
            .map(|all| all.into_iter().max().unwrap_or(0))
    };
    asks(
        deployment,
        "AUTH_PASSWORD_VALIDATORS",
        &|value| Some(longest(value)? < i128::from(least)),
        &|value| match longest(value) {
            Some(length) if length > 0 => {
                format!("AUTH_PASSWORD_VALIDATORS asks for {length} characters")
            }
            _ => "AUTH_PASSWORD_VALIDATORS asks for no length".to_owned(),
        },
    )
}

fn token_lifetime(deployment: &Deployment, seconds: u64) -> Kept {
    if deployment
        .packages
        .get("djangorestframework-simplejwt")
        .is_none()
    {
        return Kept::Open;
    }
    let lifetime = entry_of(
        deployment,
        "SIMPLE_JWT",
        "ACCESS_TOKEN_LIFETIME",
        "SimpleJWT",
        Value::Timedelta(300 * MICROSECONDS),
    );
    let most = i64::try_from(seconds)
        .unwrap_or(i64::MAX)
        .saturating_mul(MICROSECONDS);
    judged(
        "SIMPLE_JWT.ACCESS_TOKEN_LIFETIME",
        &lifetime,
        &|value| match value {
            Value::Timedelta(micros) => Some(*micros > most),
            _ => None,
        },
        &|value| format!("ACCESS_TOKEN_LIFETIME is {}", shown(value)),
    )
}

fn rate_limit(deployment: &Deployment) -> Kept {
    if has_app(deployment, "rest_framework") == Some(true) {
        let throttles = entry_of(
            deployment,
            "REST_FRAMEWORK",
            "DEFAULT_THROTTLE_CLASSES",
            "REST framework",
            Value::Tuple(tightship_model::Items::default()),
        );
        let rates = entry_of(
            deployment,
            "REST_FRAMEWORK",
            "DEFAULT_THROTTLE_RATES",
            "REST framework",
            Value::None,
        );
        let none = |_: &Value| "REST_FRAMEWORK names no throttle".to_owned();
        let class = judged("REST_FRAMEWORK", &throttles, &falsy, &none);
        let rate = judged("REST_FRAMEWORK", &rates, &falsy, &none);
        if matches!((&class, &rate), (Kept::No(..), Kept::No(..)))
            && !names_package(deployment, &LIMITERS)
        {
            return class;
        }
        return Kept::Yes;
    }
    brought_by(deployment, &LIMITERS, "a limit")
}

fn named_setting(deployment: &Deployment, name: &str, literal: Option<&str>) -> Kept {
    let Some(found) = setting(deployment, name) else {
        let is_known = deployment.settings.is_some()
            && PROTECTING.iter().any(|prefix| name.starts_with(prefix));
        return match is_known {
            true => Kept::No(format!("the settings have no {name}"), Trail::default()),
            false => Kept::Open,
        };
    };
    let Some(wanted) = literal.and_then(value_of_literal) else {
        return Kept::Yes;
    };
    judged(
        name,
        &found.value,
        &|value| Some(*value != wanted),
        &|value| format!("{name} is {}", shown(value)),
    )
}

fn value_of_literal(literal: &str) -> Option<Value> {
    let bare = literal.trim_matches(['"', '\'']);
    Some(match literal {
        "True" => Value::Bool(true),
        "False" => Value::Bool(false),
        _ if bare.len() + 2 == literal.len() => Value::Str(bare.to_owned()),
        digits => Value::Int(digits.replace('_', "").parse().ok()?),
    })
}

/// Asks a setting of Django.
fn asks(
    deployment: &Deployment,
    name: &str,
    refuses: &dyn Fn(&Value) -> Option<bool>,
    says: &dyn Fn(&Value) -> String,
) -> Kept {
    match setting(deployment, name) {
        Some(setting) => judged(name, &setting.value, refuses, says),
        None => Kept::Open,
    }
}

fn judged(
    name: &str,
    value: &tightship_model::Traced<Value>,
    refuses: &dyn Fn(&Value) -> Option<bool>,
    says: &dyn Fn(&Value) -> String,
) -> Kept {
    match consider_value(name, value, refuses) {
        Judged::Good(_) => Kept::Yes,
        Judged::Open(_) => Kept::Open,
        Judged::Bad(bad) => Kept::No(bad.worded(says(&bad.value.value)), bad.value.trail.clone()),
    }
}

fn all(parts: [Kept; 2]) -> Kept {
    let mut open = false;
    for part in parts {
        match part {
            Kept::No(..) => return part,
            Kept::Open => open = true,
            Kept::Yes => {}
        }
    }
    if open { Kept::Open } else { Kept::Yes }
}

/// A promise that Django does not keep and nginx may.
fn or_nginx(deployment: &Deployment, django: Kept, keeps: impl Fn(&str, &[&str]) -> bool) -> Kept {
    let Kept::No(..) = django else { return django };
    let configurations = &deployment.nginx.configurations;
    let does = nginx_says(deployment, keeps);
    let is_whole = configurations.iter().all(|one| one.gaps.is_empty());
    match (does, configurations.is_empty() || !is_whole) {
        (true, _) => Kept::Yes,
        // A proxy that is not in the repository may.
        (false, true) => Kept::Open,
        (false, false) => django,
    }
}

/// Whether some package, app or middleware of the project has one of these words in its name.
fn brought_by(deployment: &Deployment, words: &[&str], what: &str) -> Kept {
    if names_package(deployment, words) {
        return Kept::Yes;
    }
    let named = |setting_name: &str| {
        let setting = setting(deployment, setting_name)?;
        match consider_value(setting_name, &setting.value, &|value| {
            holds(value, &|name| {
                words.iter().any(|word| name.to_lowercase().contains(word))
            })
        }) {
            Judged::Bad(_) => Some(true),
            Judged::Good(_) => Some(false),
            Judged::Open(_) => None,
        }
    };
    match (
        named("INSTALLED_APPS"),
        named("MIDDLEWARE"),
        named("AUTHENTICATION_BACKENDS"),
    ) {
        (Some(false), Some(false), Some(false)) if !deployment.packages.by_name.is_empty() => {
            Kept::No(
                format!("no app, middleware or package brings {what}"),
                Trail::default(),
            )
        }
        (Some(true), ..) | (_, Some(true), _) | (.., Some(true)) => Kept::Yes,
        _ => Kept::Open,
    }
}

fn names_package(deployment: &Deployment, words: &[&str]) -> bool {
    let mut names = deployment.packages.by_name.keys();
    names.any(|name| words.iter().any(|word| name.contains(word)))
}

const MICROSECONDS: i64 = 1_000_000;
const BLACKLIST_APP: &str = "rest_framework_simplejwt.token_blacklist";
/// `AXES_FAILURE_LIMIT` of axes 8 (axes/conf.py).
const AXES_DEFAULT: i128 = 3;
/// `MinimumLengthValidator.__init__`, Django 1.9 to 6.1.
const DJANGO_DEFAULT: i128 = 8;

/// Parts of the names of what asks for a second factor, or leaves logins to others who may.
const SECOND_FACTORS: [&str; 16] = [
    "2fa",
    "auth0",
    "cognito",
    "fido",
    "keycloak",
    "ldap",
    "mfa",
    "oauth",
    "oidc",
    "okta",
    "otp",
    "passkey",
    "saml",
    "sso",
    "two_factor",
    "webauthn",
];
const LOCKOUTS: [&str; 6] = [
    "axes",
    "brutebuster",
    "defender",
    "lockout",
    "ratelimit",
    "allauth",
];
const LIMITERS: [&str; 7] = [
    "axes",
    "defender",
    "limiter",
    "ratelimit",
    "throttle",
    "brutebuster",
    "allauth",
];
/// The first words of settings of Django and of packages that protect.
const PROTECTING: [&str; 8] = [
    "SECURE_",
    "SESSION_",
    "CSRF_",
    "AXES_",
    "CORS_",
    "PASSWORD_",
    "AUTH_PASSWORD",
    "X_FRAME_",
];
