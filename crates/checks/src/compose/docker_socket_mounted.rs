use tightship_model::compose::Service;
use tightship_model::{Check, Deployment, Finding, Outcome, Reference, Severity, Trail};

use super::what::is_public;
use super::{about, judge_each, placed};

pub(super) static CHECK: Check = Check {
    id: "compose/docker-socket-mounted",
    title: "A container can command the server's Docker",
    severity: Severity::High,
    needs: &[],
    items: &["A13.4", "X38"],
    django_ids: &[],
    references: &[
        Reference::Url("https://docs.docker.com/engine/security/protect-access/"),
        Reference::Cwe(250),
    ],
    doc: include_str!("docker_socket_mounted.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge_each(deployment, "no service holds Docker's socket", &judge)
}

fn judge(service: &Service) -> Vec<Finding> {
    let handed_in = service
        .use_api_socket
        .as_ref()
        .filter(|flag| flag.as_bool() == Some(true))
        .map(|flag| {
            holds(
                service,
                "Docker's socket by use_api_socket",
                "",
                &flag.trail,
            )
        });
    let mounted = service
        .mounts
        .iter()
        .filter_map(|mount| Some((mount, mount.source.as_ref()?)))
        .filter(|(_, source)| {
            SOCKETS
                .iter()
                .any(|socket| source.value.trim_end_matches('/').ends_with(socket))
        })
        .map(|(mount, source)| {
            let note = match mount.read_only {
                true => " (`:ro` does not help: it protects the file, not what is said through it)",
                false => "",
            };
            let trail = placed(Some(mount.span), "mounts the socket");
            holds(service, &source.value, note, &trail)
        });
    handed_in.into_iter().chain(mounted).collect()
}

fn holds(service: &Service, socket: &str, note: &str, trail: &Trail) -> Finding {
    let severity = match service.ports.iter().any(is_public) {
        true => Severity::Critical,
        false => Severity::High,
    };
    Finding {
        message: format!(
            "{} holds {socket}: who breaks into it starts a container that mounts the server's disk, \
             and is root there{note}",
            service.name
        ),
        severity: Some(severity),
        advice:
            "Put a proxy between that lets only the calls through that are needed, or do without."
                .to_owned(),
        ..about(service, "docker socket", trail)
    }
}

const SOCKETS: [&str; 4] = ["docker.sock", "containerd.sock", "podman.sock", "crio.sock"];
