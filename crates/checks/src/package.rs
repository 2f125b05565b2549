//! Settings of packages. Django has no default for them, so each question brings the package's own.

use tightship_model::{
    Answer, Case, Cause, Dependent, Deployment, Dict, Evidence, Finding, Outcome, Symbol, Traced,
    Trail, Value,
};

use crate::setting::{about, has_app, is_not_required, lists};
use crate::slip;

/// The value of a package's setting: the project's, or else the package's default.
pub(crate) fn value_of(
    deployment: &Deployment,
    name: &str,
    package: &str,
    default: Value,
) -> Traced<Value> {
    match setting_value(deployment, name) {
        Some(value) => value,
        None => Traced::new(default, not_set(name, package)),
    }
}

/// The value under a key of a setting that is a dict, or else the package's default. Branches and
/// variables around the dict remain around the value.
pub(crate) fn entry_of(
    deployment: &Deployment,
    name: &str,
    key: &str,
    package: &str,
    default: Value,
) -> Traced<Value> {
    let missing = Traced::new(default, not_set(&format!("{name}.{key}"), package));
    match setting_value(deployment, name) {
        Some(setting) => entry(&setting, key, &missing),
        None => missing,
    }
}

/// What the project sets, or a default of Django's own; `None` where neither has the name.
pub(crate) fn setting_value(deployment: &Deployment, name: &str) -> Option<Traced<Value>> {
    let settings = deployment.settings.as_ref()?;
    settings.get(name).map(|setting| setting.value.into_owned())
}

/// The answer of a question as a truth value; `None` where it is not known.
pub(crate) fn holds_true(
    value: &Traced<Value>,
    question: &dyn Fn(&Value) -> Option<bool>,
) -> Option<bool> {
    match value.ask(question) {
        Answer::Yes(_) => Some(true),
        Answer::No(_) => Some(false),
        Answer::Doubt(_) => None,
    }
}

/// The elements of a sequence of strings, where all of them are known.
pub(crate) fn strings(value: &Value) -> Option<Vec<&str>> {
    let items = value.as_items()?;
    if items.rest.is_some() {
        return None;
    }
    items.items.iter().map(|item| item.value.as_str()).collect()
}

/// Whether a dotted path is this class, or a class of the project that extends it.
pub(crate) fn is_or_extends(deployment: &Deployment, path: &str, class: &str) -> bool {
    path == class
        || matches!(
            deployment.facts.symbols.get(path),
            Some(Symbol::Class { bases, .. }) if bases.iter().any(|base| base == class)
        )
}

/// Whether a package is in use: as an app, or only by its middleware, as some packages allow.
pub(crate) fn is_used(deployment: &Deployment, package: &str) -> Option<bool> {
    let prefix = format!("{package}.");
    let listed = lists(deployment, "MIDDLEWARE", &|name| name.starts_with(&prefix));
    match (has_app(deployment, package), listed) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (Some(false), Some(false)) => Some(false),
        _ => is_not_required(deployment, package).then_some(false),
    }
}

/// The verdict where a package is not in use, or where that is not known.
pub(crate) fn absent(deployment: &Deployment, package: &str) -> Option<Outcome> {
    match is_used(deployment, package) {
        Some(true) => None,
        Some(false) => Some(Outcome::NotApplicable(format!("{package} is not in use"))),
        None => Some(Outcome::Unknown {
            reason: format!("whether {package} is in use is not known"),
            remedy: "see `tightship inspect settings --only INSTALLED_APPS MIDDLEWARE`".to_owned(),
            trail: Trail::default(),
        }),
    }
}

/// A finding of high confidence about a setting.
pub(crate) fn finding(setting: &str, trail: &Trail, message: String, advice: &str) -> Finding {
    Finding {
        message,
        advice: advice.to_owned(),
        ..about(setting, trail)
    }
}

/// A pass that stands on one fact.
pub(crate) fn pass(text: impl Into<String>, trail: &Trail) -> Outcome {
    Outcome::Pass(vec![Evidence {
        text: text.into(),
        trail: trail.clone(),
    }])
}

fn not_set(name: &str, package: &str) -> Trail {
    Trail::outside(format!("{name} is not set; the default of {package}"))
}

fn entry(value: &Traced<Value>, key: &str, missing: &Traced<Value>) -> Traced<Value> {
    let inner = |value: &Traced<Value>| entry(value, key, missing);
    let wrapped = match &value.value {
        Value::Dict(Dict { rest, .. }) => {
            let found = value.value.as_dict().and_then(|dict| dict.get(key));
            return match (found, rest) {
                (Some(found), _) => found.clone(),
                (None, Some(rest)) => Traced::new(rest.clone().into_value(), value.trail.clone()),
                (None, None) => missing.clone(),
            };
        }
        Value::None => return missing.clone(),
        Value::OneOf(cases) => {
            Value::OneOf(cases.iter().map(|case| within(case, &inner)).collect())
        }
        Value::Environment(dependent) => Value::Environment(Box::new(Dependent {
            variables: dependent.variables.clone(),
            unset: dependent.unset.as_ref().map(inner),
            others: dependent
                .others
                .iter()
                .map(|case| within(case, &inner))
                .collect(),
            exhaustive: dependent.exhaustive,
        })),
        Value::Unknown(unknown) => Value::Unknown(unknown.clone()),
        _ => Value::unknown(
            Cause::Code,
            "it stands in something that is not a dict",
            value.trail.first_span(),
        ),
    };
    Traced::new(wrapped, value.trail.clone())
}

