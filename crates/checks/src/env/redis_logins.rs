//! With what the settings log in to a Redis.

use tightship_model::{Deployment, Dict, Traced, Trail, Value};

use super::password_differs::decoded;
use crate::setting::overridden;

/// A login of the settings.
pub(super) struct Login<'a> {
    /// The setting, as Python names it.
    pub(super) place: String,
    pub(super) user: Option<&'a str>,
    /// `None` where there is none.
    pub(super) password: Option<String>,
    pub(super) trail: &'a Trail,
}

/// The settings with one address: Celery's, with the prefix that its own guide gives them.
const ADDRESSES: [&str; 3] = ["CELERY_BROKER_URL", "CELERY_RESULT_BACKEND", "BROKER_URL"];

/// The logins of CACHES, of CHANNEL_LAYERS and of Celery's settings to a host, where all of a login is known.
pub(super) fn logins<'a>(deployment: &'a Deployment, host: &str) -> Vec<Login<'a>> {
    let mut found = Vec::new();
    let caches = overridden(deployment, "CACHES").and_then(|caches| caches.value.as_dict());
    for (alias, cache) in caches.into_iter().flat_map(|caches| &caches.entries) {
        let (Some(alias), Some(cache)) = (alias.as_str(), cache.value.as_dict()) else {
            continue;
        };
        found.extend(of_cache(alias, cache, host));
    }
    let layers = overridden(deployment, "CHANNEL_LAYERS").and_then(|layers| layers.value.as_dict());
    for (alias, layer) in layers.into_iter().flat_map(|layers| &layers.entries) {
        let (Some(alias), Some(layer)) = (alias.as_str(), layer.value.as_dict()) else {
            continue;
        };
        found.extend(of_layer(alias, layer, host));
    }
    for name in ADDRESSES {
        let Some(value) = overridden(deployment, name) else {
            continue;
        };
        found.extend(of_address(name.to_owned(), value, host));
    }
    found
}

/// The login of a cache: in its address, or in its options as Django and django-redis read them.
fn of_cache<'a>(alias: &str, cache: &'a Dict, host: &str) -> Option<Login<'a>> {
    let backend = cache.get("BACKEND")?.value.as_str()?;
    let location = cache
        .get("LOCATION")
        .filter(|_| backend.contains("redis"))?;
    let first = match location.value.as_items() {
        Some(items) => items.items.first()?,
        None => location,
    };
    let place = format!("CACHES[{alias:?}]");
    let login = of_address(place, first, host)?;
    if login.password.is_some() || cache.get("OPTIONS").is_none() {
        return cache.rest.is_none().then_some(login);
    }
    let options = cache.get("OPTIONS")?.value.as_dict()?;
    // What a pool or a client of its own is given is its own affair.
    let is_own = |(key, _): &(Value, Traced<Value>)| {
        key.as_str().is_none_or(|key| {
            ["POOL", "pool", "KWARGS", "username", "credential"]
                .iter()
                .any(|word| key.contains(word))
        })
    };
    if options.rest.is_some() || options.entries.iter().any(is_own) {
        return None;
    }
    let Some(password) = options.get("PASSWORD").or_else(|| options.get("password")) else {
        return Some(login);
    };
    Some(Login {
        password: Some(password.value.as_str()?.to_owned()).filter(|text| !text.is_empty()),
        trail: &password.trail,
        ..login
    })
}

/// The login of a channel layer to its first host, as channels_redis 4.3 reads it
/// (`utils.decode_hosts`, `create_pool`): an address, host and port, or the arguments of redis-py.
fn of_layer<'a>(alias: &str, layer: &'a Dict, host: &str) -> Option<Login<'a>> {
    let backend = layer.get("BACKEND")?.value.as_str()?;
    let hosts = layer.get("CONFIG")?.value.as_dict()?.get("hosts")?;
    let first = hosts.value.as_items()?.items.first()?;
    let place = format!("CHANNEL_LAYERS[{alias:?}]");
    if !backend.starts_with("channels_redis.") {
        return None;
    }
    if let Some(pair) = first.value.as_items() {
        let is_it = pair.items.first()?.value.as_str() == Some(host);
        return is_it.then_some(Login {
            place,
            user: None,
            password: None,
            trail: &first.trail,
        });
    }
    let Some(arguments) = first.value.as_dict() else {
        return of_address(place, first, host);
    };
    let text = |key: &str| match arguments.get(key).map(|value| &value.value) {
        None | Some(Value::None) => Some(None),
        Some(value) => value.as_str().map(Some),
    };
    let is_host = match arguments.get("address") {
        Some(address) => {
            return of_address(place, address, host).filter(|_| text("password") == Some(None));
        }
        None => text("host")? == Some(host),
    };
    (is_host && arguments.rest.is_none()).then_some(Login {
        place,
        user: text("username")?.filter(|user| !user.is_empty()),
        password: text("password")?
            .filter(|password| !password.is_empty())
            .map(str::to_owned),
        trail: arguments
            .get("password")
            .map_or(&first.trail, |password| &password.trail),
    })
}

/// The login in `redis://user:password@host:port/number`, where the host is this one.
fn of_address<'a>(place: String, value: &'a Traced<Value>, host: &str) -> Option<Login<'a>> {
    let (scheme, rest) = value.value.as_str()?.split_once("://")?;
    let (authority, query) = match rest.find(['/', '?', '#']) {
        Some(at) => rest.split_at(at),
        None => (rest, ""),
    };
    let (credentials, address) = match authority.rsplit_once('@') {
        Some((credentials, address)) => (Some(credentials), address),
        None => (None, authority),
    };
    let is_it =
        matches!(scheme, "redis" | "rediss" | "valkey") && address.split(':').next() == Some(host);
    // `?password=` counts, too; it is seldom written.
    if !is_it || query.contains(['@']) || query.contains("password=") {
        return None;
    }
    let (user, password) = match credentials.and_then(|text| text.split_once(':')) {
        Some((user, password)) => (Some(user), Some(password)),
        None => (credentials, None),
    };
    Some(Login {
        place,
        user: user.filter(|user| !user.is_empty()),
        password: password.filter(|text| !text.is_empty()).map(decoded),
        trail: &value.trail,
    })
}
