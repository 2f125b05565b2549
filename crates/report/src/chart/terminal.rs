//! The chart for a person at a terminal: a box for each node, and below it whom it talks to.

use std::io::{self, Write};

use anstyle::Style;

use super::document::{Layer, Node};
use super::{Document, kind, ports, server, summary};
use crate::clean::clean;
use crate::style::{BOLD, DIM, PLAIN, paint, severity};
use crate::text::{Paragraph, ruled, width_of};

/// Writes the boxes from the internet inwards.
pub fn render(chart: &Document, title: &str, width: usize, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n{}\n", ruled(&clean(title), "deployment", width))?;
    let open: Vec<_> = chart.reached().map(|(_, node)| &*node.name).collect();
    let text = match open[..] {
        [] => "reaches nothing: no port is published to it".to_owned(),
        _ => format!("──▶ {}", open.join(", ")),
    };
    Paragraph::led(2, "internet ", BOLD, PLAIN).write(&clean(&text), width, out)?;
    let mut layer = None;
    for (at, node) in chart.nodes.iter().enumerate() {
        if layer != Some(node.layer) {
            layer = Some(node.layer);
            writeln!(out, "\n  {}", paint(DIM, heading(node.layer)))?;
        }
        draw(chart, at, node, width, out)?;
    }
    if let Some(summary) = summary(&chart.elsewhere) {
        let text = format!("in no box: {summary} (settings, documents, other files)");
        writeln!(out)?;
        Paragraph::indented(2, DIM).write(&text, width, out)?;
    }
    writeln!(out)
}

fn heading(layer: Layer) -> &'static str {
    match layer {
        Layer::Edge => "the edge",
        Layer::Application => "the application",
        Layer::Store => "what it stores in",
        Layer::Aside => "beside it",
    }
}

fn draw(
    chart: &Document,
    at: usize,
    node: &Node,
    width: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    let colour = node.worst().map_or(DIM, severity);
    let inner = width.saturating_sub(6);
    let name = clean(&node.name);
    let rule = inner.saturating_sub(width_of(&name));
    writeln!(
        out,
        "  {} {} {}",
        paint(colour, "┌"),
        paint(BOLD, &name),
        paint(colour, format!("{}┐", "─".repeat(rule)))
    )?;
    let row = |text: &str, style: Style, out: &mut dyn Write| -> io::Result<()> {
        for line in textwrap::wrap(
            &clean(text),
            textwrap::Options::new(inner).subsequent_indent("  "),
        ) {
            let pad = inner.saturating_sub(width_of(&line));
            let side = paint(colour, "│");
            writeln!(out, "  {side} {}{:pad$} {side}", paint(style, &line), "")?;
        }
        Ok(())
    };
    if let Some(summary) = summary(&node.findings) {
        row(&format!("✗ {summary}"), colour, out)?;
    }
    row(&kind(node), PLAIN, out)?;
    for one in &node.servers {
        row(&server(one), PLAIN, out)?;
    }
    for text in ports(node) {
        row(&text, PLAIN, out)?;
    }
    for (what, names) in [("networks", &node.networks), ("volumes", &node.volumes)] {
        if !names.is_empty() {
            row(&format!("{what}: {}", names.join(", ")), DIM, out)?;
        }
    }
    for link in chart.links().filter(|link| link.from_at == at) {
        let text = format!("──▶ {}  ({})", link.to, link.by);
        row(&text, PLAIN, out)?;
    }
    let bottom = format!("└{}┘", "─".repeat(inner + 2));
    writeln!(out, "  {}", paint(colour, bottom))
}
