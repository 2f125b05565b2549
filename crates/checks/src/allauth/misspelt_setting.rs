use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use crate::slip::judge_settings;

pub(super) static CHECK: Check = Check {
    id: "allauth/misspelt-setting",
    title: "A setting of allauth is misspelt and does nothing",
    severity: Severity::Medium,
    needs: &[Need::Settings, Need::App(super::APP)],
    items: &[],
    django_ids: &[],
    references: &[
        Reference::Url("https://docs.allauth.org/en/latest/account/configuration.html"),
        Reference::Cwe(1109),
    ],
    doc: include_str!("misspelt_setting.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge_settings(deployment, super::PACKAGE, include_str!("names.txt"))
}
