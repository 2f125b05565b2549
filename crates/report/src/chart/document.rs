//! The chart as a document: the machine contract `tightship.deployment/1`, and what every drawing
//! is made of.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tightship_model::{Deployment, Severity};
use tightship_predict::chart as predict;

/// A deployment: what runs, what the internet reaches, who talks to whom.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Document {
    /// Always `tightship.deployment/1`.
    pub(super) schema: String,
    /// From the internet inwards.
    pub(super) nodes: Vec<Node>,
    pub(super) links: Vec<Link>,
    /// Findings that stand at none of the nodes.
    pub(super) elsewhere: Vec<Marked>,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Node {
    /// Name of the service, or `nginx` for one outside of Compose.
    pub(super) name: String,
    pub(super) layer: Layer,
    pub(super) program: Option<String>,
    pub(super) image: Option<String>,
    pub(super) servers: Vec<Server>,
    pub(super) ports: Vec<Port>,
    pub(super) networks: Vec<String>,
    pub(super) volumes: Vec<String>,
    pub(super) findings: Vec<Marked>,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Server {
    pub(super) names: Vec<String>,
    pub(super) tls: bool,
    /// `path:line:column`
    pub(super) place: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Port {
    /// `8001 → 8000`: on the host and in the container; one number where both are the same.
    pub(super) port: String,
    /// Who reaches it, firewalls aside.
    pub(super) reach: Reach,
    /// `path:line:column`
    pub(super) place: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Link {
    pub(super) from: String,
    pub(super) to: String,
    /// Positions of both among the nodes.
    pub(super) from_at: usize,
    pub(super) to_at: usize,
    /// What says so: `proxy_pass`, a setting, `depends_on`.
    pub(super) by: String,
    /// `path:line:column`
    pub(super) place: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Marked {
    pub(super) check: String,
    pub(super) severity: Severity,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Layer {
    Edge,
    Application,
    Store,
    Aside,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Reach {
    Internet,
    PrivateNetwork,
    Host,
}

impl Document {
    /// The chart with each place as `path:line:column`.
    pub fn of(deployment: &Deployment, chart: &predict::Chart) -> Self {
        let place = |span| deployment.sources.place(span);
        Self {
            schema: "tightship.deployment/1".to_owned(),
            nodes: chart
                .nodes
                .iter()
                .map(|node| Node::of(deployment, node))
                .collect(),
            links: chart
                .links
                .iter()
                .map(|link| Link {
                    from: chart.nodes[link.from].name.clone(),
                    to: chart.nodes[link.to].name.clone(),
                    from_at: link.from,
                    to_at: link.to,
                    by: link.by.clone(),
                    place: link.span.map(place),
                })
                .collect(),
            elsewhere: marked(&chart.elsewhere),
        }
    }

    /// Whether there is nothing to draw.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Ids of the checks that have findings at what the internet reaches.
    pub(crate) fn exposed(&self) -> BTreeSet<&str> {
        let nodes = self.reached().flat_map(|(_, node)| &node.findings);
        nodes.map(|finding| &*finding.check).collect()
    }

    /// The links between nodes that are there: a kept document may have lost some.
    pub(super) fn links(&self) -> impl Iterator<Item = &Link> {
        let known = self.nodes.len();
        self.links
            .iter()
            .filter(move |link| link.from_at < known && link.to_at < known)
    }

    /// The positions of the nodes that the internet reaches.
    pub(super) fn reached(&self) -> impl Iterator<Item = (usize, &Node)> {
        let is_open = |node: &Node| node.ports.iter().any(|port| port.reach == Reach::Internet);
        let nodes = self.nodes.iter().enumerate();
        nodes.filter(move |(_, node)| is_open(node))
    }
}

impl Node {
    fn of(deployment: &Deployment, node: &predict::Node) -> Self {
        let place = |span| deployment.sources.place(span);
        Self {
            name: node.name.clone(),
            layer: match node.layer {
                predict::Layer::Edge => Layer::Edge,
                predict::Layer::Application => Layer::Application,
                predict::Layer::Store => Layer::Store,
                predict::Layer::Aside => Layer::Aside,
            },
            program: node.program.clone(),
            image: node.image.clone(),
            servers: node
                .servers
                .iter()
                .map(|server| Server {
                    names: server.names.clone(),
                    tls: server.has_tls,
                    place: place(server.span),
                })
                .collect(),
            ports: node
                .ports
                .iter()
                .map(|port| Port {
                    port: port.text.clone(),
                    reach: match port.reach {
                        predict::Reach::Internet => Reach::Internet,
                        predict::Reach::PrivateNetwork => Reach::PrivateNetwork,
                        predict::Reach::Host => Reach::Host,
                    },
                    place: port.span.map(place),
                })
                .collect(),
            networks: node.networks.clone(),
            volumes: node.volumes.clone(),
            findings: marked(&node.findings),
        }
    }

    pub(super) fn worst(&self) -> Option<Severity> {
        self.findings.first().map(|finding| finding.severity)
    }
}

fn marked(findings: &predict::Findings) -> Vec<Marked> {
    findings
        .checks
        .iter()
        .map(|(check, severity)| Marked {
            check: check.clone(),
            severity: *severity,
        })
        .collect()
}

/// `3 findings, worst critical`; nothing where there is none.
pub(super) fn summary(findings: &[Marked]) -> Option<String> {
    let worst = findings.first()?.severity.name();
    Some(match findings.len() {
        1 => format!("1 finding, {worst}"),
        count => format!("{count} findings, worst {worst}"),
    })
}
