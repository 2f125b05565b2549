use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use crate::setting::{Demand, falsy, judge, shown};

pub(super) static CHECK: Check = Check {
    id: "django/passwords-unchecked",
    title: "Any password is accepted",
    severity: Severity::Medium,
    needs: &[Need::Settings, Need::App("django.contrib.auth")],
    items: &["B7.3"],
    django_ids: &[],
    references: &[
        Reference::Django("topics/auth/passwords/#password-validation"),
        Reference::Cwe(521),
    ],
    doc: include_str!("passwords_unchecked.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge(
        deployment,
        &Demand {
            setting: "AUTH_PASSWORD_VALIDATORS",
            refuses: &falsy,
            message: &|value| {
                format!(
                    "AUTH_PASSWORD_VALIDATORS is {}: users choose \"123456\", and lists of common \
                     passwords open their accounts",
                    shown(value)
                )
            },
            advice: "Install the four validators that startproject writes.",
            django_id: None,
            mend: None,
        },
    )
}
