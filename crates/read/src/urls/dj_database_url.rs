//! dj-database-url. Verified against 1.3.0, 2.3.0 and 3.1.2.

use super::split::{Url, VALUE_ERROR, parse_qs, unquote};
use super::{Config, Refusal};
use crate::python::plain::{Plain, digits};

/// The arguments of `config` and `parse` besides the URL.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Options {
    pub(crate) version: (u32, u32, u32),
    pub(crate) engine: Option<String>,
    pub(crate) conn_max_age: Plain,
    pub(crate) conn_health_checks: Plain,
    pub(crate) disable_server_side_cursors: Plain,
    pub(crate) ssl_require: bool,
    pub(crate) test_options: Option<Plain>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            version: NEWEST,
            engine: None,
            conn_max_age: Plain::Int(0),
            conn_health_checks: Plain::Bool(false),
            disable_server_side_cursors: Plain::Bool(false),
            ssl_require: false,
            test_options: None,
        }
    }
}

/// `dj_database_url.parse(url, …)`.
pub(crate) fn parse(url: &str, options: &Options) -> Result<Plain, Refusal> {
    if url == "sqlite://:memory:" {
        let mut config = Config::default();
        config.text("ENGINE", "django.db.backends.sqlite3");
        config.text("NAME", ":memory:");
        return Ok(config.into_plain());
    }
    match options.version >= REWRITTEN {
        true => parse_since_3(url, options),
        false => parse_before_3(url, options),
    }
}

fn parse_since_3(url: &str, options: &Options) -> Result<Plain, Refusal> {
    let unreadable = |_| {
        let message = "This string is not a valid url, possibly because some of its parts is not \
                       properly urllib.parse.quote()'ed.";
        Refusal::new("dj_database_url.ParseError", message)
    };
    let url = Url::split(url).map_err(unreadable)?;
    let Some(engine) = engine(&url.scheme) else {
        let message = format!("Scheme '{}://' is unknown.", url.scheme);
        return Err(Refusal::new("dj_database_url.UnknownSchemeError", message));
    };
    let mut config = Config::default();
    config.text("ENGINE", engine);
    config.text("USER", unquote(&url.username().unwrap_or_default()));
    config.text("PASSWORD", unquote(&url.password().unwrap_or_default()));
    config.text("HOST", unquote(&url.hostname().unwrap_or_default()));
    config.set("PORT", port(url.port().map_err(unreadable)?));
    config.text("NAME", unquote(url.path.get(1..).unwrap_or("")));
    let mut query = Config::default();
    for (key, values) in parse_qs(&url.query) {
        let mut values: Vec<_> = values.iter().map(|value| option(value)).collect();
        let value = match values.len() {
            1 => values.remove(0),
            _ => Plain::List(values),
        };
        query.set(&key, value);
    }
    match url.scheme.as_str() {
        "sqlite" if config.get("NAME") == Some(&Plain::str("")) => config.text("NAME", ":memory:"),
        "oracle" | "mssql" | "mssqlms" => {
            let port = match config.get("PORT") {
                Some(Plain::Int(port)) => port.to_string(),
                _ => String::new(),
            };
            config.text("PORT", port);
        }
        "mysql" | "mysql2" => {
            if let Some(ca) = query.take("ssl-ca").filter(Plain::is_truthy) {
                let mut ssl = Config::default();
                ssl.set("ca", ca);
                query.set("ssl", ssl.into_plain());
            }
        }
        scheme if HAVE_SEARCH_PATH.contains(&scheme) => {
            if let Some(schema) = query.take("currentSchema").filter(Plain::is_truthy) {
                query.set("options", search_path(&schema)?);
            }
        }
        _ => {}
    }
    if options.ssl_require {
        query.text("sslmode", "require");
    }
    if !query.is_empty() {
        config.set("OPTIONS", query.into_plain());
    }
    config.set("CONN_MAX_AGE", options.conn_max_age.clone());
    config.set("CONN_HEALTH_CHECKS", options.conn_health_checks.clone());
    config.set(
        "DISABLE_SERVER_SIDE_CURSORS",
        options.disable_server_side_cursors.clone(),
    );
    if let Some(engine) = options.engine.as_ref().filter(|engine| !engine.is_empty()) {
        config.text("ENGINE", engine);
    }
    if let Some(test) = options.test_options.clone().filter(Plain::is_truthy) {
        config.set("TEST", test);
    }
    Ok(config.into_plain())
}

