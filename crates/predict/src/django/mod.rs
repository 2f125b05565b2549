//! What Django answers to a request that its server hands it: redirects, refusals, the view, and
//! the headers that settings add.
//!
//! The order of the middleware decides, as in Django: each sees the request on the way in and the
//! response on the way out. Read from Django 5.2 and 6.1, django-cors-headers 4.9, django-csp 4.0,
//! whitenoise 6.12. What a view itself adds or takes away is not modelled, nor is middleware that
//! is not named here; [`Answer::not_modelled`] lists what may change the answer.

mod csrf;
mod headers;
mod middleware;
mod request;
mod routes;
mod settings;

use tightship_model::{Deployment, Route, Settings, Trail, Unknown};

pub use csrf::{OriginCheck, origin_check};
pub use request::{Received, Scheme, is_allowed};
pub use routes::{Resolved, resolve};

/// Known, or why not.
pub type Known<T> = Result<T, Unknown>;

/// What Django makes of a request.
#[derive(Clone, Debug)]
pub struct Answer {
    pub outcome: Outcome,
    /// In the order in which Django adds them.
    pub headers: Vec<Header>,
    /// What `request.scheme` is.
    pub scheme: Known<Scheme>,
    /// What `request.get_host()` gives; `None` where it refuses the host.
    pub host: Known<Option<String>>,
    /// Middleware, by dotted path, that may change the answer in ways that are not modelled.
    pub not_modelled: Vec<String>,
}

/// How a request ends.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// 301 or 302, by this middleware.
    Redirect {
        status: u16,
        location: String,
        by: &'static str,
        /// The setting that asks for it.
        trail: Trail,
    },
    /// 400: `ALLOWED_HOSTS` does not hold the host.
    HostRefused {
        host: String,
        trail: Trail,
    },
    /// The view of this route answers.
    View(Box<Route>),
    /// 404: no route matches.
    NotFound,
    /// 200 without a view: django-cors-headers answers a preflight request.
    Preflight,
    Unknown(Unknown),
}

/// A header that a setting makes.
#[derive(Clone, Debug, PartialEq)]
pub struct Header {
    pub name: &'static str,
    pub value: Known<String>,
    /// Begins at the setting.
    pub trail: Trail,
}

/// Predicts the answer; `None` where no settings were read.
pub fn answer(deployment: &Deployment, received: &Received) -> Option<Answer> {
    let settings = deployment.settings.as_ref()?;
    Some(middleware::Run::new(deployment, settings, received).answer())
}

/// What `request.is_secure()` gives.
pub fn is_secure(settings: &Settings, received: &Received) -> Known<bool> {
    Ok(request::scheme(settings, received)? == Scheme::Https)
}
