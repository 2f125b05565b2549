use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity, Value};

use crate::setting::{Demand, falsy, judge, shown, unless};

pub(crate) static CHECK: Check = Check {
    id: "django/allowed-hosts-local",
    title: "ALLOWED_HOSTS names this machine only",
    severity: Severity::Medium,
    needs: &[Need::Settings],
    items: &["A1.3", "B1.3"],
    django_ids: &[],
    references: &[Reference::Django("ref/settings/#allowed-hosts")],
    doc: include_str!("allowed_hosts_local.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    if let Some(outcome) = unless(
        deployment,
        "ALLOWED_HOSTS",
        &|value| falsy(value).map(|empty| !empty),
        "ALLOWED_HOSTS is empty",
    ) {
        return outcome;
    }
    judge(
        deployment,
        &Demand {
            setting: "ALLOWED_HOSTS",
            refuses: &only_local,
            message: &|value| {
                format!(
                    "ALLOWED_HOSTS is {}: every visitor from outside gets an error 400, and these \
                     look like the settings of a developer's machine",
                    shown(value)
                )
            },
            advice: "List the host names under which the site is served.",
            django_id: None,
            mend: None,
        },
    )
}

fn only_local(hosts: &Value) -> Option<bool> {
    let hosts = hosts.as_items()?;
    let mut open = hosts.rest.is_some();
    for host in &hosts.items {
        match host.value.as_str() {
            Some(host) if is_local(host) => {}
            Some(_) => return Some(false),
            None => open = true,
        }
    }
    (!open).then_some(true)
}

fn is_local(host: &str) -> bool {
    matches!(host, "localhost" | "[::1]" | "0.0.0.0" | "testserver")
        || host.starts_with("127.")
        || host.ends_with(".localhost")
}
