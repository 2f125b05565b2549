//! dj-database-url. Verified against 1.3.0, 2.3.0 and 3.1.2.

use super::reading::{Answer, Call, parsed};
use super::version;
use crate::python::eval::{Evaluator, Raise};
use crate::python::value::{Kind, Val};
use crate::urls::{self, DatabaseOptions};

pub(super) fn call(eval: &mut Evaluator<'_>, call: &Call<'_>) -> Answer {
    match call.path {
        "dj_database_url.config" => Some(config(eval, call)),
        "dj_database_url.parse" => {
            let url = call.argument(0, "url")?.clone();
            Some(parse(eval, call, &url, 1))
        }
        _ => None,
    }
}

/// `dj_database_url.parse(url, **keywords)` of a value, for packages that stand on it.
pub(super) fn parse_url(
    eval: &mut Evaluator<'_>,
    call: &Call<'_>,
    url: &Val,
) -> Result<Val, Raise> {
    parse(eval, call, url, usize::MAX / 2)
}

fn config(eval: &mut Evaluator<'_>, call: &Call<'_>) -> Result<Val, Raise> {
    let name = match call.argument(0, "env") {
        None => "DATABASE_URL",
        Some(_) => match call.text(0, "env") {
            Some(name) => name,
            None => {
                let reason = "dj_database_url.config: the name of the variable is not known";
                return Ok(eval.unknown(tightship_model::Cause::Package, reason, call.span));
            }
        },
    };
    let default = call.argument(1, "default").cloned().unwrap_or(Val::NONE);
    let url = eval.read_variable(name, Some(default), call.span)?;
    parse(eval, call, &url, 2)
}

/// `first` is the position of the first argument after the URL.
fn parse(eval: &mut Evaluator<'_>, call: &Call<'_>, url: &Val, first: usize) -> Result<Val, Raise> {
    let installed = version(eval, "dj-database-url");
    let order = parameters(installed);
    let argument = |name: &str| {
        let place = order.iter().position(|known| *known == name);
        let at = place.map_or(usize::MAX, |place| first.saturating_add(place));
        call.argument(at, name).cloned()
    };
    let engine = argument("engine").unwrap_or(Val::NONE);
    let ssl = argument("ssl_require").unwrap_or(Val::bool(false));
    let given = [
        ("CONN_MAX_AGE", argument("conn_max_age")),
        ("CONN_HEALTH_CHECKS", argument("conn_health_checks")),
        (
            "DISABLE_SERVER_SIDE_CURSORS",
            argument("disable_server_side_cursors"),
        ),
        ("TEST", argument("test_options")),
    ];
    eval.lift(&[url, &engine, &ssl], call.span, &mut |eval, known| {
        let text = match known[0].as_str() {
            Some("") => return Ok(eval.dict(Vec::new())),
            Some(text) => text,
            None if known[0].is_none() => return Ok(eval.dict(Vec::new())),
            None => {
                let reason = "dj_database_url: the URL is not a text";
                return Ok(eval.unknown(tightship_model::Cause::Package, reason, call.span));
            }
        };
        if !known[1].is_none() && known[1].as_str().is_none() {
            let reason = "dj_database_url: the engine is not a text";
            return Ok(eval.unknown(tightship_model::Cause::Package, reason, call.span));
        }
        let mut options = DatabaseOptions {
            engine: known[1].as_str().map(str::to_owned),
            ssl_require: matches!(known[2].kind, Kind::Bool(true)),
            ..DatabaseOptions::default()
        };
        options.version = installed.unwrap_or(options.version);
        let value = parsed(eval, urls::dj_database_url(text, &options), call.span)?;
        // These stand in the result as they were given, known or not.
        for (key, given) in &given {
            let Some(given) = given else {
                continue;
            };
            let is_wanted = match *key {
                "TEST" => eval.items(given).is_none_or(|test| !test.items.is_empty()),
                key => eval
                    .entries(&value)
                    .is_some_and(|all| all.get(key).is_some()),
            };
            if is_wanted && text != IN_MEMORY {
                eval.set_item(&value, &Val::str(*key), given.clone(), call.span)?;
            }
        }
        Ok(value)
    })
}

/// The names of the parameters after the URL, in order.
fn parameters(version: Option<(u32, u32, u32)>) -> &'static [&'static str] {
    match version {
        Some(version) if version < (1, 1, 0) => &["engine", "conn_max_age", "ssl_require"],
        Some(version) if version < (2, 2, 0) => &[
            "engine",
            "conn_max_age",
            "conn_health_checks",
            "ssl_require",
            "test_options",
        ],
        _ => &[
            "engine",
            "conn_max_age",
            "conn_health_checks",
            "disable_server_side_cursors",
            "ssl_require",
            "test_options",
        ],
    }
}

/// It takes no other settings.
const IN_MEMORY: &str = "sqlite://:memory:";
