//! Pages that the URL configuration keeps for those who are logged in, and that a stranger may ask for
//! without doing harm.

use tightship_model::{Deployment, Route, View};

use crate::django::{Resolved, resolve};
use crate::pages::path;

/// A page that a stranger is not to see.
#[derive(Clone, Debug)]
pub struct Guarded<'a> {
    /// With its leading slash.
    pub path: String,
    pub route: &'a Route,
    /// The dotted path of what is called around the view.
    pub by: &'a str,
}

/// Pages that are asked for at most: a sample, and no load.
const MOST: usize = 2;

/// Decorators of Django 6.1 that let nobody through without a login. What `user_passes_test` asks is not
/// told by its name: pages to sign up ask for who has no login.
const LOGINS: [&str; 3] = [
    "django.contrib.auth.decorators.login_required",
    "django.contrib.admin.views.decorators.staff_member_required",
    "django.contrib.auth.decorators.permission_required",
];

/// Parts of words by which addresses, names and views do something; where in doubt, a page is not asked
/// for.
const ACTS: [&str; 50] = [
    "accept",
    "activate",
    "approve",
    "archive",
    "buy",
    "cancel",
    "checkout",
    "clear",
    "close",
    "confirm",
    "connect",
    "create",
    "delete",
    "destroy",
    "disable",
    "download",
    "drop",
    "empty",
    "enable",
    "execute",
    "export",
    "flush",
    "generate",
    "hijack",
    "impersonate",
    "import",
    "invite",
    "logoff",
    "logout",
    "pay",
    "purge",
    "refresh",
    "reject",
    "remove",
    "renew",
    "reset",
    "restart",
    "revoke",
    "run",
    "send",
    "signout",
    "start",
    "stop",
    "subscribe",
    "switch",
    "sync",
    "toggle",
    "update",
    "upload",
    "verify",
];

/// The first pages whose route is certain, leads there before any other, holds no variable part, and
/// names a login outside of whatever else is called around the view.
pub fn guarded(deployment: &Deployment) -> Vec<Guarded<'_>> {
    let (Some(routes), Some(settings)) = (&deployment.routes, &deployment.settings) else {
        return Vec::new();
    };
    let mut found: Vec<Guarded<'_>> = Vec::new();
    for route in routes.routes.iter().filter(|route| route.when.is_none()) {
        let (Some(by), Some(path)) = (login(route), path(settings, route)) else {
            continue;
        };
        let is_new = found.iter().all(|one| one.path != path);
        let is_asked = is_new && is_plain(&path) && !acts(&path, route);
        let leads_there = || match resolve(routes, settings, &path) {
            Ok(Resolved::To(first)) => std::ptr::eq(first, route),
            Ok(Resolved::Nowhere) | Err(_) => false,
        };
        if is_asked && leads_there() {
            found.push(Guarded { path, route, by });
        }
        if found.len() == MOST {
            break;
        }
    }
    found
}

/// The login around a view. What is not Django's own may choose between the views within it.
fn login(route: &Route) -> Option<&str> {
    if !matches!(route.view, View::Callable(_)) {
        return None;
    }
    let outer = route.wrappers.iter().map(String::as_str);
    outer
        .take_while(|wrapper| wrapper.starts_with("django."))
        .find(|wrapper| LOGINS.contains(wrapper))
}

/// Whether an address says the same to every reader, and stays on the site.
fn is_plain(path: &str) -> bool {
    let mut bytes = path.bytes();
    bytes.all(|byte| byte.is_ascii_alphanumeric() || b"/-_.".contains(&byte))
        && !path.contains("//")
        && !path.contains("..")
}

fn acts(path: &str, route: &Route) -> bool {
    let view = match &route.view {
        View::Callable(view) => view.rsplit('.').next(),
        View::Admin | View::Package(_) | View::Unknown => None,
    };
    let mut texts = [Some(path), route.name.as_deref(), view].into_iter();
    texts.any(|text| {
        let letters = text.unwrap_or_default().chars();
        let letters = letters.filter(|letter| !matches!(letter, '-' | '_'));
        let text: String = letters.collect::<String>().to_ascii_lowercase();
        ACTS.iter().any(|part| text.contains(part))
    })
}
