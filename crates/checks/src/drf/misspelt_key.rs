use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use crate::slip::Keys;

pub(super) static CHECK: Check = Check {
    id: "drf/misspelt-key",
    title: "A key of REST_FRAMEWORK is misspelt and does nothing",
    severity: Severity::Medium,
    needs: &[Need::Settings, Need::App("rest_framework")],
    items: &[],
    django_ids: &[],
    references: &[
        Reference::Url("https://www.django-rest-framework.org/api-guide/settings/"),
        Reference::Cwe(1109),
    ],
    doc: include_str!("misspelt_key.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let keys = Keys {
        setting: "REST_FRAMEWORK",
        package: super::PACKAGE,
        table: include_str!("keys.txt"),
        // Those that `REMOVED_SETTINGS` names stop the program with a message.
        refused: &["PAGINATE_BY", "PAGINATE_BY_PARAM", "MAX_PAGINATE_BY"],
        prefix: "DEFAULT_",
    };
    keys.judge(deployment)
}
