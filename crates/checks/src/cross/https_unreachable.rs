use tightship_model::compose::Port;
use tightship_model::{
    Check, Deployment, Evidence, Finding, Need, Outcome, Reference, Severity, Span, Trail,
};
use tightship_predict::nginx::Socket;
use tightship_predict::ways::{Edge, edges};

use super::front::{Tally, public_ports};
use super::{between, label};

pub(super) static CHECK: Check = Check {
    id: "cross/https-unreachable",
    title: "No visitor can reach the site over HTTPS",
    severity: Severity::High,
    needs: &[Need::Nginx],
    items: &["A8.2"],
    django_ids: &[],
    references: &[
        Reference::Url("https://nginx.org/en/docs/http/configuring_https_servers.html"),
        Reference::Url(
            "https://github.com/compose-spec/compose-spec/blob/main/05-services.md#ports",
        ),
        Reference::Cwe(319),
    ],
    doc: include_str!("https_unreachable.md"),
    run,
};

/// The port of `https` (RFC 9110, section 4.2.2).
const HTTPS: u16 = 443;

fn run(deployment: &Deployment) -> Outcome {
    let edges = edges(deployment);
    let mut tally = Tally::default();
    for edge in &edges {
        // One nginx that visitors reach over TLS is enough: others stand behind it.
        if let Some(evidence) = reached(deployment, edge) {
            return Outcome::Pass(vec![evidence]);
        }
        match unpublished(deployment, edge).or_else(|| plain(deployment, edge)) {
            Some(finding) => tally.fails(finding),
            None => tally.unseen(
                "no file here tells what ends TLS for visitors",
                Span::new(edge.configuration.file, 0, 0),
            ),
        }
    }
    tally.outcome("no nginx with an http block is part of the deployment")
}

/// That a socket with TLS is open to visitors.
fn reached(deployment: &Deployment, edge: &Edge<'_>) -> Option<Evidence> {
    let (socket, port) = edge.http.sockets().iter().find_map(|socket| {
        let port = public_ports(deployment, edge, socket).into_iter().next()?;
        socket.ssl.then_some((socket, port))
    })?;
    let listen = span_of(edge, socket)?;
    let text = format!("nginx speaks TLS on port {port}");
    Some(Evidence {
        trail: Trail::at(listen, text.clone()),
        text,
    })
}

/// That nginx speaks TLS at ports which Compose does not publish, though it publishes others.
fn unpublished(deployment: &Deployment, edge: &Edge<'_>) -> Option<Finding> {
    let service = edge.service(deployment)?;
    let socket = edge.http.sockets().iter().find(|socket| socket.ssl)?;
    let published = edge
        .http
        .sockets()
        .iter()
        .find_map(|socket| public_ports(deployment, edge, socket).into_iter().next())?;
    // One that is published to the machine alone has something in front; one whose number a
    // variable gives may be the one.
    let leads_to_tls = |port: &Port| {
        let mut sockets = edge.http.sockets().iter().filter(|socket| socket.ssl);
        !port.open.is_empty() || sockets.any(|socket| port.target.contains(socket.port))
    };
    if service.ports.iter().any(leads_to_tls) {
        return None;
    }
    let port = service.ports.first()?;
    Some(between(
        format!("service:{} https", service.name),
        format!(
            "nginx speaks TLS on port {}, and Compose publishes port {published} alone: https:// \
             addresses of the site find nobody",
            socket.port
        ),
        label(span_of(edge, socket)?, "listens with TLS"),
        &port.trail,
        "Publish it: `\"443:443\"` under ports.",
    ))
}

/// That visitors find plain HTTP at the port of HTTPS.
fn plain(deployment: &Deployment, edge: &Edge<'_>) -> Option<Finding> {
    if edge.http.sockets().iter().any(|socket| socket.ssl) {
        return None;
    }
    let is_https = |socket: &&Socket| public_ports(deployment, edge, socket).contains(&HTTPS);
    let socket = edge.http.sockets().iter().find(is_https)?;
    let server = edge.http.server(socket.default)?;
    // Before nginx 1.25.1 a directive of its own could ask for TLS.
    if server.scope.flag("ssl") == Some(true) {
        return None;
    }
    Some(between(
        format!("nginx:listen {HTTPS}"),
        "port 443 speaks plain HTTP: a browser that opens https:// shows an error and no page"
            .to_owned(),
        label(span_of(edge, socket)?, "listens without ssl"),
        &Trail::default(),
        "Write `listen 443 ssl;` and name the certificate.",
    ))
}

/// The `listen` that makes a socket.
fn span_of(edge: &Edge<'_>, socket: &Socket) -> Option<Span> {
    let servers = socket
        .servers
        .iter()
        .filter_map(|number| edge.http.server(*number));
    let mut listens = servers.flat_map(|server| server.listens());
    listens.find_map(|listen| {
        let is_it = listen.ports.contains(&socket.port) && listen.ssl == socket.ssl;
        listen
            .directive
            .filter(|_| is_it)
            .map(|one| one.heading_span())
    })
}
