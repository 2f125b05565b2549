//! Models of packages that settings call: readers of the environment and of URLs.
//!
//! The evaluator knows everything outside the project by its dotted path, so a model is a set of
//! answers about paths. It asks here, in this order, and takes `None` for "not modelled", after
//! which the result is opaque:
//!
//! - [`call`]: `path(args)`. A method of a library object arrives as
//!   `<class path>.<method>` with the object as `receiver`; calling the object itself as
//!   `<class path>.__call__`, `object[key]` as `<class path>.__getitem__`, `key in object` as
//!   `<class path>.__contains__`.
//! - [`attribute`]: `path.name`, or `object.name` with the object as `receiver`. Without an answer,
//!   `path.name` is again a path, and `object.name` a method to be called.
//! - [`instantiate`]: a class of the project that derives from a library's class is called, and no
//!   `__init__` of the project stands in the way.
//! - [`finish`]: the settings module has run; what the library makes of its namespace.
//!
//! Paths are canonical: where a package offers a name under several paths, [`canonical`] maps them
//! to one.
//!
//! What a model needs from the evaluator:
//!
//! | to do | call |
//! |---|---|
//! | read a variable with its trail and taint | `eval.variable(name, has_default, span)`, `eval.read_variable(..)` |
//! | go on where a variable is open | `Variable::Open(open)`: `open.or(default)`, `open.required()` |
//! | write the environment | `eval.write_variable(name, val)`; from a `.env` file `eval.load_variable(name, val, wins)` |
//! | read a file of the tree | `eval.project_file(path)` gives a `SourceId` for an absolute or relative path |
//! | make values | `Val::str`, `Val::int`, `Val::bool`, `Val::tuple`, `eval.list`, `eval.set`, `eval.dict`, `eval.object(class, state)` |
//! | look inside | `eval.items(&val)`, `eval.entries(&val)`, `eval.state(&val, name)`, `eval.set_state(..)` |
//! | call a value, such as a cast | `eval.call(&val, args, span)` |
//! | apply a pure function to a value that may depend on something | `eval.lift(&[&val], span, &mut \|eval, known\| ..)` |
//! | raise | `Err(Raise::new("decouple.UndefinedValueError", "text", Some(span)))` |
//! | parse Python literals, numbers | `eval.literal(text, span)` |
//!
//! Arguments that are one of several, or depend on open variables, arrive as they are: pass what a
//! function computes from them through `eval.lift`, which calls it for each case and joins. Texts
//! of trails and errors never hold a value that may be secret.

mod configurations;
mod constants;
mod decouple;
mod dj_database_url;
mod django_heroku;
mod dynaconf;
mod environ;
mod environ_path;
mod environs;
mod pydantic_settings;
mod pydantic_types;
mod python_dotenv;
mod reading;
mod split_settings;
mod urllib;

use std::rc::Rc;

use tightship_model::{Cause, Span, Unknown};

use super::django;
use super::eval::{Evaluator, Raise};
use super::heap::Object;
use super::value::{Args, Kind, Val};
use crate::urls::Installed;
use reading::Call;

/// The one path under which a modelled name is known here.
pub(super) fn canonical(path: &str) -> &str {
    if path.starts_with("environ.environ.") {
        return canonical(&path["environ.".len()..]);
    }
    match path {
        "environ.ImproperlyConfigured" | "environ.compat.ImproperlyConfigured" => {
            "django.core.exceptions.ImproperlyConfigured"
        }
        "configurations.base.Configuration" => "configurations.Configuration",
        "dotenv.main.load_dotenv" => "dotenv.load_dotenv",
        "dotenv.main.find_dotenv" => "dotenv.find_dotenv",
        "dotenv.main.dotenv_values" => "dotenv.dotenv_values",
        "django.urls.base.reverse_lazy" | "django.core.urlresolvers.reverse_lazy" => {
            "django.urls.reverse_lazy"
        }
        "environs.exceptions.EnvError" => "environs.EnvError",
        "environs.exceptions.EnvNotSetError" => "environs.EnvNotSetError",
        "environs.exceptions.EnvValidationError" => "environs.EnvValidationError",
        "pydantic.BaseSettings"
        | "pydantic.v1.BaseSettings"
        | "pydantic_settings.main.BaseSettings" => "pydantic_settings.BaseSettings",
        "pydantic.main.BaseModel" => "pydantic.BaseModel",
        "pydantic.fields.Field" => "pydantic.Field",
        path => path,
    }
}

