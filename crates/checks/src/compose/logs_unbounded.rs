use tightship_model::compose::Service;
use tightship_model::{Check, Deployment, Outcome, Reference, Severity};

use super::judge_together;

pub(super) static CHECK: Check = Check {
    id: "compose/logs-unbounded",
    title: "Logs grow until the disk is full",
    severity: Severity::Low,
    needs: &[],
    items: &["B8.5"],
    django_ids: &[],
    references: &[
        Reference::Url("https://docs.docker.com/engine/logging/drivers/json-file/"),
        Reference::Cwe(779),
    ],
    doc: include_str!("logs_unbounded.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let daemon = deployment.host.docker_daemon.as_ref();
    if let Some(daemon) = daemon.filter(|daemon| {
        daemon.settings.contains_key("log-opts") || daemon.settings.contains_key("log-driver")
    }) {
        return crate::package::pass(
            format!("{} says for all containers how logs are kept", daemon.path),
            &tightship_model::Trail::default(),
        );
    }
    judge_together(
        deployment,
        "logs",
        "the logs of these services have a limit",
        &grows,
        &|names| {
            format!(
                "the output of {names} is kept for ever: a busy site or an attacker who causes errors \
                 fills the disk, and the database stops; Docker's default has no limit"
            )
        },
        "Set `logging: {driver: json-file, options: {max-size: 10m, max-file: \"5\"}}`, once in an \
         `x-` block for all.",
    )
}

fn grows(service: &Service) -> bool {
    let Some(logging) = &service.logging else {
        return true;
    };
    let driver = logging
        .driver
        .as_ref()
        .map_or("json-file", |driver| driver.value.as_str());
    driver == "json-file"
        && !logging
            .options
            .iter()
            .any(|option| option.key == "max-size")
}
