//! dynaconf under Django, as far as TOML files and the environment give the settings. Verified
//! against 3.3.5. Other kinds of files are said to be unknown.

use std::rc::Rc;

use tightship_model::{ANY_VARIABLE, Cause, SourceId, Span, Unknown};
use toml_edit::{Document, Item, TableLike, Value};

use super::reading::{Answer, Call, absolute, env_file, is_file, load, nearest, parent};
use crate::dotenv::{Dialect, First};
use crate::python::eval::{Evaluator, Raise, Variable};
use crate::python::heap::Object;
use crate::python::paths;
use crate::python::plain;
use crate::python::value::{Args, Chain, Kind, Val};

pub(super) fn call(eval: &mut Evaluator<'_>, call: &Call<'_>) -> Answer {
    match call.path {
        "dynaconf.DjangoDynaconf" => Some(django(eval, call)),
        _ => None,
    }
}

/// `settings = dynaconf.DjangoDynaconf(__name__, …)`: names are laid over those of the module.
fn django(eval: &mut Evaluator<'_>, call: &Call<'_>) -> Result<Val, Raise> {
    let module = call
        .text(0, "django_settings_module_name")
        .and_then(|name| eval.heap.name(eval.loaded, name).cloned());
    let Some(module) = module else {
        let reason = "dynaconf lays names over a module that is not known";
        return Ok(eval.unknown(Cause::Package, reason, call.span));
    };
    let Kind::Module(_, id) = module.kind else {
        return Ok(Val::NONE);
    };
    let options = match Options::of(eval, call) {
        Ok(options) => options,
        Err(reason) => {
            open(eval, &module, reason, call.span);
            return Ok(eval.object("dynaconf.LazySettings", Vec::new()));
        }
    };
    if let Some(path) = nearest(eval, &options.root, &[".env"]).filter(|_| options.load_dotenv) {
        let dialect = Dialect::PythonDotenv {
            version: VENDORED_DOTENV,
            interpolate: true,
        };
        if let Some(file) = env_file(eval, &path, dialect, First::Environment, call.span) {
            load(eval, &file, false);
        }
    }
    let environment = match eval.variable(&options.switcher, true, call.span) {
        Variable::Set(value) => value.as_str().map(str::to_lowercase),
        Variable::Unset(_) => Some("development".to_owned()),
        Variable::Open(_) => None,
    };
    match &environment {
        _ if !options.has_environments => read_files(eval, &module, &options, "", call.span),
        Some(name) => read_files(eval, &module, &options, name, call.span),
        None => {
            read_files(eval, &module, &options, "", call.span);
            let reason = "dynaconf: the environment chooses a part of its files";
            let unknown = Unknown::new(Cause::Package, reason, Some(call.span));
            leave_open(eval, &module, unknown.decided_by([&*options.switcher]));
        }
    }
    let names: Vec<Rc<str>> = eval
        .heap
        .names(id)
        .into_iter()
        .flat_map(|names| names.values.keys().cloned())
        .filter(|name| is_setting(name))
        .collect();
    from_environment(eval, &module, &options, names, call.span)?;
    Ok(eval.object("dynaconf.LazySettings", Vec::new()))
}

struct Options {
    root: String,
    files: Vec<String>,
    has_environments: bool,
    switcher: String,
    prefix: String,
    load_dotenv: bool,
}

