//! Holds an evaluated value against the real one.

use std::path::Path;

use tightship_model::{
    Dependent, Deployment, Dict, Instance, Items, State, Unknown, Value, stands_for,
};

use crate::cases::{Environment, Package};
use crate::figures::Pass;
use crate::real::Real;
use crate::reality::Imported;

/// What is to be said of one name.
pub(crate) struct Judgement {
    pub(crate) name: String,
    pub(crate) outcome: Outcome,
}

/// How an evaluated value stands to the real one; the order is from good to bad.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    /// Known, and what it is.
    Known,
    /// One of several stated values, of which one is real; or left to the environment, rightly.
    Dependent,
    Unknown(String),
    Wrong(String),
}

/// What the evaluator says of a case in which a name has neither a value nor a default.
const NOT_SET: &str = "it is not set in this case";

/// Under this name stands whether the evaluator saw that the program stops with an error.
const STOP: &str = "(stop)";

/// One judgement for each name that Django or the evaluation has.
pub(crate) fn settings(
    real: &Imported,
    read: &Deployment,
    environment: &Environment,
    package: &Package,
    pass: Pass,
) -> Vec<Judgement> {
    let comparison = Comparison {
        set: environment.all_variables(package),
        project: &package.project,
    };
    let real = match real {
        Ok(real) => real,
        Err(_) if pass == Pass::Open => return Vec::new(),
        Err(error) => {
            return vec![Judgement {
                name: STOP.to_owned(),
                outcome: stop(read, error),
            }];
        }
    };
    let Some(evaluated) = &read.settings else {
        return real
            .settings
            .keys()
            .filter(|name| !real.inherited.contains(*name))
            .map(|name| Judgement {
                name: name.clone(),
                outcome: Outcome::Unknown("no settings were evaluated".to_owned()),
            })
            .collect();
    };
    let mut judgements = Vec::new();
    for (name, real_value) in &real.settings {
        let outcome = match (evaluated.overridden.get(name), &evaluated.rest) {
            (Some(value), _) => comparison.value(&value.value, real_value),
            (None, _) if real.inherited.contains(name) => continue,
            (None, Some(rest)) => comparison.open(rest),
            (None, None) => wrong("set by Django, not by the evaluation", real_value),
        };
        judgements.push(Judgement {
            name: name.clone(),
            outcome,
        });
    }
    for (name, value) in &evaluated.overridden {
        if !real.settings.contains_key(name) {
            judgements.push(Judgement {
                name: name.clone(),
                outcome: comparison.absent(&value.value, evaluated.defaults.get(name)),
            });
        }
    }
    judgements
}

/// Whether the evaluation says that the program stops.
fn stop(read: &Deployment, error: &str) -> Outcome {
    let stops = |reason: &str| reason.starts_with("the program stops here");
    match &read.settings {
        Some(_) if read.gaps.iter().any(|gap| stops(&gap.reason)) => Outcome::Known,
        Some(settings) => match &settings.rest {
            Some(rest) => Outcome::Unknown(rest.reason.clone()),
            None => Outcome::Wrong(format!("Django stops ({error}), the evaluation does not")),
        },
        None => Outcome::Unknown("no settings were evaluated".to_owned()),
    }
}

struct Comparison<'a> {
    /// The variables of the environment.
    set: Vec<(String, String)>,
    project: &'a Path,
}

