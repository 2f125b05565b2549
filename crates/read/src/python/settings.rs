//! The namespace of a settings module as the model has it.

use std::collections::BTreeMap;
use std::rc::Rc;

use tightship_model::{
    Cause, Dict, Environment, Items, Module, Packages, Settings, Span, Traced, Trail, Unknown,
    Value,
};

use super::eval::{self, Evaluator, Mode, Raise};
use super::export::Export;
use super::masking::mark_secrets;
use super::plain::Plain;
use super::value::{Kind, Val};
use super::{django, libraries};
use crate::files::Tree;

/// Names of a module with their values, and why there may be more of them.
pub(crate) type Names = (BTreeMap<String, Traced<Value>>, Option<Unknown>);

/// What is to be evaluated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Task<'a> {
    /// The module as `DJANGO_SETTINGS_MODULE` names it, with what chose it.
    pub(crate) module: &'a Module,
    /// The folder of manage.py, relative to the root.
    pub(crate) folder: &'a str,
    pub(crate) environment: &'a Environment,
    /// The Django version in use; the newest is taken where the project names none.
    pub(crate) django: Option<(u32, u32)>,
    pub(crate) packages: &'a Packages,
    /// The class of django-configurations that the environment or a file names.
    pub(crate) configuration: Option<&'a str>,
}

/// Evaluates a settings module. `None` where there is no such module, or it cannot be read; what
/// else goes wrong is a gap of the tree.
pub(crate) fn evaluate(tree: &mut Tree, task: Task<'_>, mode: Mode) -> Option<Settings> {
    stacker::grow(eval::STACK, || run(tree, task, mode))
}

/// The settings that Django itself defines in one version, with their values.
pub(crate) fn django_defaults(version: (u32, u32)) -> BTreeMap<String, Value> {
    django::defaults(version)
        .map(|(name, value)| (name.to_owned(), plain(value)))
        .collect()
}

fn run(tree: &mut Tree, task: Task<'_>, mode: Mode) -> Option<Settings> {
    let django = task.django.unwrap_or(django::NEWEST);
    let start = Span::new(task.module.source, 0, 0);
    let mut eval = Evaluator::new(
        tree,
        task.folder,
        task.environment,
        mode,
        task.django,
        task.packages,
    );
    let path = eval.tree.sources()[task.module.source].path.clone();
    let module = eval.import_file(&task.module.name, &path, start).ok()?;
    if let Err(raise) = libraries::finish(&mut eval, &module, task.configuration) {
        note(&mut eval, &raise, start);
    }
    let Kind::Module(_, id) = module.kind else {
        return None;
    };
    let names = eval.heap.names(id)?.clone();
    let defaults = django_defaults(django);
    let settings: Vec<(&Rc<str>, &Val)> = names
        .values
        .iter()
        // Django reads the names of which `isupper()` is true.
        .filter(|(name, value)| {
            let is_bound = !matches!(value.kind, Kind::Unbound) || value.open.is_some();
            is_setting(name) && is_bound
        })
        .collect();
    let (overridden, found, parts) = Export::new(&mut eval, &defaults).finished(&settings);
    let stops = std::mem::take(&mut eval.stops);
    let texts = eval.secrets.iter().chain(&found).cloned().collect();
    mark_secrets(&mut eval, &texts, &parts);
    Some(Settings {
        module: task.module.clone(),
        overridden,
        defaults,
        django,
        django_is_assumed: task.django.is_none(),
        rest: names.rest.map(|rest| (*rest).clone()),
        stops,
    })
}

/// Some names of a Python file that is run on its own, such as gunicorn's configuration; and why
/// there may be more of them. `None` where the file cannot be read.
pub(crate) fn names_of(
    tree: &mut Tree,
    path: &str,
    environment: &Environment,
    wanted: &dyn Fn(&str) -> bool,
) -> Option<Names> {
    stacker::grow(eval::STACK, || {
        let source = tree.read(path)?;
        let start = Span::new(source, 0, 0);
        let packages = Packages::default();
        let folder = crate::files::parent(path);
        let mut eval = Evaluator::new(tree, folder, environment, Mode::Given, None, &packages);
        let loaded = eval.load_module("__config__", path, false, start);
        let Kind::Module(_, id) = loaded.ok()?.kind else {
            return None;
        };
        let names = eval.heap.names(id)?.clone();
        let no_defaults = BTreeMap::new();
        let mut export = Export::new(&mut eval, &no_defaults);
        let values = names.values.iter();
        let values =
            values.filter(|(name, value)| wanted(name) && !matches!(value.kind, Kind::Unbound));
        let found = values
            .map(|(name, value)| (name.to_string(), export.setting(name, value)))
            .collect();
        Some((found, names.rest.map(|rest| (*rest).clone())))
    })
}

/// What a program that is started from its file, such as manage.py, writes to a variable of the
/// environment unless that is set; open variables taken as unset.
pub(crate) fn written_variable(
    tree: &mut Tree,
    path: &str,
    environment: &Environment,
    name: &str,
) -> Option<String> {
    stacker::grow(eval::STACK, || {
        let start = Span::new(tree.read(path)?, 0, 0);
        let mut environment = environment.clone();
        environment.variables.remove(name);
        let packages = Packages::default();
        let folder = crate::files::parent(path);
        // What goes wrong in such a file costs no setting.
        let gaps = tree.gaps();
        let mut eval = Evaluator::new(tree, folder, &environment, Mode::Given, None, &packages);
        let loaded = eval.load_module("__main__", path, false, start);
        let written = eval.variable(name, true, start);
        eval.tree.forget_gaps_after(gaps);
        loaded.ok()?;
        let eval::Variable::Set(value) = written else {
            return None;
        };
        value.as_str().map(str::to_owned)
    })
}

fn note(eval: &mut Evaluator<'_>, raise: &Raise, start: Span) {
    let place = eval.tree.place(raise.span.unwrap_or(start));
    eval.tree.add_gap(tightship_model::Gap {
        place,
        reason: format!("the program stops here: {}", raise.text()),
        lost: "the settings are not complete".to_owned(),
    });
}

/// `str.isupper`: some letter, and none that is lower case.
fn is_setting(name: &str) -> bool {
    name.chars().any(char::is_uppercase) && !name.chars().any(char::is_lowercase)
}

fn plain(value: &Plain) -> Value {
    let traced = |value: &Plain| Traced::new(plain(value), Trail::default());
    let all = |items: &[Plain]| Items {
        items: items.iter().map(traced).collect(),
        rest: None,
    };
    match value {
        Plain::None => Value::None,
        Plain::Bool(value) => Value::Bool(*value),
        Plain::Int(value) => Value::Int(*value),
        Plain::Float(value) => Value::Float(*value),
        Plain::Str(text) => Value::Str(text.clone()),
        Plain::Bytes(bytes) => Value::Bytes(bytes.clone()),
        Plain::List(items) => Value::List(all(items)),
        Plain::Tuple(items) => Value::Tuple(all(items)),
        Plain::Set(items) => Value::Set(all(items)),
        Plain::Dict(entries) => Value::Dict(Dict {
            entries: entries
                .iter()
                .map(|(key, value)| (plain(key), traced(value)))
                .collect(),
            rest: None,
        }),
        Plain::Unknown(reason) => Value::unknown(Cause::Bound, *reason, None),
    }
}
