//! pydantic-settings. Verified against 2.16.3 with pydantic 2.14.3.

use std::rc::Rc;

use tightship_model::{Cause, Span};

use super::pydantic_types::Shape;
use super::reading::{Answer, Call, Reading, absolute, env_file, lifted, text_value};
use super::version;
use crate::dotenv::{Assignment, Dialect, First};
use crate::python::eval::{Evaluator, Mode, Open, Raise, Variable, fields};
use crate::python::heap::{Names, Object};
use crate::python::value::{Args, Class, Kind, Val};

pub(super) fn call(eval: &mut Evaluator<'_>, call: &Call<'_>) -> Answer {
    Some(Ok(match call.path {
        "pydantic_settings.SettingsConfigDict" | "pydantic.ConfigDict" => {
            let entries = call.args.keywords.iter();
            let entries = entries.map(|(name, value)| (Val::str(name.clone()), value.clone()));
            let entries = entries.collect();
            eval.dict(entries)
        }
        "pydantic.Field" => {
            let mut state: Vec<(&str, Val)> = Vec::new();
            if let Some(default) = call.argument(0, "default")
                && !matches!(default.kind, Kind::Ellipsis)
            {
                state.push(("default", default.clone()));
            }
            for name in ["default_factory", "alias", "validation_alias", "env"] {
                if let Some(value) = call.args.keyword(name) {
                    state.push((name, value.clone()));
                }
            }
            eval.object("pydantic.Field", state)
        }
        // What checks or changes fields after they are read: which, its arguments say.
        "pydantic.field_validator" | "pydantic.validator" => {
            let names = Val::tuple(call.args.positional.clone());
            let mode = call
                .args
                .keyword("mode")
                .cloned()
                .unwrap_or(Val::str("after"));
            eval.object("pydantic.Validator", vec![("names", names), ("mode", mode)])
        }
        "pydantic.model_validator" | "pydantic.root_validator" => eval.object(
            "pydantic.Validator",
            vec![("names", Val::tuple(vec![Val::str("*")]))],
        ),
        "pydantic.Validator.__call__" => {
            let (object, function) = (call.receiver?, call.args.positional.first()?);
            eval.set_state(object, "function", function.clone());
            object.clone()
        }
        "pydantic.computed_field" => call.args.positional.first()?.clone(),
        "pydantic.SecretStr.get_secret_value" => eval.state(call.receiver?, "value")?,
        "pydantic.SecretStr" => {
            let value = call.argument(0, "secret_value")?.clone();
            eval.object("pydantic.SecretStr", vec![("value", value)])
        }
        _ => return None,
    }))
}

/// Reads the fields of a settings class: arguments, environment, `.env` file, default.
pub(super) fn instantiate(
    eval: &mut Evaluator<'_>,
    class: &Val,
    args: &Args,
    span: Span,
) -> Answer {
    let Kind::Class(class) = &class.kind else {
        return None;
    };
    let config = match Config::of(eval, class, span) {
        Ok(config) => config,
        Err(reason) => {
            let reason = format!("{}: {reason}", class.name);
            return Some(Ok(eval.unknown(Cause::Package, reason, span)));
        }
    };
    let id = eval.heap.add(Object::Names(Names::default()));
    let instance = Val::from(Kind::Instance(class.clone(), id));
    for (name, annotation) in fields(class) {
        if &*name == "model_config" {
            continue;
        }
        let given = args.keyword(&name).cloned();
        let value = match given {
            Some(value) => value,
            None => match field(eval, class, &config, &name, &annotation, span) {
                Ok(value) => value,
                Err(raise) => return Some(Err(raise)),
            },
        };
        let value = match validated(eval, class, &name, value, span) {
            Ok(value) => value,
            Err(raise) => return Some(Err(raise)),
        };
        eval.set_state(&instance, &name, value);
    }
    Some(Ok(instance))
}

