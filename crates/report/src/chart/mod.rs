//! The chart of a deployment, drawn.

mod json;
mod mermaid;
mod svg;
mod terminal;

pub use json::{Document, render as render_json};
pub use mermaid::render as render_mermaid;
pub use svg::render as render_svg;
pub use terminal::render as render_terminal;

use tightship_predict::chart::{Chart, Node, Reach, ServerNames};

/// What a node is, in short: its program and its image.
fn kind(node: &Node) -> String {
    let parts: Vec<_> = [&node.program, &node.image]
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect();
    parts.join(" · ")
}

/// `https a.example www.a.example`.
fn server(server: &ServerNames) -> String {
    let scheme = if server.has_tls { "https" } else { "http" };
    match server.names[..] {
        [] => format!("{scheme} (no name)"),
        _ => format!("{scheme} {}", server.names.join(" ")),
    }
}

/// The published ports by who reaches them; nothing where there are none.
fn ports(node: &Node) -> Vec<String> {
    [Reach::Internet, Reach::PrivateNetwork, Reach::Host]
        .into_iter()
        .filter_map(|reach| {
            let ports: Vec<_> = node
                .ports
                .iter()
                .filter(|port| port.reach == reach)
                .map(|port| port.text.as_str())
                .collect();
            let who = match reach {
                Reach::Internet => "open to the internet",
                Reach::PrivateNetwork => "open to a private network",
                Reach::Host => "open to the host alone",
            };
            (!ports.is_empty()).then(|| format!("{who}: {}", ports.join(", ")))
        })
        .collect()
}

/// The positions of the nodes that the internet reaches.
fn reached(chart: &Chart) -> impl Iterator<Item = (usize, &Node)> {
    chart
        .nodes
        .iter()
        .enumerate()
        .filter(|(_, node)| node.is_reached())
}
