use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity, Value};

use super::cookie_names::{CSRF, Cookie, Prefix, SESSION, absent, prefix};
use crate::setting::{
    Demand, answers, is_not_true, judge, not_set, setting, shown, together, unless,
};

pub(super) static CHECK: Check = Check {
    id: "django/cookie-refused",
    title: "Browsers refuse a cookie whose name promises more than it keeps",
    severity: Severity::High,
    needs: &[Need::Settings],
    items: &["A2.1", "A2.2", "X25"],
    django_ids: &[],
    references: &[
        Reference::Url(
            "https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Set-Cookie#cookie_prefixes",
        ),
        Reference::Django("ref/settings/#session-cookie-domain"),
    ],
    doc: include_str!("cookie_refused.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    together([&SESSION, &CSRF].map(|cookie| of(deployment, cookie)))
}

fn of(deployment: &Deployment, cookie: &Cookie) -> Outcome {
    if let Some(outcome) = absent(deployment, cookie) {
        return outcome;
    }
    let has = |wanted: fn(Prefix) -> bool| {
        answers(deployment, cookie.name, &|name| {
            name.as_str().map(|name| wanted(prefix(name)))
        })
    };
    let without = format!("{} has no prefix", cookie.name);
    if let Some(outcome) = unless(
        deployment,
        cookie.name,
        &|name| name.as_str().map(|name| prefix(name) != Prefix::None),
        &without,
    ) {
        return outcome;
    }
    let mut demands = vec![demand(
        deployment,
        cookie,
        cookie.secure,
        &is_not_true,
        "True",
    )];
    // A name that may be of either kind is held to what both ask.
    if has(|prefix| prefix == Prefix::Host) == Some(true) {
        let is_set = |value: &Value| value.truthy();
        let is_below = |value: &Value| value.as_str().map(|path| path != "/");
        demands.push(demand(deployment, cookie, cookie.domain, &is_set, "None"));
        demands.push(demand(deployment, cookie, cookie.path, &is_below, "\"/\""));
    }
    together(demands)
}

/// Holds a setting to what the prefix promises.
fn demand(
    deployment: &Deployment,
    cookie: &Cookie,
    name: &str,
    refuses: &dyn Fn(&Value) -> Option<bool>,
    wanted: &str,
) -> Outcome {
    let named = setting(deployment, cookie.name);
    let Some(named) = named.as_ref().and_then(|named| named.value.value.as_str()) else {
        return not_set(cookie.name);
    };
    let loss = match cookie.name == SESSION.name {
        true => "nobody stays logged in",
        false => "every form is refused",
    };
    judge(
        deployment,
        &Demand {
            setting: name,
            refuses,
            message: &|value| {
                format!(
                    "{loss}: browsers drop the cookie {named:?}, as {name} is {}",
                    shown(value)
                )
            },
            advice: &format!(
                "Set {name} to {wanted}, or take the prefix off {}.",
                cookie.name
            ),
            django_id: None,
            mend: None,
        },
    )
}
