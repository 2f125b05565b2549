use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use crate::setting::{Demand, judge_value, shown};

pub(super) static CHECK: Check = Check {
    id: "axes/lockout-by-name-alone",
    title: "Anyone can lock any account by its name",
    severity: Severity::Low,
    needs: &[Need::Settings, Need::App("axes")],
    items: &["A3.3"],
    django_ids: &[],
    references: &[
        Reference::Url("https://django-axes.readthedocs.io/en/latest/4_configuration.html"),
        Reference::Cwe(645),
    ],
    doc: include_str!("lockout_by_name_alone.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge_value(
        deployment,
        &super::lockout_parameters(deployment),
        &Demand {
            setting: "AXES_LOCKOUT_PARAMETERS",
            refuses: &|value| {
                let combinations = super::combinations(value)?;
                Some(combinations.contains(&vec!["username"]))
            },
            message: &|value| {
                format!(
                    "whoever knows a user name locks its owner out from any address: axes counts \
                     by {}, where \"username\" stands alone",
                    shown(value)
                )
            },
            advice: "Count name and address together: [[\"username\", \"ip_address\"]].",
            django_id: None,
            mend: None,
        },
    )
}
