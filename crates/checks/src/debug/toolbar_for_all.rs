use tightship_model::{
    Answer, Check, Deployment, Need, Outcome, Reference, Severity, Symbol, Traced, Value,
};

use crate::package::{entry_of, finding, holds_true, pass, value_of};
use crate::setting::unknown;

pub(super) static CHECK: Check = Check {
    id: "debug/toolbar-for-all",
    title: "The debug toolbar is not bound to DEBUG",
    severity: Severity::High,
    needs: &[Need::Settings, Need::App("debug_toolbar")],
    items: &["X21"],
    django_ids: &[],
    references: &[
        Reference::Url("https://django-debug-toolbar.readthedocs.io/en/latest/configuration.html"),
        Reference::Cwe(489),
    ],
    doc: include_str!("toolbar_for_all.md"),
    run,
};

const NAME: &str = "DEBUG_TOOLBAR_CONFIG.SHOW_TOOLBAR_CALLBACK";
/// The package's own callbacks: both show nothing while DEBUG is off.
const BOUND_TO_DEBUG: [&str; 2] = [
    "debug_toolbar.middleware.show_toolbar",
    "debug_toolbar.middleware.show_toolbar_with_docker",
];

fn run(deployment: &Deployment) -> Outcome {
    let none = Value::List(tightship_model::Items::default());
    let middleware = value_of(deployment, "MIDDLEWARE", "Django", none);
    let listed =
        |value: &Value| crate::setting::holds(value, &|path| path.starts_with("debug_toolbar."));
    if holds_true(&middleware, &listed) == Some(false) {
        return pass(
            "the toolbar's middleware is not listed, so it never shows",
            &middleware.trail,
        );
    }
    let callback = entry_of(
        deployment,
        "DEBUG_TOOLBAR_CONFIG",
        "SHOW_TOOLBAR_CALLBACK",
        "django-debug-toolbar",
        Value::Str(BOUND_TO_DEBUG[0].to_owned()),
    );
    if always(deployment, &callback) {
        return Outcome::Fail(vec![finding(
            NAME,
            &callback.trail,
            "every visitor sees the settings, the SQL, the templates' variables and the session of \
             each page: the callback that shows the toolbar says yes to everyone"
                .to_owned(),
            "Remove the callback, and install the toolbar under `if DEBUG:` only.",
        )]);
    }
    let own = |value: &Value| match value {
        Value::Reference(path) => Some(!BOUND_TO_DEBUG.contains(&path.as_str())),
        value => Some(!BOUND_TO_DEBUG.contains(&value.as_str()?)),
    };
    match callback.ask(&own) {
        Answer::No(value) => pass("the toolbar shows only while DEBUG is on", &value.trail),
        Answer::Doubt(doubt) => unknown(NAME, &doubt, &callback.trail),
        Answer::Yes(value) => {
            let path = value.value.as_str().unwrap_or_default();
            if deployment.facts.symbols.get(path) == Some(&Symbol::Missing) {
                let finding = finding(
                    NAME,
                    &value.trail,
                    format!(
                        "every page ends in an error: the toolbar asks {path:?}, where nothing is"
                    ),
                    "Remove the callback, and install the toolbar under `if DEBUG:` only.",
                );
                return Outcome::Fail(vec![finding]);
            }
            Outcome::Unknown {
                reason: "a function of the project decides who sees the toolbar".to_owned(),
                remedy: "install the toolbar under `if DEBUG:` only".to_owned(),
                trail: value.trail.clone(),
            }
        }
    }
}

/// Whether the callback is a lambda that is true whatever the request. The model knows a lambda by
/// its place only, so its text is looked at.
fn always(deployment: &Deployment, callback: &Traced<Value>) -> bool {
    let is_lambda = matches!(&callback.value, Value::Reference(path) if path.ends_with("<lambda>"));
    let Some(span) = callback.trail.first_span().filter(|_| is_lambda) else {
        return false;
    };
    let text = deployment.sources[span.source].raw();
    text.split("SHOW_TOOLBAR_CALLBACK").skip(1).any(|after| {
        let line = after.lines().next().unwrap_or_default();
        let body = line
            .split_once("lambda")
            .and_then(|(_, lambda)| lambda.split_once(':'));
        body.is_some_and(|(_, body)| body.trim().trim_end_matches([',', '}', ')', ' ']) == "True")
    })
}
