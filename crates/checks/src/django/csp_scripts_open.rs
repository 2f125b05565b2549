use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity, Value};

use super::CSP_MIDDLEWARE;
use crate::setting::{Demand, judge, unless};

pub(super) static CHECK: Check = Check {
    id: "django/csp-scripts-open",
    title: "The content security policy lets injected scripts run",
    severity: Severity::Medium,
    needs: &[
        Need::Settings,
        Need::Django(6, 0),
        Need::Middleware(CSP_MIDDLEWARE),
    ],
    items: &["A2.8"],
    django_ids: &[],
    references: &[
        Reference::Django("ref/csp/"),
        Reference::Url("https://www.w3.org/TR/CSP3/#strict-csp"),
        Reference::Cwe(79),
    ],
    doc: include_str!("csp_scripts_open.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    if let Some(outcome) = unless(
        deployment,
        "SECURE_CSP",
        &Value::truthy,
        "no policy is enforced",
    ) {
        return outcome;
    }
    judge(
        deployment,
        &Demand {
            setting: "SECURE_CSP",
            refuses: &|policy| opening(policy).map(|opening| opening.is_some()),
            message: &|policy| {
                let opening = opening(policy).flatten().unwrap_or_default();
                format!(
                    "{opening} in SECURE_CSP: a script that gets into a page still runs with the \
                     visitor's session"
                )
            },
            advice: "Allow scripts by CSP.SELF and CSP.NONCE, and move inline scripts to files.",
            django_id: None,
            mend: None,
        },
    )
}

/// What opens a policy to any script; `None` where a part that decides is not known.
fn opening(policy: &Value) -> Option<Option<String>> {
    let policy = policy.as_dict()?;
    let (directive, sources) = match ["script-src", "default-src"]
        .into_iter()
        .find_map(|name| Some((name, policy.get(name)?)))
    {
        Some(found) => found,
        None if policy.rest.is_some() => return None,
        None => return Some(Some("neither script-src nor default-src".to_owned())),
    };
    let sources = sources_of(&sources.value)?;
    let has = |wanted: &dyn Fn(&str) -> bool| sources.iter().any(|source| wanted(source));
    let is_guarded = has(&|source| {
        source == "NONCE"
            || source.contains("CSP_NONCE_SENTINEL")
            || [
                "'nonce-",
                "'sha256-",
                "'sha384-",
                "'sha512-",
                "'strict-dynamic'",
            ]
            .iter()
            .any(|start| source.starts_with(start))
            || source == "STRICT_DYNAMIC"
    });
    let found = sources.iter().find(|source| {
        let inline = matches!(source.as_str(), "'unsafe-inline'" | "UNSAFE_INLINE");
        let anywhere = matches!(source.as_str(), "*" | "http:" | "https:" | "data:");
        !is_guarded && (inline || anywhere)
    });
    Some(found.map(|source| format!("{directive} holds {}", as_written(source))))
}

/// The sources of a directive; the names of Django's `CSP` constants stand for themselves.
fn sources_of(value: &Value) -> Option<Vec<String>> {
    let one = |value: &Value| match value {
        Value::Str(text) => Some(text.clone()),
        Value::Reference(path) => Some(path.strip_prefix("django.utils.csp.CSP.")?.to_owned()),
        _ => None,
    };
    match value.as_items() {
        Some(items) if items.rest.is_none() => {
            items.items.iter().map(|item| one(&item.value)).collect()
        }
        Some(_) => None,
        None => Some(one(value)?.split_whitespace().map(str::to_owned).collect()),
    }
}

fn as_written(source: &str) -> &str {
    if source == "UNSAFE_INLINE" {
        "'unsafe-inline'"
    } else {
        source
    }
}
