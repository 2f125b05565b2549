//! The deployment as a chart: what runs, what the internet reaches, and who talks to whom.

mod sections;

use std::collections::BTreeMap;

use tightship_model::compose::{Compose, MountKind, Port, Service};
use tightship_model::nginx::RunsIn;
use tightship_model::{Deployment, Outcome, Program, Severity, Span, Value, Verdict};

use self::sections::Sections;
use crate::ways::{Edge, process_of};

/// The chart of a deployment.
#[derive(Clone, Debug, Default)]
pub struct Chart {
    /// In the order of the files, by [`Node::layer`] from the internet inwards.
    pub nodes: Vec<Node>,
    pub links: Vec<Link>,
    /// Findings that stand at none of the nodes.
    pub elsewhere: Findings,
}

/// Something that runs.
#[derive(Clone, Debug)]
pub struct Node {
    /// Name of the service, or `nginx` for one that runs outside of Compose.
    pub name: String,
    pub layer: Layer,
    /// The program that it runs, where that is told.
    pub program: Option<String>,
    /// Name of the image, or `built from` a Dockerfile.
    pub image: Option<String>,
    /// For an nginx: the servers, each with its names.
    pub servers: Vec<ServerNames>,
    pub ports: Vec<Published>,
    pub networks: Vec<String>,
    /// Named volumes.
    pub volumes: Vec<String>,
    pub findings: Findings,
    /// Whether an image of the project is built for it.
    is_built: bool,
    /// Whether the project's Python runs in it.
    runs_code: bool,
    /// Whether Compose starts it.
    is_service: bool,
}

/// How far inside something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// nginx.
    Edge,
    /// What runs the code of the project, or asks stores, or is built for the project and waited for.
    Application,
    /// What others ask: databases, caches.
    Store,
    /// Everything else.
    Aside,
}

/// A server of an nginx.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerNames {
    /// Empty for a server without a name.
    pub names: Vec<String>,
    pub has_tls: bool,
    pub span: Span,
}

/// A published port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// `443 → 8443`, or `443` where both are the same.
    pub text: String,
    pub reach: Reach,
    pub span: Option<Span>,
}

/// Who reaches a published port, firewalls aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    Internet,
    /// An address that is kept for networks of one's own (RFC 1918, RFC 4193).
    PrivateNetwork,
    Host,
}

/// One talks to the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Positions in [`Chart::nodes`].
    pub from: usize,
    pub to: usize,
    /// What says so: `proxy_pass`, a setting, `depends_on`.
    pub by: String,
    pub span: Option<Span>,
}

/// How many findings stand somewhere, by the worst.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// Id of the check and its severity, the worst first.
    pub checks: Vec<(String, Severity)>,
}

