//! The URLs that django-configurations and environs hand to small packages of their own. Verified
//! against dj-email-url 1.0.6, django-cache-url 3.4.6 and dj-search-url 0.1.

use super::dj_database_url::NOT_MODELLED;
use super::split::{Url, VALUE_ERROR, parse_qs, unquote};
use super::{Config, Refusal, text_or_none};
use crate::python::plain::{Plain, int};

/// `dj_email_url.parse(text)`.
pub(crate) fn dj_email_url(text: &str) -> Result<Plain, Refusal> {
    let url = Url::parse(text)?;
    let query = parse_qs(&url.query);
    let first = |name: &str| {
        let (_, values) = query.iter().find(|(key, _)| key == name)?;
        values.first()
    };
    let unquoted = |text: Option<String>| text_or_none(text.map(|text| unquote(&text)));
    let mut config = Config::default();
    config.text("EMAIL_FILE_PATH", url.path.get(1..).unwrap_or(""));
    config.set("EMAIL_HOST_USER", unquoted(url.username()));
    config.set("EMAIL_HOST_PASSWORD", unquoted(url.password()));
    let mut host = text_or_none(url.hostname());
    let mut port = url.port()?;
    let backend = match url.scheme.as_str() {
        "smtp" | "submission" | "submit" | "smtps" => "django.core.mail.backends.smtp.EmailBackend",
        "console" => "django.core.mail.backends.console.EmailBackend",
        "file" => "django.core.mail.backends.filebased.EmailBackend",
        "memory" => "django.core.mail.backends.locmem.EmailBackend",
        "dummy" => "django.core.mail.backends.dummy.EmailBackend",
        _ => "",
    };
    let is_zero = |port: Option<u16>| port.unwrap_or(0) == 0;
    if url.scheme == "smtp" {
        if !host.is_truthy() {
            host = Plain::str("localhost");
        }
        if is_zero(port) {
            port = Some(25);
        }
    }
    let is_submission = ["submission", "submit"].contains(&url.scheme.as_str());
    if is_submission && is_zero(port) {
        port = Some(587);
    }
    let mut ssl = false;
    let mut tls = is_submission || url.scheme == "smtps";
    let is_true = |text: &String| TRUTHY.contains(&text.as_str());
    match (first("ssl"), first("tls")) {
        (Some(value), _) if is_true(value) => (ssl, tls) = (true, false),
        (None, Some(value)) if is_true(value) => (ssl, tls) = (false, true),
        _ => {}
    }
    config.set("EMAIL_HOST", host);
    config.set(
        "EMAIL_PORT",
        port.map_or(Plain::None, |port| Plain::Int(port.into())),
    );
    config.set("EMAIL_USE_SSL", Plain::Bool(ssl));
    config.set("EMAIL_USE_TLS", Plain::Bool(tls));
    config.set(
        "EMAIL_TIMEOUT",
        match first("timeout") {
            Some(timeout) => number("the timeout", timeout)?,
            None => Plain::None,
        },
    );
    if !backend.is_empty() {
        config.text("EMAIL_BACKEND", backend);
    }
    for (key, name) in [
        ("_server_email", "SERVER_EMAIL"),
        ("_default_from_email", "DEFAULT_FROM_EMAIL"),
    ] {
        if let Some(value) = first(key) {
            config.text(name, value);
        }
    }
    Ok(config.into_plain())
}

/// `django_cache_url.parse(text)`.
pub(crate) fn django_cache_url(text: &str) -> Result<Plain, Refusal> {
    let url = Url::parse(text)?;
    let mut arguments = Config::default();
    for (key, values) in parse_qs(&url.query) {
        arguments.text(&key.to_uppercase(), values.join(";"));
    }
    let scheme = url.scheme.as_str();
    let Some(mut backend) = cache_backend(scheme) else {
        let message = format!("Unknown backend: \"{scheme}\"");
        return Err(Refusal::new("builtins.Exception", message));
    };
    let library = match arguments.get("LIB") {
        Some(Plain::Str(library)) => library.clone(),
        _ => String::new(),
    };
    if scheme.contains("redis")
        && let Some(other) = cache_backend(&library)
    {
        backend = other;
    }
    if library == "redis-cache" && ["redis", "rediss", "hiredis"].contains(&scheme) {
        let message = "django-redis-cache's options";
        return Err(Refusal::new(NOT_MODELLED, message));
    }
    let mut options = Config::default();
    if scheme == "hiredis" {
        options.text("PARSER_CLASS", "redis.connection.HiredisParser");
    }
    let mut location = match url.netloc.is_empty() {
        true => local_place(&url),
        false => url.netloc.replace(',', ";"),
    };
    if !url.netloc.is_empty() && ["redis", "rediss", "hiredis"].contains(&scheme) {
        let password = url.password().filter(|password| !password.is_empty());
        let transport = if scheme == "rediss" {
            "rediss"
        } else {
            "redis"
        };
        let host = url.hostname().unwrap_or_else(|| "None".to_owned());
        let port = url.port()?.filter(|port| *port != 0).unwrap_or(6379);
        let database = match url.path.get(1..).unwrap_or("") {
            "" => "0",
            database => database,
        };
        location = match password {
            Some(password) if backend == DJANGO_REDIS => {
                format!("{transport}://:{password}@{host}:{port}/{database}")
            }
            password => {
                if let Some(password) = password {
                    options.text("PASSWORD", password);
                }
                format!("{transport}://{host}:{port}/{database}")
            }
        };
    }
    if scheme == "uwsgicache" && location.is_empty() {
        location = "default".to_owned();
    }
    let mut config = Config::default();
    config.text("BACKEND", backend);
    config.text("LOCATION", location);
    for key in ["MAX_ENTRIES", "CULL_FREQUENCY"] {
        if let Some(Plain::Str(value)) = arguments.take(key) {
            options.set(key, number(key, &value)?);
        }
    }
    if !options.is_empty() {
        config.set("OPTIONS", options.into_plain());
    }
    for (key, value) in arguments.0 {
        config.set(&key, value);
    }
    Ok(config.into_plain())
}

