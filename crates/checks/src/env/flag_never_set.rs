use std::collections::{BTreeMap, BTreeSet};

use tightship_model::{
    Check, Confidence, Deployment, Finding, LinkKind, Need, Outcome, Reference, Severity, Source,
    SourceId, Span, Trail, Value, Variable,
};

use super::{at, listed};
use crate::cross::label;
use crate::package::pass;
use crate::setting::overridden;

pub(crate) static CHECK: Check = Check {
    id: "env/flag-never-set",
    title: "Protection waits for a variable that no environment sets",
    severity: Severity::High,
    needs: &[Need::Settings],
    items: &["B4.5", "X60"],
    django_ids: &[],
    references: &[
        Reference::Django("howto/deployment/checklist/"),
        Reference::Cwe(1188),
    ],
    doc: include_str!("flag_never_set.md"),
    run,
};

/// Settings that protect where they are on.
const PROTECTIONS: [&str; 6] = [
    "SECURE_SSL_REDIRECT",
    "SECURE_HSTS_SECONDS",
    "SECURE_HSTS_INCLUDE_SUBDOMAINS",
    "SESSION_COOKIE_SECURE",
    "CSRF_COOKIE_SECURE",
    "SECURE_CONTENT_TYPE_NOSNIFF",
];

/// A protection that a variable would bring: the setting, and the place that asks for the variable.
struct Waiting<'a> {
    setting: &'a str,
    span: Span,
}

fn run(deployment: &Deployment) -> Outcome {
    let mut waiting: BTreeMap<String, Vec<Waiting<'_>>> = BTreeMap::new();
    for setting in PROTECTIONS {
        if is_on(deployment, setting) {
            continue;
        }
        for (variable, span) in asked_for(deployment, setting) {
            waiting
                .entry(variable)
                .or_default()
                .push(Waiting { setting, span });
        }
    }
    if waiting.is_empty() {
        return pass("no protection waits for a variable", &Trail::default());
    }
    let mut findings = Vec::new();
    let mut open = None;
    for (variable, waiting) in &waiting {
        match deployment.environment.variable(variable) {
            Variable::Unset => findings.push(finding(deployment, variable, waiting)),
            Variable::Open(_) => open = open.or(Some((variable, waiting[0].span))),
            // That it is switched off there is seen by the check of the setting itself.
            Variable::Set(_) => {}
        }
    }
    match (findings.is_empty(), open) {
        (false, _) => Outcome::Fail(findings),
        (true, Some((variable, span))) => Outcome::Unknown {
            reason: format!("whether {variable} is set in production is not known"),
            remedy: tightship_model::give_variables(std::slice::from_ref(variable)),
            trail: Trail::at(span, format!("asks for {variable}")),
        },
        (true, None) => pass(
            "the environment sets every variable that protection waits for",
            &Trail::default(),
        ),
    }
}

