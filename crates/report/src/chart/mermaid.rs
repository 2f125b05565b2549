//! The chart as a `flowchart LR` of Mermaid.

use std::io::{self, Write};

use super::{Document, kind, ports, server, summary};
use crate::clean::clean;

/// Writes the flowchart. Ids are numbers, so that no name of a file can be code.
pub fn render(chart: &Document, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "flowchart LR")?;
    writeln!(out, "  internet((internet))")?;
    for (at, node) in chart.nodes.iter().enumerate() {
        let mut lines = vec![
            format!("<b>{}</b>", escape(&node.name)),
            escape(&kind(node)),
        ];
        lines.extend(node.servers.iter().map(|one| escape(&server(one))));
        lines.extend(ports(node).iter().map(|text| escape(text)));
        lines.extend(summary(&node.findings).map(|text| escape(&format!("✗ {text}"))));
        lines.retain(|line| !line.is_empty());
        writeln!(out, "  n{at}[\"{}\"]", lines.join("<br/>"))?;
    }
    for (at, _) in chart.reached() {
        writeln!(out, "  internet ==> n{at}")?;
    }
    for link in chart.links() {
        writeln!(
            out,
            "  n{} -->|\"{}\"| n{}",
            link.from_at,
            escape(&link.by),
            link.to_at
        )?;
    }
    writeln!(out, "  classDef found stroke:#c0271d,stroke-width:2px")?;
    for (at, node) in chart.nodes.iter().enumerate() {
        if node.worst().is_some() {
            writeln!(out, "  class n{at} found")?;
        }
    }
    Ok(())
}

/// Mermaid's entity codes for all that its grammar or HTML would obey.
fn escape(text: &str) -> String {
    clean(text)
        .chars()
        .map(|c| match c {
            '"' | '<' | '>' | '&' | '#' | ';' | '`' | '\\' | '|' | '[' | ']' | '{' | '}' => {
                format!("#{};", u32::from(c))
            }
            other => other.to_string(),
        })
        .collect()
}
