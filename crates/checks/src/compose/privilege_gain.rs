use tightship_model::compose::Service;
use tightship_model::{Check, Deployment, Outcome, Reference, Severity};

use super::judge_together;

pub(super) static CHECK: Check = Check {
    id: "compose/privilege-gain",
    title: "Programs in containers may gain rights",
    severity: Severity::Low,
    needs: &[],
    items: &["A13.4", "X37"],
    django_ids: &[],
    references: &[
        Reference::Url("https://docs.docker.com/reference/compose-file/services/#security_opt"),
        Reference::Cwe(250),
    ],
    doc: include_str!("privilege_gain.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge_together(
        deployment,
        "no-new-privileges",
        "nothing in these services gains rights",
        &|service| !forbids(service),
        &|names| {
            format!(
                "a program with the setuid bit makes whoever breaks into {names} root of the \
                 container: no-new-privileges is not set"
            )
        },
        "Set `security_opt: [\"no-new-privileges:true\"]`, once in an `x-` block for all.",
    )
}

fn forbids(service: &Service) -> bool {
    service.security_opt.iter().any(|text| {
        let option = text.value.replace('=', ":");
        matches!(
            option.as_str(),
            "no-new-privileges" | "no-new-privileges:true"
        )
    })
}
