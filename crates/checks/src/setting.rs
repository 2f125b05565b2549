//! Asking one setting one question: the shape that most checks of settings share.

use tightship_model::{
    Answer, Confidence, Deployment, Doubt, Edit, Evidence, Finding, Fix, Label, Outcome, Safety,
    Setting, Span, Traced, Trail, Value, give_variables,
};

use crate::package::is_or_extends;

/// What a check demands of a setting.
pub(crate) struct Demand<'a> {
    /// Its name; an entry of a dict as `SIMPLE_JWT.ALGORITHM`.
    pub(crate) setting: &'a str,
    /// Whether a value is bad; `None` where what is open inside it decides.
    pub(crate) refuses: &'a dyn Fn(&Value) -> Option<bool>,
    /// What is lost with a bad value, in the present tense, with the measured value.
    pub(crate) message: &'a dyn Fn(&Value) -> String,
    pub(crate) advice: &'a str,
    pub(crate) django_id: Option<&'static str>,
    /// The Python literal that mends it, where the bad value is a literal too.
    pub(crate) mend: Option<(Safety, &'a str)>,
}

/// Judges a setting. A value that is bad while a variable is unset is a finding of medium
/// confidence; one that is good while it is unset is Unknown, as the variable may be set.
pub(crate) fn judge(deployment: &Deployment, demand: &Demand<'_>) -> Outcome {
    let name = demand.setting;
    let Some(setting) = setting(deployment, name) else {
        return not_set(name);
    };
    judge_value(deployment, &setting.value, demand)
}

/// Judges as [`judge`] does a setting without which Django does not start to serve: a value that
/// `stops` it while a variable is unset shows that the variable is set.
pub(crate) fn judge_running(
    deployment: &Deployment,
    demand: &Demand<'_>,
    stops: &dyn Fn(&Value) -> bool,
) -> Outcome {
    let name = demand.setting;
    if let Some(setting) = setting(deployment, name)
        && let Answer::Doubt(doubt) = setting.value.ask(demand.refuses)
        && let Some((unset, true)) = doubt.unset
        && stops(&unset.value)
    {
        return unknown(name, &doubt, &setting.value.trail);
    }
    judge(deployment, demand)
}

/// Judges a value that a setting holds, as [`judge`] does.
pub(crate) fn judge_value(
    deployment: &Deployment,
    value: &Traced<Value>,
    demand: &Demand<'_>,
) -> Outcome {
    let name = demand.setting;
    match consider_value(name, value, demand.refuses) {
        Judged::Good(value) => Outcome::Pass(vec![shows(name, value)]),
        Judged::Open(outcome) => outcome,
        Judged::Bad(bad) => Outcome::Fail(vec![Finding {
            message: bad.worded((demand.message)(&bad.value.value)),
            confidence: bad.confidence,
            django_id: demand.django_id,
            advice: demand.advice.to_owned(),
            fix: demand.mend.and_then(|(safety, literal)| {
                rewrite(deployment, name, bad.value, safety, literal)
            }),
            ..about(name, &bad.value.trail)
        }]),
    }
}

/// What a check demands of each string in a list setting.
pub(crate) struct ItemDemand<'a> {
    pub(crate) setting: &'a str,
    pub(crate) refuses: &'a dyn Fn(&str) -> bool,
    /// What is lost with a bad string, in the present tense.
    pub(crate) message: &'a dyn Fn(&str) -> String,
    pub(crate) advice: &'a str,
}

/// Judges the strings of a list setting: a finding for each bad one.
pub(crate) fn judge_items(deployment: &Deployment, demand: &ItemDemand<'_>) -> Outcome {
    let name = demand.setting;
    let Some(setting) = setting(deployment, name) else {
        return not_set(name);
    };
    match consider(&setting, &|value| holds(value, demand.refuses)) {
        Judged::Good(value) => Outcome::Pass(vec![shows(name, value)]),
        Judged::Open(outcome) => outcome,
        Judged::Bad(bad) => {
            let items = bad.value.value.as_items().into_iter();
            Outcome::Fail(
                items
                    .flat_map(|items| &items.items)
                    .filter_map(|item| Some((item, item.value.as_str()?)))
                    .filter(|(_, text)| (demand.refuses)(text))
                    .map(|(item, text)| Finding {
                        subject: format!("settings:{name} {text:?}"),
                        message: bad.worded((demand.message)(text)),
                        confidence: bad.confidence,
                        advice: demand.advice.to_owned(),
                        ..about(name, nearest(&item.trail, &bad.value.trail))
                    })
                    .collect(),
            )
        }
    }
}