fn finding(deployment: &Deployment, variable: &str, waiting: &[Waiting<'_>]) -> Finding {
    let settings: Vec<&str> = waiting.iter().map(|one| one.setting).collect();
    let mut finding = at(
        format!("variable:{variable}"),
        Some(waiting[0].span),
        &format!("asks for {variable}"),
    );
    finding.labels.extend(
        service_span(deployment).map(|span| label(span, format!("does not give {variable}"))),
    );
    Finding {
        message: format!(
            "{} {} for {variable}, which nothing sets in production: the site runs without, and the \
             code looks as if it had it",
            listed(&settings),
            if settings.len() == 1 { "waits" } else { "wait" },
        ),
        confidence: Confidence::High,
        advice: format!(
            "Make the protection the default of the production settings, or set {variable} where \
             the site starts."
        ),
        ..finding
    }
}

/// The service that the environment was taken from.
fn service_span(deployment: &Deployment) -> Option<Span> {
    let tightship_model::EnvOrigin::Compose { service, .. } = &deployment.environment.origin else {
        return None;
    };
    deployment.compose.as_ref()?.service(service)?.span
}

fn is_on(deployment: &Deployment, setting: &str) -> bool {
    let value = deployment
        .settings
        .as_ref()
        .and_then(|settings| settings.get(setting));
    value.is_some_and(|value| {
        let value = match &value.value.value {
            Value::Environment(dependent) => dependent.unset.as_ref().map(|unset| &unset.value),
            value => Some(value),
        };
        value.and_then(Value::truthy) != Some(false)
    })
}

/// The variables that stand between a setting and its protection: those that its value is read from,
/// and those of an `if` around an assignment that was not run.
fn asked_for(deployment: &Deployment, setting: &str) -> BTreeSet<(String, Span)> {
    let mut found = BTreeSet::new();
    if let Some(value) = overridden(deployment, setting) {
        let links = value.trail.own_links();
        found.extend(
            links
                .filter(|link| link.kind == LinkKind::Reads)
                .filter_map(|link| {
                    Some((link.text.strip_prefix("reads ")?.to_owned(), link.span?))
                }),
        );
    }
    for (id, source) in settings_sources(deployment) {
        for (condition, span) in conditions_around(id, source, setting) {
            found.extend(
                variables_of(deployment, condition)
                    .into_iter()
                    .map(|variable| (variable, span)),
            );
        }
    }
    found
}

/// The files that the values of the settings come from.
fn settings_sources(deployment: &Deployment) -> Vec<(SourceId, &Source)> {
    let spans = deployment
        .settings
        .iter()
        .flat_map(|settings| settings.overridden.values())
        .filter_map(|value| value.trail.first_span());
    let used: BTreeSet<SourceId> = spans.map(|span| span.source).collect();
    deployment
        .sources
        .iter()
        .filter(|(id, source)| used.contains(id) && source.path.ends_with(".py"))
        .collect()
}

/// The condition of the nearest `if` around each assignment of a protection to `setting`, where
/// nothing but it decides.
fn conditions_around<'s>(id: SourceId, source: &'s Source, setting: &str) -> Vec<(&'s str, Span)> {
    let text = source.raw();
    let mut blocks: Vec<(usize, Option<(&str, Span)>)> = Vec::new();
    let mut found = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let at = start;
        start += line.len();
        let code = line.trim();
        if code.is_empty() || code.starts_with('#') {
            continue;
        }
        let depth = line.len() - line.trim_start().len();
        blocks.retain(|(outer, _)| *outer < depth);
        let condition = code
            .strip_prefix("if ")
            .and_then(|rest| rest.strip_suffix(':'));
        if condition.is_some() || code.ends_with(':') {
            let span = Span::new(id, (at + depth) as u32, (at + depth + code.len()) as u32);
            blocks.push((depth, condition.map(|condition| (condition, span))));
        }
        let assigned = code
            .strip_prefix(setting)
            .and_then(|rest| rest.trim_start().strip_prefix('='));
        let protects = assigned.is_some_and(|value| {
            let value = value.trim();
            value == "True" || value.starts_with(|c: char| c.is_ascii_digit() && c != '0')
        });
        if let ([(_, Some(condition))], true) = (blocks.as_slice(), protects) {
            found.push(*condition);
        }
    }
    found
}

/// The variables of the environment that a condition asks for, itself or by way of a setting. None
/// where it asks for the opposite, or for more than one thing.
fn variables_of(deployment: &Deployment, condition: &str) -> BTreeSet<String> {
    let is_plain = ["not ", " and ", " or ", "!="]
        .iter()
        .all(|word| !condition.contains(word));
    if !is_plain {
        return BTreeSet::new();
    }
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if condition.chars().all(is_word) {
        return overridden(deployment, condition)
            .filter(|value| value.value != Value::Bool(true))
            .into_iter()
            .flat_map(|value| value.trail.own_links())
            .filter(|link| link.kind == LinkKind::Reads)
            .filter_map(|link| Some(link.text.strip_prefix("reads ")?.to_owned()))
            .collect();
    }
    if !condition.contains("env") {
        return BTreeSet::new();
    }
    deployment
        .facts
        .env_reads
        .iter()
        .map(|read| &read.name)
        .filter(|name| {
            ['"', '\'']
                .iter()
                .any(|quote| condition.contains(&format!("{quote}{name}{quote}")))
        })
        .cloned()
        .collect()
}
