//! django-configurations. Verified against 2.5.1.
//!
//! Settings are the attributes of one class. Its metaclass copies Django's defaults and everything
//! of the bases into each class, so that a mixin to the right of a configuration class loses even
//! against defaults that nobody wrote down.

use std::collections::BTreeSet;
use std::rc::Rc;

use tightship_model::{Cause, Span, Unknown};

use super::reading::{Answer, Call, Reading, absolute, env_file, load, parsed, texts};
use super::{dj_database_url, global_settings};
use crate::dotenv::{Dialect, First};
use crate::python::eval::{Evaluator, Raise, Variable};
use crate::python::heap::Object;
use crate::python::plain;
use crate::python::value::{Access, Args, Class, Kind, Val};
use crate::urls;

/// `values.ListValue(…)` and its kin. With a name of its own for the variable, or without any, it
/// is its final value at once; else the attribute that holds it gives the name.
pub(super) fn call(eval: &mut Evaluator<'_>, call: &Call<'_>) -> Answer {
    let class = call.path.strip_prefix("configurations.values.")?;
    if class == "setup_value" || !class.ends_with("Value") {
        return None;
    }
    let keyword = |name: &str| call.args.keyword(name).cloned();
    let positional = |at: usize| call.args.positional.get(at).cloned();
    let environ = keyword("environ").or_else(|| positional(1));
    let name = keyword("environ_name").or_else(|| positional(2));
    let default = keyword("default")
        .or_else(|| positional(0))
        .unwrap_or(Val::NONE);
    let is_url = class.ends_with("URLValue") && class != "URLValue";
    let is_late = is_url
        || matches!(keyword("late_binding"), Some(flag) if matches!(flag.kind, Kind::Bool(true)));
    let uses_environment = !matches!(
        environ.as_ref().map(|flag| &flag.kind),
        Some(Kind::Bool(false))
    );
    let mut state: Vec<(&str, Val)> = vec![
        ("default", default.clone()),
        ("environ", Val::bool(uses_environment)),
        ("environ_name", name.clone().unwrap_or(Val::NONE)),
    ];
    for key in [
        "environ_prefix",
        "environ_required",
        "separator",
        "converter",
        "alias",
        "seq_separator",
    ] {
        if let Some(value) = keyword(key) {
            state.push((key, value));
        }
    }
    let object = eval.object(call.path, state);
    let named = name.filter(|name| !name.is_none());
    if is_late || (uses_environment && named.is_none()) || (!uses_environment && default.is_none())
    {
        return Some(Ok(object));
    }
    let name = named
        .as_ref()
        .and_then(Val::as_str)
        .unwrap_or_default()
        .to_owned();
    Some(setup(eval, &object, &name, call.span))
}

