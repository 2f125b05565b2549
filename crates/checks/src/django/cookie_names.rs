//! The prefixes of cookies' names that bind browsers (RFC 6265bis, section 4.1.3), and which cookies
//! Django sets.

use tightship_model::{Deployment, Outcome, Value};

use super::{CSRF_MIDDLEWARE, sessions};
use crate::setting::{falsy, has_middleware, unless};

/// A cookie of Django's by the settings that make it.
pub(super) struct Cookie {
    pub(super) name: &'static str,
    pub(super) secure: &'static str,
    pub(super) domain: &'static str,
    pub(super) path: &'static str,
}

pub(super) const SESSION: Cookie = Cookie {
    name: "SESSION_COOKIE_NAME",
    secure: "SESSION_COOKIE_SECURE",
    domain: "SESSION_COOKIE_DOMAIN",
    path: "SESSION_COOKIE_PATH",
};

pub(super) const CSRF: Cookie = Cookie {
    name: "CSRF_COOKIE_NAME",
    secure: "CSRF_COOKIE_SECURE",
    domain: "CSRF_COOKIE_DOMAIN",
    path: "CSRF_COOKIE_PATH",
};

/// The verdict where a deployment sets no such cookie.
pub(super) fn absent(deployment: &Deployment, cookie: &Cookie) -> Option<Outcome> {
    if cookie.name == SESSION.name {
        return sessions::absent(deployment);
    }
    if has_middleware(deployment, CSRF_MIDDLEWARE) == Some(false) {
        let reason = "CsrfViewMiddleware is not installed";
        return Some(Outcome::NotApplicable(reason.to_owned()));
    }
    unless(
        deployment,
        "CSRF_USE_SESSIONS",
        &falsy,
        "the token is kept in the session; there is no CSRF cookie",
    )
}

/// What browsers demand of a cookie of this name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Prefix {
    /// `__Host-`: Secure, without a domain, for all paths.
    Host,
    /// `__Secure-`: Secure.
    Secure,
    None,
}

/// Browsers compare the prefix without regard to case.
pub(super) fn prefix(name: &str) -> Prefix {
    let small = name.to_ascii_lowercase();
    if small.starts_with("__host-") {
        Prefix::Host
    } else if small.starts_with("__secure-") {
        Prefix::Secure
    } else {
        Prefix::None
    }
}

pub(super) fn is_unprefixed(name: &Value) -> Option<bool> {
    name.as_str().map(|name| prefix(name) == Prefix::None)
}