impl Options {
    fn of(eval: &Evaluator<'_>, call: &Call<'_>) -> Result<Self, &'static str> {
        let folder = super::reading::folder_of(eval, call.span);
        let mut options = Self {
            root: folder,
            files: ["settings", ".secrets"]
                .iter()
                .flat_map(|stem| FORMATS.iter().map(move |end| format!("{stem}.{end}")))
                .filter(|name| name != "settings.py")
                .collect(),
            has_environments: true,
            switcher: "DJANGO_ENV".to_owned(),
            prefix: "DJANGO".to_owned(),
            load_dotenv: true,
        };
        for (name, value) in &call.args.keywords {
            let text = || {
                value
                    .as_path()
                    .map(str::to_owned)
                    .ok_or("its arguments are not known")
            };
            let flag = || match value.kind {
                Kind::Bool(flag) => Ok(flag),
                _ => Err("its arguments are not known"),
            };
            let name = name.to_lowercase();
            match name.strip_suffix("_for_dynaconf").unwrap_or(&name) {
                "root_path" => options.root = absolute(eval, &text()?),
                "settings_file" | "settings_files" => {
                    options.files = match value.as_path() {
                        Some(text) => text.split([',', ';']).map(str::to_owned).collect(),
                        None => {
                            let items = eval.items(value).ok_or("its files are not known")?.items;
                            let names = items.iter().map(|item| item.as_path().map(str::to_owned));
                            names
                                .collect::<Option<_>>()
                                .ok_or("its files are not known")?
                        }
                    };
                }
                "environments" => options.has_environments = flag()?,
                "env_switcher" => options.switcher = text()?,
                "envvar_prefix" => options.prefix = text()?,
                "load_dotenv" => options.load_dotenv = flag()?,
                "validators" | "silent_errors" | "encoding" | "dotenv_verbose" | "debug_level" => {}
                _ => return Err("it is given options that are not followed"),
            }
        }
        Ok(options)
    }
}

fn open(eval: &mut Evaluator<'_>, module: &Val, reason: &str, span: Span) {
    let reason = format!("dynaconf: {reason}");
    leave_open(
        eval,
        module,
        Unknown::new(Cause::Package, reason, Some(span)),
    );
}

/// There may be further names in the module.
fn leave_open(eval: &mut Evaluator<'_>, module: &Val, unknown: Unknown) {
    if let Kind::Module(_, id) = module.kind
        && let Object::Names(names) = eval.heap.change(id)
    {
        names.rest = Some(Rc::new(unknown));
    }
}

fn is_setting(name: &str) -> bool {
    !name.starts_with('_') && name == name.to_uppercase()
}

/// Binds what the files say: `[default]`, then the chosen part, then `[global]`.
fn read_files(
    eval: &mut Evaluator<'_>,
    module: &Val,
    options: &Options,
    environment: &str,
    span: Span,
) {
    for name in &options.files {
        let Some(path) = found(eval, &options.root, name) else {
            continue;
        };
        if !(path.ends_with(".toml") || path.ends_with(".tml")) {
            open(
                eval,
                module,
                &format!("it reads {name}, which is not followed"),
                span,
            );
            continue;
        }
        let Some(source) = eval.project_file(&path) else {
            continue;
        };
        let text = eval.tree.sources()[source].raw().to_owned();
        let Ok(document) = Document::parse(text.as_str()) else {
            open(eval, module, &format!("{name} is not valid TOML"), span);
            continue;
        };
        let file = File { name, source, span };
        if !options.has_environments {
            file.bind(eval, module, document.as_table());
            continue;
        }
        for wanted in ["default", environment, "global"] {
            for (part, item) in document.as_table() {
                if part.to_lowercase() == wanted
                    && let Some(table) = item.as_table_like()
                {
                    file.bind(eval, module, table);
                }
            }
        }
    }
}

/// The file in a folder, in `config` below it, or further up.
fn found(eval: &Evaluator<'_>, root: &str, name: &str) -> Option<String> {
    let mut folder = root.to_owned();
    loop {
        eval.relative(&folder)?;
        for candidate in [
            paths::join(&folder, name),
            paths::join(&paths::join(&folder, "config"), name),
        ] {
            if is_file(eval, &candidate) {
                return Some(candidate);
            }
        }
        folder = parent(&folder).to_owned();
    }
}

struct File<'f> {
    name: &'f str,
    source: SourceId,
    /// The call that reads it.
    span: Span,
}

