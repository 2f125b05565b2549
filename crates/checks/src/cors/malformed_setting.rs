use tightship_model::{
    Answer, Check, Deployment, Finding, Need, Outcome, Reference, Severity, Trail, Value,
};

use crate::package::{finding, pass, setting_value};
use crate::setting::{shown, unknown};

pub(super) static CHECK: Check = Check {
    id: "cors/malformed-setting",
    title: "A CORS setting has a form that the package refuses",
    severity: Severity::Medium,
    needs: &[Need::Settings, Need::App("corsheaders")],
    items: &["B3.1"],
    django_ids: &[
        "corsheaders.E001",
        "corsheaders.E002",
        "corsheaders.E003",
        "corsheaders.E004",
        "corsheaders.E005",
        "corsheaders.E006",
        "corsheaders.E007",
        "corsheaders.E008",
        "corsheaders.E009",
        "corsheaders.E012",
        "corsheaders.E013",
        "corsheaders.E014",
        "corsheaders.E015",
    ],
    references: &[Reference::Url(
        "https://github.com/adamchainz/django-cors-headers#configuration",
    )],
    doc: include_str!("malformed_setting.md"),
    run,
};

/// What `corsheaders.checks.check_settings` asks of each setting, and its id.
const FORMS: [(&str, Form, &str); 10] = [
    ("CORS_ALLOW_HEADERS", Form::Strings, "corsheaders.E001"),
    ("CORS_ALLOW_METHODS", Form::Strings, "corsheaders.E002"),
    ("CORS_ALLOW_CREDENTIALS", Form::Bool, "corsheaders.E003"),
    ("CORS_ALLOW_PRIVATE_NETWORK", Form::Bool, "corsheaders.E015"),
    ("CORS_PREFLIGHT_MAX_AGE", Form::Natural, "corsheaders.E004"),
    ("CORS_ALLOW_ALL_ORIGINS", Form::Bool, "corsheaders.E005"),
    ("CORS_ALLOWED_ORIGINS", Form::Strings, "corsheaders.E006"),
    (
        "CORS_ALLOWED_ORIGIN_REGEXES",
        Form::Patterns,
        "corsheaders.E007",
    ),
    ("CORS_EXPOSE_HEADERS", Form::Strings, "corsheaders.E008"),
    ("CORS_URLS_REGEX", Form::Pattern, "corsheaders.E009"),
];

/// Settings that are gone; the package reports them whatever they hold.
const REMOVED: [(&str, &str); 2] = [
    ("CORS_MODEL", "corsheaders.E012"),
    ("CORS_REPLACE_HTTPS_REFERER", "corsheaders.E013"),
];

#[derive(Clone, Copy)]
enum Form {
    Bool,
    Natural,
    Strings,
    Pattern,
    Patterns,
}

fn run(deployment: &Deployment) -> Outcome {
    let mut findings = Vec::new();
    let mut open = None;
    for (name, form, id) in FORMS {
        let Some((name, value)) = super::setting(deployment, name) else {
            continue;
        };
        match value.ask(&|value| form.fits(value).map(|fits| !fits)) {
            Answer::No(value) if id == "corsheaders.E006" && takes_origins(deployment) => {
                findings.extend(malformed_origins(name, value));
            }
            Answer::No(_) => {}
            Answer::Yes(value) => findings.push(refused(
                name,
                id,
                &value.trail,
                format!(
                    "every `manage.py` command stops here, or the site runs with another CORS \
                     policy than written: {name} is {} and should be {}",
                    shown(&value.value),
                    form.name()
                ),
            )),
            Answer::Doubt(doubt) => open = Some(unknown(name, &doubt, &value.trail)),
        }
    }
    for (name, id) in REMOVED {
        let set = setting_value(deployment, name);
        // A name that may have come with an import that is not known is not set for sure.
        if let Some(value) = set.filter(|set| !matches!(set.value, Value::Unknown(_))) {
            let message = format!("every `manage.py` command stops here: {name} was removed");
            findings.push(refused(name, id, &value.trail, message));
        }
    }
    match (findings.is_empty(), open) {
        (false, _) => Outcome::Fail(findings),
        (true, Some(open)) => open,
        (true, None) => pass("every CORS setting has its form", &Trail::default()),
    }
}

