//! The URLs of django-environ. Verified against 0.12.0 and 0.14.0.

use super::split::{Url, VALUE_ERROR, parse_qs, quote, unquote, unquote_plus};
use super::{Config, Refusal, text_or_none};
use crate::python::plain::{Plain, digits, int, literal};

/// What decides besides the URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Installed {
    pub(crate) django_environ: (u32, u32, u32),
    pub(crate) django_redis: bool,
    pub(crate) pymemcache: bool,
}

impl Default for Installed {
    fn default() -> Self {
        Self {
            django_environ: (0, 14, 0),
            django_redis: false,
            pymemcache: false,
        }
    }
}

/// `Env.db_url_config(text, engine)`.
pub(crate) fn db_url(
    text: &str,
    engine: Option<&str>,
    installed: Installed,
) -> Result<Plain, Refusal> {
    let mut config = Config::default();
    if text == "sqlite://:memory:" {
        config.text("ENGINE", "django.db.backends.sqlite3");
        config.text("NAME", ":memory:");
        return Ok(config.into_plain());
    }
    let mut url = match Url::parse(text) {
        Ok(url) => url,
        Err(_) => parse_quoted(text)?,
    };
    if url.path.is_empty() {
        url = parse_quoted(&url.to_text())?;
    }
    let mut path = plain_path(&url);
    if url.scheme == "sqlite" && path.is_empty() {
        path = ":memory:".to_owned();
    }
    if url.scheme == "ldap" {
        let host = url.hostname().unwrap_or_else(|| "None".to_owned());
        path = match url.port()? {
            None | Some(0) => format!("ldap://{host}"),
            Some(port) => format!("ldap://{host}:{port}"),
        };
    }
    let is_postgres = POSTGRES_FAMILY.contains(&url.scheme.as_str());
    let (host, port) = host_and_port(&url, is_postgres, installed)?;
    config.text("NAME", &path);
    config.text("USER", unquote(&url.username().unwrap_or_default()));
    config.text("PASSWORD", unquote(&url.password().unwrap_or_default()));
    config.text("HOST", host);
    config.set("PORT", port);
    if path.starts_with('/')
        && (is_postgres || path.contains("cloudsql"))
        && let Some((host, name)) = path.rsplit_once('/')
    {
        config.text("HOST", host);
        config.text("NAME", name);
    }
    if url.scheme == "oracle" {
        if path.is_empty() {
            let host = config.get("HOST").cloned().unwrap_or(Plain::None);
            config.set("NAME", host);
            config.text("HOST", "");
        }
        match config.take("PORT") {
            Some(Plain::Int(port)) => config.text("PORT", port.to_string()),
            Some(Plain::Str(port)) if !port.is_empty() => config.text("PORT", port),
            _ => {}
        }
    }
    if !url.query.is_empty() {
        let mut options = Config::default();
        for (key, value) in first_values(&url.query) {
            match DB_BASE_OPTIONS.contains(&key.to_uppercase().as_str()) {
                true => config.set(&key.to_uppercase(), literal_or_text(&value)),
                false => options.set(&key, number_or_text(&value)),
            }
        }
        config.set("OPTIONS", options.into_plain());
    }
    let engine = engine
        .filter(|engine| !engine.is_empty())
        .unwrap_or(&url.scheme);
    let engine = db_engine(engine).unwrap_or(engine);
    if engine.is_empty() {
        return Ok(Plain::Dict(Vec::new()));
    }
    config.text("ENGINE", engine);
    Ok(config.into_plain())
}

