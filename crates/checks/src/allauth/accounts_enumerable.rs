use tightship_model::{Check, Deployment, Need, Outcome, Reference, Safety, Severity, Value};

use crate::setting::{Demand, falsy, judge_value};

pub(super) static CHECK: Check = Check {
    id: "allauth/accounts-enumerable",
    title: "The login pages tell who has an account",
    severity: Severity::Low,
    needs: &[Need::Settings, Need::App(super::APP)],
    items: &[],
    django_ids: &[],
    references: &[
        Reference::Url("https://docs.allauth.org/en/latest/account/configuration.html"),
        Reference::Cwe(204),
    ],
    doc: include_str!("accounts_enumerable.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge_value(
        deployment,
        &super::option(deployment, "ACCOUNT_PREVENT_ENUMERATION", Value::Bool(true)),
        &Demand {
            setting: "ACCOUNT_PREVENT_ENUMERATION",
            refuses: &falsy,
            message: &|_| {
                "anyone asks the site address by address who is a user, for phishing and for lists \
                 of passwords to try: ACCOUNT_PREVENT_ENUMERATION is off"
                    .to_owned()
            },
            advice: "Remove the line, or set \"strict\".",
            django_id: None,
            mend: Some((Safety::Unsafe, "True")),
        },
    )
}
