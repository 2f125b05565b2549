use tightship_model::{Check, Deployment, Finding, Image, Outcome, Reference, Severity};

use super::{about, judge_each};

pub(super) static CHECK: Check = Check {
    id: "docker/ssh-server",
    title: "The image offers a login by SSH",
    severity: Severity::Medium,
    needs: &[],
    items: &["A13.4"],
    django_ids: &[],
    references: &[Reference::Cwe(1125)],
    doc: include_str!("ssh_server.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge_each(deployment, "no image offers SSH", &|image| {
        judge(deployment, image)
    })
}

fn judge(deployment: &Deployment, image: &Image) -> Vec<Finding> {
    image
        .config
        .exposes
        .iter()
        .filter(|port| {
            matches!(port.value.split('/').next(), Some("22")) && !port.value.ends_with("/udp")
        })
        .map(|port| Finding {
            message: format!(
                "{} has a server for logins beside the site: one more program to update, one more \
                 password to guess, and nobody sees what is changed through it",
                super::name(deployment, image)
            ),
            advice: "Take sshd out; `docker compose exec` opens a shell from the server."
                .to_owned(),
            ..about(deployment, image, "port 22", &port.trail)
        })
        .collect()
}
