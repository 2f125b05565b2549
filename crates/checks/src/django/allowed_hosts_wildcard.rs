use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use crate::setting::{ItemDemand, judge_items};

pub(super) static CHECK: Check = Check {
    id: "django/allowed-hosts-wildcard",
    title: "ALLOWED_HOSTS allows every host",
    severity: Severity::High,
    needs: &[Need::Settings],
    items: &["A1.3", "B1.3"],
    django_ids: &[],
    references: &[
        Reference::Django("topics/security/#host-headers-virtual-hosting"),
        Reference::Cwe(644),
    ],
    doc: include_str!("allowed_hosts_wildcard.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge_items(
        deployment,
        &ItemDemand {
            setting: "ALLOWED_HOSTS",
            refuses: &|host| host == "*",
            message: &|_| {
                "ALLOWED_HOSTS holds \"*\": whoever asks for somebody's password reset with a \
                 forged Host header has the link in the mail point to their own server"
                    .to_owned()
            },
            advice: "List the host names under which the site is served.",
        },
    )
}
