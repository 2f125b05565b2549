//! django-heroku and its heir django-on-heroku: `settings(locals())` at the end of a settings module.
//! Verified against 0.3.1 and 1.1.2.

use super::dj_database_url;
use super::reading::{Answer, Call};
use crate::python::eval::{Evaluator, Raise, Variable};
use crate::python::heap::Id;
use crate::python::value::{Args, Kind, Val};

pub(super) fn call(eval: &mut Evaluator<'_>, call: &Call<'_>) -> Answer {
    let is_settings = matches!(
        call.path,
        "django_heroku.settings" | "django_on_heroku.settings"
    );
    let config = call.args.positional.first().filter(|_| is_settings)?;
    let Kind::Module(_, scope) = config.kind else {
        return None;
    };
    // Further databases from variables of any name, and engines for geography, are not modelled.
    let is_plain = |name| call.flag(usize::MAX, name, false) == Some(false);
    if call.args.rest.is_some() || !is_plain("db_colors") || !is_plain("geodjango") {
        return None;
    }
    let parts: [(&str, Part); 5] = [
        ("databases", databases),
        ("staticfiles", static_files),
        ("allowed_hosts", allowed_hosts),
        ("logging", logging),
        ("secret_key", secret_key),
    ];
    let mut wanted = Vec::new();
    for (name, part) in parts {
        if call.flag(usize::MAX, name, true)? {
            wanted.push(part);
        }
    }
    let namespace = Namespace {
        value: config,
        scope,
    };
    let done = wanted
        .into_iter()
        .try_for_each(|part| part(eval, call, namespace));
    Some(done.map(|()| Val::NONE))
}

/// One thing that the call sets, unless its keyword is false.
type Part = fn(&mut Evaluator<'_>, &Call<'_>, Namespace<'_>) -> Result<(), Raise>;

/// The names of the settings module.
#[derive(Clone, Copy)]
struct Namespace<'v> {
    value: &'v Val,
    scope: Id,
}

impl Namespace<'_> {
    fn get(self, eval: &Evaluator<'_>, name: &str) -> Option<Val> {
        eval.heap.name(self.scope, name).cloned()
    }

    /// `config[name]`, which must be there.
    fn required(self, eval: &Evaluator<'_>, call: &Call<'_>, name: &str) -> Result<Val, Raise> {
        let missing = || call.raise("KeyError", format!("'{name}'"));
        self.get(eval, name).ok_or_else(missing)
    }

    fn set(
        self,
        eval: &mut Evaluator<'_>,
        call: &Call<'_>,
        name: &str,
        value: Val,
    ) -> Result<(), Raise> {
        eval.set_item(self.value, &Val::str(name), value, call.span)
    }
}

/// DATABASE_URL, by TLS alone; without it what was there stays.
fn databases(
    eval: &mut Evaluator<'_>,
    call: &Call<'_>,
    config: Namespace<'_>,
) -> Result<(), Raise> {
    let databases = match config.get(eval, "DATABASES") {
        Some(databases) => databases,
        None => {
            let databases = eval.dict(vec![(Val::str("default"), Val::NONE)]);
            config.set(eval, call, "DATABASES", databases.clone())?;
            databases
        }
    };
    let key = Val::str("default");
    let Kind::Dict(_) = databases.kind else {
        return Ok(());
    };
    let before = eval.subscript(&databases, &key, call.span)?;
    let tls = call.argument(usize::MAX, "db_ssl_required").cloned();
    let args = Args {
        keywords: vec![
            ("conn_max_age".into(), Val::int(600)),
            ("ssl_require".into(), tls.unwrap_or(Val::bool(true))),
        ],
        ..Args::default()
    };
    let of_url = Call {
        args: &args,
        ..*call
    };
    let database = match eval.variable("DATABASE_URL", true, call.span) {
        Variable::Unset(_) => return Ok(()),
        Variable::Set(url) => dj_database_url::parse_url(eval, &of_url, &url)?,
        Variable::Open(open) => open.or(before),
    };
    eval.set_item(&databases, &key, database, call.span)
}