/// `dj_search_url.parse(text)`.
pub(crate) fn dj_search_url(text: &str) -> Result<Plain, Refusal> {
    let url = Url::parse(text)?;
    let mut config = Config::default();
    let engine = match url.scheme.as_str() {
        "elasticsearch" => "haystack.backends.elasticsearch_backend.ElasticsearchSearchEngine",
        "solr" => "haystack.backends.solr_backend.SolrEngine",
        "whoosh" => "haystack.backends.whoosh_backend.WhooshEngine",
        "simple" => "haystack.backends.simple_backend.SimpleEngine",
        _ => return Ok(config.into_plain()),
    };
    config.text("ENGINE", engine);
    let path = url.path.get(1..).unwrap_or("");
    let http = Url {
        scheme: "http".to_owned(),
        ..url.clone()
    };
    match url.scheme.as_str() {
        "solr" => config.text("URL", http.to_text()),
        "whoosh" => config.text("PATH", path),
        "elasticsearch" => {
            let path = path.strip_suffix('/').unwrap_or(path);
            if path.contains('/') {
                let message = "dj-search-url joins a list and a text here, which Python refuses";
                return Err(Refusal::new("builtins.TypeError", message));
            }
            let address = Url {
                path: String::new(),
                ..http
            };
            config.text("URL", address.to_text());
            config.text("INDEX_NAME", path);
        }
        _ => {}
    }
    Ok(config.into_plain())
}

/// The location of a cache that no host serves.
fn local_place(url: &Url) -> String {
    match url.scheme.as_str() {
        "memcached" | "pymemcached" | "pymemcache" | "djangopylibmc" => {
            format!("unix://{}", url.path)
        }
        "redis" | "hiredis" => match first_number_after_one_character(&url.path) {
            Some(database) => {
                let folder = url.path.rsplit_once('/').map_or("", |(folder, _)| folder);
                format!("unix://{folder}?db={database}")
            }
            None => format!("unix://{}?db=0", url.path),
        },
        _ => url.path.clone(),
    }
}

/// What `re.match(r'.+?(?P<db>\d+)', path)` finds.
fn first_number_after_one_character(path: &str) -> Option<&str> {
    let (skipped, _) = path.char_indices().nth(1)?;
    let rest = &path[skipped..];
    let start = rest.find(|c: char| c.is_ascii_digit())?;
    let digits = &rest[start..];
    let end = digits
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(digits.len());
    Some(&digits[..end])
}

fn number(what: &str, text: &str) -> Result<Plain, Refusal> {
    int(text).ok_or_else(|| Refusal::new(VALUE_ERROR, format!("{what} is not a number")))
}

/// django-cache-url's `BACKENDS`.
fn cache_backend(scheme: &str) -> Option<&'static str> {
    Some(match scheme {
        "db" => "django.core.cache.backends.db.DatabaseCache",
        "dummy" => "django.core.cache.backends.dummy.DummyCache",
        "elasticache" => "django_elasticache.memcached.ElastiCache",
        "file" => "django.core.cache.backends.filebased.FileBasedCache",
        "locmem" => "django.core.cache.backends.locmem.LocMemCache",
        "uwsgicache" => "uwsgicache.UWSGICache",
        "memcached" => "django.core.cache.backends.memcached.PyLibMCCache",
        "djangopylibmc" => "django_pylibmc.memcached.PyLibMCCache",
        "pymemcached" => "django.core.cache.backends.memcached.MemcachedCache",
        "pymemcache" => "django.core.cache.backends.memcached.PyMemcacheCache",
        "redis-cache" => "redis_cache.RedisCache",
        "redis" | "rediss" | "hiredis" => DJANGO_REDIS,
        _ => return None,
    })
}

const DJANGO_REDIS: &str = "django.core.cache.backends.redis.RedisCache";

/// dj-email-url's `TRUTHY`.
const TRUTHY: [&str; 14] = [
    "1", "y", "Y", "yes", "Yes", "YES", "t", "T", "true", "True", "TRUE", "on", "On", "ON",
];
