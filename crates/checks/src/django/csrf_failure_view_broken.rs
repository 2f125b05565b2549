use tightship_model::{
    Check, Deployment, Finding, Need, Outcome, Reference, Severity, Signature, Symbol, Value,
};

use crate::setting::{Judged, about, consider, setting, shows};

pub(super) static CHECK: Check = Check {
    id: "django/csrf-failure-view-broken",
    title: "The page for refused forms cannot be shown",
    severity: Severity::Medium,
    needs: &[Need::Settings],
    items: &["B10.10"],
    django_ids: &["security.E101", "security.E102"],
    references: &[Reference::Django("ref/settings/#csrf-failure-view")],
    doc: include_str!("csrf_failure_view_broken.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let Some(setting) = setting(deployment, "CSRF_FAILURE_VIEW") else {
        return crate::setting::not_set("CSRF_FAILURE_VIEW");
    };
    let view = |value: &Value| View::of(deployment, value);
    match consider(&setting, &|value| view(value).is_broken()) {
        Judged::Good(value) => Outcome::Pass(vec![shows("CSRF_FAILURE_VIEW", value)]),
        Judged::Open(outcome) => outcome,
        Judged::Bad(bad) => {
            let (what, django_id) = match view(&bad.value.value) {
                View::WrongArguments => (
                    "does not take (request, reason=\"\")",
                    Some("security.E101"),
                ),
                View::NoModule => ("cannot be imported", Some("security.E102")),
                _ => ("is not in the module that it names", None),
            };
            Outcome::Fail(vec![Finding {
                message: bad.worded(format!(
                    "the view in CSRF_FAILURE_VIEW {what}: a visitor whose form is refused gets an \
                     error 500 instead of an explanation"
                )),
                confidence: bad.confidence,
                django_id,
                advice: "Name a view that takes the request and the keyword argument reason."
                    .to_owned(),
                ..about("CSRF_FAILURE_VIEW", &bad.value.trail)
            }])
        }
    }
}

/// What stands at the dotted path of a view.
enum View {
    Good,
    NoModule,
    NoName,
    WrongArguments,
    NotSeen,
}

impl View {
    fn of(deployment: &Deployment, value: &Value) -> Self {
        let Some(path) = value.as_str() else {
            return Self::NotSeen;
        };
        if path == DEFAULT {
            return Self::Good;
        }
        if !path.contains('.') {
            return Self::NoModule;
        }
        match deployment.facts.symbols.get(path) {
            Some(Symbol::Function { signature, .. }) if takes_reason(signature) => Self::Good,
            Some(Symbol::Function { .. }) => Self::WrongArguments,
            Some(Symbol::Missing) => Self::NoName,
            _ => Self::NotSeen,
        }
    }

    fn is_broken(&self) -> Option<bool> {
        match self {
            Self::Good => Some(false),
            Self::NoModule | Self::NoName | Self::WrongArguments => Some(true),
            Self::NotSeen => None,
        }
    }
}

/// Python's `inspect.signature(view).bind(None, reason=None)`.
fn takes_reason(signature: &Signature) -> bool {
    let mut positional = signature
        .positional_only
        .iter()
        .map(|parameter| (parameter, false))
        .chain(
            signature
                .positional_or_keyword
                .iter()
                .map(|parameter| (parameter, true)),
        );
    if positional.next().is_none() && !signature.takes_any_positional {
        return false;
    }
    let mut reason_fits = signature.takes_any_keyword;
    for ((name, has_default), by_name) in positional {
        if by_name && name == "reason" {
            reason_fits = true;
        } else if !has_default {
            return false;
        }
    }
    for (name, has_default) in &signature.keyword_only {
        if name == "reason" {
            reason_fits = true;
        } else if !has_default {
            return false;
        }
    }
    reason_fits
}

const DEFAULT: &str = "django.views.csrf.csrf_failure";
