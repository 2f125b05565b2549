use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity, Value};

use crate::setting::{Demand, judge_value};

pub(super) static CHECK: Check = Check {
    id: "allauth/tokens-stored",
    title: "Tokens of other providers lie readable in the database",
    severity: Severity::Low,
    needs: &[Need::Settings, Need::App(super::SOCIAL_APP)],
    items: &["A14.2"],
    django_ids: &[],
    references: &[
        Reference::Url("https://docs.allauth.org/en/latest/socialaccount/configuration.html"),
        Reference::Cwe(312),
    ],
    doc: include_str!("tokens_stored.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge_value(
        deployment,
        &super::option(deployment, "SOCIALACCOUNT_STORE_TOKENS", Value::Bool(false)),
        &Demand {
            setting: "SOCIALACCOUNT_STORE_TOKENS",
            refuses: &Value::truthy,
            message: &|_| {
                "whoever reads the database or a backup acts in the users' accounts at other \
                 providers: SOCIALACCOUNT_STORE_TOKENS keeps their tokens in clear text"
                    .to_owned()
            },
            advice: "Remove the line unless your code calls the provider in the user's name.",
            django_id: None,
            mend: None,
        },
    )
}