/// Calls a modelled function or method.
pub(super) fn call(
    eval: &mut Evaluator<'_>,
    path: &str,
    receiver: Option<&Val>,
    args: &Args,
    span: Span,
) -> Option<Result<Val, Raise>> {
    let call = Call {
        path,
        receiver,
        args,
        span,
    };
    match path.split('.').next()? {
        "configurations" => configurations::call(eval, &call),
        "decouple" | "distutils" => decouple::call(eval, &call),
        "django_heroku" | "django_on_heroku" => django_heroku::call(eval, &call),
        "dj_database_url" => dj_database_url::call(eval, &call),
        "dynaconf" => dynaconf::call(eval, &call),
        "dotenv" => python_dotenv::call(eval, &call),
        "environ" => environ_path::call(eval, &call).or_else(|| environ::call(eval, &call)),
        "environs" => environs::call(eval, &call),
        "pydantic" | "pydantic_settings" => pydantic_settings::call(eval, &call),
        "split_settings" => split_settings::call(eval, &call),
        "urllib" => urllib::call(eval, &call),
        _ => constants::call(eval, &call),
    }
}

/// An attribute of a modelled module, class or object.
pub(super) fn attribute(
    eval: &mut Evaluator<'_>,
    path: &str,
    receiver: Option<&Val>,
    name: &str,
    span: Span,
) -> Option<Result<Val, Raise>> {
    let _ = (eval, span);
    match receiver {
        _ if name == "ENVIRON" && path == "environ.Env" => Some(Ok(Val::native("os.environ"))),
        None => constants::constant(&format!("{path}.{name}")).map(Ok),
        Some(_) => None,
    }
}

/// Calls a class of the project that derives from the class `base` of a library.
pub(super) fn instantiate(
    eval: &mut Evaluator<'_>,
    class: &Val,
    base: &str,
    args: &Args,
    span: Span,
) -> Option<Result<Val, Raise>> {
    match base {
        "pydantic_settings.BaseSettings" => pydantic_settings::instantiate(eval, class, args, span),
        "pydantic.BaseModel" => pydantic_settings::model(eval, class, args, span),
        _ => None,
    }
}

/// Changes the namespace of the settings module after it has run.
pub(super) fn finish(
    eval: &mut Evaluator<'_>,
    module: &Val,
    configuration: Option<&str>,
) -> Result<(), Raise> {
    configurations::finish(eval, module, configuration).inspect_err(|raise| {
        if let Kind::Module(_, id) = module.kind
            && let Object::Names(names) = eval.heap.change(id)
        {
            let reason = format!("the program stops here: {}", raise.text());
            names.rest = Some(Rc::new(Unknown::new(Cause::Error, reason, raise.span)));
        }
    })
}

/// The version of a package that the project pins.
fn version(eval: &Evaluator<'_>, package: &str) -> Option<(u32, u32, u32)> {
    eval.packages.get(package)?.release()
}

/// What decides how django-environ reads URLs.
fn installed(eval: &Evaluator<'_>) -> Installed {
    let usual = Installed::default();
    Installed {
        django_environ: version(eval, "django-environ").unwrap_or(usual.django_environ),
        django_redis: eval.packages.get("django-redis").is_some(),
        pymemcache: eval.packages.get("pymemcache").is_some(),
    }
}

/// Whether Django itself has a setting of this name.
fn global_settings(eval: &Evaluator<'_>, name: &str) -> bool {
    django::defaults(eval.django).any(|(known, _)| known == name)
}

/// The one object that a package keeps under this name, made when it is first asked for.
fn singleton(
    eval: &mut Evaluator<'_>,
    name: &str,
    make: impl FnOnce(&mut Evaluator<'_>) -> Val,
) -> Val {
    // A module of the project cannot have such a name.
    let name = format!("= {name}");
    if let Some(known) = eval.heap.name(eval.loaded, &name) {
        return known.clone();
    }
    let made = make(eval);
    eval.heap.bind(eval.loaded, &name, made.clone());
    made
}
