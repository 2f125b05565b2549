use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use crate::setting::{Demand, falsy, judge_running, shown};

pub(crate) static CHECK: Check = Check {
    id: "django/allowed-hosts-empty",
    title: "ALLOWED_HOSTS is empty",
    severity: Severity::High,
    needs: &[Need::Settings],
    items: &["A1.3", "B1.3"],
    django_ids: &["security.W020"],
    references: &[Reference::Django("ref/settings/#allowed-hosts")],
    doc: include_str!("allowed_hosts_empty.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge_running(
        deployment,
        &Demand {
            setting: "ALLOWED_HOSTS",
            refuses: &falsy,
            message: &|value| {
                format!(
                    "ALLOWED_HOSTS is {}: with DEBUG off every visitor gets an error 400, which \
                     tempts people to switch DEBUG on",
                    shown(value)
                )
            },
            advice: "List the host names under which the site is served.",
            django_id: Some("security.W020"),
            mend: None,
        },
        // A site that answers nobody is not left so.
        &|value| falsy(value) == Some(true),
    )
}
