use tightship_model::compose::{Service, Text};
use tightship_model::{Check, Deployment, Finding, Outcome, Reference, Severity};

use super::{about, judge_each};

pub(super) static CHECK: Check = Check {
    id: "compose/host-namespace",
    title: "A container shares the server's own namespaces",
    severity: Severity::High,
    needs: &[],
    items: &["A13.4", "X38"],
    django_ids: &[],
    references: &[
        Reference::Url("https://docs.docker.com/reference/compose-file/services/#network_mode"),
        Reference::Cwe(653),
    ],
    doc: include_str!("host_namespace.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge_each(
        deployment,
        "every service has namespaces of its own",
        &judge,
    )
}

fn judge(service: &Service) -> Vec<Finding> {
    let shared: [(&str, &Option<Text>, &str, Severity); 6] = [
        (
            "network_mode",
            &service.network_mode,
            "every port that it opens is open on the server, and it reaches what listens on the server's loopback",
            Severity::High,
        ),
        (
            "pid",
            &service.pid,
            "it sees the server's processes with their secrets, and ends them",
            Severity::High,
        ),
        (
            "ipc",
            &service.ipc,
            "it reads and writes memory that programs of the server share",
            Severity::High,
        ),
        (
            "uts",
            &service.uts,
            "it renames the server",
            Severity::Medium,
        ),
        (
            "userns_mode",
            &service.userns_mode,
            "its root is the server's root",
            Severity::High,
        ),
        (
            "cgroup",
            &service.cgroup,
            "it sees and may change what other containers are given",
            Severity::Medium,
        ),
    ];
    shared
        .into_iter()
        .filter_map(|(key, text, gain, severity)| Some((key, text.as_ref()?, gain, severity)))
        .filter(|(_, text, ..)| text.value.trim() == "host")
        .map(|(key, text, gain, severity)| Finding {
            message: format!("{} runs with `{key}: host`: {gain}", service.name),
            severity: Some(severity),
            advice: format!("Take `{key}` out; publish the ports that are needed."),
            ..about(service, key, &text.trail)
        })
        .collect()
}
