//! The request as Django sees it: scheme and host.

use tightship_model::{Settings, Value};

use super::{Known, settings};

/// A request as the server (gunicorn, uvicorn, ...) hands it to Django.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    pub method: String,
    /// Path of the request line, without the query.
    pub path: String,
    /// Without the question mark; empty where there is none.
    pub query: String,
    /// Names and values as they arrived, duplicates included.
    pub headers: Vec<(String, String)>,
    /// What the server says of the connection (`wsgi.url_scheme`).
    pub scheme: Scheme,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    Http,
    Https,
}

impl Scheme {
    pub fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

impl Received {
    /// A header as WSGI gives it: several of one name are joined with commas (PEP 3333 leaves it to
    /// the server; gunicorn and uvicorn both do).
    pub fn header(&self, name: &str) -> Option<String> {
        let values: Vec<_> = self
            .headers
            .iter()
            .filter(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
            .collect();
        (!values.is_empty()).then(|| values.join(","))
    }

    /// A header by its name in `request.META`: `HTTP_X_FORWARDED_PROTO`.
    pub(super) fn meta(&self, key: &str) -> Option<String> {
        self.header(&key.strip_prefix("HTTP_")?.replace('_', "-"))
    }

    /// Path and query, as `request.get_full_path()` gives them.
    pub(super) fn full_path(&self, slash: &str) -> String {
        match self.query.as_str() {
            "" => format!("{}{slash}", self.path),
            query => format!("{}{slash}?{query}", self.path),
        }
    }
}

/// `request.scheme`.
pub(super) fn scheme(settings: &Settings, received: &Received) -> Known<Scheme> {
    const NAME: &str = "SECURE_PROXY_SSL_HEADER";
    let setting = settings::value(settings, NAME)?;
    let (Value::Tuple(pair) | Value::List(pair)) = &setting.value else {
        return Ok(received.scheme);
    };
    let [header, secure] = pair.items.as_slice() else {
        return Ok(received.scheme);
    };
    let (Some(header), Some(secure)) = (header.value.as_str(), secure.value.as_str()) else {
        return Err(settings::doubt(NAME, &setting));
    };
    let Some(value) = received.meta(header) else {
        return Ok(received.scheme);
    };
    let first = value.split(',').next().unwrap_or_default().trim();
    Ok(match first == secure {
        true => Scheme::Https,
        false => Scheme::Http,
    })
}

/// `request.get_host()`; `None` where Django refuses it.
pub(super) fn host(settings: &Settings, received: &Received) -> Known<Option<String>> {
    let raw = raw_host(settings, received)?;
    let Some(domain) = domain(&raw) else {
        return Ok(None);
    };
    Ok(is_allowed(settings, &domain)?.then_some(raw))
}

/// Whether `ALLOWED_HOSTS` takes the name of a host, which stands without a port and in lower case.
pub fn is_allowed(settings: &Settings, domain: &str) -> Known<bool> {
    let mut allowed = settings::texts(settings, "ALLOWED_HOSTS")?;
    if allowed.is_empty() && settings::is_on(settings, "DEBUG")? {
        allowed = [".localhost", "127.0.0.1", "[::1]"]
            .map(str::to_owned)
            .into();
    }
    let mut patterns = allowed.iter();
    Ok(patterns.any(|pattern| pattern == "*" || is_same_domain(domain, pattern)))
}

/// The host that Django looks at, allowed or not.
pub(super) fn raw_host(settings: &Settings, received: &Received) -> Known<String> {
    if settings::is_on(settings, "USE_X_FORWARDED_HOST")?
        && let Some(forwarded) = received.header("X-Forwarded-Host")
    {
        return Ok(forwarded);
    }
    Ok(received.header("Host").unwrap_or_default())
}

/// The name of a host without its port and its last dot, in lower case; `None` for one that is not
/// valid by `django.http.request.host_validation_re`.
fn domain(host: &str) -> Option<String> {
    let host = host.to_ascii_lowercase();
    let (name, port) = match host.strip_prefix('[') {
        Some(inner) => {
            let (address, rest) = inner.split_once(']')?;
            let is_address = !address.is_empty()
                && address
                    .bytes()
                    .all(|b| b.is_ascii_hexdigit() || b":.".contains(&b));
            (is_address.then(|| format!("[{address}]"))?, rest)
        }
        None => {
            let end = host.find(':').unwrap_or(host.len());
            let (name, rest) = host.split_at(end);
            let is_name = !name.is_empty()
                && name
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-".contains(&b));
            (is_name.then(|| name.to_owned())?, rest)
        }
    };
    let is_port = match port.strip_prefix(':') {
        Some(port) => !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()),
        None => port.is_empty(),
    };
    is_port.then(|| name.strip_suffix('.').unwrap_or(&name).to_owned())
}

/// `django.utils.http.is_same_domain`.
pub(super) fn is_same_domain(host: &str, pattern: &str) -> bool {
    if pattern.is_empty() {
        return false;
    }
    let pattern = pattern.to_lowercase();
    match pattern.strip_prefix('.') {
        Some(bare) => host.ends_with(&pattern) || host == bare,
        None => host == pattern,
    }
}