fn static_files(
    eval: &mut Evaluator<'_>,
    call: &Call<'_>,
    config: Namespace<'_>,
) -> Result<(), Raise> {
    let base = config.required(eval, call, "BASE_DIR")?;
    let join = Val::native("os.path.join");
    let args = Args::positional(vec![base, Val::str("staticfiles")]);
    let root = eval.call(&join, args, call.span)?;
    config.set(eval, call, "STATIC_ROOT", root)?;
    config.set(eval, call, "STATIC_URL", Val::str("/static/"))?;
    let name = match config.get(eval, "MIDDLEWARE_CLASSES") {
        Some(_) => "MIDDLEWARE_CLASSES",
        None => "MIDDLEWARE",
    };
    let before = config.required(eval, call, name)?;
    let is_heir = call.path.starts_with("django_on_heroku.");
    let middleware = eval.lift(&[&before], call.span, &mut |eval, known| {
        let Some(found) = eval.items(&known[0]).filter(|found| found.rest.is_none()) else {
            let reason = "which middleware django_heroku.settings() adds to is not known";
            return Ok(eval.unknown(tightship_model::Cause::Package, reason, call.span));
        };
        let mut items = found.items;
        let is_security = |item: &Val| item.as_str() == Some(SECURITY);
        let at = items.iter().position(is_security).filter(|_| is_heir);
        items.insert(at.map_or(0, |at| at + 1), Val::str(WHITENOISE));
        Ok(Val::tuple(items))
    })?;
    config.set(eval, call, name, middleware)?;
    let storage = Val::str("whitenoise.storage.CompressedManifestStaticFilesStorage");
    config.set(eval, call, "STATICFILES_STORAGE", storage)
}

fn allowed_hosts(
    eval: &mut Evaluator<'_>,
    call: &Call<'_>,
    config: Namespace<'_>,
) -> Result<(), Raise> {
    let all = eval.list(vec![Val::str("*")]);
    config.set(eval, call, "ALLOWED_HOSTS", all)
}

/// Two handlers that only a logger for tests uses.
fn logging(eval: &mut Evaluator<'_>, call: &Call<'_>, config: Namespace<'_>) -> Result<(), Raise> {
    let format = "%(asctime)s [%(process)d] [%(levelname)s] pathname=%(pathname)s \
                  lineno=%(lineno)s funcname=%(funcName)s %(message)s";
    let verbose = dict(
        eval,
        vec![
            ("format", Val::str(format)),
            ("datefmt", Val::str("%Y-%m-%d %H:%M:%S")),
        ],
    );
    let simple = dict(
        eval,
        vec![("format", Val::str("%(levelname)s %(message)s"))],
    );
    let formatters = dict(eval, vec![("verbose", verbose), ("simple", simple)]);
    let null = dict(
        eval,
        vec![
            ("level", Val::str("DEBUG")),
            ("class", Val::str("logging.NullHandler")),
        ],
    );
    let console = dict(
        eval,
        vec![
            ("level", Val::str("DEBUG")),
            ("class", Val::str("logging.StreamHandler")),
            ("formatter", Val::str("verbose")),
        ],
    );
    let handlers = dict(eval, vec![("null", null), ("console", console)]);
    let names = eval.list(vec![Val::str("console")]);
    let logger = dict(eval, vec![("handlers", names), ("level", Val::str("INFO"))]);
    let loggers = dict(eval, vec![("testlogger", logger)]);
    let logging = dict(
        eval,
        vec![
            ("version", Val::int(1)),
            ("disable_existing_loggers", Val::bool(false)),
            ("formatters", formatters),
            ("handlers", handlers),
            ("loggers", loggers),
        ],
    );
    config.set(eval, call, "LOGGING", logging)
}

fn dict(eval: &mut Evaluator<'_>, entries: Vec<(&str, Val)>) -> Val {
    let entries = entries.into_iter();
    eval.dict(entries.map(|(key, value)| (Val::str(key), value)).collect())
}

/// SECRET_KEY of the environment, where it is set.
fn secret_key(
    eval: &mut Evaluator<'_>,
    call: &Call<'_>,
    config: Namespace<'_>,
) -> Result<(), Raise> {
    const NAME: &str = "SECRET_KEY";
    let before = config.get(eval, NAME);
    let key = match (eval.variable(NAME, before.is_some(), call.span), before) {
        (Variable::Unset(_), _) => return Ok(()),
        (Variable::Set(key), _) => key,
        (Variable::Open(open), Some(before)) => open.or(before),
        (Variable::Open(open), None) => open.required(),
    };
    config.set(eval, call, NAME, key)
}

const SECURITY: &str = "django.middleware.security.SecurityMiddleware";
const WHITENOISE: &str = "whitenoise.middleware.WhiteNoiseMiddleware";