impl File<'_> {
    fn bind(&self, eval: &mut Evaluator<'_>, module: &Val, table: &dyn TableLike) {
        for (key, item) in table.iter() {
            let value = match key.contains("__") || key.starts_with("dynaconf_") {
                true => eval.unknown(Cause::Package, "dynaconf merges it", self.span),
                false => self.value(eval, item),
            };
            let span = item
                .span()
                .map(|range| Span::new(self.source, range.start as u32, range.end as u32));
            let name = key.to_uppercase();
            let trail = Chain::default().before(span, format!("{name} in {}", self.name));
            eval.set_state(module, &name, value.with_trail(trail));
        }
    }

    fn value(&self, eval: &mut Evaluator<'_>, item: &Item) -> Val {
        let merges = |key: &str| key.contains("__") || key.starts_with("dynaconf_merge");
        match item {
            Item::Value(value) => toml_value(eval, value, self.span),
            Item::Table(table) if !table.iter().any(|(key, _)| merges(key)) => {
                let entries = table
                    .iter()
                    .map(|(key, item)| (Val::str(key), self.value(eval, item)))
                    .collect();
                eval.dict(entries)
            }
            Item::ArrayOfTables(tables) => {
                let items = tables
                    .iter()
                    .map(|table| self.value(eval, &Item::Table(table.clone())))
                    .collect();
                eval.list(items)
            }
            _ => eval.unknown(Cause::Package, "dynaconf merges it", self.span),
        }
    }
}

fn toml_value(eval: &mut Evaluator<'_>, value: &Value, span: Span) -> Val {
    match value {
        Value::String(text) => marked(eval, text.value(), span),
        Value::Integer(number) => Val::int((*number.value()).into()),
        Value::Float(number) => Kind::Float(*number.value()).into(),
        Value::Boolean(flag) => Val::bool(*flag.value()),
        Value::Array(items) => {
            let items = items
                .iter()
                .map(|item| toml_value(eval, item, span))
                .collect();
            eval.list(items)
        }
        Value::InlineTable(table) => {
            let entries = table
                .iter()
                .map(|(key, item)| (Val::str(key), toml_value(eval, item, span)))
                .collect();
            eval.dict(entries)
        }
        Value::Datetime(_) => eval.unknown(Cause::Package, "a date of a TOML file", span),
    }
}

/// A text that may begin with `@int`, `@json` and their like.
fn marked(eval: &mut Evaluator<'_>, text: &str, span: Span) -> Val {
    let Some((mark, rest)) = text
        .strip_prefix('@')
        .map(|text| text.split_once(' ').unwrap_or((text, "")))
    else {
        return Val::str(text);
    };
    match mark {
        "str" => Val::str(rest),
        "none" => Val::NONE,
        "int" => match plain::int(rest) {
            Some(number) => eval.plain_value(&number, span),
            None => eval.unknown(Cause::Error, "`@int` of what is no number", span),
        },
        "bool" => {
            let yes = ["t", "true", "yes", "on", "ok", "enabled", "1"];
            Val::bool(yes.contains(&rest.to_lowercase().as_str()))
        }
        "json" => {
            let loads = Val::native("json.loads");
            let args = Args::positional(vec![Val::str(rest)]);
            match eval.call(&loads, args, span) {
                Ok(value) => value,
                Err(_) => eval.unknown(Cause::Error, "`@json` of what is no JSON", span),
            }
        }
        // A word that dynaconf does not know is text like any other.
        mark if !MARKS.contains(&mark) => Val::str(text),
        _ => eval.unknown(Cause::Package, "dynaconf works it out at run time", span),
    }
}

