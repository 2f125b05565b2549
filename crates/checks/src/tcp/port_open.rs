use std::net::IpAddr;

use tightship_model::site::ports::{Door, Greeting, Ports, Service, State};
use tightship_model::{
    Check, Confidence, Deployment, Evidence, Finding, Label, Need, Outcome, Reference, Severity,
    Trail,
};

use crate::dns::is_inner;

pub(super) static CHECK: Check = Check {
    id: "tcp/port-open",
    title: "The internet reaches a service that is not for it",
    severity: Severity::High,
    needs: &[Need::Site],
    items: &["B2.3", "B5.2"],
    django_ids: &[],
    references: &[
        Reference::Url(
            "https://docs.docker.com/engine/network/packet-filtering-firewalls/#docker-and-ufw",
        ),
        Reference::Cwe(668),
    ],
    doc: include_str!("port_open.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let site = deployment.site.as_ref();
    let Some(ports) = site.and_then(|site| site.ports.as_ref()) else {
        return unknown(
            "ports were not asked".to_owned(),
            "have them asked with --probe ports",
        );
    };
    const AGAIN: &str = "ask again from a machine on the internet, with --probe ports";
    if let Some(reason) = &ports.unasked {
        return unknown(format!("ports were not asked: {reason}"), AGAIN);
    }
    // What is open to this network need not be open to the world.
    if ports.address.parse::<IpAddr>().is_ok_and(is_inner) {
        return unknown(
            format!("{} was asked from inside of its own network", ports.address),
            AGAIN,
        );
    }
    let spoken: Vec<_> = ports
        .doors
        .iter()
        .filter_map(|door| match &door.state {
            State::Open(Greeting::Speaks { proof, open }) => {
                Some(finding(deployment, ports, door, proof, *open))
            }
            _ => None,
        })
        .collect();
    if !spoken.is_empty() {
        return Outcome::Fail(spoken);
    }
    if let Some(reason) = doubt(ports) {
        return unknown(reason, AGAIN);
    }
    let closed: Vec<_> = ports
        .doors
        .iter()
        .map(|door| door.port.to_string())
        .collect();
    Outcome::Pass(vec![Evidence {
        text: format!("{} ports that must be closed are closed", closed.len()),
        trail: Trail::outside(format!(
            "{} takes no connection on {}",
            ports.address,
            closed.join(", ")
        )),
    }])
}

/// Why closed and open cannot be told apart.
fn doubt(ports: &Ports) -> Option<String> {
    let open: Vec<_> = ports
        .doors
        .iter()
        .filter_map(|door| match &door.state {
            State::Open(Greeting::Other(heard)) => Some(format!(
                "{} is open, and what answers is not {}: “{}”",
                door.port,
                door.service.name(),
                heard.chars().take(60).collect::<String>()
            )),
            State::Open(_) => Some(format!("{} is open and says nothing", door.port)),
            State::Unreachable(reason) => Some(format!("{}: {reason}", door.port)),
            State::Closed | State::Silent => None,
        })
        .collect();
    let address = &ports.address;
    match open.len() {
        0 if ports.doors.is_empty() => Some("no port was asked".to_owned()),
        0 => None,
        // A firewall, or somebody who sells one, takes every connection.
        all if all == ports.doors.len() => Some(format!(
            "{address} does the same on each port, as a firewall that answers for the server does: {}",
            open[0]
        )),
        _ => Some(format!("{address}: {}", open.join("; "))),
    }
}

fn unknown(reason: String, remedy: &str) -> Outcome {
    Outcome::Unknown {
        reason,
        remedy: remedy.to_owned(),
        trail: Trail::default(),
    }
}

fn finding(
    deployment: &Deployment,
    ports: &Ports,
    door: &Door,
    proof: &str,
    open: Option<bool>,
) -> Finding {
    let place = format!("{}:{}", ports.address, door.port);
    let (gains, severity) = gains(door.service, open);
    Finding {
        subject: format!("site:port:{}", door.port),
        message: format!(
            "{gains}: {} answers at {place} ({proof})",
            door.service.name()
        ),
        severity: Some(severity),
        confidence: Confidence::High,
        labels: labels(deployment, door.port),
        trail: Trail::outside(format!("{place} says: {proof}")),
        django_id: None,
        advice:
            "Do not publish the port, or publish it on 127.0.0.1 alone: Docker's ports go past \
                 ufw. A person reaches it through an SSH tunnel."
                .to_owned(),
        fix: None,
    }
}

/// What whoever reaches a service does, and how bad that is.
fn gains(service: Service, open: Option<bool>) -> (&'static str, Severity) {
    use Severity::{Critical, High, Medium};
    match (service, open) {
        (Service::Docker, Some(true)) => ("anybody is root on the server", Critical),
        (Service::Docker, _) => ("anybody tries to become root on the server", High),
        (Service::Redis, Some(true)) => (
            "anybody reads sessions and tasks, writes their own and runs code by them",
            Critical,
        ),
        (Service::Memcached, _) => (
            "anybody reads and writes what is cached, and lets the server flood others",
            Critical,
        ),
        (Service::Elasticsearch, Some(true)) => {
            ("anybody reads and deletes all that is indexed", Critical)
        }
        (Service::Flower, Some(true)) => (
            "anybody reads the arguments of tasks and starts their own",
            High,
        ),
        (Service::MailCatcher, _) => (
            "anybody reads the mail that the site sends, with its links for new passwords",
            High,
        ),
        (Service::AppServer, _) => (
            "anybody goes past nginx: its limits, headers and locks do not hold there",
            High,
        ),
        (Service::Amqp | Service::RabbitMq | Service::Flower, _) => (
            "anybody tries passwords and faults on the broker of the tasks",
            Medium,
        ),
        (
            Service::PostgreSql
            | Service::MySql
            | Service::MongoDb
            | Service::Redis
            | Service::Elasticsearch,
            _,
        ) => ("anybody tries passwords and faults on the store", High),
    }
}

/// Where Compose publishes a port to everybody.
fn labels(deployment: &Deployment, port: u16) -> Vec<Label> {
    let services = deployment.compose.iter().flat_map(|one| &one.services);
    services
        .flat_map(|service| &service.ports)
        .filter(|one| one.publishes(port))
        .map(|one| Label {
            span: one.span,
            text: "published here".to_owned(),
        })
        .collect()
}
