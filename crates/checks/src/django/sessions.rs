//! Who makes sessions, and Django's id for each case.

use tightship_model::{Deployment, Outcome};

use super::SESSION_MIDDLEWARE;
use crate::setting::{has_middleware, lists};

/// The verdict where nothing makes sessions.
pub(super) fn absent(deployment: &Deployment) -> Option<Outcome> {
    django_id(deployment, [""; 3]).err()
}

/// Which of Django's ids a bad session cookie has: app only, middleware only, both. `Ok(None)` where
/// there are sessions but one of the two lists is not known. `Err` where there are no sessions.
pub(super) fn django_id(
    deployment: &Deployment,
    [app_only, middleware_only, both]: [&'static str; 3],
) -> Result<Option<&'static str>, Outcome> {
    let app = lists(deployment, "INSTALLED_APPS", &|name| {
        name == "django.contrib.sessions"
    });
    match (app, has_middleware(deployment, SESSION_MIDDLEWARE)) {
        (Some(true), Some(true)) => Ok(Some(both)),
        (Some(true), Some(false)) => Ok(Some(app_only)),
        (Some(false), Some(true)) => Ok(Some(middleware_only)),
        (Some(false), Some(false)) => Err(Outcome::NotApplicable(
            "neither the sessions app nor SessionMiddleware is installed".to_owned(),
        )),
        _ => Ok(None),
    }
}