/// Chooses the class and gives the module its attributes. `usual` is the class that the files name
/// where the environment says nothing.
pub(super) fn finish(
    eval: &mut Evaluator<'_>,
    module: &Val,
    usual: Option<&str>,
) -> Result<(), Raise> {
    let Kind::Module(_, id) = module.kind else {
        return Ok(());
    };
    let names = eval.heap.names(id);
    let classes: Vec<(Rc<str>, Rc<Class>)> = names
        .into_iter()
        .flat_map(|names| &names.values)
        .filter_map(|(name, value)| match &value.kind {
            Kind::Class(class) if is_configuration(class) => Some((name.clone(), class.clone())),
            _ => None,
        })
        .collect();
    let Some((_, any)) = classes.first() else {
        return Ok(());
    };
    let span = any.span;
    let (chosen, is_open) = match eval.variable("DJANGO_CONFIGURATION", false, span) {
        Variable::Set(value) => (value.is_settled().then_some(value), false),
        Variable::Unset(_) => (usual.map(Val::str), false),
        Variable::Open(_) => (usual.map(Val::str), true),
    };
    let Some(chosen) = chosen else {
        let reason = "nothing says which class DJANGO_CONFIGURATION names";
        let unknown = Unknown::new(Cause::Machine, reason, Some(span));
        open(eval, module, unknown.decided_by(["DJANGO_CONFIGURATION"]));
        return Ok(());
    };
    let found = classes
        .into_iter()
        .find(|(name, _)| chosen.as_str() == Some(&**name));
    let Some((_, class)) = found else {
        let reason = "DJANGO_CONFIGURATION names no class of this module";
        open(eval, module, Unknown::new(Cause::Error, reason, Some(span)));
        return Ok(());
    };
    let attributes = effective(eval, &class);
    for (name, value) in &attributes {
        eval.heap.bind(class.attributes, name, value.clone());
    }
    let class_value = Val::from(Kind::Class(class.clone()));
    before_setup(eval, &class, &class_value)?;
    for (name, value) in &attributes {
        let is_value = matches!(&value.kind, Kind::Object(path, _) if path.starts_with("configurations.values."));
        if is_value {
            let finished = setup(eval, value, name, class.span)?;
            spread(eval, &class, name, value, finished);
        }
    }
    call_own(eval, &class, &class_value, "setup")?;
    let instance = eval.heap.add(Object::Names(Default::default()));
    let instance = Val::from(Kind::Instance(class.clone(), instance));
    let chosen_by = BTreeSet::from(["DJANGO_CONFIGURATION".into()]);
    for name in own_settings(eval, &class) {
        let Some(value) = eval.heap.name(class.attributes, &name).cloned() else {
            continue;
        };
        let value = match &value.kind {
            Kind::Function(function)
                if matches!(function.access, Access::Property | Access::Cached) =>
            {
                eval.attribute(&instance, &name, class.span)?
            }
            Kind::Function(_) => {
                let method = eval.attribute(&instance, &name, class.span)?;
                let result = eval.call(&method, Args::default(), class.span)?;
                match &result.kind {
                    Kind::Object(path, _) if path.starts_with("configurations.values.") => {
                        setup(eval, &result, &name, class.span)?
                    }
                    _ => result,
                }
            }
            _ => value,
        };
        let mut value = value.via(Some(class.span), format!("class {} is chosen", class.name));
        if is_open {
            value = value.depending_on(&chosen_by);
        }
        eval.set_state(module, &name, value);
    }
    let mut path = Val::str(&*class.path).via(Some(class.span), "the chosen class");
    if is_open {
        path = path.depending_on(&chosen_by);
        let reason = "DJANGO_CONFIGURATION may choose another class";
        open(
            eval,
            module,
            Unknown::new(Cause::Machine, reason, Some(span)).decided_by(["DJANGO_CONFIGURATION"]),
        );
    }
    eval.set_state(module, "CONFIGURATION", path);
    call_own(eval, &class, &class_value, "post_setup")
}

/// The settings that stand in a class itself, where its metaclass has put them all.
fn own_settings(eval: &Evaluator<'_>, class: &Class) -> Vec<Rc<str>> {
    let names = eval.heap.names(class.attributes);
    let names = names.into_iter().flat_map(|names| names.values.keys());
    names.filter(|name| is_setting(name)).cloned().collect()
}

/// Calls a class method that the project itself defines.
fn call_own(
    eval: &mut Evaluator<'_>,
    class: &Rc<Class>,
    value: &Val,
    name: &str,
) -> Result<(), Raise> {
    if eval.class_attribute(class, name).is_some() {
        let method = eval.attribute(value, name, class.span)?;
        eval.call(&method, Args::default(), class.span)?;
    }
    Ok(())
}

fn open(eval: &mut Evaluator<'_>, module: &Val, unknown: Unknown) {
    if let Kind::Module(_, id) = module.kind
        && let Object::Names(names) = eval.heap.change(id)
    {
        names.rest = Some(Rc::new(unknown));
    }
}

/// What the metaclass puts into a class: names and values, without Django's own defaults.
fn effective(eval: &Evaluator<'_>, class: &Class) -> Vec<(Rc<str>, Val)> {
    let mut found: Vec<(Rc<str>, Val)> = Vec::new();
    let put = |found: &mut Vec<(Rc<str>, Val)>, name: Rc<str>, value: Val| {
        found.retain(|(known, _)| *known != name);
        found.push((name, value));
    };
    for base in class.bases.iter().rev() {
        let Kind::Class(base) = &base.kind else {
            continue;
        };
        if is_configuration(base) {
            // Its own copy of a default hides what stands further to the right.
            let inherited = effective(eval, base);
            found.retain(|(name, _)| !global_settings(eval, name));
            for (name, value) in inherited {
                put(&mut found, name, value);
            }
            continue;
        }
        for name in eval.class_names(base) {
            if let Some(value) = eval
                .class_attribute(base, &name)
                .filter(|_| is_setting(&name))
            {
                put(&mut found, name, value);
            }
        }
    }
    if let Some(own) = eval.heap.names(class.attributes) {
        for (name, value) in &own.values {
            if is_setting(name) {
                put(&mut found, name.clone(), value.clone());
            }
        }
    }
    found
}

fn is_configuration(class: &Class) -> bool {
    class.order.iter().any(
        |base| matches!(&base.kind, Kind::Native(path) if &**path == "configurations.Configuration"),
    )
}

fn is_setting(name: &str) -> bool {
    !name.starts_with('_') && name == name.to_uppercase()
}

