//! The chart of a deployment, drawn.

mod document;
mod mermaid;
mod svg;
mod terminal;

pub use document::Document;
pub use mermaid::render as render_mermaid;
pub(crate) use svg::draw as draw_svg;
pub use svg::render as render_svg;
pub use terminal::render as render_terminal;

use std::io::{self, Write};

use document::{Node, Reach, Server, summary};

/// Writes the document itself.
pub fn render_json(document: &Document, out: &mut dyn Write) -> io::Result<()> {
    crate::json::write(document, out)
}

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
fn server(server: &Server) -> String {
    let scheme = if server.tls { "https" } else { "http" };
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
                .map(|port| port.port.as_str())
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