/// A model of the project, made of arguments and defaults.
pub(super) fn model(eval: &mut Evaluator<'_>, class: &Val, args: &Args, span: Span) -> Answer {
    let Kind::Class(class) = &class.kind else {
        return None;
    };
    if args.rest.is_some() || !validators(eval, class).is_empty() {
        return Some(Ok(eval.unknown(
            Cause::Package,
            "a model of pydantic",
            span,
        )));
    }
    let id = eval.heap.add(Object::Names(Names::default()));
    let instance = Val::from(Kind::Instance(class.clone(), id));
    for (name, annotation) in fields(class) {
        if &*name == "model_config" {
            continue;
        }
        let value = match (args.keyword(&name), default_of(eval, class, &name, span)) {
            (Some(given), _) => {
                let shape = Shape::of(&annotation);
                lifted(eval, given, span, &mut |eval, value| {
                    shape.cast(eval, value, &annotation, span)
                })
            }
            (None, Ok(Some(default))) => Ok(default),
            (None, Ok(None)) => Err(required(span)),
            (None, Err(raise)) => Err(raise),
        };
        match value {
            Ok(value) => eval.set_state(&instance, &name, value),
            Err(raise) => return Some(Err(raise)),
        }
    }
    Some(Ok(instance))
}

fn required(span: Span) -> Raise {
    Raise::new("pydantic.ValidationError", "Field required", Some(span))
}

/// What a field holds when nothing sets it; `None` where it is required.
fn default_of(
    eval: &mut Evaluator<'_>,
    class: &Class,
    name: &str,
    span: Span,
) -> Result<Option<Val>, Raise> {
    let Some(declared) = eval.class_attribute(class, name) else {
        return Ok(None);
    };
    if !is_field(&declared) {
        return Ok(Some(declared));
    }
    if let Some(default) = eval.state(&declared, "default") {
        return Ok(Some(default));
    }
    match eval.state(&declared, "default_factory") {
        Some(factory) => eval.call(&factory, Args::default(), span).map(Some),
        None => Ok(None),
    }
}

fn is_field(value: &Val) -> bool {
    matches!(&value.kind, Kind::Object(path, _) if &**path == "pydantic.Field")
}

/// `model_config`, or the inner class `Config` of older code.
struct Config {
    prefix: String,
    case_sensitive: bool,
    /// `env_ignore_empty`: a variable that is set to nothing counts as one that is not set.
    ignores_empty: bool,
    file: Vec<(String, Assignment)>,
    delimiter: Option<String>,
}