/// `pre_setup`: the project's own, or the one that reads `DOTENV`.
fn before_setup(eval: &mut Evaluator<'_>, class: &Rc<Class>, value: &Val) -> Result<(), Raise> {
    eval.heap.bind(class.attributes, "DOTENV_LOADED", Val::NONE);
    if let Some(path) = eval.class_attribute(class, "DOTENV")
        && let Some(path) = path.as_path().filter(|path| !path.is_empty())
    {
        let written = Val::str(path);
        let path = absolute(eval, path);
        match env_file(
            eval,
            &path,
            Dialect::Configurations,
            First::File,
            class.span,
        ) {
            Some(file) => {
                load(eval, &file, false);
                eval.heap.bind(class.attributes, "DOTENV_LOADED", written);
            }
            None => {
                let message = "Couldn't read .env file";
                let class_path = "django.core.exceptions.ImproperlyConfigured";
                return Err(Raise::new(class_path, message, Some(class.span)));
            }
        }
    }
    call_own(eval, class, value, "pre_setup")
}

/// Binds a finished value; an e-mail URL is several settings.
fn spread(eval: &mut Evaluator<'_>, class: &Class, name: &str, value: &Val, finished: Val) {
    let is_email = matches!(&value.kind, Kind::Object(path, _) if path.ends_with(".EmailURLValue"));
    let parts: Vec<(Val, Val)> = match eval.entries(&finished).filter(|_| is_email) {
        Some(dict) => dict.entries.values().cloned().collect(),
        None => Vec::new(),
    };
    for (key, part) in parts {
        if let Some(key) = key.as_str() {
            eval.heap.bind(class.attributes, key, part);
        }
    }
    eval.heap.bind(class.attributes, name, finished);
}

/// `Value.setup(name)`.
fn setup(eval: &mut Evaluator<'_>, object: &Val, name: &str, span: Span) -> Result<Val, Raise> {
    let Kind::Object(path, _) = &object.kind else {
        return Ok(object.clone());
    };
    let class = path.rsplit('.').next().unwrap_or_default().to_owned();
    let part = |eval: &Evaluator<'_>, name: &str| eval.state(object, name);
    let is_true =
        |value: Option<Val>| matches!(value.map(|value| value.kind), Some(Kind::Bool(true)));
    let default = default_of(eval, object, &class, span)?;
    if !is_true(part(eval, "environ")) {
        return Ok(default);
    }
    let own_name = part(eval, "environ_name").filter(|name| !name.is_none());
    let (usual, usual_prefix) = match class.as_str() {
        "DatabaseURLValue" => (Some("DATABASE_URL"), None),
        "CacheURLValue" => (Some("CACHE_URL"), None),
        "SearchURLValue" => (Some("SEARCH_URL"), None),
        "EmailURLValue" => (Some("EMAIL_URL"), None),
        _ => (None, Some("DJANGO")),
    };
    let name = match own_name.as_ref().map(Val::as_str) {
        Some(Some(name)) => name.to_owned(),
        Some(None) => {
            let reason = "the name of the variable is not known";
            return Ok(eval.unknown(Cause::Code, reason, span));
        }
        None => usual.map_or_else(|| name.to_uppercase(), str::to_owned),
    };
    let prefix = match part(eval, "environ_prefix") {
        Some(prefix) => prefix
            .as_str()
            .map(|text| text.strip_suffix('_').unwrap_or(text).to_owned()),
        None => usual_prefix.map(str::to_owned),
    };
    let full = match prefix.as_deref() {
        None | Some("") => name,
        Some(prefix) => format!("{prefix}_{name}"),
    };
    let is_required = class == "SecretValue" || is_true(part(eval, "environ_required"));
    let message = format!("Value is required to be set as the environment variable '{full}'");
    let reading = Reading {
        name: &full,
        default: (!is_required).then_some(default),
        missing: Raise::new("ValueError", message, Some(span)),
        casts_default: false,
        is_boolean: class == "BooleanValue",
        span,
    };
    let object = object.clone();
    reading.run(eval, &mut |eval, value| {
        let Some(text) = value.as_str() else {
            return Ok(value.clone());
        };
        if class == "SecretValue" && text.is_empty() {
            return Err(Raise::new(
                "ValueError",
                "Secret value is not set",
                Some(span),
            ));
        }
        to_python(eval, &object, &class, value, text, span)
    })
}

