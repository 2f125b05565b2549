use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity, Value};

use crate::package::{finding, pass};
use crate::setting::{Judged, consider, not_set, setting};

pub(super) static CHECK: Check = Check {
    id: "django/middleware-order",
    title: "Middleware runs in an order that undoes it",
    severity: Severity::Medium,
    needs: &[Need::Settings],
    items: &["B7.6", "A9.5"],
    django_ids: &[],
    references: &[Reference::Django("ref/middleware/#middleware-ordering")],
    doc: include_str!("middleware_order.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let Some(setting) = setting(deployment, "MIDDLEWARE") else {
        return not_set("MIDDLEWARE");
    };
    match consider(&setting, &|list| {
        let list = list.as_items()?;
        let found = !broken(&Value::List(list.clone())).is_empty();
        (found || list.rest.is_none()).then_some(found)
    }) {
        Judged::Good(value) => pass(
            "the middleware stands in the order that Django asks for",
            &value.trail,
        ),
        Judged::Open(outcome) => outcome,
        Judged::Bad(bad) => Outcome::Fail(
            broken(&bad.value.value)
                .into_iter()
                .filter(|order| is_first_of_its_class(order, &bad.value.value))
                .map(|order| {
                    let mut finding = finding(
                        &format!(
                            "MIDDLEWARE {} before {}",
                            class(order.first),
                            class(order.then)
                        ),
                        &bad.value.trail,
                        bad.worded(format!(
                            "{} stands before {} in MIDDLEWARE: {}",
                            class(order.then),
                            class(order.first),
                            order.loss
                        )),
                        "Reorder MIDDLEWARE as Django's documentation lists it.",
                    );
                    finding.confidence = bad.confidence;
                    finding
                })
                .collect(),
        ),
    }
}

/// Two classes of which the first must stand before the second.
struct Order {
    first: &'static str,
    then: &'static str,
    loss: &'static str,
}

/// The orders that a list breaks.
fn broken(list: &Value) -> Vec<&'static Order> {
    let place = |class: &str| {
        list.as_items()?
            .items
            .iter()
            .position(|item| item.value.as_str() == Some(class))
    };
    ORDERS
        .iter()
        .filter(|order| match (place(order.first), place(order.then)) {
            (Some(first), Some(then)) => first > then,
            _ => false,
        })
        .collect()
}

/// Whether no other broken order is about the same class that stands too late: to move it mends all.
fn is_first_of_its_class(order: &Order, list: &Value) -> bool {
    let mut others = broken(list).into_iter();
    let first = others.find(|other| other.first == order.first);
    first.is_some_and(|first| first.then == order.then)
}

fn class(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

const SECURITY: &str = super::SECURITY_MIDDLEWARE;
const SESSION: &str = super::SESSION_MIDDLEWARE;
const CSRF: &str = super::CSRF_MIDDLEWARE;
const COMMON: &str = "django.middleware.common.CommonMiddleware";
const LOCALE: &str = "django.middleware.locale.LocaleMiddleware";
const GZIP: &str = "django.middleware.gzip.GZipMiddleware";
const CONDITIONAL_GET: &str = "django.middleware.http.ConditionalGetMiddleware";
const AUTHENTICATION: &str = "django.contrib.auth.middleware.AuthenticationMiddleware";
const LOGIN_REQUIRED: &str = "django.contrib.auth.middleware.LoginRequiredMiddleware";
const REMOTE_USER: &str = "django.contrib.auth.middleware.RemoteUserMiddleware";
const MESSAGES: &str = "django.contrib.messages.middleware.MessageMiddleware";
const UPDATE_CACHE: &str = "django.middleware.cache.UpdateCacheMiddleware";
const FETCH_FROM_CACHE: &str = "django.middleware.cache.FetchFromCacheMiddleware";

/// The section "Middleware ordering" of Django 5.2 to 6.1, as pairs.
const ORDERS: [Order; 15] = [
    Order {
        first: SECURITY,
        then: COMMON,
        loss: "redirects for a missing slash go out over plain HTTP, before the one to HTTPS",
    },
    Order {
        first: SECURITY,
        then: SESSION,
        loss: "sessions are loaded for requests that should only have been sent on to HTTPS",
    },
    Order {
        first: SESSION,
        then: AUTHENTICATION,
        loss: "there is no session to find the user in, and every request fails",
    },
    Order {
        first: SESSION,
        then: MESSAGES,
        loss: "messages have no session to live in",
    },
    Order {
        first: SESSION,
        then: LOCALE,
        loss: "the language cannot be taken from what the visitor's session goes by",
    },
    Order {
        first: AUTHENTICATION,
        then: LOGIN_REQUIRED,
        loss: "nobody is known when the login is demanded, and every request fails",
    },
    Order {
        first: AUTHENTICATION,
        then: REMOTE_USER,
        loss: "the user of the web server cannot be put in place, and every request fails",
    },
    Order {
        first: CSRF,
        then: REMOTE_USER,
        loss: "a signed-in user is made before the request is known to be genuine",
    },
    Order {
        first: UPDATE_CACHE,
        then: SESSION,
        loss: "pages of one visitor are cached before it is noted that they depend on the cookie, \
               and others get to see them",
    },
    Order {
        first: UPDATE_CACHE,
        then: LOCALE,
        loss: "pages are cached before it is noted that they depend on the language",
    },
    Order {
        first: UPDATE_CACHE,
        then: GZIP,
        loss: "pages are cached before it is noted that they depend on the encoding",
    },
    Order {
        first: SESSION,
        then: FETCH_FROM_CACHE,
        loss: "cached pages are looked up without regard to who asks",
    },
    Order {
        first: LOCALE,
        then: FETCH_FROM_CACHE,
        loss: "cached pages are looked up without regard to the language",
    },
    Order {
        first: UPDATE_CACHE,
        then: FETCH_FROM_CACHE,
        loss: "responses are stored and looked up in the wrong order",
    },
    Order {
        first: GZIP,
        then: CONDITIONAL_GET,
        loss: "entity tags are made of compressed bodies, which differ each time, so browsers fetch \
               unchanged pages again",
    },
];
