use tightship_model::{Check, Deployment, Outcome, Reference, Severity};

use super::judge_together;

pub(super) static CHECK: Check = Check {
    id: "compose/limits-missing",
    title: "One container may take all memory of the server",
    severity: Severity::Low,
    needs: &[],
    items: &["X39"],
    django_ids: &[],
    references: &[
        Reference::Url("https://docs.docker.com/reference/compose-file/deploy/#resources"),
        Reference::Cwe(770),
    ],
    doc: include_str!("limits_missing.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge_together(
        deployment,
        "memory",
        "these services have a limit of memory",
        &|service| {
            service
                .memory_limit()
                .is_none_or(|limit| limit.value.trim() == "0")
        },
        &|names| {
            format!(
                "a request that takes much memory, or a leak, in {names} makes the kernel end other \
                 programs, the database among them: no limit of memory is set"
            )
        },
        "Set `mem_limit` or `deploy.resources.limits.memory` for each service.",
    )
}
