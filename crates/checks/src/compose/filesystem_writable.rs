use tightship_model::{Check, Deployment, Outcome, Reference, Severity};

use super::judge_together;

pub(super) static CHECK: Check = Check {
    id: "compose/filesystem-writable",
    title: "Containers may change their own programs",
    severity: Severity::Low,
    needs: &[],
    items: &["X40"],
    django_ids: &[],
    references: &[
        Reference::Url("https://docs.docker.com/reference/compose-file/services/#read_only"),
        Reference::Cwe(732),
    ],
    doc: include_str!("filesystem_writable.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge_together(
        deployment,
        "read-only",
        "the file system of these services is read-only",
        &|service| {
            let is_read_only = service.read_only.as_ref().and_then(|text| text.as_bool());
            is_read_only != Some(true)
        },
        &|names| {
            format!(
                "who breaks into {names} writes a program there and keeps a way in until the \
                 container is made anew: its file system is writable"
            )
        },
        "Set `read_only: true` with a `tmpfs` for what is written, such as /tmp and /run.",
    )
}
