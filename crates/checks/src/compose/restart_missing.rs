use tightship_model::compose::Service;
use tightship_model::{Check, Deployment, Outcome, Reference, Severity};

use super::{is_one_shot, judge_together};

pub(super) static CHECK: Check = Check {
    id: "compose/restart-missing",
    title: "After a crash or a restart of the server, a service stays down",
    severity: Severity::Medium,
    needs: &[],
    items: &["A10.2", "B4.7"],
    django_ids: &[],
    references: &[Reference::Url(
        "https://docs.docker.com/engine/containers/start-containers-automatically/",
    )],
    doc: include_str!("restart_missing.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge_together(
        deployment,
        "restart",
        "these services come back by themselves",
        &|service| !comes_back(service) && !is_one_shot(deployment, service),
        &|names| {
            format!(
                "nothing starts {names} again after a crash, a lack of memory or a restart of the server, \
                 until somebody notices: no restart policy is set"
            )
        },
        "Set `restart: unless-stopped` for every service that runs for long.",
    )
}

fn comes_back(service: &Service) -> bool {
    let condition = service
        .deploy
        .as_ref()
        .and_then(|deploy| deploy.restart_condition.as_ref());
    match (&service.restart, condition) {
        (Some(restart), _) if !restart.open.is_empty() => true,
        (Some(restart), _) => !matches!(restart.value.trim(), "no" | "false" | ""),
        (None, Some(condition)) => condition.value != "none",
        (None, None) => false,
    }
}
