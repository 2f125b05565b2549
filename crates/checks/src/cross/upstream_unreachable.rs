use tightship_model::compose::Service;
use tightship_model::{
    Bind, Check, Deployment, Evidence, Finding, Label, Need, Outcome, Reference, Severity, Starter,
    Trail,
};
use tightship_predict::ways::{Target, Way, edges};

use super::{between, label, place};

pub(super) static CHECK: Check = Check {
    id: "cross/upstream-unreachable",
    title: "nginx hands requests to where nothing listens",
    severity: Severity::High,
    needs: &[Need::Nginx],
    items: &["A10.3"],
    django_ids: &[],
    references: &[
        Reference::Url("https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_pass"),
        Reference::Url("https://docs.docker.com/compose/how-tos/networking/"),
    ],
    doc: include_str!("upstream_unreachable.md"),
    run,
};

/// What is wrong with a target, and where that is written.
struct Fault {
    message: String,
    labels: Vec<Label>,
}

fn run(deployment: &Deployment) -> Outcome {
    let mut findings: Vec<Finding> = Vec::new();
    let mut evidence = Vec::new();
    let mut open = None;
    for edge in edges(deployment) {
        let Some(own) = edge.service(deployment) else {
            continue;
        };
        for way in edge.ways(deployment) {
            for target in &way.targets {
                match judge(deployment, own, target) {
                    Some(Ok(text)) => evidence.push(Evidence {
                        text,
                        trail: Trail::at(target.span, "hands requests on"),
                    }),
                    Some(Err(fault)) => push(&mut findings, finding(&way, target, fault)),
                    None => open = open.or(Some(target.span)),
                }
            }
        }
    }
    match (findings.is_empty(), open) {
        (false, _) => Outcome::Fail(findings),
        (true, Some(span)) => Outcome::Unknown {
            reason: "whether a server answers there is not told by the project".to_owned(),
            remedy: "name the server in the Compose file".to_owned(),
            trail: Trail::at(span, "hands requests on"),
        },
        (true, None) if evidence.is_empty() => Outcome::NotApplicable(
            "no nginx of the Compose file hands requests to a server by name".to_owned(),
        ),
        (true, None) => Outcome::Pass(evidence),
    }
}

/// Why the target cannot be reached, or that it can; `None` where the files do not tell.
fn judge(
    deployment: &Deployment,
    own: &Service,
    target: &Target<'_>,
) -> Option<Result<String, Fault>> {
    let Bind::Tcp { host, port } = &target.address else {
        return None;
    };
    let is_name = !host.contains(['.', ':']) && host != "localhost";
    let is_elsewhere = own.network_mode.is_some()
        || own.extra_hosts.iter().any(|entry| entry.key == *host)
        || !own.links.is_empty()
        || networks(own)
            .iter()
            .any(|name| is_external(deployment, name));
    let Some(service) = target.service else {
        let fault = Fault {
            message: format!(
                "the site does not open: nginx does not start, as no service is called {host}"
            ),
            labels: own
                .span
                .map(|span| label(span, "nginx runs here"))
                .into_iter()
                .collect(),
        };
        return (is_name && !is_elsewhere).then_some(Err(fault));
    };
    let places = || {
        service
            .span
            .map(|span| label(span, format!("the service {}", service.name)))
    };
    if service.name != own.name && !is_elsewhere && service.network_mode.is_none() {
        let shared = networks(own)
            .into_iter()
            .any(|name| networks(service).contains(&name));
        if !shared {
            return Some(Err(Fault {
                message: format!(
                    "the site does not open: nginx cannot find {}, as they share no network",
                    service.name
                ),
                labels: places().into_iter().collect(),
            }));
        }
    }
    let starter = Starter::Service(service.name.clone());
    let mut processes = deployment.processes_of(&starter);
    let (process, None) = (processes.next()?, processes.next()) else {
        return None;
    };
    if !process.program.serves_django() || process.rest.is_some() || process.binds.is_empty() {
        return None;
    }
    let mut bound = Vec::new();
    for bind in &process.binds {
        match &bind.value {
            Bind::Tcp {
                host,
                port: Some(port),
            } => bound.push((host.as_str(), *port, bind)),
            Bind::Unix(_) => {}
            _ => return None,
        }
    }
    let port = (*port)?;
    let program = process.program.name();
    let is_loopback = |host: &str| host.starts_with("127.") || matches!(host, "localhost" | "::1");
    let on_port: Vec<_> = bound
        .iter()
        .filter(|(_, bound, _)| *bound == port)
        .collect();
    let is_open = |host: &str| service.name == own.name || !is_loopback(host);
    if on_port.iter().any(|(host, ..)| is_open(host)) {
        return Some(Ok(format!(
            "{program} of {} listens on port {port}",
            service.name
        )));
    }
    if on_port.is_empty() && is_told_open(deployment, service, port) {
        return None;
    }
    let told = on_port.first().copied().or(bound.first());
    let mut labels: Vec<Label> = told
        .and_then(|(_, _, bind)| bind.trail.first_span())
        .map(|span| label(span, "where it listens"))
        .into_iter()
        .collect();
    labels.extend(places());
    let message = match (on_port.first(), bound.first()) {
        (Some((host, ..)), _) => format!(
            "every page is an error 502: {program} of {} listens on {host}, which no other \
             container reaches",
            service.name
        ),
        (None, Some((_, other, _))) => format!(
            "every page is an error 502: {program} of {} listens on port {other}, and nginx asks \
             port {port}",
            service.name
        ),
        (None, None) => format!(
            "every page is an error 502: {program} of {} listens on a socket, and nginx asks port \
             {port}",
            service.name
        ),
    };
    Some(Err(Fault { message, labels }))
}

/// Whether Compose or the image says that something listens on a port: a second program, started by
/// the first one's script.
fn is_told_open(deployment: &Deployment, service: &Service, port: u16) -> bool {
    let is_it = |text: &str| text.split('/').next().unwrap_or(text).trim() == port.to_string();
    let image = deployment
        .containers()
        .and_then(|containers| containers.image(&service.name));
    let exposed =
        image.is_some_and(|image| image.config.exposes.iter().any(|one| is_it(&one.value)));
    exposed || service.expose.iter().any(|one| is_it(&one.value))
}

/// The networks of a service; without any it is on `default` (Compose specification, "networks").
fn networks(service: &Service) -> Vec<&str> {
    match service.networks.is_empty() {
        true => vec!["default"],
        false => service
            .networks
            .iter()
            .map(|one| one.network.as_str())
            .collect(),
    }
}

/// Whether services of other projects may be on a network too.
fn is_external(deployment: &Deployment, key: &str) -> bool {
    let compose = deployment.compose.as_ref();
    let network = compose.and_then(|compose| compose.network(key));
    network.is_some_and(|network| network.is_external || network.name.is_some())
}

fn finding(way: &Way<'_, '_>, target: &Target<'_>, fault: Fault) -> Finding {
    let mut finding = between(
        place(way),
        fault.message,
        label(target.span, "nginx hands requests to it"),
        &Trail::at(target.span, "hands requests on"),
        "Give nginx the name of the service and the port on which its server listens on 0.0.0.0.",
    );
    finding.labels.truncate(1);
    finding.labels.extend(fault.labels);
    finding
}

/// One finding for a server that several places name.
fn push(findings: &mut Vec<Finding>, finding: Finding) {
    let same = |other: &Finding| other.message == finding.message;
    if !findings.iter().any(same) {
        findings.push(finding);
    }
}