/// `Env.cache_url_config(url, backend)`.
pub(crate) fn cache_url(
    url: &Url,
    backend: Option<&str>,
    installed: Installed,
) -> Result<Plain, Refusal> {
    let Some(known) = cache_backend(&url.scheme, installed) else {
        return Err(invalid("cache", &url.scheme));
    };
    let backend = backend.filter(|backend| !backend.is_empty());
    let one_or_more = |mut texts: Vec<String>| match texts.len() {
        1 => Plain::Str(texts.remove(0)),
        _ => Plain::List(texts.into_iter().map(Plain::Str).collect()),
    };
    let hosts = || url.netloc.split(',');
    let location =
        if url.netloc.is_empty() && ["memcache", "pymemcache"].contains(&url.scheme.as_str()) {
            Plain::Str(format!("unix:{}", url.path))
        } else if url.scheme.starts_with("redis") {
            let scheme = match url.hostname() {
                Some(_) => url.scheme.replace("cache", ""),
                None => "unix".to_owned(),
            };
            one_or_more(
                hosts()
                    .map(|host| format!("{scheme}://{host}{}", url.path))
                    .collect(),
            )
        } else if url.scheme == "filecache" {
            Plain::Str(format!("{}{}", url.netloc, url.path))
        } else {
            one_or_more(hosts().map(str::to_owned).collect())
        };
    let mut config = Config::default();
    config.text("BACKEND", backend.unwrap_or(known));
    config.set("LOCATION", location);
    if !url.query.is_empty() {
        let used = match installed.django_environ >= LOWERS_REDIS_OPTIONS {
            true => backend.unwrap_or(known),
            false => "",
        };
        let mut options = Config::default();
        for (key, value) in first_values(&url.query) {
            let upper = key.to_uppercase();
            let name = match used {
                DJANGO_REDIS_CACHE => key.to_lowercase(),
                _ => upper.clone(),
            };
            match CACHE_BASE_OPTIONS.contains(&upper.as_str()) {
                true => config.set(&name, literal_or_text(&value)),
                false => options.set(&name, literal_or_text(&value)),
            }
        }
        config.set("OPTIONS", options.into_plain());
    }
    Ok(config.into_plain())
}

/// `Env.email_url_config(url, backend)`.
pub(crate) fn email_url(url: &Url, backend: Option<&str>) -> Result<Plain, Refusal> {
    let mut config = Config::default();
    config.text("EMAIL_FILE_PATH", plain_path(url));
    let unquoted = |text: Option<String>| text_or_none(text.map(|text| unquote(&text)));
    config.set("EMAIL_HOST_USER", unquoted(url.username()));
    config.set("EMAIL_HOST_PASSWORD", unquoted(url.password()));
    config.set("EMAIL_HOST", text_or_none(url.hostname()));
    let port = url.port()?;
    config.set(
        "EMAIL_PORT",
        port.map_or(Plain::None, |port| Plain::Int(port.into())),
    );
    match (
        backend.filter(|backend| !backend.is_empty()),
        email_backend(&url.scheme),
    ) {
        (Some(backend), _) => config.text("EMAIL_BACKEND", backend),
        (None, Some(backend)) => config.text("EMAIL_BACKEND", backend),
        (None, None) => return Err(invalid("email", &url.scheme)),
    }
    match url.scheme.as_str() {
        "smtps" | "smtp+tls" => config.set("EMAIL_USE_TLS", Plain::Bool(true)),
        "smtp+ssl" => config.set("EMAIL_USE_SSL", Plain::Bool(true)),
        _ => {}
    }
    if !url.query.is_empty() {
        let mut options = Config::default();
        for (key, value) in first_values(&url.query) {
            let key = key.to_uppercase();
            match ["EMAIL_USE_TLS", "EMAIL_USE_SSL"].contains(&key.as_str()) {
                true => config.set(&key, number_or_text(&value)),
                false => options.set(&key, number_or_text(&value)),
            }
        }
        config.set("OPTIONS", options.into_plain());
    }
    Ok(config.into_plain())
}