/// The verdict when the ground of a question is missing: `name` answers no, or is not known.
pub(crate) fn unless(
    deployment: &Deployment,
    name: &str,
    question: &dyn Fn(&Value) -> Option<bool>,
    otherwise: &str,
) -> Option<Outcome> {
    let Some(setting) = setting(deployment, name) else {
        return Some(Outcome::NotApplicable(otherwise.to_owned()));
    };
    match setting.value.ask(question) {
        Answer::Yes(_) => None,
        Answer::No(_) => Some(Outcome::NotApplicable(otherwise.to_owned())),
        Answer::Doubt(doubt) => Some(unknown(name, &doubt, &setting.value.trail)),
    }
}

/// One verdict of several: the findings of all; without any, the first unknown; else what passed.
pub(crate) fn together(outcomes: impl IntoIterator<Item = Outcome>) -> Outcome {
    let mut findings = Vec::new();
    let mut evidence = Vec::new();
    let mut open = None;
    let mut absent = None;
    for outcome in outcomes {
        match outcome {
            Outcome::Fail(some) => findings.extend(some),
            Outcome::Pass(some) => evidence.extend(some),
            Outcome::Unknown { .. } => open = open.or(Some(outcome)),
            Outcome::NotApplicable(_) => absent = absent.or(Some(outcome)),
        }
    }
    match (findings.is_empty(), open, absent) {
        (false, ..) => Outcome::Fail(findings),
        (true, Some(open), _) => open,
        (true, None, Some(absent)) if evidence.is_empty() => absent,
        (true, None, _) => Outcome::Pass(evidence),
    }
}

/// Fails with what was found, else passes with what was seen; `otherwise` where there is neither.
pub(crate) fn settled(
    findings: Vec<Finding>,
    evidence: Vec<Evidence>,
    otherwise: Outcome,
) -> Outcome {
    match (findings.is_empty(), evidence.is_empty()) {
        (false, _) => Outcome::Fail(findings),
        (true, false) => Outcome::Pass(evidence),
        (true, true) => otherwise,
    }
}

/// Leaves out each finding that is the same as the one before it, as `same` tells.
pub(crate) fn told_once(outcome: Outcome, same: fn(&Finding, &Finding) -> bool) -> Outcome {
    match outcome {
        Outcome::Fail(mut findings) => {
            findings.dedup_by(|one, other| same(one, other));
            Outcome::Fail(findings)
        }
        outcome => outcome,
    }
}

/// The answer to "is this value bad?", ready to be put into a verdict.
pub(crate) enum Judged<'a> {
    Good(&'a Traced<Value>),
    Bad(Bad<'a>),
    /// Not known: the verdict that says so.
    Open(Outcome),
}

/// A bad value, how sure that is, and under which condition it holds.
pub(crate) struct Bad<'a> {
    pub(crate) value: &'a Traced<Value>,
    pub(crate) confidence: Confidence,
    condition: Option<String>,
}

impl Bad<'_> {
    /// The message, with the condition before it.
    pub(crate) fn worded(&self, message: String) -> String {
        match &self.condition {
            Some(condition) => format!("{condition}, {message}"),
            None => message,
        }
    }
}

/// Asks a setting whether its value is bad.
pub(crate) fn consider<'a>(
    setting: &'a Setting<'_>,
    refuses: &dyn Fn(&Value) -> Option<bool>,
) -> Judged<'a> {
    consider_value(setting.name, &setting.value, refuses)
}

/// Asks a value that a setting holds whether it is bad.
pub(crate) fn consider_value<'a>(
    name: &str,
    value: &'a Traced<Value>,
    refuses: &dyn Fn(&Value) -> Option<bool>,
) -> Judged<'a> {
    match value.ask(refuses) {
        Answer::Yes(value) => Judged::Bad(Bad {
            value,
            confidence: Confidence::High,
            condition: None,
        }),
        Answer::No(value) => Judged::Good(value),
        Answer::Doubt(Doubt {
            unset: Some((value, true)),
            variables,
            ..
        }) => Judged::Bad(Bad {
            value,
            confidence: Confidence::Medium,
            condition: Some(while_unset(&variables)),
        }),
        Answer::Doubt(doubt) => Judged::Open(unknown(name, &doubt, &value.trail)),
    }
}