/// `DJANGO_NAME` and `DJANGO_NAME__part` win over files.
fn from_environment(
    eval: &mut Evaluator<'_>,
    module: &Val,
    options: &Options,
    names: Vec<Rc<str>>,
    span: Span,
) -> Result<(), Raise> {
    let start = format!("{}_", options.prefix);
    let (set, _) = eval.variable_names();
    let mut wanted: Vec<String> = names.iter().map(|name| name.to_string()).collect();
    for name in &set {
        if let Some(name) = name.strip_prefix(&start)
            && !OWN_VARIABLES.contains(&name)
            && format!("{start}{name}") != options.switcher
            && !wanted.iter().any(|known| known == name)
        {
            wanted.push(name.to_owned());
        }
    }
    for name in wanted {
        let old = eval.state(module, &name.to_uppercase());
        match eval.variable(&format!("{start}{name}"), true, span) {
            Variable::Unset(_) => {}
            Variable::Open(open) => {
                if let Some(old) = old {
                    let mut open = open;
                    open.variables.insert(options.switcher.as_str().into());
                    if matches!(old.kind, Kind::Dict(_)) {
                        // Those below it change a part of it.
                        let below = format!("{start}{name}__{ANY_VARIABLE}");
                        open.variables.insert(below.into());
                    }
                    let value = open.or(old);
                    eval.set_state(module, &name, value);
                }
            }
            Variable::Set(value) => {
                let parsed = super::reading::lifted(eval, &value, span, &mut |eval, value| {
                    Ok(parse_text(eval, value, span))
                })?;
                let parsed = parsed.with_trail(value.trail.clone());
                match name.split_once("__") {
                    None => eval.set_state(module, &name.to_uppercase(), parsed),
                    Some((first, rest)) => set_part(eval, module, first, rest, parsed, span)?,
                }
            }
        }
    }
    Ok(())
}

/// A text as TOML, or as it is.
fn parse_text(eval: &mut Evaluator<'_>, value: &Val, span: Span) -> Val {
    let Some(text) = value.as_str() else {
        return value.clone();
    };
    let fixed = match text {
        "True" | "TRUE" => "true",
        "False" | "FALSE" => "false",
        text => text,
    };
    match fixed.parse::<Value>() {
        Ok(parsed) if !fixed.starts_with('@') => toml_value(eval, &parsed, span),
        _ => marked(eval, text, span),
    }
}

/// `DATABASES__default__HOST`: keys are found in any case.
fn set_part(
    eval: &mut Evaluator<'_>,
    module: &Val,
    first: &str,
    rest: &str,
    value: Val,
    span: Span,
) -> Result<(), Raise> {
    let name = first.to_uppercase();
    let mut place = match eval.state(module, &name) {
        Some(place) if matches!(place.kind, Kind::Dict(_)) => place,
        Some(_) => {
            let why = eval.unknown(Cause::Package, "dynaconf merges it", span);
            eval.set_state(module, &name, why);
            return Ok(());
        }
        None => {
            let dict = eval.dict(Vec::new());
            eval.set_state(module, &name, dict.clone());
            dict
        }
    };
    let mut parts = rest.split("__").peekable();
    while let Some(part) = parts.next() {
        let known = eval.entries(&place).and_then(|dict| {
            let mut entries = dict.entries.values();
            let same = |key: &Val| {
                key.as_str()
                    .is_some_and(|key| key.to_lowercase() == part.to_lowercase())
            };
            entries.find(|(key, _)| same(key)).cloned()
        });
        let key = known
            .as_ref()
            .map_or_else(|| Val::str(part), |(key, _)| key.clone());
        if parts.peek().is_none() {
            return eval.set_item(&place, &key, value, span);
        }
        place = match known {
            Some((_, inner)) if matches!(inner.kind, Kind::Dict(_)) => inner,
            _ => {
                let inner = eval.dict(Vec::new());
                eval.set_item(&place, &key, inner.clone(), span)?;
                inner
            }
        };
    }
    Ok(())
}

/// Kinds of files that dynaconf looks for, in the order in which it reads them.
const FORMATS: [&str; 8] = ["yaml", "yml", "toml", "tml", "ini", "conf", "json", "py"];

/// Words after `@` that are worked out at run time.
const MARKS: [&str; 14] = [
    "float",
    "format",
    "jinja",
    "merge",
    "merge_unique",
    "reset",
    "del",
    "note",
    "comment",
    "insert",
    "get",
    "empty",
    "read_file",
    "to_json",
];

/// Variables with the prefix that are not settings.
const OWN_VARIABLES: [&str; 3] = ["SETTINGS_MODULE", "CONFIGURATION", "ENV"];

/// The python-dotenv that dynaconf brings along reads as this version does.
const VENDORED_DOTENV: (u32, u32, u32) = (0, 13, 0);