/// `Env.search_url_config(url, engine)`.
pub(crate) fn search_url(url: &Url, engine: Option<&str>) -> Result<Plain, Refusal> {
    let full = url.scheme.as_str();
    let is_elastic = full.starts_with("elasticsearch");
    let (scheme, secure) = match full.strip_suffix('s') {
        Some(scheme) if is_elastic => (scheme, true),
        _ => (full, false),
    };
    let Some(known) = search_engine(scheme) else {
        return Err(invalid("search", full));
    };
    let mut config = Config::default();
    config.text("ENGINE", known);
    let params = first_values(&url.query);
    let param = |name: &str| {
        params
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    };
    let number = |name: &str| match param(name) {
        Some(text) => int(text)
            .map(Some)
            .ok_or_else(|| Refusal::new(VALUE_ERROR, format!("{name} is not a number"))),
        None => Ok(None),
    };
    if let Some(names) = param("EXCLUDED_INDEXES") {
        let names = names.split(',').map(Plain::str).collect();
        config.set("EXCLUDED_INDEXES", Plain::List(names));
    }
    if let Some(value) = param("INCLUDE_SPELLING") {
        config.set("INCLUDE_SPELLING", Plain::Bool(boolean(value)));
    }
    if let Some(size) = number("BATCH_SIZE")? {
        config.set("BATCH_SIZE", size);
    }
    if full == "simple" {
        return Ok(config.into_plain());
    }
    let path = plain_path(url);
    let path = path.strip_suffix('/').unwrap_or(&path);
    let set_text = |config: &mut Config, name: &str| {
        if let Some(value) = param(name) {
            config.text(name, value);
        }
    };
    if full == "solr" || is_elastic {
        let (place, index) = match path.rsplit_once('/') {
            _ if full == "solr" => (path, None),
            Some((place, index)) => (place, Some(index)),
            None => ("", Some(path)),
        };
        let address = Url {
            scheme: if secure { "https" } else { "http" }.to_owned(),
            netloc: url.netloc.clone(),
            path: place.to_owned(),
            ..Url::default()
        };
        config.text("URL", address.to_text());
        if let Some(timeout) = number("TIMEOUT")? {
            config.set("TIMEOUT", timeout);
        }
        set_text(&mut config, "KWARGS");
        if let Some(index) = index {
            config.text("INDEX_NAME", index);
        }
        return Ok(config.into_plain());
    }
    config.text("PATH", format!("/{path}"));
    match full {
        "whoosh" => {
            set_text(&mut config, "STORAGE");
            if let Some(limit) = number("POST_LIMIT")? {
                config.set("POST_LIMIT", limit);
            }
        }
        "xapian" => set_text(&mut config, "FLAGS"),
        _ => {}
    }
    if let Some(engine) = engine.filter(|engine| !engine.is_empty()) {
        config.text("ENGINE", engine);
    }
    Ok(config.into_plain())
}

/// `Env.channels_url_config(url, backend)`.
pub(crate) fn channels_url(
    url: &Url,
    backend: Option<&str>,
    installed: Installed,
) -> Result<Plain, Refusal> {
    let mut config = Config::default();
    if let Some(backend) = backend.filter(|backend| !backend.is_empty()) {
        config.text("BACKEND", backend);
        return Ok(config.into_plain());
    }
    let known = match url.scheme.as_str() {
        "inmemory" => "channels.layers.InMemoryChannelLayer",
        "rediss" | "rediss+pubsub" if installed.django_environ < WITH_SECURE_CHANNELS => {
            return Err(invalid("channels", &url.scheme));
        }
        "redis" | "rediss" => "channels_redis.core.RedisChannelLayer",
        "redis+pubsub" | "rediss+pubsub" => "channels_redis.pubsub.RedisPubSubChannelLayer",
        scheme => return Err(invalid("channels", scheme)),
    };
    config.text("BACKEND", known);
    if url.scheme.starts_with("redis") {
        let scheme = url.scheme.split('+').next().unwrap_or_default();
        let host = Url {
            scheme: scheme.to_owned(),
            ..url.clone()
        };
        let mut inner = Config::default();
        inner.set("hosts", Plain::List(vec![Plain::Str(host.to_text())]));
        config.set("CONFIG", inner.into_plain());
    }
    Ok(config.into_plain())
}

/// `Env.parse_value(text, bool)`.
pub(crate) fn boolean(text: &str) -> bool {
    match int(text) {
        Some(number) => number.is_truthy(),
        None => TRUE_STRINGS.contains(&text.to_lowercase().trim()),
    }
}