/// The condition under which the value for unset variables holds.
pub(crate) fn while_unset(variables: &[String]) -> String {
    let verb = if variables.len() == 1 { "is" } else { "are" };
    format!("while {} {verb} not set", variables.join(", "))
}

/// Whether a message begins with such a condition.
pub(crate) fn is_while_unset(message: &str) -> bool {
    let condition = message.strip_prefix("while ");
    condition.is_some_and(|rest| rest.contains(" not set, "))
}

/// A finding about a setting, to be completed with its message and advice.
pub(crate) fn about(name: &str, trail: &Trail) -> Finding {
    finding_about(format!("settings:{name}"), trail)
}

/// A finding about something with a trail, to be completed with its message and advice.
pub(crate) fn finding_about(subject: String, trail: &Trail) -> Finding {
    Finding {
        subject,
        message: String::new(),
        severity: None,
        confidence: Confidence::High,
        labels: labels(trail),
        trail: trail.clone(),
        django_id: None,
        advice: String::new(),
        fix: None,
    }
}

/// The evidence that a setting has this value.
pub(crate) fn shows(name: &str, value: &Traced<Value>) -> Evidence {
    Evidence {
        text: format!("{name} is {}", shown(&value.value)),
        trail: value.trail.clone(),
    }
}

pub(crate) fn not_set(name: &str) -> Outcome {
    Outcome::NotApplicable(format!("{name} is not set"))
}

/// Replaces the literal that a setting is assigned; `None` where its value came another way.
fn rewrite(
    deployment: &Deployment,
    name: &str,
    value: &Traced<Value>,
    safety: Safety,
    literal: &str,
) -> Option<Fix> {
    let [link] = value.trail.links() else {
        return None;
    };
    let span = link.span?;
    let source = &deployment.sources[span.source];
    let text = source.raw().get(span.start as usize..span.end as usize)?;
    let bare = text
        .strip_prefix(name)
        .and_then(|rest| rest.trim_start().strip_prefix('='))
        .unwrap_or(text)
        .trim();
    let is_the_literal = match &value.value {
        Value::Int(number) => bare.replace('_', "") == number.to_string(),
        value @ (Value::None | Value::Bool(_)) => bare == shown(value),
        Value::Str(text) => ['"', '\''].iter().any(|quote| {
            bare.strip_prefix(*quote)
                .and_then(|rest| rest.strip_suffix(*quote))
                == Some(text)
        }),
        _ => false,
    };
    if !is_the_literal {
        return None;
    }
    let start = span.start + text.rfind(bare)? as u32;
    Some(Fix {
        title: format!("Set {name} to {literal}"),
        safety,
        edits: vec![Edit {
            span: Span::new(span.source, start, start + bare.len() as u32),
            replacement: literal.to_owned(),
        }],
    })
}

/// The first of two trails that leads somewhere.
pub(crate) fn nearest<'a>(own: &'a Trail, outer: &'a Trail) -> &'a Trail {
    if own.is_empty() { outer } else { own }
}

/// The verdict for a question that has no answer yet.
pub(crate) fn unknown(name: &str, doubt: &Doubt<'_>, trail: &Trail) -> Outcome {
    let setting = name.split('.').next().unwrap_or(name);
    Outcome::Unknown {
        reason: format!("{name} is not known: {}", doubt.reason),
        remedy: if doubt.variables.is_empty() {
            format!("see `tightship inspect settings --only {setting}`")
        } else {
            give_variables(&doubt.variables)
        },
        trail: trail.clone(),
    }
}

/// Shows with a finding the place that it has to do with, unless it shows that already.
pub(crate) fn beside(mut finding: Finding, span: Option<Span>, text: impl Into<String>) -> Finding {
    let is_new = |span: &Span| finding.labels.iter().all(|label| label.span != *span);
    let text = text.into();
    let label = span.filter(is_new).map(|span| Label { span, text });
    finding.labels.extend(label);
    finding
}

