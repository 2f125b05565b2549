//! What the process environment says, and what the program adds to it.

use std::collections::BTreeSet;
use std::rc::Rc;

use tightship_model::{
    ANY_VARIABLE, Cause, EnvOrigin, Span, Traced, Unknown, Value, Variable as Given, names_a_secret,
};

use super::{Evaluator, Mode, Raise};
use crate::python::heap::{Id, Object};
use crate::python::value::{Alternative, Chain, Dependence, Kind, Val};

/// What a read of an environment variable finds.
#[derive(Clone, Debug)]
pub(crate) enum Variable {
    /// Its text, with the trail of the read and of the variable itself.
    Set(Val),
    /// It is not set; the trail says who says so.
    Unset(Chain),
    /// Nothing says whether it is set, or to what.
    Open(Open),
}

/// A read that the known environment does not settle.
#[derive(Clone, Debug)]
pub(crate) struct Open {
    pub(crate) variables: BTreeSet<Rc<str>>,
    pub(crate) trail: Chain,
}

impl Open {
    /// The value where the variable may be absent: `default`, or something else.
    pub(crate) fn or(&self, default: Val) -> Val {
        let trail = self.trail.and(&default.trail);
        default.depending_on(&self.variables).with_trail(trail)
    }

    /// The value where the variable must be set.
    pub(crate) fn required(&self) -> Val {
        Val::open(self.variables.clone()).with_trail(self.trail.clone())
    }
}

