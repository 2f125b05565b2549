use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity, Symbol};

use crate::package::{finding, pass, setting_value};

pub(super) static CHECK: Check = Check {
    id: "allauth/adapter-missing",
    title: "The account adapter is not there or is no adapter",
    severity: Severity::High,
    needs: &[Need::Settings, Need::App(super::APP)],
    items: &["A3.2"],
    django_ids: &[],
    references: &[Reference::Url(
        "https://docs.allauth.org/en/latest/account/adapter.html",
    )],
    doc: include_str!("adapter_missing.md"),
    run,
};

const DEFAULT: &str = "allauth.account.adapter.DefaultAccountAdapter";

fn run(deployment: &Deployment) -> Outcome {
    let Some(adapter) = setting_value(deployment, "ACCOUNT_ADAPTER") else {
        return Outcome::NotApplicable(
            "ACCOUNT_ADAPTER is not set: allauth's own adapter decides on sign-up".to_owned(),
        );
    };
    let unseen = |reason: String| Outcome::Unknown {
        reason,
        remedy: "run `manage.py check` in the deployed image".to_owned(),
        trail: adapter.trail.clone(),
    };
    let Some(path) = adapter.value.as_str() else {
        return unseen("ACCOUNT_ADAPTER is not known".to_owned());
    };
    if path == DEFAULT {
        return pass("allauth's own adapter", &adapter.trail);
    }
    let message = match deployment.facts.symbols.get(path) {
        None => return unseen(format!("{path} is not in the project")),
        Some(Symbol::Missing) => format!(
            "every login and sign-up ends in an error page: ACCOUNT_ADAPTER names {path:?}, where \
             nothing is"
        ),
        Some(Symbol::Class { bases, .. }) if bases.iter().any(|base| base == DEFAULT) => {
            return pass(
                format!("{path} extends DefaultAccountAdapter"),
                &adapter.trail,
            );
        }
        // A base that could not be followed, such as one of another package.
        Some(Symbol::Class { bases, .. }) if bases.iter().any(|base| base != "object") => {
            return unseen(format!(
                "whether {path} extends DefaultAccountAdapter is not seen"
            ));
        }
        Some(Symbol::Class { .. } | Symbol::Function { .. }) => format!(
            "every login and sign-up ends in an error page: {path}, the ACCOUNT_ADAPTER, does not \
             extend DefaultAccountAdapter"
        ),
        Some(Symbol::Other { .. }) => return unseen(format!("{path} is made while the site runs")),
    };
    Outcome::Fail(vec![finding(
        "ACCOUNT_ADAPTER",
        &adapter.trail,
        message,
        "Name a class that extends allauth.account.adapter.DefaultAccountAdapter.",
    )])
}