/// Labels for the places of a trail, nearest first.
pub(crate) fn labels(trail: &Trail) -> Vec<Label> {
    let mut labels: Vec<Label> = Vec::new();
    for link in trail.links() {
        if let Some(span) = link.span
            && !labels
                .iter()
                .any(|known| known.span == span && known.text == link.text)
        {
            let text = link.text.clone();
            labels.push(Label { span, text });
        }
    }
    labels
}

pub(crate) fn setting<'a>(deployment: &'a Deployment, name: &'a str) -> Option<Setting<'a>> {
    deployment.settings.as_ref()?.get(name)
}

/// The value that the project gives a setting.
pub(crate) fn overridden<'a>(deployment: &'a Deployment, name: &str) -> Option<&'a Traced<Value>> {
    deployment.settings.as_ref()?.overridden.get(name)
}

/// The verdict for a setting whose value does not tell what was asked.
pub(crate) fn unclear(name: &str, value: &Traced<Value>) -> Outcome {
    match value.ask(&|_| None) {
        Answer::Doubt(doubt) => unknown(name, &doubt, &value.trail),
        Answer::Yes(_) | Answer::No(_) => not_set(name),
    }
}

/// Whether a list setting holds a string that `wanted` accepts; `None` where it is not known.
pub(crate) fn lists(
    deployment: &Deployment,
    name: &str,
    wanted: &dyn Fn(&str) -> bool,
) -> Option<bool> {
    answers(deployment, name, &|value| holds(value, wanted))
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

/// Whether a class is in MIDDLEWARE, by its dotted path, or one of the project that extends it.
pub(crate) fn has_middleware(deployment: &Deployment, class: &str) -> Option<bool> {
    lists(deployment, "MIDDLEWARE", &|name| {
        is_or_extends(deployment, name, class)
    })
}

/// What a setting answers to a question; `None` where that is not known. A setting that neither
/// the project nor Django defines answers no.
pub(crate) fn answers(
    deployment: &Deployment,
    name: &str,
    question: &dyn Fn(&Value) -> Option<bool>,
) -> Option<bool> {
    let Some(setting) = setting(deployment, name) else {
        return Some(false);
    };
    match setting.value.ask(question) {
        Answer::Yes(_) => Some(true),
        Answer::No(_) => Some(false),
        Answer::Doubt(_) => None,
    }
}

/// Python's `value is not True`.
pub(crate) fn is_not_true(value: &Value) -> Option<bool> {
    Some(*value != Value::Bool(true))
}

/// Python's `not value`.
pub(crate) fn falsy(value: &Value) -> Option<bool> {
    value.truthy().map(|truthy| !truthy)
}

/// Whether an app is in INSTALLED_APPS, by its package or by its configuration class. Where
/// variables may add to the list, what it holds without them counts; where it stays open, an app
/// whose package the project does not require is not there.
pub(crate) fn has_app(deployment: &Deployment, app: &str) -> Option<bool> {
    let prefix = format!("{app}.apps.");
    let wanted = |name: &str| name == app || name.starts_with(&prefix);
    let apps = setting(deployment, "INSTALLED_APPS");
    let listed = match apps
        .as_ref()
        .map(|apps| apps.value.ask(&|value| holds(value, &wanted)))
    {
        Some(
            Answer::Yes(_)
            | Answer::Doubt(Doubt {
                unset: Some((_, true)),
                ..
            }),
        ) => Some(true),
        Some(Answer::No(_)) | None => Some(false),
        Some(Answer::Doubt(_)) => None,
    };
    listed.or_else(|| is_not_required(deployment, app).then_some(false))
}

/// Whether the project names its packages and the one that brings this app is not among them.
pub(crate) fn is_not_required(deployment: &Deployment, app: &str) -> bool {
    const BROUGHT_BY: [(&str, &str); 8] = [
        ("allauth", "django-allauth"),
        ("axes", "django-axes"),
        ("corsheaders", "django-cors-headers"),
        ("csp", "django-csp"),
        ("debug_toolbar", "django-debug-toolbar"),
        ("dj_rest_auth", "dj-rest-auth"),
        ("rest_framework", "djangorestframework"),
        ("silk", "django-silk"),
    ];
    let first = app.split('.').next().unwrap_or(app);
    let packages = &deployment.packages;
    let brought_by = BROUGHT_BY.iter().find(|(app, _)| *app == first);
    packages.get("django").is_some()
        && brought_by.is_some_and(|(_, package)| packages.get(package).is_none())
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
