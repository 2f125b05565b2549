//! Asking one setting one question: the shape that most checks of settings share.

use tightship_model::{
    Answer, Confidence, Deployment, Doubt, Evidence, Finding, Label, Outcome, Setting, Settings,
    Traced, Trail, Value,
};

/// What a check demands of a setting.
pub(crate) struct Demand<'a> {
    pub(crate) setting: &'a str,
    /// Whether a value is bad; `None` where what is open inside it decides.
    pub(crate) refuses: &'a dyn Fn(&Value) -> Option<bool>,
    /// What is lost with a bad value, in the present tense, with the measured value.
    pub(crate) message: &'a dyn Fn(&Value) -> String,
    /// What a good value proves.
    pub(crate) evidence: &'a dyn Fn(&Value) -> String,
    pub(crate) advice: &'a str,
    pub(crate) django_id: Option<&'static str>,
}

/// Judges a setting. A value that is bad while a variable is unset is a finding of medium
/// confidence; one that is good while it is unset is Unknown, as the variable may be set.
pub(crate) fn judge(deployment: &Deployment, demand: &Demand<'_>) -> Outcome {
    let Some(setting) = setting(deployment, demand.setting) else {
        return Outcome::NotApplicable(format!("{} is not set", demand.setting));
    };
    match setting.value.ask(demand.refuses) {
        Answer::Yes(value) => Outcome::Fail(vec![finding(demand, value, Confidence::High, None)]),
        Answer::No(value) => Outcome::Pass(vec![Evidence {
            text: (demand.evidence)(&value.value),
            trail: value.trail.clone(),
        }]),
        Answer::Doubt(Doubt {
            unset: Some((value, true)),
            variables,
            ..
        }) => {
            let condition = format!("while {} is not set", variables.join(", "));
            Outcome::Fail(vec![finding(
                demand,
                value,
                Confidence::Medium,
                Some(condition),
            )])
        }
        Answer::Doubt(doubt) => unknown(demand.setting, &doubt, &setting.value.trail),
    }
}

fn finding(
    demand: &Demand<'_>,
    value: &Traced<Value>,
    confidence: Confidence,
    condition: Option<String>,
) -> Finding {
    let message = (demand.message)(&value.value);
    Finding {
        subject: format!("settings:{}", demand.setting),
        message: match condition {
            Some(condition) => format!("{condition}, {message}"),
            None => message,
        },
        severity: None,
        confidence,
        labels: labels(&value.trail),
        trail: value.trail.clone(),
        django_id: demand.django_id,
        advice: demand.advice.to_owned(),
        fix: None,
    }
}

/// The verdict for a question that has no answer yet.
pub(crate) fn unknown(name: &str, doubt: &Doubt<'_>, trail: &Trail) -> Outcome {
    Outcome::Unknown {
        reason: format!("{name} is not known: {}", doubt.reason),
        remedy: if doubt.variables.is_empty() {
            format!("see `tightship inspect settings --only {name}`")
        } else {
            format!(
                "give {} with --env-file or --env",
                doubt.variables.join(", ")
            )
        },
        trail: trail.clone(),
    }
}

/// Labels for the places of a trail, nearest first.
pub(crate) fn labels(trail: &Trail) -> Vec<Label> {
    trail
        .links()
        .iter()
        .filter_map(|link| {
            Some(Label {
                span: link.span?,
                text: link.text.clone(),
            })
        })
        .collect()
}

pub(crate) fn setting<'a>(deployment: &'a Deployment, name: &'a str) -> Option<Setting<'a>> {
    deployment.settings.as_ref()?.get(name)
}

/// Whether a list setting holds a string that `wanted` accepts; `None` where it is not known.
pub(crate) fn lists(
    settings: &Settings,
    name: &str,
    wanted: &dyn Fn(&str) -> bool,
) -> Option<bool> {
    let Some(setting) = settings.get(name) else {
        return Some(false);
    };
    match setting.value.ask(&|value| holds(value, wanted)) {
        Answer::Yes(_) => Some(true),
        Answer::No(_) => Some(false),
        Answer::Doubt(_) => None,
    }
}

/// Whether a sequence holds a string that `wanted` accepts.
pub(crate) fn holds(value: &Value, wanted: &dyn Fn(&str) -> bool) -> Option<bool> {
    let items = value.as_items()?;
    let known = |item: &Traced<Value>| item.value.as_str().is_some();
    if items
        .items
        .iter()
        .any(|item| item.value.as_str().is_some_and(wanted))
    {
        return Some(true);
    }
    (items.rest.is_none() && items.items.iter().all(known)).then_some(false)
}

/// Whether an app is in INSTALLED_APPS, by its package or by its configuration class.
pub(crate) fn has_app(deployment: &Deployment, app: &str) -> Option<bool> {
    let settings = deployment.settings.as_ref()?;
    let prefix = format!("{app}.apps.");
    lists(settings, "INSTALLED_APPS", &|name| {
        name == app || name.starts_with(&prefix)
    })
}

/// A value in a few words, as Python writes it; secrets redacted, long ones cut.
pub(crate) fn shown(value: &Value) -> String {
    const LONGEST: usize = 60;
    let text = match value {
        Value::None => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Int(number) => number.to_string(),
        Value::Float(number) => format!("{number:?}"),
        Value::Str(text) => format!("{text:?}"),
        Value::Secret(secret) => secret.to_string(),
        Value::Bytes(bytes) => format!("{} bytes", bytes.len()),
        Value::List(items) | Value::Set(items) => sequence(&items.items, '[', ']'),
        Value::Tuple(items) => sequence(&items.items, '(', ')'),
        Value::Dict(dict) => format!("a dict of {} entries", dict.entries.len()),
        Value::Path(path) => format!("Path({path:?})"),
        Value::Timedelta(micros) => format!("{} s", *micros as f64 / 1e6),
        Value::Reference(path) => path.clone(),
        Value::Instance(instance) => format!("{}(…)", instance.class),
        Value::OneOf(_) => "one of several values".to_owned(),
        Value::Environment(_) => "a value from the environment".to_owned(),
        Value::Unknown(_) => "not known".to_owned(),
    };
    if text.chars().count() <= LONGEST {
        return text;
    }
    text.chars().take(LONGEST - 1).chain(['…']).collect()
}

fn sequence(items: &[Traced<Value>], open: char, close: char) -> String {
    let items: Vec<_> = items.iter().map(|item| shown(&item.value)).collect();
    format!("{open}{}{close}", items.join(", "))
}