impl Comparison<'_> {
    /// A name that the evaluation has and the project does not set: right where one of the stated
    /// cases is Django's default, or that there is none.
    fn absent(&self, value: &Value, default: Option<&Value>) -> Outcome {
        let cases: Vec<&Value> = match value {
            Value::OneOf(cases) => cases.iter().map(|case| &case.value.value).collect(),
            Value::Environment(dependent) => dependent
                .unset
                .iter()
                .map(|unset| &unset.value)
                .chain(dependent.others.iter().map(|case| &case.value.value))
                .collect(),
            value => vec![value],
        };
        let is_default = |case: &&Value| match (case, default.and_then(plain_real)) {
            (case, Some(default)) => self.value(case, &default) == Outcome::Known,
            (Value::Unknown(unknown), None) => unknown.reason == NOT_SET,
            _ => false,
        };
        match value {
            _ if cases.iter().any(is_default) => Outcome::Dependent,
            Value::Unknown(unknown) => Outcome::Unknown(unknown.reason.clone()),
            Value::Environment(dependent) if !dependent.exhaustive => {
                Outcome::Unknown("whether it is set depends on the environment".to_owned())
            }
            value => wrong_value("not set by Django, but by the evaluation", value),
        }
    }

    fn value(&self, value: &Value, real: &Real) -> Outcome {
        match (value, real) {
            (Value::Unknown(unknown), _) => self.open(unknown),
            (Value::OneOf(cases), _) => self.any(cases.iter().map(|case| &case.value.value), real),
            (Value::Environment(dependent), _) => self.dependent(dependent, real),
            (Value::List(items), Real::List(real)) | (Value::Tuple(items), Real::Tuple(real)) => {
                self.sequence(items, real)
            }
            (Value::Set(items), Real::Set(real)) => self.set(items, real),
            (Value::Dict(dict), Real::Dict(real)) => self.dict(dict, real),
            (Value::Instance(instance), Real::Lazy(function, arguments, _)) => {
                self.lazy(instance, function, arguments)
            }
            (Value::Instance(instance), Real::Object(class, repr)) => {
                let factory = format!("{}(", instance.class);
                if last(&instance.class) == last(class) || repr.starts_with(&factory) {
                    self.state(value)
                } else {
                    wrong(&format!("{value:?}"), real)
                }
            }
            (value, Real::Lazy(_, arguments, _)) => match (value.as_str(), &**arguments) {
                (Some(text), Real::List(arguments))
                    if arguments.last() == Some(&Real::Str(text.to_owned())) =>
                {
                    Outcome::Known
                }
                _ => wrong(&format!("{value:?}"), real),
            },
            _ if self.is_same(value, real) => Outcome::Known,
            _ => wrong(&format!("{value:?}"), real),
        }
    }

    /// Whether a value without parts is the real one, in type and content.
    fn is_same(&self, value: &Value, real: &Real) -> bool {
        match (value, real) {
            (Value::None, Real::None(())) => true,
            (Value::Bool(value), Real::Bool(real)) => value == real,
            (Value::Int(value), Real::Int(real)) => value.to_string() == *real,
            (Value::Float(value), Real::Float(real)) => {
                real.parse().is_ok_and(|real: f64| real == *value)
            }
            (Value::Str(_) | Value::Secret(_), Real::Str(real)) => value
                .as_str()
                .is_some_and(|text| self.is_same_text(text, real)),
            (Value::Bytes(value), Real::Bytes(real)) => value == real,
            (Value::Path(value), Real::Path(real)) => self.is_same_text(value, real),
            (Value::Timedelta(value), Real::Timedelta(real)) => value == real,
            (Value::Reference(value), Real::Reference(real)) => last(value) == last(real),
            _ => false,
        }
    }

    /// Equal, but for the place of the project on this machine.
    fn is_same_text(&self, text: &str, real: &str) -> bool {
        text == real || {
            let project = self.project.to_string_lossy();
            text.replace(&*project, "") == real.replace(&*project, "")
        }
    }

    fn any<'a>(&self, cases: impl Iterator<Item = &'a Value>, real: &Real) -> Outcome {
        match cases.map(|case| self.value(case, real)).min() {
            Some(Outcome::Known) => Outcome::Dependent,
            Some(Outcome::Wrong(reason)) => {
                Outcome::Wrong(format!("none of the stated values: {reason}"))
            }
            Some(other) => other,
            None => Outcome::Unknown("one of no values".to_owned()),
        }
    }

    fn dependent(&self, dependent: &Dependent, real: &Real) -> Outcome {
        let is_unset = self.is_unset(&dependent.variables);
        let unset = dependent.unset.iter().map(|unset| &unset.value);
        if is_unset {
            return match self.any(unset, real) {
                Outcome::Wrong(reason) => Outcome::Wrong(format!(
                    "while {} unset: {reason}",
                    dependent.variables.join(", ")
                )),
                outcome => outcome,
            };
        }
        let stated = self.any(
            unset.chain(dependent.others.iter().map(|case| &case.value.value)),
            real,
        );
        match stated {
            Outcome::Wrong(_) | Outcome::Unknown(_) if !dependent.exhaustive => Outcome::Dependent,
            outcome => outcome,
        }
    }

    /// Whether this environment has none of these variables. Every process has some.
    fn is_unset(&self, variables: &[String]) -> bool {
        let is_set = |name: &String| self.set.iter().any(|(set, _)| stands_for(name, set));
        !variables.iter().any(is_set)
    }

    /// What is left open: rightly, where variables that are set decide it.
    fn open(&self, unknown: &Unknown) -> Outcome {
        if self.is_unset(&unknown.variables) {
            Outcome::Unknown(unknown.reason.clone())
        } else {
            Outcome::Dependent
        }
    }

    fn sequence(&self, items: &Items, real: &[Real]) -> Outcome {
        if let Some(rest) = &items.rest {
            return self.among(items, real, self.open(rest));
        }
        if items.items.len() != real.len() {
            return wrong(&format!("{:?}", plain(items)), &Real::List(real.to_vec()));
        }
        items
            .items
            .iter()
            .zip(real)
            .map(|(item, real)| self.value(&item.value, real))
            .max()
            .unwrap_or(Outcome::Known)
    }

    fn set(&self, items: &Items, real: &[Real]) -> Outcome {
        let rest = items.rest.as_ref().map(|rest| self.open(rest));
        let unordered = Outcome::Unknown(String::new());
        let found = self.among(items, real, rest.clone().unwrap_or(unordered));
        match (found, rest) {
            (Outcome::Unknown(_), None) if items.items.len() != real.len() => {
                wrong(&format!("{:?}", plain(items)), &Real::Set(real.to_vec()))
            }
            (Outcome::Unknown(_), None) => items
                .items
                .iter()
                .map(|item| self.state(&item.value))
                .max()
                .unwrap_or(Outcome::Known),
            (outcome, _) => outcome,
        }
    }

    /// As open as told, unless an element that is stated is not there.
    fn among(&self, items: &Items, real: &[Real], open: Outcome) -> Outcome {
        for item in &items.items {
            let found = real
                .iter()
                .map(|real| self.value(&item.value, real))
                .min()
                .unwrap_or_else(|| Outcome::Wrong(format!("{:?} is not there", item.value)));
            if let Outcome::Wrong(_) = found {
                return found;
            }
        }
        open
    }

    fn dict(&self, dict: &Dict, real: &[(Real, Real)]) -> Outcome {
        if let Some(rest) = &dict.rest {
            return dict
                .entries
                .iter()
                .map(|(key, value)| {
                    let found = real.iter().find(|(real, _)| self.is_same(key, real));
                    match found {
                        Some((_, real)) => self.value(&value.value, real),
                        None if key.state() == State::Known => {
                            Outcome::Wrong(format!("the key {key:?} is not there"))
                        }
                        None => Outcome::Unknown("a key is not known".to_owned()),
                    }
                })
                .chain([self.open(rest)])
                .max()
                .unwrap_or(Outcome::Known);
        }
        if dict.entries.len() != real.len() {
            let keys: Vec<_> = dict.entries.iter().map(|(key, _)| key).collect();
            return wrong(
                &format!("a dict with the keys {keys:?}"),
                &Real::Dict(real.to_vec()),
            );
        }
        dict.entries
            .iter()
            .zip(real)
            .map(|((key, value), (real_key, real_value))| {
                self.value(key, real_key)
                    .max(match self.value(&value.value, real_value) {
                        Outcome::Wrong(reason) => Outcome::Wrong(format!("{key:?}: {reason}")),
                        Outcome::Unknown(reason) => Outcome::Unknown(format!("{key:?}: {reason}")),
                        outcome => outcome,
                    })
            })
            .max()
            .unwrap_or(Outcome::Known)
    }

    /// `gettext_lazy("…")` is the function `gettext` with its arguments, to be called later.
    fn lazy(&self, instance: &Instance, function: &str, arguments: &Real) -> Outcome {
        let name = last(&instance.class).trim_end_matches("_lazy");
        let Real::List(arguments) = arguments else {
            return Outcome::Wrong("a lazy value without arguments".to_owned());
        };
        if name != last(function).trim_end_matches("_lazy")
            || instance.arguments.len() != arguments.len()
        {
            return Outcome::Wrong(format!("{instance:?} for a lazy {function}"));
        }
        instance
            .arguments
            .iter()
            .zip(arguments)
            .map(|(argument, real)| self.value(&argument.value, real))
            .max()
            .unwrap_or(Outcome::Known)
    }

    /// The outcome of a value that cannot be compared part by part.
    fn state(&self, value: &Value) -> Outcome {
        match value.state() {
            State::Known => Outcome::Known,
            State::Environment | State::OneOf => Outcome::Dependent,
            State::Unknown => Outcome::Unknown("a part of it is not known".to_owned()),
        }
    }
}