/// The default as `__init__` leaves it.
fn default_of(
    eval: &mut Evaluator<'_>,
    object: &Val,
    class: &str,
    span: Span,
) -> Result<Val, Raise> {
    let mut default = eval.state(object, "default").unwrap_or(Val::NONE);
    if matches!(&default.kind, Kind::Object(path, _) if path.starts_with("configurations.values."))
    {
        default = eval.state(&default, "default").unwrap_or(Val::NONE);
    }
    let builtin = |name: &str| Val::native(format!("builtins.{name}"));
    let sequence = match class {
        "ListValue" | "BackendsValue" | "SingleNestedListValue" => Some("list"),
        "TupleValue" | "SingleNestedTupleValue" => Some("tuple"),
        "SetValue" => Some("set"),
        "DictValue" => Some("dict"),
        _ => None,
    };
    if let Some(sequence) = sequence {
        let args = match default.is_none() {
            true => Vec::new(),
            false => vec![default],
        };
        return eval.call(&builtin(sequence), Args::positional(args), span);
    }
    let is_url = class.ends_with("URLValue") && class != "URLValue";
    match (is_url, default.as_str()) {
        (true, Some(text)) => {
            let text = text.to_owned();
            let value = Val::str(text.as_str()).with_trail(default.trail.clone());
            to_python(eval, object, class, &value, &text, span)
        }
        (true, None) if default.is_none() => Ok(eval.dict(Vec::new())),
        _ => Ok(default),
    }
}

/// `Value.to_python(text)`.
fn to_python(
    eval: &mut Evaluator<'_>,
    object: &Val,
    class: &str,
    value: &Val,
    text: &str,
    span: Span,
) -> Result<Val, Raise> {
    let wrong = |what: &str| {
        Err(Raise::new(
            "ValueError",
            format!("Cannot interpret {what}"),
            Some(span),
        ))
    };
    let empty = Args::default();
    let plain_call = Call {
        path: "configurations.values",
        receiver: None,
        args: &empty,
        span,
    };
    match class {
        "BooleanValue" => match text.trim().to_lowercase().as_str() {
            "yes" | "y" | "true" | "1" => Ok(Val::bool(true)),
            "no" | "n" | "false" | "0" | "" => Ok(Val::bool(false)),
            _ => wrong("a boolean value"),
        },
        "IntegerValue" | "PositiveIntegerValue" => match plain::int(text) {
            Some(plain::Plain::Int(number)) if class == "PositiveIntegerValue" && number < 0 => {
                wrong("a value")
            }
            Some(number) => Ok(eval.plain_value(&number, span)),
            None => wrong("a value"),
        },
        "FloatValue" => {
            let float = Val::native("builtins.float");
            eval.call(&float, Args::positional(vec![value.clone()]), span)
        }
        "ListValue" | "TupleValue" | "SetValue" | "BackendsValue" => {
            let separator = eval.state(object, "separator");
            let separator = separator.as_ref().and_then(Val::as_str).unwrap_or(",");
            let parts: Vec<&str> = text
                .trim()
                .split(separator)
                .map(str::trim)
                .filter(|part| !part.is_empty())
                .collect();
            let items = match eval.state(object, "converter").filter(|it| !it.is_none()) {
                None => texts(eval, parts),
                Some(converter) => {
                    let mut items = Vec::with_capacity(parts.len());
                    for part in parts {
                        let args = Args::positional(vec![Val::str(part)]);
                        items.push(eval.call(&converter, args, span)?);
                    }
                    eval.list(items)
                }
            };
            match class {
                "TupleValue" | "SetValue" => {
                    let name = class.strip_suffix("Value").unwrap_or(class).to_lowercase();
                    let builtin = Val::native(format!("builtins.{name}"));
                    eval.call(&builtin, Args::positional(vec![items]), span)
                }
                _ => Ok(items),
            }
        }
        "DictValue" => match (text, plain::literal(text)) {
            ("", _) => Ok(eval.dict(Vec::new())),
            (_, Some(dict @ plain::Plain::Dict(_))) => Ok(eval.plain_value(&dict, span)),
            _ => wrong("a dict value"),
        },
        "Value" | "EmailValue" | "URLValue" | "IPValue" | "RegexValue" | "SecretValue" => {
            Ok(value.clone())
        }
        "PathValue" => Ok(Val::str(absolute(eval, text))),
        "EmailURLValue" => parsed(eval, urls::dj_email_url(text), span),
        "DatabaseURLValue" | "CacheURLValue" | "SearchURLValue" => {
            let config = match class {
                "DatabaseURLValue" => dj_database_url::parse_url(eval, &plain_call, value)?,
                "CacheURLValue" => parsed(eval, urls::django_cache_url(text), span)?,
                _ => parsed(eval, urls::dj_search_url(text), span)?,
            };
            let alias = eval.state(object, "alias").unwrap_or(Val::str("default"));
            Ok(eval.dict(vec![(alias, config)]))
        }
        _ => {
            let reason = format!("configurations.values.{class} is not followed");
            Ok(eval.unknown(Cause::Package, reason, span))
        }
    }
}