impl Evaluator<'_> {
    /// Reads a variable. `has_default` says whether the program goes on without it: what such
    /// reads find differs in [`Mode::Unset`].
    pub(crate) fn variable(&mut self, name: &str, has_default: bool, span: Span) -> Variable {
        let read = |trail: &Chain| trail.clone().read(span, name);
        if let Some(value) = self.heap.name(self.overlay, name).cloned() {
            let trail = read(&value.trail);
            return match written(value) {
                Written::Text(value) => Variable::Set(value.with_trail(trail)),
                Written::Removed => Variable::Unset(trail),
                Written::Open(mut variables) => {
                    variables.insert(name.into());
                    Variable::Open(Open { variables, trail })
                }
                Written::MayBeMissing => {
                    let reason = format!("{name} may have been taken from os.environ");
                    let missing = Raise::new("KeyError", format!("'{name}'"), Some(span));
                    self.maybe(missing, reason.clone());
                    let value = self.unknown(Cause::Code, reason, span);
                    Variable::Set(value.with_trail(trail))
                }
            };
        }
        if let Some(lost) = self
            .heap
            .names(self.overlay)
            .and_then(|names| names.rest.clone())
        {
            return Variable::Set(
                Val::from(Kind::Unknown(lost)).with_trail(read(&Chain::default())),
            );
        }
        if self.mode == Mode::Unset && has_default {
            return Variable::Unset(read(&Chain::outside(format!("{name} taken as not set"))));
        }
        if let Some(value) = self.heap.name(self.from_files, name).cloned() {
            let trail = read(&value.trail);
            return Variable::Set(value.with_trail(trail));
        }
        match self.environment.variables.get(name) {
            Some(Traced { value, trail }) => {
                let trail = read(&Chain::from_trail(trail));
                // `${NAME:-text}` of Compose sets the variable in any case: to the text while NAME
                // is not set where Compose runs.
                let (text, open) = match value {
                    Value::Environment(dependent) => (
                        dependent.unset.as_ref().map(|unset| &unset.value),
                        dependent
                            .variables
                            .iter()
                            .map(|name| name.as_str().into())
                            .collect(),
                    ),
                    value => (Some(value), BTreeSet::new()),
                };
                let secret = matches!(text, Some(Value::Secret(_))) || names_a_secret(name);
                match text.and_then(Value::as_str) {
                    Some(text) => {
                        let text: Rc<str> = text.into();
                        if secret {
                            self.secrets.insert(text.clone());
                        }
                        let value = Val::from(Kind::Str(text)).depending_on(&open);
                        Variable::Set(value.with_trail(trail))
                    }
                    None => Variable::Open(Open {
                        variables: BTreeSet::from([name.into()]),
                        trail,
                    }),
                }
            }
            None => {
                let why = match self.environment.variable(name) {
                    Given::Unset => match self.unseen_file() {
                        Some(file) => Chain::outside(format!("{file}, and may set {name}")),
                        None => {
                            return Variable::Unset(read(&Chain::outside(format!(
                                "{name} is not set in {}",
                                origin(&self.environment.origin)
                            ))));
                        }
                    },
                    Given::Open(Some(trail)) if !trail.links().is_empty() => {
                        Chain::from_trail(trail)
                    }
                    Given::Open(_) | Given::Set(_) => {
                        Chain::outside(format!("no known environment says whether {name} is set"))
                    }
                };
                Variable::Open(Open {
                    variables: BTreeSet::from([name.into()]),
                    trail: read(&why),
                })
            }
        }
    }

    /// `os.environ.get(name, default)`, or `os.environ[name]` without a default.
    pub(crate) fn read_variable(
        &mut self,
        name: &str,
        default: Option<Val>,
        span: Span,
    ) -> Result<Val, Raise> {
        match (self.variable(name, default.is_some(), span), default) {
            (Variable::Set(value), _) => Ok(value),
            (Variable::Unset(trail), Some(default)) => {
                let trail = trail.and(&default.trail);
                Ok(default.with_trail(trail))
            }
            (Variable::Unset(_), None) => {
                Err(Raise::new("KeyError", format!("'{name}'"), Some(span)))
            }
            (Variable::Open(open), Some(default)) => Ok(self.load(open.or(default))),
            (Variable::Open(open), None) => {
                self.maybe_unset(
                    Raise::new("KeyError", format!("'{name}'"), Some(span)),
                    &open.variables,
                );
                Ok(open.required())
            }
        }
    }

    /// `name in os.environ`.
    pub(crate) fn has_variable(&mut self, name: &str, span: Span) -> Val {
        match self.variable(name, true, span) {
            // What was written, or taken away, where it is not known whether that ran.
            Variable::Set(value) if matches!(value.kind, Kind::Unknown(_)) => value,
            Variable::Set(value) => Val::bool(true).with_trail(value.trail),
            Variable::Unset(trail) => Val::bool(false).with_trail(trail),
            Variable::Open(open) => {
                let otherwise = open.or(Val::bool(false)).with_only_other(Val::bool(true));
                self.load(otherwise)
            }
        }
    }

    /// `os.environ[name] = value`; `None` as value removes it.
    pub(crate) fn write_variable(&mut self, name: &str, value: Val) {
        self.heap.bind(self.overlay, name, value);
    }

    /// The program may have written anything to `os.environ`.
    pub(super) fn lose_environment(&mut self, reason: &Rc<Unknown>) {
        let lost = self.heap.object(self.overlay).lost(reason);
        self.heap.write(self.overlay, lost);
    }

    /// A variable that a `.env` file sets, read by the program. It counts as environment: a world
    /// without defaults' variables is a world without it. `wins` over the environment or not.
    pub(crate) fn load_variable(&mut self, name: &str, value: Val, wins: bool) {
        if let Some(text) = value.as_str()
            && names_a_secret(name)
        {
            self.secrets.insert(text.into());
        }
        let is_set = self.heap.name(self.overlay, name).is_some()
            || self.heap.name(self.from_files, name).is_some()
            || self.environment.variables.contains_key(name);
        if wins || !is_set {
            let is_open = matches!(
                self.environment.variable(name),
                tightship_model::Variable::Open(_)
            );
            // What is not known of the environment may win over the file.
            let value = match is_open && !wins {
                true => value.depending_on(&BTreeSet::from([name.into()])),
                false => value,
            };
            self.heap.bind(self.from_files, name, value);
        }
    }

    /// The program loads a file that is not here. Where git is told to leave it out, the server may
    /// have it, and with it any variable that nothing else sets.
    pub(crate) fn misses_file(&mut self, path: &str, span: Span) {
        let file = path.rsplit('/').next().unwrap_or(path);
        let ignored = self.tree.load(".gitignore").unwrap_or_default();
        let is_left_out = ignored.lines().any(|line| {
            let pattern = line.trim().rsplit('/').next().unwrap_or_default();
            let start = pattern.strip_suffix('*').filter(|start| !start.is_empty());
            pattern == file || start.is_some_and(|start| file.starts_with(start))
        });
        if is_left_out && let Object::Names(names) = self.heap.change(self.from_files) {
            let reason = format!("{file} is left out by .gitignore");
            names
                .rest
                .get_or_insert_with(|| Rc::new(Unknown::new(Cause::File, reason, Some(span))));
        }
    }

    fn unseen_file(&self) -> Option<&str> {
        let names = self.heap.names(self.from_files)?;
        Some(names.rest.as_ref()?.reason.as_str())
    }

    /// The names that are known to be set, sorted, and whether there are no others.
    pub(crate) fn variable_names(&self) -> (BTreeSet<Rc<str>>, bool) {
        let written = |id: Id| {
            self.heap
                .names(id)
                .into_iter()
                .flat_map(|names| names.values.keys().cloned())
        };
        let names = self
            .environment
            .variables
            .keys()
            .map(|name| name.as_str().into())
            .chain(written(self.overlay))
            .chain(written(self.from_files))
            .collect();
        let is_lost = self
            .heap
            .names(self.overlay)
            .is_some_and(|names| names.rest.is_some());
        (names, self.environment.is_known() && !is_lost)
    }

    /// All variables, as a method of `os.environ` gives them: `items`, `keys`, `values`, `copy`.
    pub(crate) fn all_variables(&mut self, method: &str, span: Span) -> Val {
        let (names, is_known) = self.variable_names();
        let mut pairs = Vec::new();
        for name in names {
            if let Variable::Set(value) = self.variable(&name, true, span) {
                pairs.push((Val::str(name), value));
            }
        }
        let all = if method == "os.environ.copy" {
            // The process has variables that no file tells, such as PATH and HOME: a copy holds
            // them, loops look for others.
            let reason = "the environment has variables of the machine";
            let rest = Unknown::new(Cause::Machine, reason, Some(span));
            let dict = self.dict(pairs);
            if let Kind::Dict(id) = dict.kind
                && let Object::Dict(dict) = self.heap.change(id)
            {
                dict.rest = Some(Rc::new(rest));
            }
            dict
        } else {
            let items = pairs.into_iter().map(|(name, value)| match method {
                "os.environ.items" => Val::tuple(vec![name, value]),
                "os.environ.values" => value,
                _ => name,
            });
            let items = items.collect();
            self.list(items)
        };
        if is_known {
            return all;
        }
        let trail = Chain::outside("no known environment says which variables are set");
        all.depending_on(&BTreeSet::from([ANY_VARIABLE.into()]))
            .with_trail(trail)
    }

    /// What a loop over a value goes over: `os.environ` gives the names of its variables.
    pub(crate) fn looped(&mut self, value: &Val, span: Span) -> Val {
        match &value.kind {
            Kind::Native(path) if &**path == "os.environ" => {
                self.all_variables("os.environ.keys", span)
            }
            _ => self.settled(value),
        }
    }

    /// Whether the evaluation is of the world where variables with defaults are missing.
    pub(crate) fn mode(&self) -> Mode {
        self.mode
    }

    /// What becomes of a value here, where some variables are known to be set: what it would be
    /// without them is out of the question.
    pub(crate) fn load(&self, value: Val) -> Val {
        let Some(open) = &value.open else {
            return value;
        };
        if matches!(value.kind, Kind::Open)
            || !self
                .assumed
                .iter()
                .any(|name| open.variables.contains(name))
        {
            return value;
        }
        let mut open = Dependence::clone(open);
        // Set, they may say what holds while they are unset.
        if open.exhaustive {
            open.others.push(Alternative {
                when: "as while unset".into(),
                value: Val {
                    open: None,
                    ..value.clone()
                },
            });
        }
        Val {
            kind: Kind::Open,
            trail: value.trail,
            open: Some(Rc::new(open)),
        }
    }
}