/// `Env.BOOLEAN_TRUE_STRINGS`.
const TRUE_STRINGS: [&str; 6] = ["true", "on", "ok", "y", "yes", "1"];

fn parse_quoted(text: &str) -> Result<Url, Refusal> {
    Url::parse(&quote(text, ":/?&=@"))
}

fn plain_path(url: &Url) -> String {
    let mut chars = url.path.chars();
    chars.next();
    unquote_plus(chars.as_str().split('?').next().unwrap_or(""))
}

/// A cluster of Postgres hosts is `a:1,b:2`.
fn host_and_port(
    url: &Url,
    is_postgres: bool,
    installed: Installed,
) -> Result<(String, Plain), Refusal> {
    let netloc = &url.netloc;
    let place = netloc
        .rsplit_once('@')
        .map_or(netloc.as_str(), |(_, place)| place);
    let is_newer = installed.django_environ >= READS_IPV6_CLUSTERS;
    let place = match is_newer {
        true => unquote(place),
        false => place.to_owned(),
    };
    if !(is_postgres && place.contains(',')) {
        let port = match url.port()? {
            None | Some(0) => Plain::str(""),
            Some(port) => Plain::Int(port.into()),
        };
        return Ok((url.hostname().unwrap_or_default(), port));
    }
    let mut hosts = Vec::new();
    let mut ports = Vec::new();
    for host in place.split(',') {
        let (name, port) = match host.find(']').filter(|_| host.starts_with('[')) {
            Some(end) if is_newer => (
                &host[..=end],
                host[end + 1..].strip_prefix(':').unwrap_or(""),
            ),
            None if is_newer && host.starts_with('[') => (host, ""),
            _ => match host.rsplit_once(':') {
                Some((name, port)) if !is_newer || digits(port).is_some() => (name, port),
                _ => (host, ""),
            },
        };
        hosts.push(match (is_newer, port.is_empty(), host.starts_with('[')) {
            // A bracket with anything but a port behind it stays whole.
            (true, true, true) if !host.ends_with("]:") => host,
            _ => name,
        });
        if !port.is_empty() {
            ports.push(port);
        }
    }
    let port = ports.join(",");
    Ok((hosts.join(","), number_or_text(&port)))
}

/// Each name with the first of its values.
fn first_values(query: &str) -> Vec<(String, String)> {
    parse_qs(query)
        .into_iter()
        .filter_map(|(name, values)| Some((name, values.into_iter().next()?)))
        .collect()
}

fn number_or_text(text: &str) -> Plain {
    digits(text).unwrap_or_else(|| Plain::str(text))
}

fn literal_or_text(text: &str) -> Plain {
    literal(text).unwrap_or_else(|| Plain::str(text))
}

fn invalid(what: &str, scheme: &str) -> Refusal {
    Refusal::new(
        IMPROPERLY_CONFIGURED,
        format!("Invalid {what} schema {scheme}"),
    )
}

/// `Env.DB_SCHEMES`.
fn db_engine(scheme: &str) -> Option<&'static str> {
    Some(match scheme {
        "postgres" | "postgresql" | "psql" | "pgsql" => "django.db.backends.postgresql",
        "postgis" => "django.contrib.gis.db.backends.postgis",
        "prometheus_postgresql" => "django_prometheus.db.backends.postgresql",
        "prometheus_postgis" => "django_prometheus.db.backends.postgis",
        "cockroachdb" => "django_cockroachdb",
        "mysql" | "mysql2" => "django.db.backends.mysql",
        "mysql-connector" => "mysql.connector.django",
        "mysqlgis" => "django.contrib.gis.db.backends.mysql",
        "prometheus_mysql" => "django_prometheus.db.backends.mysql",
        "mssql" => "mssql",
        "oracle" => "django.db.backends.oracle",
        "pyodbc" => "sql_server.pyodbc",
        "redshift" => "django_redshift_backend",
        "spatialite" => "django.contrib.gis.db.backends.spatialite",
        "prometheus_spatialite" => "django_prometheus.db.backends.spatialite",
        "sqlite" => "django.db.backends.sqlite3",
        "prometheus_sqlite" => "django_prometheus.db.backends.sqlite3",
        "ldap" => "ldapdb.backends.ldap",
        _ => return None,
    })
}

