use tightship_model::{
    Check, Deployment, Need, Outcome, Reference, Severity, Symbol, Trail, Value,
};

use crate::package::{finding, pass, setting_value};

pub(super) static CHECK: Check = Check {
    id: "axes/callable-missing",
    title: "axes is told to call a function that is not there",
    severity: Severity::Medium,
    needs: &[Need::Settings, Need::App("axes")],
    items: &[],
    django_ids: &["axes.W005"],
    references: &[Reference::Url(
        "https://django-axes.readthedocs.io/en/latest/4_configuration.html",
    )],
    doc: include_str!("callable_missing.md"),
    run,
};

/// The settings that `axes.checks.axes_conf_check` looks at.
const CALLABLES: [&str; 7] = [
    "AXES_CLIENT_IP_CALLABLE",
    "AXES_CLIENT_STR_CALLABLE",
    "AXES_LOCKOUT_CALLABLE",
    "AXES_USERNAME_CALLABLE",
    "AXES_WHITELIST_CALLABLE",
    "AXES_COOLOFF_TIME",
    "AXES_LOCKOUT_PARAMETERS",
];

fn run(deployment: &Deployment) -> Outcome {
    let mut findings = Vec::new();
    let mut unseen = None;
    for name in CALLABLES {
        let Some(value) = setting_value(deployment, name) else {
            continue;
        };
        match &value.value {
            Value::Str(path) => match is_there(deployment, path) {
                Some(true) => {}
                Some(false) => {
                    let mut finding = finding(
                        name,
                        &value.trail,
                        format!(
                            "each login ends in an error page: {name} names {path:?}, where nothing is"
                        ),
                        "Write the dotted path of a function that exists.",
                    );
                    finding.django_id = Some("axes.W005");
                    findings.push(finding);
                }
                None => unseen = Some((format!("{path} is not in the project"), value.trail)),
            },
            Value::OneOf(_) | Value::Environment(_) | Value::Unknown(_) => {
                unseen = Some((format!("{name} is not known"), value.trail));
            }
            _ => {}
        }
    }
    match (findings.is_empty(), unseen) {
        (false, _) => Outcome::Fail(findings),
        (true, None) => pass(
            "every function that axes is told to call is there",
            &Trail::default(),
        ),
        (true, Some((reason, trail))) => Outcome::Unknown {
            reason,
            remedy: "run `manage.py check` in the deployed image".to_owned(),
            trail,
        },
    }
}

/// Whether an import finds the path; `None` where it leads out of the project.
fn is_there(deployment: &Deployment, path: &str) -> Option<bool> {
    match deployment.facts.symbols.get(path) {
        Some(Symbol::Missing) => Some(false),
        Some(_) => Some(true),
        None if !path.contains('.') => Some(false),
        None => None,
    }
}
