//! The machine contract `tightship.deployment/1`.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;
use tightship_model::{Deployment, Severity};
use tightship_predict::chart::{Chart, Findings, Layer, Node, Reach};

use crate::json::write;

/// A deployment: what runs, what the internet reaches, who talks to whom.
#[derive(Serialize, JsonSchema)]
pub struct Document {
    /// Always `tightship.deployment/1`.
    schema: &'static str,
    /// From the internet inwards.
    nodes: Vec<NodeEntry>,
    links: Vec<LinkEntry>,
    /// Findings that stand at none of the nodes.
    elsewhere: Vec<FindingEntry>,
}

#[derive(Serialize, JsonSchema)]
struct NodeEntry {
    /// Name of the service, or `nginx` for one outside of Compose.
    name: String,
    layer: LayerWord,
    program: Option<String>,
    image: Option<String>,
    servers: Vec<ServerEntry>,
    ports: Vec<PortEntry>,
    networks: Vec<String>,
    volumes: Vec<String>,
    findings: Vec<FindingEntry>,
}

#[derive(Serialize, JsonSchema)]
struct ServerEntry {
    names: Vec<String>,
    tls: bool,
    /// `path:line:column`
    place: String,
}

#[derive(Serialize, JsonSchema)]
struct PortEntry {
    /// `8001 → 8000`: on the host and in the container; one number where both are the same.
    port: String,
    /// Who reaches it, firewalls aside.
    reach: ReachWord,
    /// `path:line:column`
    place: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct LinkEntry {
    from: String,
    to: String,
    /// What says so: `proxy_pass`, a setting, `depends_on`.
    by: String,
    /// `path:line:column`
    place: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct FindingEntry {
    check: String,
    severity: Severity,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum LayerWord {
    Edge,
    Application,
    Store,
    Aside,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum ReachWord {
    Internet,
    PrivateNetwork,
    Host,
}

/// Writes the chart as JSON.
pub fn render(deployment: &Deployment, chart: &Chart, out: &mut dyn Write) -> io::Result<()> {
    let document = Document {
        schema: "tightship.deployment/1",
        nodes: chart
            .nodes
            .iter()
            .map(|node| entry(deployment, node))
            .collect(),
        links: chart
            .links
            .iter()
            .map(|link| LinkEntry {
                from: chart.nodes[link.from].name.clone(),
                to: chart.nodes[link.to].name.clone(),
                by: link.by.clone(),
                place: link.span.map(|span| deployment.sources.place(span)),
            })
            .collect(),
        elsewhere: findings(&chart.elsewhere),
    };
    write(&document, out)
}

fn entry(deployment: &Deployment, node: &Node) -> NodeEntry {
    NodeEntry {
        name: node.name.clone(),
        layer: match node.layer {
            Layer::Edge => LayerWord::Edge,
            Layer::Application => LayerWord::Application,
            Layer::Store => LayerWord::Store,
            Layer::Aside => LayerWord::Aside,
        },
        program: node.program.clone(),
        image: node.image.clone(),
        servers: node
            .servers
            .iter()
            .map(|server| ServerEntry {
                names: server.names.clone(),
                tls: server.has_tls,
                place: deployment.sources.place(server.span),
            })
            .collect(),
        ports: node
            .ports
            .iter()
            .map(|port| PortEntry {
                port: port.text.clone(),
                reach: match port.reach {
                    Reach::Internet => ReachWord::Internet,
                    Reach::PrivateNetwork => ReachWord::PrivateNetwork,
                    Reach::Host => ReachWord::Host,
                },
                place: port.span.map(|span| deployment.sources.place(span)),
            })
            .collect(),
        networks: node.networks.clone(),
        volumes: node.volumes.clone(),
        findings: findings(&node.findings),
    }
}

fn findings(findings: &Findings) -> Vec<FindingEntry> {
    findings
        .checks
        .iter()
        .map(|(check, severity)| FindingEntry {
            check: check.clone(),
            severity: *severity,
        })
        .collect()
}
