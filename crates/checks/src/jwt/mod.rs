//! JSON web tokens: djangorestframework-simplejwt, read from version 5.5.1, and the cookies in which
//! dj-rest-auth keeps them, read from version 7.2.0.

mod access_lifetime_long;
mod blacklist_missing;
mod cookie_forged;
mod cookie_in_clear;
mod cookie_readable;
mod misspelt_key;
mod refresh_lifetime_long;
mod rotation_without_blacklist;
mod signing_key_shared;
mod signing_key_short;

use tightship_model::{Check, Deployment, Outcome, Traced, Trail, Value};

use crate::package::{entry_of, holds_true, setting_value};
use crate::setting::{Demand, has_app, judge_value, lists, shown};

pub(crate) const CHECKS: &[&Check] = &[
    &access_lifetime_long::CHECK,
    &refresh_lifetime_long::CHECK,
    &rotation_without_blacklist::CHECK,
    &blacklist_missing::CHECK,
    &signing_key_short::CHECK,
    &signing_key_shared::CHECK,
    &cookie_readable::CHECK,
    &cookie_in_clear::CHECK,
    &cookie_forged::CHECK,
    &misspelt_key::CHECK,
];

const PACKAGE: &str = "SimpleJWT";
const BLACKLIST_APP: &str = "rest_framework_simplejwt.token_blacklist";

/// The verdict where SimpleJWT is not in use. It needs no entry in INSTALLED_APPS, so its settings,
/// its requirement and its authentication class count too.
fn absent(deployment: &Deployment) -> Option<Outcome> {
    let settings = deployment.settings.as_ref()?;
    let app = lists(deployment, "INSTALLED_APPS", &|name| {
        name.starts_with("rest_framework_simplejwt")
    });
    let required = deployment.packages.get("djangorestframework-simplejwt");
    let is_asked_for = required.is_some() && !is_brought_along(deployment);
    if settings.overrides("SIMPLE_JWT") || app == Some(true) || is_asked_for {
        return None;
    }
    let none = Value::List(tightship_model::Items::default());
    let classes = entry_of(
        deployment,
        "REST_FRAMEWORK",
        "DEFAULT_AUTHENTICATION_CLASSES",
        "REST framework",
        none,
    );
    let listed = holds_true(&classes, &|value| {
        crate::setting::holds(value, &|path| path.starts_with("rest_framework_simplejwt."))
    });
    (listed != Some(true)).then(|| Outcome::NotApplicable("SimpleJWT is not in use".to_owned()))
}

/// Whether the package may be there only because djoser (2.0 to 2.3) requires it, with or without its
/// tokens: no module that was read names it or djoser's routes of tokens.
fn is_brought_along(deployment: &Deployment) -> bool {
    let names_it = |text: &str| text.contains("simplejwt") || text.contains("djoser.urls.jwt");
    let modules = || {
        let sources = deployment.sources.iter().map(|(_, source)| source);
        sources.filter(|source| source.path.ends_with(".py"))
    };
    deployment.packages.get("djoser").is_some() && !modules().any(|module| names_it(module.raw()))
}

/// An entry of SIMPLE_JWT, or else the package's default.
fn option(deployment: &Deployment, key: &str, default: Value) -> Traced<Value> {
    entry_of(deployment, "SIMPLE_JWT", key, PACKAGE, default)
}

/// Judges how long a kind of token is good for against the policy.
fn judge_lifetime(
    deployment: &Deployment,
    setting: &str,
    default: i64,
    policy: u64,
    gain: &str,
) -> Outcome {
    if let Some(outcome) = absent(deployment) {
        return outcome;
    }
    let key = setting.trim_start_matches("SIMPLE_JWT.");
    let lifetime = option(deployment, key, Value::Timedelta(default * 1_000_000));
    let longest = i64::try_from(policy)
        .unwrap_or(i64::MAX)
        .saturating_mul(1_000_000);
    judge_value(
        deployment,
        &lifetime,
        &Demand {
            setting,
            refuses: &|value| match value {
                Value::Timedelta(micros) => Some(*micros > longest),
                _ => None,
            },
            message: &|value| format!("{gain} for {}; the policy allows {policy} s", shown(value)),
            advice: "Shorten the lifetime in SIMPLE_JWT to the policy.",
            django_id: None,
            mend: None,
        },
    )
}

/// An entry of REST_AUTH; before version 3 of dj-rest-auth, a setting of that name.
fn cookie_option(deployment: &Deployment, key: &str, default: Value) -> Traced<Value> {
    let older = deployment
        .packages
        .get("dj-rest-auth")
        .and_then(|package| package.release())
        .is_some_and(|(major, _, _)| major < 3);
    match older {
        true => crate::package::value_of(deployment, key, "dj-rest-auth", default),
        false => entry_of(deployment, "REST_AUTH", key, "dj-rest-auth", default),
    }
}

/// The verdict where no token travels in a cookie of dj-rest-auth.
fn no_cookie(deployment: &Deployment) -> Option<Outcome> {
    if has_app(deployment, "dj_rest_auth") != Some(true) {
        return Some(Outcome::NotApplicable(
            "dj_rest_auth is not installed".to_owned(),
        ));
    }
    let mut open = None;
    for key in ["JWT_AUTH_COOKIE", "JWT_AUTH_REFRESH_COOKIE"] {
        let name = cookie_option(deployment, key, Value::None);
        match holds_true(&name, &Value::truthy) {
            Some(true) => return None,
            Some(false) => {}
            None => open = Some(name.trail),
        }
    }
    Some(match open {
        Some(trail) => Outcome::Unknown {
            reason: "whether tokens travel in a cookie is not known".to_owned(),
            remedy: "see `tightship inspect settings --only REST_AUTH`".to_owned(),
            trail,
        },
        None => Outcome::NotApplicable("tokens travel in no cookie".to_owned()),
    })
}

/// The key that signs tokens; SimpleJWT takes SECRET_KEY where none is set.
fn signing_key(deployment: &Deployment) -> Traced<Value> {
    let own = option(deployment, "SIGNING_KEY", Value::None);
    match own.value {
        Value::None => setting_value(deployment, "SECRET_KEY")
            .unwrap_or_else(|| Traced::new(Value::None, Trail::default())),
        _ => own,
    }
}