fn wrong(evaluated: &str, real: &Real) -> Outcome {
    Outcome::Wrong(format!("{evaluated}; Django: {real:?}"))
}

fn wrong_value(what: &str, value: &Value) -> Outcome {
    Outcome::Wrong(format!("{what}: {value:?}"))
}

/// A default of Django as a real value, where it is wholly known.
fn plain_real(value: &Value) -> Option<Real> {
    let all = |items: &Items| {
        items
            .items
            .iter()
            .map(|item| plain_real(&item.value))
            .collect::<Option<Vec<_>>>()
    };
    Some(match value {
        Value::None => Real::None(()),
        Value::Bool(value) => Real::Bool(*value),
        Value::Int(value) => Real::Int(value.to_string()),
        Value::Str(text) => Real::Str(text.clone()),
        Value::List(items) => Real::List(all(items)?),
        Value::Tuple(items) => Real::Tuple(all(items)?),
        Value::Dict(dict) => Real::Dict(
            dict.entries
                .iter()
                .map(|(key, value)| Some((plain_real(key)?, plain_real(&value.value)?)))
                .collect::<Option<_>>()?,
        ),
        _ => return None,
    })
}

fn plain(items: &Items) -> Vec<&Value> {
    items.items.iter().map(|item| &item.value).collect()
}

/// The last part of a dotted path: packages re-export, so the front may differ.
fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}