/// `Env.CACHE_SCHEMES`.
fn cache_backend(scheme: &str, installed: Installed) -> Option<&'static str> {
    Some(match scheme {
        "dbcache" => "django.core.cache.backends.db.DatabaseCache",
        "dummycache" => "django.core.cache.backends.dummy.DummyCache",
        "filecache" => "django.core.cache.backends.filebased.FileBasedCache",
        "locmemcache" => "django.core.cache.backends.locmem.LocMemCache",
        "memcache" => "django.core.cache.backends.memcached.MemcachedCache",
        "pymemcache" if installed.pymemcache => {
            "django.core.cache.backends.memcached.PyMemcacheCache"
        }
        "pymemcache" | "pylibmc" => "django.core.cache.backends.memcached.PyLibMCCache",
        "valkey" | "valkeys" if installed.django_environ < WITH_VALKEY => return None,
        "rediscache" | "redis" | "rediss" | "valkey" | "valkeys" => match installed.django_redis {
            true => "django_redis.cache.RedisCache",
            false => DJANGO_REDIS_CACHE,
        },
        _ => return None,
    })
}

/// `Env.EMAIL_SCHEMES`.
fn email_backend(scheme: &str) -> Option<&'static str> {
    Some(match scheme {
        "smtp" | "smtps" | "smtp+tls" | "smtp+ssl" => "django.core.mail.backends.smtp.EmailBackend",
        "consolemail" => "django.core.mail.backends.console.EmailBackend",
        "filemail" => "django.core.mail.backends.filebased.EmailBackend",
        "memorymail" => "django.core.mail.backends.locmem.EmailBackend",
        "dummymail" => "django.core.mail.backends.dummy.EmailBackend",
        _ => return None,
    })
}

/// `Env.SEARCH_SCHEMES`.
fn search_engine(scheme: &str) -> Option<&'static str> {
    Some(match scheme {
        "elasticsearch" => "haystack.backends.elasticsearch_backend.ElasticsearchSearchEngine",
        "elasticsearch2" => "haystack.backends.elasticsearch2_backend.Elasticsearch2SearchEngine",
        "elasticsearch5" => "haystack.backends.elasticsearch5_backend.Elasticsearch5SearchEngine",
        "elasticsearch7" => "haystack.backends.elasticsearch7_backend.Elasticsearch7SearchEngine",
        "solr" => "haystack.backends.solr_backend.SolrEngine",
        "whoosh" => "haystack.backends.whoosh_backend.WhooshEngine",
        "xapian" => "haystack.backends.xapian_backend.XapianEngine",
        "simple" => "haystack.backends.simple_backend.SimpleEngine",
        _ => return None,
    })
}

const POSTGRES_FAMILY: [&str; 7] = [
    "postgres",
    "postgresql",
    "psql",
    "pgsql",
    "postgis",
    "prometheus_postgresql",
    "prometheus_postgis",
];

const DB_BASE_OPTIONS: [&str; 5] = [
    "CONN_MAX_AGE",
    "ATOMIC_REQUESTS",
    "AUTOCOMMIT",
    "DISABLE_SERVER_SIDE_CURSORS",
    "CONN_HEALTH_CHECKS",
];

const CACHE_BASE_OPTIONS: [&str; 5] =
    ["TIMEOUT", "KEY_PREFIX", "VERSION", "KEY_FUNCTION", "BINARY"];

const DJANGO_REDIS_CACHE: &str = "django.core.cache.backends.redis.RedisCache";
const IMPROPERLY_CONFIGURED: &str = "django.core.exceptions.ImproperlyConfigured";

const READS_IPV6_CLUSTERS: (u32, u32, u32) = (0, 12, 1);
const LOWERS_REDIS_OPTIONS: (u32, u32, u32) = (0, 13, 0);
const WITH_SECURE_CHANNELS: (u32, u32, u32) = (0, 13, 0);
const WITH_VALKEY: (u32, u32, u32) = (0, 13, 0);