fn parse_before_3(url: &str, options: &Options) -> Result<Plain, Refusal> {
    let url = Url::split(url)?;
    let mut path = url.path.get(1..).unwrap_or("");
    if url.scheme == "sqlite" && path.is_empty() {
        path = ":memory:";
    }
    let mut host = url.hostname().unwrap_or_default();
    if host.contains('%') {
        let netloc = &url.netloc;
        host = unquote(netloc.rsplit_once('@').map_or(netloc, |(_, host)| host));
    }
    let engine = match (&options.engine, engine(&url.scheme)) {
        (Some(engine), _) => engine.clone(),
        (None, Some(engine)) => engine.to_owned(),
        (None, None) => {
            let message = format!("No support for '{}'.", url.scheme);
            return Err(Refusal::new(VALUE_ERROR, message));
        }
    };
    let mut config = Config::default();
    config.text("NAME", unquote(path));
    config.text("USER", unquote(&url.username().unwrap_or_default()));
    config.text("PASSWORD", unquote(&url.password().unwrap_or_default()));
    config.text("HOST", host);
    let takes_text = ["django.db.backends.oracle", "sql_server.pyodbc", "mssql"];
    config.set(
        "PORT",
        match port(url.port()?) {
            Plain::Int(port) if takes_text.contains(&engine.as_str()) => {
                Plain::Str(port.to_string())
            }
            port => port,
        },
    );
    config.set("CONN_MAX_AGE", options.conn_max_age.clone());
    config.set("CONN_HEALTH_CHECKS", options.conn_health_checks.clone());
    if options.version >= WITH_CURSORS {
        let cursors = options.disable_server_side_cursors.clone();
        config.set("DISABLE_SERVER_SIDE_CURSORS", cursors);
    }
    config.text("ENGINE", &engine);
    if let Some(test) = options.test_options.clone().filter(Plain::is_truthy) {
        config.set("TEST", test);
    }
    let mut query = Config::default();
    for (key, values) in parse_qs(&url.query) {
        let Some(value) = values.last() else { continue };
        if url.scheme == "mysql" && key == "ssl-ca" {
            let mut ssl = Config::default();
            ssl.text("ca", value);
            query.set("ssl", ssl.into_plain());
            continue;
        }
        let value = match options.version {
            version if version >= WITH_CURSORS => option(value),
            version if version >= WITH_NUMBERS => {
                crate::python::plain::int(value).unwrap_or_else(|| Plain::str(value))
            }
            _ => Plain::str(value),
        };
        query.set(&key, value);
    }
    if options.ssl_require {
        query.text("sslmode", "require");
    }
    let has_search_path = match options.version >= WITH_CURSORS {
        true => HAVE_SEARCH_PATH.contains(&url.scheme.as_str()),
        false => ENGINES_WITH_SEARCH_PATH.contains(&engine.as_str()),
    };
    if has_search_path && let Some(schema) = query.take("currentSchema") {
        query.set("options", search_path(&schema)?);
    }
    if !query.is_empty() {
        config.set("OPTIONS", query.into_plain());
    }
    Ok(config.into_plain())
}

fn port(port: Option<u16>) -> Plain {
    match port {
        None | Some(0) => Plain::str(""),
        Some(port) => Plain::Int(port.into()),
    }
}

fn option(value: &str) -> Plain {
    digits(value).unwrap_or_else(|| match value.to_lowercase().as_str() {
        "true" => Plain::Bool(true),
        "false" => Plain::Bool(false),
        _ => Plain::str(value),
    })
}

fn search_path(schema: &Plain) -> Result<Plain, Refusal> {
    let text = match schema {
        Plain::Str(schema) => schema.clone(),
        Plain::Int(schema) => schema.to_string(),
        Plain::Bool(schema) => if *schema { "True" } else { "False" }.to_owned(),
        _ => {
            let message = "currentSchema stands there more than once";
            return Err(Refusal::new(NOT_MODELLED, message));
        }
    };
    Ok(Plain::Str(format!("-c search_path={text}")))
}

/// `ENGINE_SCHEMES` and, before 3, `SCHEMES`.
fn engine(scheme: &str) -> Option<&'static str> {
    Some(match scheme {
        "postgres" | "postgresql" | "pgsql" => "django.db.backends.postgresql",
        "postgis" => "django.contrib.gis.db.backends.postgis",
        "mysql" | "mysql2" => "django.db.backends.mysql",
        "mysqlgis" => "django.contrib.gis.db.backends.mysql",
        "mysql-connector" => "mysql.connector.django",
        "mssql" => "sql_server.pyodbc",
        "mssqlms" => "mssql",
        "spatialite" => "django.contrib.gis.db.backends.spatialite",
        "sqlite" => "django.db.backends.sqlite3",
        "oracle" => "django.db.backends.oracle",
        "oraclegis" => "django.contrib.gis.db.backends.oracle",
        "redshift" => "django_redshift_backend",
        "cockroach" => "django_cockroachdb",
        "timescale" => "timescale.db.backends.postgresql",
        "timescalegis" => "timescale.db.backends.postgis",
        _ => return None,
    })
}

const HAVE_SEARCH_PATH: [&str; 7] = [
    "postgres",
    "postgresql",
    "pgsql",
    "postgis",
    "redshift",
    "timescale",
    "timescalegis",
];

/// What 1.x and 2.0 ask instead of the scheme.
const ENGINES_WITH_SEARCH_PATH: [&str; 6] = [
    "django.contrib.gis.db.backends.postgis",
    "django.db.backends.postgresql_psycopg2",
    "django.db.backends.postgresql",
    "django_redshift_backend",
    "timescale.db.backends.postgresql",
    "timescale.db.backends.postgis",
];

/// An outcome that is not modelled, as opposed to an exception of the package.
pub(crate) const NOT_MODELLED: &str = "";

const NEWEST: (u32, u32, u32) = (3, 1, 2);
const REWRITTEN: (u32, u32, u32) = (3, 0, 0);
const WITH_CURSORS: (u32, u32, u32) = (2, 2, 0);
const WITH_NUMBERS: (u32, u32, u32) = (2, 1, 0);
