//! What settings say of a proxy in front of the site.

use tightship_model::{Deployment, Items, Value};

use crate::package::{holds_true, setting_value, strings, value_of};

/// The setting that tells of a proxy: only a deployment behind one has it on.
pub(crate) fn sign(deployment: &Deployment) -> Option<&'static str> {
    SIGNS.into_iter().find(|name| {
        setting_value(deployment, name)
            .is_some_and(|value| holds_true(&value, &Value::truthy) == Some(true))
    })
}

/// Why REMOTE_ADDR may be the visitor's own address behind that proxy; `None` where nothing is seen
/// that would make it so.
pub(crate) fn may_set_address(deployment: &Deployment) -> Option<String> {
    let server = SERVERS
        .into_iter()
        .find(|name| deployment.packages.get(name).is_some());
    if let Some(server) = server {
        return Some(format!(
            "{server} may set REMOTE_ADDR to the visitor's address"
        ));
    }
    let middleware = value_of(
        deployment,
        "MIDDLEWARE",
        "Django",
        Value::List(Items::default()),
    );
    let sets_address = |value: &Value| {
        let names = strings(value)?;
        Some(names.iter().any(|name| {
            let name = name.to_lowercase();
            ADDRESS_WORDS.iter().any(|word| name.contains(word))
        }))
    };
    (holds_true(&middleware, &sets_address) != Some(false))
        .then(|| "a middleware may set REMOTE_ADDR to the visitor's address".to_owned())
}

const SIGNS: [&str; 3] = [
    "SECURE_PROXY_SSL_HEADER",
    "USE_X_FORWARDED_HOST",
    "USE_X_FORWARDED_PORT",
];

/// Servers that can hand the visitor's own address on as REMOTE_ADDR: by the uwsgi protocol, by
/// mod_remoteip, or by their options for proxy headers.
const SERVERS: [&str; 6] = [
    "uwsgi",
    "pyuwsgi",
    "mod-wsgi",
    "uvicorn",
    "daphne",
    "hypercorn",
];

/// Words in the path of a middleware that sets REMOTE_ADDR from a header.
const ADDRESS_WORDS: [&str; 8] = [
    "xff",
    "forward",
    "realip",
    "real_ip",
    "remoteaddr",
    "remote_addr",
    "clientip",
    "proxy",
];