/// Draws what the files say.
pub fn chart(deployment: &Deployment, edges: &[Edge<'_>]) -> Chart {
    let mut chart = Chart::default();
    let services = deployment
        .compose
        .iter()
        .flat_map(|compose| &compose.services);
    for service in services {
        chart.nodes.push(Node::of(deployment, service));
    }
    for edge in edges {
        let at = match edge.service(deployment) {
            Some(service) => chart.position(&service.name),
            None => {
                chart.nodes.push(Node::outside(edge));
                Some(chart.nodes.len() - 1)
            }
        };
        if let Some(at) = at {
            chart.nodes[at].layer = Layer::Edge;
            chart.nodes[at].servers.extend(servers(edge));
            chart.link_ways(deployment, edge, at);
        }
    }
    if let Some(compose) = &deployment.compose {
        chart.link_settings(deployment, compose);
        chart.link_dependencies(compose);
    }
    chart.settle();
    chart
}

impl Chart {
    /// Puts each finding at the nodes in which its labels stand.
    pub fn mark(&mut self, deployment: &Deployment, edges: &[Edge<'_>], verdicts: &[Verdict]) {
        let described = deployment.compose.as_ref();
        let described = described.map_or_else(Sections::default, |compose| {
            Sections::of(deployment, compose)
        });
        for verdict in verdicts {
            let Outcome::Fail(findings) = &verdict.outcome else {
                continue;
            };
            for finding in findings {
                let mut at: Vec<usize> = finding
                    .labels
                    .iter()
                    .flat_map(|label| self.owners(deployment, edges, &described, label.span))
                    .collect();
                at.sort_unstable();
                at.dedup();
                let entry = (verdict.check.id.to_owned(), finding.severity(verdict.check));
                if at.is_empty() {
                    self.elsewhere.checks.push(entry);
                } else {
                    for node in at {
                        self.nodes[node].findings.checks.push(entry.clone());
                    }
                }
            }
        }
        let all = self.nodes.iter_mut().map(|node| &mut node.findings);
        for findings in all.chain([&mut self.elsewhere]) {
            findings
                .checks
                .sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        }
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.nodes.iter().position(|node| node.name == name)
    }

    /// The nodes that a place belongs to: the service that it describes, the nginx that reads the
    /// file, the services of the Dockerfile, and for Python those that run Django.
    fn owners(
        &self,
        deployment: &Deployment,
        edges: &[Edge<'_>],
        described: &Sections<'_>,
        span: Span,
    ) -> Vec<usize> {
        let service = described.service(span);
        let mut owners: Vec<usize> = service
            .and_then(|name| self.position(name))
            .into_iter()
            .collect();
        for edge in edges {
            let reads = |file: &tightship_model::nginx::Included| file.file == span.source;
            if edge.configuration.files.iter().any(reads) {
                let own = edge.service(deployment).map(|service| &service.name);
                owners.extend(own.and_then(|name| self.position(name)).or_else(|| {
                    let is_outside = |node: &Node| !node.is_service;
                    self.nodes.iter().position(is_outside)
                }));
            }
        }
        for image in deployment
            .images
            .iter()
            .filter(|one| one.file == span.source)
        {
            owners.extend(image.services.iter().filter_map(|name| self.position(name)));
        }
        if deployment.sources[span.source].path.ends_with(".py") {
            owners.extend((0..self.nodes.len()).filter(|at| self.nodes[*at].runs_code));
        }
        owners
    }

    fn add(&mut self, from: usize, to: usize, by: &str, span: Option<Span>) {
        let same = |link: &&mut Link| link.from == from && link.to == to;
        if from == to {
            return;
        }
        match self.links.iter_mut().find(same) {
            Some(link) if link.by.split(", ").any(|known| known == by) => {}
            Some(link) => link.by = format!("{}, {by}", link.by),
            None => self.links.push(Link {
                from,
                to,
                by: by.to_owned(),
                span,
            }),
        }
    }

    fn link_ways(&mut self, deployment: &Deployment, edge: &Edge<'_>, at: usize) {
        // Only services are linked.
        if deployment.compose.is_none() {
            return;
        }
        for way in edge.ways(deployment) {
            for target in &way.targets {
                let to = target.service.and_then(|to| self.position(&to.name));
                if let Some(to) = to {
                    self.add(at, to, &way.pass.name.text, Some(target.span));
                }
            }
        }
    }

    /// The hosts in the settings by which Django finds its stores.
    fn link_settings(&mut self, deployment: &Deployment, compose: &Compose) {
        const NAMES: [&str; 6] = [
            "DATABASES",
            "CACHES",
            "CHANNEL_LAYERS",
            "CELERY_BROKER_URL",
            "CELERY_RESULT_BACKEND",
            "BROKER_URL",
        ];
        let Some(settings) = &deployment.settings else {
            return;
        };
        for name in NAMES {
            let Some(setting) = settings.get(name) else {
                continue;
            };
            let mut hosts = Vec::new();
            collect(&setting.value.value, name != "DATABASES", &mut hosts);
            let span = setting.value.trail.first_span();
            for service in &compose.services {
                if !hosts.contains(&service.name) {
                    continue;
                }
                let Some(to) = self.position(&service.name) else {
                    continue;
                };
                for from in 0..self.nodes.len() {
                    if self.nodes[from].layer == Layer::Application {
                        self.add(from, to, name, span);
                    }
                }
            }
        }
    }

    fn link_dependencies(&mut self, compose: &Compose) {
        for service in &compose.services {
            for needed in &service.depends_on {
                let ends = (self.position(&service.name), self.position(&needed.service));
                if let (Some(from), Some(to)) = ends
                    && !self
                        .links
                        .iter()
                        .any(|link| link.from == from && link.to == to)
                {
                    self.add(from, to, "depends_on", Some(needed.span));
                }
            }
        }
    }

    /// What only answers is a store; what asks belongs to the applications.
    fn settle(&mut self) {
        for at in 0..self.nodes.len() {
            if self.nodes[at].layer != Layer::Aside {
                continue;
            }
            let asked = || self.links.iter().filter(|link| link.to == at);
            let is_named = asked().any(|link| link.by != "depends_on");
            let is_asked = asked().next().is_some();
            // What waits for nginx alone is no part of what nginx hands requests to.
            let asks = self
                .links
                .iter()
                .any(|link| link.from == at && self.nodes[link.to].layer != Layer::Edge);
            self.nodes[at].layer = match (is_asked, asks) {
                (true, false) if is_named || !self.nodes[at].is_built => Layer::Store,
                (false, false) => Layer::Aside,
                _ => Layer::Application,
            };
        }
        let mut order: Vec<usize> = (0..self.nodes.len()).collect();
        order.sort_by_key(|at| self.nodes[*at].layer);
        let place: BTreeMap<usize, usize> = order.iter().copied().zip(0..).collect();
        self.nodes = order.iter().map(|at| self.nodes[*at].clone()).collect();
        for link in &mut self.links {
            link.from = place[&link.from];
            link.to = place[&link.to];
        }
    }
}

impl Node {
    /// Whether the internet reaches one of its ports.
    pub fn is_reached(&self) -> bool {
        self.ports.iter().any(|port| port.reach == Reach::Internet)
    }

    fn of(deployment: &Deployment, service: &Service) -> Self {
        let process = process_of(deployment, service);
        let program = process.map(|process| &process.program);
        let layer = match program {
            Some(Program::Nginx) => Layer::Edge,
            Some(program) if program.runs_django() => Layer::Application,
            _ => Layer::Aside,
        };
        let built = service.build.as_ref().map(|build| {
            let file = build.dockerfile_path.as_deref().unwrap_or("a Dockerfile");
            format!("built from {file}")
        });
        let is_built = built.is_some()
            || deployment
                .images
                .iter()
                .any(|image| image.services.contains(&service.name));
        let host_network = service
            .network_mode
            .as_ref()
            .filter(|mode| mode.value == "host");
        let mut ports: Vec<_> = service
            .ports
            .iter()
            .filter(|port| port.published.is_some())
            .map(Published::of)
            .collect();
        ports.extend(host_network.map(|mode| Published {
            text: "every port it opens (host network)".to_owned(),
            reach: Reach::Internet,
            span: mode.span(),
        }));
        let volumes = service
            .mounts
            .iter()
            .filter(|mount| mount.kind == MountKind::Volume)
            .filter_map(|mount| Some(mount.source.as_ref()?.value.clone()))
            .collect();
        let attached = service.networks.iter();
        let mut networks: Vec<_> = attached.map(|one| one.network.clone()).collect();
        if networks.is_empty() && service.network_mode.is_none() {
            networks.push("default".to_owned());
        }
        Self {
            name: service.name.clone(),
            layer,
            program: program
                .filter(|program| **program != Program::Unknown)
                .map(|program| program.name().to_owned()),
            image: built.or_else(|| Some(service.image.as_ref()?.value.clone())),
            servers: Vec::new(),
            ports,
            networks,
            volumes,
            findings: Findings::default(),
            is_built,
            runs_code: layer == Layer::Application,
            is_service: true,
        }
    }

    /// An nginx outside of Compose: its listening sockets are the machine's own.
    fn outside(edge: &Edge<'_>) -> Self {
        let image = match &edge.configuration.runs_in {
            RunsIn::Image(path) => Some(format!("built from {path}")),
            RunsIn::Service(_) | RunsIn::Host(_) | RunsIn::NotKnown(_) => None,
        };
        let sockets = edge.http.sockets().iter().filter(|socket| socket.port != 0);
        Self {
            name: "nginx".to_owned(),
            layer: Layer::Edge,
            program: Some("nginx".to_owned()),
            image,
            servers: Vec::new(),
            ports: sockets
                .map(|socket| Published {
                    text: socket.port.to_string(),
                    reach: match socket.address.is_local() {
                        true => Reach::Host,
                        false => Reach::Internet,
                    },
                    span: None,
                })
                .collect(),
            networks: Vec::new(),
            volumes: Vec::new(),
            findings: Findings::default(),
            is_built: false,
            runs_code: false,
            is_service: false,
        }
    }
}

impl Published {
    fn of(port: &Port) -> Self {
        let range = |range: tightship_model::compose::PortRange| match range.width() {
            1 => range.first.to_string(),
            _ => format!("{}-{}", range.first, range.last),
        };
        let target = range(port.target);
        let outside = port
            .published
            .map_or_else(|| "a free port".to_owned(), range);
        let text = match outside == target {
            true => target,
            false => format!("{outside} → {target}"),
        };
        let address: Option<std::net::IpAddr> = port
            .host_ip
            .as_deref()
            .and_then(|ip| ip.trim_matches(['[', ']']).parse().ok());
        let reach = match address {
            _ if port.is_loopback() => Reach::Host,
            Some(std::net::IpAddr::V4(ip)) if ip.is_private() => Reach::PrivateNetwork,
            Some(std::net::IpAddr::V6(ip)) if ip.is_unique_local() => Reach::PrivateNetwork,
            _ => Reach::Internet,
        };
        Self {
            text,
            reach,
            span: Some(port.span),
        }
    }
}

impl Findings {
    pub fn worst(&self) -> Option<Severity> {
        self.checks.first().map(|(_, severity)| *severity)
    }

    /// `3 findings, worst critical`; nothing where there is none.
    pub fn summary(&self) -> Option<String> {
        let worst = self.worst()?.name();
        Some(match self.checks.len() {
            1 => format!("1 finding, {worst}"),
            count => format!("{count} findings, worst {worst}"),
        })
    }
}

fn servers(edge: &Edge<'_>) -> Vec<ServerNames> {
    edge.http
        .servers()
        .filter_map(|server| {
            let words = server.names().iter().filter_map(|name| name.word);
            Some(ServerNames {
                names: words.map(|word| word.text.clone()).collect(),
                has_tls: server.has_tls(),
                span: server.directive()?.name.span,
            })
        })
        .collect()
}

/// The hosts in a value: under the key HOST, and where `everywhere`, in every text.
fn collect(value: &Value, everywhere: bool, hosts: &mut Vec<String>) {
    value.walk(&mut |value| match value {
        Value::Dict(dict) => {
            let host = dict.get("HOST");
            host.into_iter().for_each(|host| {
                host.value
                    .walk(&mut |inner| hosts.extend(inner.as_str().map(host_of)));
            });
        }
        other if everywhere => hosts.extend(other.as_str().map(host_of)),
        _ => {}
    });
}

/// `redis` of `redis://:password@redis:6379/0`, `redis:6379` or `redis`.
fn host_of(text: &str) -> String {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let authority = rest.split(['/', '?']).next().unwrap_or(rest);
    let host = authority.rsplit('@').next().unwrap_or(authority);
    host.split(':').next().unwrap_or(host).to_owned()
}