impl Config {
    fn of(eval: &mut Evaluator<'_>, class: &Class, span: Span) -> Result<Self, &'static str> {
        let mut options: Vec<(String, Val)> = Vec::new();
        let own_sources = eval.class_attribute(class, "settings_customise_sources");
        if own_sources.is_some() {
            return Err("it chooses its sources itself");
        }
        if let Some(config) = eval.class_attribute(class, "model_config") {
            let entries = eval
                .entries(&config)
                .ok_or("its configuration is not known")?;
            for (key, value) in entries.entries.values() {
                options.extend(key.as_str().map(|key| (key.to_owned(), value.clone())));
            }
        }
        if let Some(Kind::Class(inner)) = eval.class_attribute(class, "Config").map(|it| it.kind) {
            for name in eval.class_names(&inner) {
                let value = eval.class_attribute(&inner, &name);
                options.extend(value.map(|value| (name.to_string(), value)));
            }
        }
        let mut config = Self {
            prefix: String::new(),
            case_sensitive: false,
            ignores_empty: false,
            file: Vec::new(),
            delimiter: None,
        };
        let text = |value: &Val| match value.is_settled() {
            true => value
                .as_path()
                .map(str::to_owned)
                .ok_or("its configuration is not known"),
            false => Err("its configuration is not known"),
        };
        for (name, value) in &options {
            match name.as_str() {
                "env_prefix" => config.prefix = text(value)?,
                "env_nested_delimiter" if !value.is_none() => config.delimiter = Some(text(value)?),
                "case_sensitive" => config.case_sensitive = matches!(value.kind, Kind::Bool(true)),
                "env_ignore_empty" => config.ignores_empty = matches!(value.kind, Kind::Bool(true)),
                "env_parse_none_str" if !value.is_none() => {
                    return Err("some text stands for None");
                }
                "env_file" if !value.is_none() => {
                    let files = match value.as_path() {
                        Some(file) => vec![file.to_owned()],
                        None => eval
                            .items(value)
                            .ok_or("its file is not known")?
                            .items
                            .iter()
                            .map(text)
                            .collect::<Result<_, _>>()?,
                    };
                    for file in files {
                        config.add_file(eval, &file, span);
                    }
                }
                "secrets_dir" if !value.is_none() => return Err("a folder of secrets is read"),
                _ => {}
            }
        }
        Ok(config)
    }

    /// A later file wins.
    fn add_file(&mut self, eval: &mut Evaluator<'_>, path: &str, span: Span) {
        let path = absolute(eval, path);
        let dialect = Dialect::python_dotenv(version(eval, "python-dotenv"));
        if let Some(file) = env_file(eval, &path, dialect, First::File, span) {
            for one in file.assignments {
                self.file.retain(|(_, known)| known.name != one.name);
                self.file.push((file.path.clone(), one));
            }
        }
    }

    fn in_file(&self, name: &str) -> Option<Val> {
        let (path, found) = self
            .file
            .iter()
            .find(|(_, one)| self.same(&one.name, name))?;
        let (span, text) = found.value.as_ref()?;
        let value = text_value(text, *span, &format!("{} in {path}", found.name));
        Some(value).filter(|value| !self.ignores_empty || value.as_str() != Some(""))
    }

    fn same(&self, one: &str, two: &str) -> bool {
        match self.case_sensitive {
            true => one == two,
            false => one.to_lowercase() == two.to_lowercase(),
        }
    }
}

fn field(
    eval: &mut Evaluator<'_>,
    class: &Rc<Class>,
    config: &Config,
    name: &str,
    annotation: &str,
    span: Span,
) -> Result<Val, Raise> {
    let declared = eval.class_attribute(class, name);
    let details = declared.as_ref().filter(|value| is_field(value));
    let default = default_of(eval, class, name, span)?;
    let alias = details.and_then(|details| {
        ["validation_alias", "alias", "env"]
            .iter()
            .find_map(|part| eval.state(details, part))
    });
    let names = match alias {
        None => vec![format!("{}{name}", config.prefix)],
        Some(alias) => match aliases(&alias) {
            Some(names) => names,
            None => return Ok(eval.unknown(Cause::Package, "its alias is not known", span)),
        },
    };
    if let Some(delimiter) = &config.delimiter
        && let Some(model) = nested_model(eval, class, annotation)
        && let Some(value) = from_parts(eval, config, &names, delimiter, &model, span)
    {
        return value;
    }
    let mut found = None;
    for name in &names {
        let name = spelling(eval, config, name);
        match eval.variable(&name, default.is_some(), span) {
            Variable::Unset(_) => {}
            Variable::Set(value)
                if config.ignores_empty && value.is_settled() && value.as_str() == Some("") => {}
            Variable::Open(open) => {
                let open = with_both_cases(config, open, &name);
                found = Some((name, Variable::Open(open)));
                break;
            }
            set => {
                found = Some((name, set));
                break;
            }
        }
    }
    let reads_file = default.is_none() || eval.mode() == Mode::Given;
    let in_file = names
        .iter()
        .find_map(|name| config.in_file(name))
        .filter(|_| reads_file);
    let (name, found) = match (found, in_file) {
        (Some((name, Variable::Open(open))), Some(value)) => (name, Variable::Set(open.or(value))),
        (Some(found), _) => found,
        (None, Some(value)) => (names[0].clone(), Variable::Set(value)),
        (None, None) => (names[0].clone(), Variable::Unset(Default::default())),
    };
    let shape = Shape::of(annotation);
    let reading = Reading {
        name: &name,
        default,
        missing: required(span),
        casts_default: true,
        is_boolean: shape == Shape::Bool,
        span,
    };
    reading.of(eval, found, &mut |eval, value| {
        shape.cast(eval, value, annotation, span)
    })
}

/// The names of `AliasChoices("A", "B")` or of one text.
fn aliases(alias: &Val) -> Option<Vec<String>> {
    match &alias.kind {
        Kind::Str(text) => Some(vec![text.to_string()]),
        Kind::Made(made) if made.class.ends_with(".AliasChoices") => made
            .positional
            .iter()
            .map(|one| one.as_str().map(str::to_owned))
            .collect(),
        _ => None,
    }
}

/// The variable as the environment spells it: its case says nothing, mostly.
fn spelling(eval: &Evaluator<'_>, config: &Config, name: &str) -> String {
    if config.case_sensitive {
        return name.to_owned();
    }
    let (known, _) = eval.variable_names();
    let found = known
        .iter()
        .find(|known| known.to_lowercase() == name.to_lowercase());
    found.map_or_else(|| name.to_uppercase(), |found| found.to_string())
}

/// The model of the project that an annotation names in the module of the class.
fn nested_model(eval: &Evaluator<'_>, class: &Class, annotation: &str) -> Option<Val> {
    let (module, _) = class.path.rsplit_once('.')?;
    let module = eval.heap.name(eval.loaded, module)?.clone();
    let model = eval.state(&module, annotation.trim_matches(['"', '\'']))?;
    matches!(model.kind, Kind::Class(_)).then_some(model)
}

/// A nested model whose fields have variables of their own; `None` where none of them is set.
fn from_parts(
    eval: &mut Evaluator<'_>,
    config: &Config,
    names: &[String],
    delimiter: &str,
    model: &Val,
    span: Span,
) -> Option<Result<Val, Raise>> {
    let Kind::Class(class) = &model.kind else {
        return None;
    };
    let mut args = Args::default();
    for (field, _) in fields(class) {
        for name in names {
            let variable = spelling(eval, config, &format!("{name}{delimiter}{field}"));
            let found = match eval.variable(&variable, true, span) {
                Variable::Set(value) => Some(value),
                Variable::Unset(_) => config.in_file(&variable),
                Variable::Open(open) => match default_of(eval, class, &field, span) {
                    Ok(Some(default)) => Some(with_both_cases(config, open, &variable).or(default)),
                    Ok(None) => Some(open.required()),
                    Err(raise) => return Some(Err(raise)),
                },
            };
            args.keywords
                .extend(found.map(|value| (field.clone(), value)));
        }
    }
    match args.keywords.is_empty() {
        true => None,
        false => Some(eval.call(model, args, span)),
    }
}

/// In any case the name is read.
fn with_both_cases(config: &Config, mut open: Open, name: &str) -> Open {
    if !config.case_sensitive {
        open.variables.insert(name.to_lowercase().into());
    }
    open
}

/// A field as its validators leave it: those that run after the cast are called, in their order.
fn validated(
    eval: &mut Evaluator<'_>,
    class: &Rc<Class>,
    name: &str,
    value: Val,
    span: Span,
) -> Result<Val, Raise> {
    let mut value = value;
    for validator in validators(eval, class) {
        let names = eval
            .state(&validator, "names")
            .and_then(|names| eval.items(&names))
            .unwrap_or_default();
        let names: Vec<&str> = names.items.iter().filter_map(Val::as_str).collect();
        if !names.contains(&name) && !names.contains(&"*") {
            continue;
        }
        let mode = eval.state(&validator, "mode");
        let is_after = mode.is_some_and(|mode| mode.as_str() == Some("after"));
        match eval.state(&validator, "function") {
            Some(function) if is_after => {
                let owner = Kind::Class(class.clone()).into();
                let method = Kind::Method(Rc::new((owner, function))).into();
                value = lifted(eval, &value, span, &mut |eval, value| {
                    eval.call(&method, Args::positional(vec![value.clone()]), span)
                })?;
            }
            _ => value = eval.unknown(Cause::Code, "a validator may change it", span),
        }
    }
    Ok(value)
}

fn validators(eval: &Evaluator<'_>, class: &Class) -> Vec<Val> {
    let names = eval.class_names(class).into_iter();
    names
        .filter_map(|name| eval.class_attribute(class, &name))
        .filter(
            |value| matches!(&value.kind, Kind::Object(path, _) if &**path == "pydantic.Validator"),
        )
        .collect()
}