/// Whether the package compares whole origins; before version 3.0.0 it compared hosts too, and asked
/// for no scheme.
fn takes_origins(deployment: &Deployment) -> bool {
    let Some(package) = deployment.packages.get("django-cors-headers") else {
        return true;
    };
    let is_below = |bound: &str| {
        let version = bound.trim_start_matches(|c: char| !c.is_ascii_digit());
        let major = version.split('.').next().unwrap_or_default();
        matches!(major, "0" | "1" | "2")
    };
    // `^2.5` and `~=2.5` stay below 3, as `<3` does.
    let mut bounds = package
        .requirement
        .split(|c: char| matches!(c, ',' | '"' | '\'') || c.is_whitespace());
    let is_bound =
        |bound: &str| bound.contains("<3") || bound.contains(['^', '~']) && is_below(bound);
    match package.release() {
        Some((major, _, _)) => major >= 3,
        None => !bounds.any(is_bound),
    }
}

fn refused(name: &str, id: &'static str, trail: &Trail, message: String) -> Finding {
    Finding {
        django_id: Some(id),
        ..finding(
            name,
            trail,
            message,
            "Write it as the package's documentation shows.",
        )
    }
}

impl Form {
    fn name(self) -> &'static str {
        match self {
            Self::Bool => "True or False",
            Self::Natural => "an integer of zero or more",
            Self::Strings => "a list of strings",
            Self::Pattern => "a string or a compiled pattern",
            Self::Patterns => "a list of strings or compiled patterns",
        }
    }

    fn fits(self, value: &Value) -> Option<bool> {
        match self {
            Self::Bool => Some(matches!(value, Value::Bool(_))),
            Self::Natural => Some(value.as_int().is_some_and(|number| number >= 0)),
            Self::Pattern => Some(super::pattern_text(value).is_some()),
            Self::Strings => sequence(value, &|item| item.as_str().is_some()),
            Self::Patterns => sequence(value, &|item| super::pattern_text(item).is_some()),
        }
    }
}

/// Whether a value is a Python `Sequence` of fitting elements. A string is one, of strings; a set
/// is none.
fn sequence(value: &Value, fits: &dyn Fn(&Value) -> bool) -> Option<bool> {
    let items = match value {
        Value::List(items) | Value::Tuple(items) => items,
        Value::Str(_) => return Some(true),
        _ => return Some(false),
    };
    let is_open = |item: &Value| {
        matches!(
            item,
            Value::Unknown(_) | Value::Environment(_) | Value::OneOf(_)
        )
    };
    let known = items.items.iter().filter(|item| !is_open(&item.value));
    if !known.clone().all(|item| fits(&item.value)) {
        return Some(false);
    }
    (items.rest.is_none() && known.count() == items.items.len()).then_some(true)
}

/// Origins without scheme or host (E013), or with more than both (E014).
fn malformed_origins(name: &str, value: &tightship_model::Traced<Value>) -> Vec<Finding> {
    let texts: Vec<String> = match &value.value {
        // Python walks a string letter by letter.
        Value::Str(text) => text.chars().map(String::from).collect(),
        other => crate::package::strings(other)
            .unwrap_or_default()
            .into_iter()
            .map(str::to_owned)
            .collect(),
    };
    let mut findings = Vec::new();
    for origin in texts {
        let add = |id: &'static str, what: &str| {
            let mut finding = refused(
                name,
                id,
                &value.trail,
                format!("the frontend at {origin:?} is refused by the browser: the origin {what}"),
            );
            finding.subject = format!("settings:{name} {origin:?} {what}");
            finding
        };
        match parts(&origin) {
            _ if origin == "null" || origin == "file://" => {}
            None => findings.push(add("corsheaders.E013", "lacks its scheme or its host")),
            Some(extra) => findings.extend(
                extra
                    .into_iter()
                    .map(|part| add("corsheaders.E014", &format!("has a {part}"))),
            ),
        }
    }
    findings
}

/// What an address has beyond scheme and host, as `urllib.parse.urlsplit` divides it; `None` where
/// it lacks one of the two.
fn parts(origin: &str) -> Option<Vec<&'static str>> {
    let (scheme, rest) = origin.split_once("://")?;
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    if !is_scheme || end == 0 {
        return None;
    }
    let rest = &rest[end..];
    let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let extra = [("path", path), ("query", query), ("fragment", fragment)];
    Some(
        extra
            .into_iter()
            .filter(|(_, text)| !text.is_empty())
            .map(|(name, _)| name)
            .collect(),
    )
}