/// What the program itself made of a variable.
enum Written {
    Text(Val),
    Removed,
    /// Only on one way, which these variables decide; while they are unset, it is not set.
    Open(BTreeSet<Rc<str>>),
    MayBeMissing,
}

fn written(value: Val) -> Written {
    let is_text = |value: &Val| !matches!(value.kind, Kind::None | Kind::Unbound);
    let others = value.open.iter().flat_map(|open| &open.others);
    let is_text_in_all = match &value.kind {
        Kind::OneOf(cases) => cases.iter().chain(others).all(|case| is_text(&case.value)),
        _ => is_text(&value) && others.clone().all(|other| is_text(&other.value)),
    };
    match &value.open {
        None if value.is_none() => Written::Removed,
        _ if is_text_in_all => Written::Text(value),
        Some(open) if !is_text(&value) => Written::Open(open.variables.clone()),
        _ => Written::MayBeMissing,
    }
}

/// The environment in a sentence.
fn origin(origin: &EnvOrigin) -> String {
    match origin {
        EnvOrigin::Nothing => "any environment".to_owned(),
        EnvOrigin::Given(what) => what.clone(),
        EnvOrigin::Compose { service, .. } => format!("the Compose service {service}"),
        EnvOrigin::Systemd(unit) => unit.clone(),
        EnvOrigin::DotEnv(file) => file.clone(),
    }
}