fn within(case: &Case, inner: &dyn Fn(&Traced<Value>) -> Traced<Value>) -> Case {
    Case {
        when: case.when.clone(),
        value: inner(&case.value),
    }
}

/// The names that a package reads, for finding those that it does not.
pub(crate) struct Names<'a> {
    pub(crate) package: &'a str,
    /// The version whose source was read.
    pub(crate) version: &'a str,
    pub(crate) prefix: &'a str,
    /// A table of them, see [`names`](crate::slip::names).
    pub(crate) read: &'a str,
    /// Older names, which another check reports.
    pub(crate) older: &'a [&'a str],
    /// Names that people write, and what they mean.
    pub(crate) meant: &'a [(&'a str, &'a str)],
}

/// Judges the names of a package's settings: one that neither the package nor the project reads
/// does nothing.
pub(crate) fn judge_names(deployment: &Deployment, names: &Names<'_>) -> Outcome {
    let Some(settings) = &deployment.settings else {
        return Outcome::NotApplicable("there are no settings".to_owned());
    };
    let unread = settings.overridden.iter().filter(|(name, _)| {
        name.starts_with(names.prefix)
            && slip::names(names.read).all(|read| read != *name)
            && !names.older.contains(&name.as_str())
            && !project_reads(deployment, name)
    });
    let findings: Vec<_> = unread
        .map(|(name, value)| {
            let (package, version) = (names.package, names.version);
            let message = match nearest(name, names) {
                Some(near) => format!(
                    "{name} protects nothing: {package} {version} does not read it and goes by \
                     {near} instead"
                ),
                None => format!("{name} protects nothing: {package} {version} does not read it"),
            };
            let advice = format!("Write the name that {package} reads, or remove the line.");
            finding(name, &value.trail, message, &advice)
        })
        .collect();
    if findings.is_empty() {
        let text = format!("every {}… setting is read", names.prefix);
        return pass(text, &Trail::default());
    }
    Outcome::Fail(findings)
}

/// The name that was probably meant.
fn nearest<'a>(name: &str, names: &Names<'a>) -> Option<&'a str> {
    const LEAST_LIKENESS: f64 = 0.8;
    if let Some((_, meant)) = names.meant.iter().find(|(wrong, _)| *wrong == name) {
        return Some(meant);
    }
    let likeness = |known: &str| strsim::normalized_damerau_levenshtein(name, known);
    slip::names(names.read)
        .max_by(|a, b| likeness(a).total_cmp(&likeness(b)))
        .filter(|near| likeness(near) >= LEAST_LIKENESS)
}

/// Whether code of the project reads a setting: through `settings.NAME`, or in a settings module
/// elsewhere than where it is assigned.
pub(crate) fn project_reads(deployment: &Deployment, name: &str) -> bool {
    let through_settings = deployment
        .facts
        .settings_reads
        .iter()
        .any(|read| read.name == name);
    through_settings
        || deployment
            .sources
            .iter()
            .filter(|(_, source)| source.path.ends_with(".py"))
            .any(|(_, source)| mentions_value(source.raw(), name))
}

/// Whether a text names a variable other than to assign it. Comments do not count.
fn mentions_value(text: &str, name: &str) -> bool {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.match_indices(name).any(|(place, _)| {
        let (before, after) = (&text[..place], &text[place + name.len()..]);
        let line = before.rsplit('\n').next().unwrap_or(before);
        let assigned = line.trim().is_empty()
            && after.trim_start().starts_with([':', '='])
            && !after.trim_start().starts_with("==");
        !before.ends_with(is_word)
            && !after.starts_with(is_word)
            && !line.contains('#')
            && !assigned
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_assignment_or_a_comment_is_no_reading() {
        let name = "AXES_MINUTES";
        assert!(!mentions_value("AXES_MINUTES = 5\n", name));
        assert!(!mentions_value("    AXES_MINUTES: int = 5\n", name));
        assert!(!mentions_value("# AXES_MINUTES of the guide\n", name));
        assert!(!mentions_value("MY_AXES_MINUTES + AXES_MINUTES_LONG", name));
        assert!(mentions_value("x = timedelta(minutes=AXES_MINUTES)", name));
        assert!(mentions_value("if AXES_MINUTES == 5:", name));
    }
}
