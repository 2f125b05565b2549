//! Settings as JSON: the machine contract `tightship.settings/1`.

use std::collections::BTreeMap;
use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Number, Value as Json, json};
use tightship_model::{Cause, Deployment, Items, Settings, State, Traced, Unknown, Value};

use super::names;
use super::python::repr;
use crate::document::{Link, links};
use crate::json::write;

/// Writes the settings that `only` names, or all that the project sets.
pub fn render(
    deployment: &Deployment,
    settings: &Settings,
    only: &[String],
    out: &mut dyn Write,
) -> io::Result<()> {
    write(&Document::of(deployment, settings, only), out)
}

/// The settings of one module under one environment.
///
/// Values are plain JSON: tuples and sets are arrays, paths, dotted references and bytes are
/// strings. What JSON has no word for is an object with one telling key: `{"timedelta_seconds": 60}`,
/// `{"float": "inf"}`, `{"int": "170141183460469231731687303715884105727"}`,
/// `{"secret": {"length": 50, "fingerprint": "00aa11"}}`,
/// `{"instance": {"class": "…", "arguments": […], "keywords": {…}}}`. So are the parts of a value
/// that are not known: `{"environment": {"variables": […], "unset": …}}`,
/// `{"one_of": [{"when": "…", "value": …}]}`, `{"unknown": {"cause": "…", "reason": "…"}}`; the last
/// also stands at the end of an array, or under the key `…` of an object, that may hold more.
#[derive(Serialize, JsonSchema)]
pub struct Document {
    /// `tightship.settings/1`
    schema: &'static str,
    /// The settings module.
    module: String,
    /// The Django version whose defaults count.
    django: String,
    settings: BTreeMap<String, Entry>,
}

#[derive(Serialize, JsonSchema)]
struct Entry {
    /// Whether the project sets it; else it is Django's default.
    overridden: bool,
    #[serde(flatten)]
    known: Known,
}

/// What is known of a value, and how it came to be.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Known {
    /// How much is known of the value, everything inside it counted.
    state: StateWord,
    /// The value; where the environment decides, the value while the variables are unset. Absent
    /// where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Json>,
    /// All values that are possible, where they can be listed.
    values: Vec<Json>,
    /// The environment variables that decide.
    variables: Vec<String>,
    /// Why it is not known.
    reason: Option<String>,
    /// The way of the value, nearest first.
    trail: Vec<Link>,
}

#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "kebab-case")]
enum StateWord {
    Known,
    OneOf,
    Environment,
    Unknown,
}

impl Document {
    fn of(deployment: &Deployment, settings: &Settings, only: &[String]) -> Self {
        let (major, minor) = settings.django;
        Self {
            schema: "tightship.settings/1",
            module: settings.module.name.clone(),
            django: format!("{major}.{minor}"),
            settings: names(settings, only)
                .into_iter()
                .filter_map(|name| {
                    let setting = settings.get(name)?;
                    let entry = Entry {
                        overridden: setting.is_overridden,
                        known: Known::of(&setting.value, deployment),
                    };
                    Some((name.to_owned(), entry))
                })
                .collect(),
        }
    }
}

impl Known {
    pub(crate) fn of(traced: &Traced<Value>, deployment: &Deployment) -> Self {
        let value = &traced.value;
        let (shown, values) = match value {
            Value::Environment(dependent) => (
                dependent.unset.as_ref().map(|unset| plain(&unset.value)),
                dependent
                    .unset
                    .iter()
                    .map(|unset| plain(&unset.value))
                    .chain(dependent.others.iter().map(|case| plain(&case.value.value)))
                    .collect(),
            ),
            Value::OneOf(cases) => (
                None,
                cases.iter().map(|case| plain(&case.value.value)).collect(),
            ),
            Value::Unknown(_) => (None, Vec::new()),
            value => (Some(plain(value)), Vec::new()),
        };
        let state = match value.state() {
            State::Known => StateWord::Known,
            State::OneOf => StateWord::OneOf,
            State::Environment => StateWord::Environment,
            State::Unknown => StateWord::Unknown,
        };
        Self {
            state,
            value: shown,
            values,
            variables: value.variables(),
            reason: match value.state() {
                State::Known => None,
                _ => value.open_part(),
            },
            trail: links(&traced.trail, &deployment.sources),
        }
    }
}

/// A value as plain JSON; see [`Document`] for the forms.
fn plain(value: &Value) -> Json {
    match value {
        Value::None => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Int(value) => match (i64::try_from(*value), u64::try_from(*value)) {
            (Ok(value), _) => value.into(),
            (_, Ok(value)) => value.into(),
            _ => json!({"int": value.to_string()}),
        },
        Value::Float(value) => match Number::from_f64(*value) {
            Some(number) => Json::Number(number),
            None => json!({"float": value.to_string().to_lowercase()}),
        },
        Value::Str(text) | Value::Path(text) | Value::Reference(text) => text.as_str().into(),
        Value::Secret(secret) => json!({"secret": {
            "length": secret.expose().chars().count(),
            "fingerprint": secret.fingerprint(),
        }}),
        Value::Bytes(bytes) => String::from_utf8_lossy(bytes).into(),
        Value::List(items) | Value::Tuple(items) | Value::Set(items) => array(items),
        Value::Dict(dict) => {
            let mut object: Map<_, _> = dict
                .entries
                .iter()
                .map(|(key, value)| (name(key), plain(&value.value)))
                .collect();
            if let Some(rest) = &dict.rest {
                object.insert("…".to_owned(), unknown(rest));
            }
            Json::Object(object)
        }
        Value::Timedelta(micros) if micros % 1_000_000 == 0 => {
            json!({"timedelta_seconds": micros / 1_000_000})
        }
        Value::Timedelta(micros) => json!({"timedelta_seconds": *micros as f64 / 1e6}),
        Value::Instance(instance) => json!({"instance": {
            "class": instance.class,
            "arguments": instance.arguments.iter().map(|value| plain(&value.value)).collect::<Vec<_>>(),
            "keywords": instance
                .keywords
                .iter()
                .map(|(name, value)| (name.clone(), plain(&value.value)))
                .collect::<Map<_, _>>(),
        }}),
        Value::OneOf(cases) => json!({"one_of": cases
            .iter()
            .map(|case| json!({"when": case.when, "value": plain(&case.value.value)}))
            .collect::<Vec<_>>()}),
        Value::Environment(dependent) => {
            let mut inner = json!({"variables": dependent.variables});
            if let Some(unset) = &dependent.unset {
                inner["unset"] = plain(&unset.value);
            }
            json!({"environment": inner})
        }
        Value::Unknown(reason) => unknown(reason),
    }
}

fn array(items: &Items) -> Json {
    let known = items.items.iter().map(|item| plain(&item.value));
    known.chain(items.rest.as_ref().map(unknown)).collect()
}

/// A key of a dict: a string is itself, anything else is written as in Python.
fn name(key: &Value) -> String {
    match key {
        Value::Str(text) => text.clone(),
        other => repr(other),
    }
}

fn unknown(unknown: &Unknown) -> Json {
    let cause = match unknown.cause {
        Cause::Random => "random",
        Cause::Machine => "machine",
        Cause::File => "file",
        Cause::Package => "package",
        Cause::Code => "code",
        Cause::Error => "error",
        Cause::Bound => "bound",
    };
    json!({"unknown": {"cause": cause, "reason": unknown.reason}})
}
