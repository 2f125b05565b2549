use tightship_model::{Check, Deployment, Dict, Need, Outcome, Reference, Severity, Traced, Value};

use crate::package::{absent, entry_of, finding, pass, setting_value};
use crate::setting::{Judged, consider_value};

pub(super) static CHECK: Check = Check {
    id: "csp/weak-policy",
    title: "The content security policy lets injected scripts run",
    severity: Severity::Medium,
    needs: &[Need::Settings],
    items: &["A2.8"],
    django_ids: &[],
    references: &[
        Reference::Url("https://www.w3.org/TR/CSP3/#directive-script-src"),
        Reference::Cwe(79),
    ],
    doc: include_str!("weak_policy.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    if let Some(outcome) = absent(deployment, super::APP) {
        return outcome;
    }
    let Some(directives) = directives(deployment) else {
        return Outcome::NotApplicable("no policy is set".to_owned());
    };
    let name = format!("{}.DIRECTIVES", super::POLICY);
    match consider_value(&name, &directives, &|value| Some(!holes(value)?.is_empty())) {
        Judged::Good(value) => pass("scripts come from named places only", &value.trail),
        Judged::Open(outcome) => outcome,
        Judged::Bad(bad) => {
            let holes = holes(&bad.value.value).unwrap_or_default();
            Outcome::Fail(
                holes
                    .into_iter()
                    .map(|hole| {
                        let source = &hole.source;
                        let mut finding = finding(
                            &name,
                            &bad.value.trail,
                            bad.worded(format!("{}: the policy allows {source}", hole.gain)),
                            "Allow scripts by nonce: \"script-src\": [NONCE, \"'strict-dynamic'\"].",
                        );
                        finding.subject = format!("settings:{name} {source}");
                        finding.severity = Some(hole.severity);
                        finding.confidence = bad.confidence;
                        finding
                    })
                    .collect(),
            )
        }
    }
}

/// The directives of the enforced policy: of version 4, or of version 3 where that is installed.
fn directives(deployment: &Deployment) -> Option<Traced<Value>> {
    if super::reads_older_names(deployment) != Some(true) {
        let policy = setting_value(deployment, super::POLICY)?;
        if policy.value == Value::None {
            return None;
        }
        let none = Value::Dict(Dict::default());
        return Some(entry_of(
            deployment,
            super::POLICY,
            "DIRECTIVES",
            super::PACKAGE,
            none,
        ));
    }
    let older = super::older_names(deployment);
    let trail = older.first()?.1.trail.clone();
    let entries = older
        .into_iter()
        .filter(|(name, _)| super::OLDER_DIRECTIVES.contains(name))
        .map(|(name, value)| {
            let directive = name
                .trim_start_matches("CSP_")
                .to_lowercase()
                .replace('_', "-");
            (Value::Str(directive), value)
        })
        .collect();
    Some(Traced::new(
        Value::Dict(Dict {
            entries,
            rest: None,
        }),
        trail,
    ))
}

/// A source that lets scripts of strangers run.
struct Hole {
    source: String,
    gain: &'static str,
    severity: Severity,
}

/// The holes of a policy; `None` where an open part decides.
fn holes(directives: &Value) -> Option<Vec<Hole>> {
    let dict = directives.as_dict()?;
    let set = |name| {
        dict.get(name)
            .filter(|sources| sources.value != Value::None)
    };
    let sources = match set("script-src").or_else(|| set("default-src")) {
        Some(sources) => sources_of(&sources.value)?,
        None if dict.rest.is_some() => return None,
        None if dict.get("default-src").is_none() => return Some(Vec::new()),
        None => vec!["*".to_owned()],
    };
    let guarded = sources.iter().any(|source| {
        source == NONCE
            || ["'nonce-", "'sha256-", "'sha384-", "'sha512-"]
                .iter()
                .any(|prefix| source.starts_with(prefix))
    });
    let strict = guarded && sources.iter().any(|source| source == "'strict-dynamic'");
    let hole = |source: &String| {
        let (gain, severity) = match source.as_str() {
            // Browsers pass over it where a nonce or a hash stands beside it (CSP 3, 6.7.3.2).
            "'unsafe-inline'" if !guarded => (
                "a script that an attacker gets into a page runs",
                Severity::Medium,
            ),
            "*" | "https:" | "http:" | "data:" if !strict => (
                "a script from any server of the attacker's choice runs",
                Severity::Medium,
            ),
            "'unsafe-eval'" => (
                "a text that an attacker gets into eval or a template runs as a script",
                Severity::Low,
            ),
            _ => return None,
        };
        Some(Hole {
            source: source.clone(),
            gain,
            severity,
        })
    };
    Some(sources.iter().filter_map(hole).collect())
}

/// The sources of a directive, as the header has them; the nonce as [`NONCE`].
fn sources_of(value: &Value) -> Option<Vec<String>> {
    match value.as_items() {
        Some(items) if items.rest.is_none() => {
            items.items.iter().map(|item| source(&item.value)).collect()
        }
        Some(_) => None,
        None => Some(vec![source(value)?]),
    }
}

/// One source of a directive.
fn source(value: &Value) -> Option<String> {
    match value {
        Value::Instance(nonce) if nonce.class == "csp.constants.Nonce" => Some(NONCE.to_owned()),
        other => other.as_str().map(str::to_owned),
    }
}

const NONCE: &str = "'nonce'";
