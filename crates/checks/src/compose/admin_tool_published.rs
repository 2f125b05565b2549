use tightship_model::compose::Service;
use tightship_model::{Check, Deployment, Finding, Outcome, Reference, Severity};

use super::what::{is_public, tool_behind};
use super::{about, beside, image_place, judge_each};

pub(crate) static CHECK: Check = Check {
    id: "compose/admin-tool-published",
    title: "A tool for administrators can be reached from the network",
    severity: Severity::High,
    needs: &[],
    items: &["B5.2", "X41"],
    django_ids: &[],
    references: &[
        Reference::Url(
            "https://docs.docker.com/engine/network/packet-filtering-firewalls/#docker-and-ufw",
        ),
        Reference::Cwe(668),
    ],
    doc: include_str!("admin_tool_published.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge_each(
        deployment,
        "no tool for administrators is published",
        &judge,
    )
}

fn judge(service: &Service) -> Vec<Finding> {
    let ports = service.ports.iter().filter(|port| is_public(port));
    ports
        .filter_map(|port| Some((port, tool_behind(service, port)?)))
        .map(|(port, tool)| {
            let finding = Finding {
            message: format!(
                "{tool} answers everyone who reaches the server, in clear and past the proxy: one \
                 guessed password, or one hole in it, opens what it manages"
            ),
            advice:
                "Publish it on 127.0.0.1 and use an SSH tunnel, or put it behind the proxy with \
                     a login."
                    .to_owned(),
            ..about(service, &format!("port {}", port.target.first), &port.trail)
            };
            let command = service.command.as_ref().map(|command| command.span);
            beside(
                finding,
                image_place(service).or(command),
                format!("is {tool}"),
            )
        })
        .collect()
}
