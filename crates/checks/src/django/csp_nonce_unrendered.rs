use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity, Trail, Value};

use super::CSP_MIDDLEWARE;
use crate::partly::{any, entry, is_known};
use crate::setting::{Demand, answers, holds, judge, unless};

pub(super) static CHECK: Check = Check {
    id: "django/csp-nonce-unrendered",
    title: "The policy's nonce never reaches the templates",
    severity: Severity::Medium,
    needs: &[
        Need::Settings,
        Need::Django(6, 1),
        Need::Middleware(CSP_MIDDLEWARE),
    ],
    items: &["A2.8"],
    django_ids: &["security.W027"],
    references: &[
        Reference::Django("ref/csp/"),
        Reference::Django("ref/checks/#security"),
    ],
    doc: include_str!("csp_nonce_unrendered.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let in_policy = answers(deployment, "SECURE_CSP", &has_nonce);
    if in_policy != Some(true)
        && let Some(outcome) = unless(
            deployment,
            "SECURE_CSP_REPORT_ONLY",
            &has_nonce,
            "no policy holds a nonce",
        )
    {
        return match in_policy {
            None => Outcome::Unknown {
                reason: "whether SECURE_CSP holds a nonce is not known".to_owned(),
                remedy: "see `tightship inspect settings --only SECURE_CSP`".to_owned(),
                trail: Trail::default(),
            },
            Some(_) => outcome,
        };
    }
    judge(
        deployment,
        &Demand {
            setting: "TEMPLATES",
            refuses: &|value| provides_nonce(value).map(|provided| !provided),
            message: &|_| {
                "the policy demands a nonce, and no template engine can render it: inline scripts \
                 are blocked until somebody allows all of them"
                    .to_owned()
            },
            advice: "Add django.template.context_processors.csp to the context processors.",
            django_id: Some("security.W027"),
            mend: None,
        },
    )
}

/// Whether a directive of a policy holds `CSP.NONCE`.
pub(super) fn has_nonce(policy: &Value) -> Option<bool> {
    let Value::Dict(policy) = policy else {
        return Some(false);
    };
    any(
        policy.rest.is_some(),
        policy.entries.iter(),
        |(_, sources)| match &sources.value {
            value if is_nonce(value) => Some(true),
            Value::Str(text) => Some(text.contains(NONCE)),
            value => match value.as_items() {
                Some(items) => any(items.rest.is_some(), items.items.iter(), |item| {
                    is_known(&item.value).then(|| is_nonce(&item.value))
                }),
                None => is_known(value).then_some(false),
            },
        },
    )
}

fn is_nonce(value: &Value) -> bool {
    match value {
        Value::Str(text) => text == NONCE,
        Value::Reference(path) => path == "django.utils.csp.CSP.NONCE",
        _ => false,
    }
}

/// Whether one of the template engines has the context processor.
pub(super) fn provides_nonce(engines: &Value) -> Option<bool> {
    let engines = engines.as_items()?;
    any(engines.rest.is_some(), engines.items.iter(), |engine| {
        let Value::Dict(engine) = &engine.value else {
            return is_known(&engine.value).then_some(false);
        };
        entry(engine, "OPTIONS", |options| {
            entry(options.as_dict()?, "context_processors", |processors| {
                holds(processors, &|name| {
                    name == "django.template.context_processors.csp"
                })
            })
        })
    })
}

/// The value of `CSP.NONCE` in django/utils/csp.py, Django 6.0 and 6.1.
const NONCE: &str = "<CSP_NONCE_SENTINEL>";
