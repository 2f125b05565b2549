use tightship_model::compose::Service;
use tightship_model::{Check, Deployment, Finding, Outcome, Reference, Severity};

use super::{about, judge_each};

pub(super) static CHECK: Check = Check {
    id: "compose/sharing-propagated",
    title: "A mount carries the mounts of a container to the server",
    severity: Severity::Medium,
    needs: &[],
    items: &["A13.4", "X38"],
    django_ids: &[],
    references: &[
        Reference::Url(
            "https://docs.docker.com/engine/storage/bind-mounts/#configure-bind-propagation",
        ),
        Reference::Cwe(668),
    ],
    doc: include_str!("sharing_propagated.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge_each(deployment, "no mount is shared with the server", &judge)
}

fn judge(service: &Service) -> Vec<Finding> {
    let options = service.mounts.iter().flat_map(|mount| {
        let options = mount
            .options
            .iter()
            .filter(|option| option.key == "bind.propagation");
        options.map(move |option| (mount, option))
    });
    options
        .filter(|(_, option)| matches!(option.value.value.as_str(), "shared" | "rshared"))
        .map(|(mount, option)| Finding {
            message: format!(
                "what {} mounts below {} appears on the server and in other containers: who breaks \
                 into it lays a folder of its own over theirs",
                service.name, mount.target.value
            ),
            advice: "Take `propagation` out; the default keeps mounts apart.".to_owned(),
            ..about(
                service,
                &format!("propagation {}", mount.target.value),
                &option.value.trail,
            )
        })
        .collect()
}
