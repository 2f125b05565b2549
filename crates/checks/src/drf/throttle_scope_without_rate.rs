use tightship_model::{
    Check, Confidence, Deployment, Evidence, Finding, Label, Need, Outcome, Reference, Severity,
    ThrottleScope, Trail, Value,
};

use crate::setting::{finding_about, settled, unclear};

pub(super) static CHECK: Check = Check {
    id: "drf/throttle-scope-without-rate",
    title: "Each call of an API view ends in an error, for want of a rate",
    severity: Severity::High,
    needs: &[Need::Settings, Need::App("rest_framework")],
    items: &["A14.3"],
    django_ids: &[],
    references: &[Reference::Url(
        "https://www.django-rest-framework.org/api-guide/throttling/#scopedratethrottle",
    )],
    doc: include_str!("throttle_scope_without_rate.md"),
    run,
};

const SCOPED: &str = "ScopedRateThrottle";

fn run(deployment: &Deployment) -> Outcome {
    let defaults = super::classes(deployment, "DEFAULT_THROTTLE_CLASSES", &[]);
    let paths = super::paths(&defaults.value);
    let by_default = paths.as_ref().is_some_and(|paths| {
        let path = format!("rest_framework.throttling.{SCOPED}");
        paths.contains(&path.as_str())
    });
    let scopes: Vec<_> = deployment
        .facts
        .throttle_scopes
        .iter()
        .filter(|scope| asks(scope, by_default))
        .collect();
    if scopes.is_empty() {
        return Outcome::NotApplicable(format!("no view names a scope that {SCOPED} looks up"));
    }
    let rates = super::option(deployment, "DEFAULT_THROTTLE_RATES", Value::None);
    let known: Vec<&str> = match &rates.value {
        Value::None => Vec::new(),
        Value::Dict(dict) if dict.rest.is_none() => {
            let names = dict.entries.iter().map(|(name, _)| name.as_str());
            names.flatten().collect()
        }
        _ => return unclear("REST_FRAMEWORK.DEFAULT_THROTTLE_RATES", &rates),
    };
    let (mut findings, mut evidence) = (Vec::new(), Vec::new());
    for scope in scopes {
        let name = &scope.scope;
        // The framework's own rates, which a setting replaces as a whole.
        let is_own = rates.value == Value::None && ["anon", "user"].contains(&name.as_str());
        if is_own || known.contains(&name.as_str()) {
            let text = format!("the scope {name:?} has a rate");
            let trail = Trail::at(scope.span, text.clone());
            evidence.push(Evidence { text, trail });
            continue;
        }
        let base = finding_about(format!("throttle:{name}"), &rates.trail);
        let mut labels = vec![Label {
            span: scope.span,
            text: format!("{SCOPED} looks for the rate of {name:?}"),
        }];
        labels.extend(base.labels);
        findings.push(Finding {
            message: format!(
                "each call of this view fails with ImproperlyConfigured: DEFAULT_THROTTLE_RATES has \
                 no rate for {name:?}"
            ),
            confidence: Confidence::High,
            labels,
            advice: format!("Add {name:?} to DEFAULT_THROTTLE_RATES, such as \"5/min\"."),
            ..finding_about(format!("throttle:{name}"), &rates.trail)
        });
    }
    settled(
        findings,
        evidence,
        Outcome::NotApplicable("no view names a scope".to_owned()),
    )
}

/// Whether a view certainly looks its scope up.
fn asks(scope: &ThrottleScope, by_default: bool) -> bool {
    match &scope.throttles {
        Some(own) => own.iter().any(|name| name == SCOPED),
        None => by_default,
    }
}
