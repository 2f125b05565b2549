use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use crate::slip::Keys;

pub(super) static CHECK: Check = Check {
    id: "jwt/misspelt-key",
    title: "A key of SIMPLE_JWT is misspelt and does nothing",
    severity: Severity::Medium,
    needs: &[Need::Settings],
    items: &[],
    django_ids: &[],
    references: &[
        Reference::Url(
            "https://django-rest-framework-simplejwt.readthedocs.io/en/latest/settings.html",
        ),
        Reference::Cwe(1109),
    ],
    doc: include_str!("misspelt_key.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    if let Some(outcome) = super::absent(deployment) {
        return outcome;
    }
    let keys = Keys {
        setting: "SIMPLE_JWT",
        package: super::PACKAGE,
        table: include_str!("keys.txt"),
        // Those that `REMOVED_SETTINGS` names stop the program with a message.
        refused: &[
            "AUTH_HEADER_TYPE",
            "AUTH_TOKEN_CLASS",
            "SECRET_KEY",
            "TOKEN_BACKEND_CLASS",
        ],
        prefix: "JWT_",
    };
    keys.judge(deployment)
}
