//! The chart as a picture: columns from the internet inwards, a box for each node.

use std::fmt::Write as _;
use std::io::{self, Write};

use tightship_predict::chart::{Chart, Layer, Node};

use super::{kind, ports, reached, server};
use crate::clean::clean;
use crate::text::width_of;

/// Pixels. A column of 12 px monospace is about 7.2 px wide.
const BOX: usize = 272;
const GAP: usize = 150;
const LINE: usize = 17;
const MARGIN: usize = 28;
const FIRST_COLUMN: usize = 150;
const COLUMNS: usize = 34;
const BETWEEN: usize = 26;

/// Where a node stands.
struct Placed {
    x: usize,
    y: usize,
    height: usize,
    lines: Vec<String>,
}

/// Writes the picture. It brings its own ground, so that it reads on a light page and a dark one.
pub fn render(chart: &Chart, title: &str, out: &mut dyn Write) -> io::Result<()> {
    let placed = place(chart);
    let right = placed.iter().map(|one| one.x + BOX).max();
    let bottom = placed.iter().map(|one| one.y + one.height).max();
    let width = right.unwrap_or(FIRST_COLUMN) + MARGIN;
    let height = bottom.unwrap_or(120) + MARGIN;
    let title = escape(&clean(title));
    writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         width=\"{width}\" height=\"{height}\" role=\"img\" \
         font-family=\"ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace\" \
         font-size=\"12\">\n<title>{title}</title>\n\
         <rect width=\"{width}\" height=\"{height}\" rx=\"10\" fill=\"#f6f7f9\"/>\n\
         <defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"8\" \
         markerHeight=\"8\" markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path d=\"M0 0 8 4 0 8z\" fill=\"#5b6675\"/></marker>\
         </defs>\n<text x=\"{MARGIN}\" y=\"34\" font-size=\"15\" font-weight=\"700\" \
         fill=\"#1c2530\">{title}</text>"
    )?;
    let middle = (height + 40) / 2;
    let mut labels = String::new();
    for (at, _) in reached(chart) {
        let to = &placed[at];
        let y = to.y + to.height * 2 / 3;
        // A wire from the circle to a box further in would run behind others.
        match to.x == FIRST_COLUMN + 40 {
            true => wire((FIRST_COLUMN - 46, middle), (to.x, y), "#1c2530", 2, out)?,
            false => {
                wire((to.x - 40, y), (to.x, y), "#1c2530", 2, out)?;
                tag(&mut labels, to.x - 70, y + 4, "internet");
            }
        }
    }
    let mut leaving = vec![0; placed.len()];
    let mut arriving = vec![0; placed.len()];
    for link in &chart.links {
        let (from, to) = (&placed[link.from], &placed[link.to]);
        leaving[link.from] += 1;
        arriving[link.to] += 1;
        let start = from.y + (18 + 15 * leaving[link.from]).min(from.height - 8);
        let end = to.y + (10 + 15 * arriving[link.to]).min(to.height - 8);
        let label = short(&link.by, 20);
        match from.x == to.x {
            // Within a column: around the right side.
            true => {
                let (x, bend) = (from.x + BOX, from.x + BOX + 44);
                writeln!(
                    out,
                    "<path d=\"M{x} {start}C{bend} {start} {bend} {end} {x} {end}\" fill=\"none\" \
                     stroke=\"#5b6675\" marker-end=\"url(#tip)\"/>"
                )?;
                tag(&mut labels, x + 40, usize::midpoint(start, end), &label);
            }
            false if from.x < to.x => {
                wire((from.x + BOX, start), (to.x, end), "#5b6675", 1, out)?;
                tag(
                    &mut labels,
                    to.x - 14 - 7 * width_of(&label) / 2,
                    end - 5,
                    &label,
                );
            }
            false => {
                wire((from.x, start), (to.x + BOX, end), "#5b6675", 1, out)?;
                tag(
                    &mut labels,
                    to.x + BOX + 14 + 7 * width_of(&label) / 2,
                    end - 5,
                    &label,
                );
            }
        }
    }
    writeln!(
        out,
        "<circle cx=\"{}\" cy=\"{middle}\" r=\"40\" fill=\"#1c2530\"/><text x=\"{}\" y=\"{}\" \
         text-anchor=\"middle\" fill=\"#ffffff\" font-weight=\"700\">internet</text>",
        FIRST_COLUMN - 86,
        FIRST_COLUMN - 86,
        middle + 4
    )?;
    for (node, one) in chart.nodes.iter().zip(&placed) {
        draw(node, one, out)?;
    }
    writeln!(out, "{labels}</svg>")
}

/// Columns by layer; what stands beside takes the room below the edge.
fn place(chart: &Chart) -> Vec<Placed> {
    let mut bottoms = [58; 3];
    chart
        .nodes
        .iter()
        .map(|node| {
            let column = match node.layer {
                Layer::Edge | Layer::Aside => 0,
                Layer::Application => 1,
                Layer::Store => 2,
            };
            let lines = lines(node);
            let height = 34 + LINE * lines.len();
            let y = bottoms[column];
            bottoms[column] += height + BETWEEN;
            Placed {
                x: FIRST_COLUMN + 40 + column * (BOX + GAP),
                y,
                height,
                lines,
            }
        })
        .collect()
}

fn lines(node: &Node) -> Vec<String> {
    let mut lines: Vec<String> = [&node.program, &node.image]
        .into_iter()
        .flatten()
        .cloned()
        .collect();
    if lines.is_empty() {
        lines.push(kind(node));
    }
    lines.extend(node.servers.iter().map(server));
    lines.extend(ports(node));
    for (what, names) in [("networks", &node.networks), ("volumes", &node.volumes)] {
        if !names.is_empty() {
            lines.push(format!("{what}: {}", names.join(", ")));
        }
    }
    lines.retain(|line| !line.is_empty());
    lines.iter().map(|line| short(line, COLUMNS)).collect()
}

fn draw(node: &Node, placed: &Placed, out: &mut dyn Write) -> io::Result<()> {
    let Placed {
        x,
        y,
        height,
        lines,
    } = placed;
    let (stroke, weight, ground) = match node.findings.worst() {
        Some(_) => ("#c0271d", 2, "#fff5f4"),
        None => ("#8b96a5", 1, "#ffffff"),
    };
    writeln!(
        out,
        "<g><rect x=\"{x}\" y=\"{y}\" width=\"{BOX}\" height=\"{height}\" rx=\"7\" \
         fill=\"{ground}\" stroke=\"{stroke}\" stroke-width=\"{weight}\"/>\
         <text x=\"{}\" y=\"{}\" font-size=\"14\" font-weight=\"700\" fill=\"#1c2530\">{}</text>",
        x + 12,
        y + 22,
        escape(&short(&node.name, 18))
    )?;
    if let Some(worst) = node.findings.worst() {
        let count = node.findings.checks.len();
        writeln!(
            out,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\" fill=\"#c0271d\" font-weight=\"700\">\
             ✗ {count} {}</text>",
            x + BOX - 12,
            y + 22,
            worst.name()
        )?;
    }
    for (row, line) in lines.iter().enumerate() {
        let is_open = line.starts_with("open to the internet");
        let fill = if is_open { "#1c2530" } else { "#46515f" };
        let bold = if is_open { " font-weight=\"700\"" } else { "" };
        writeln!(
            out,
            "<text x=\"{}\" y=\"{}\" fill=\"{fill}\"{bold}>{}</text>",
            x + 12,
            y + 40 + LINE * row,
            escape(line)
        )?;
    }
    writeln!(out, "</g>")
}

fn wire(
    (x, y): (usize, usize),
    (to_x, to_y): (usize, usize),
    colour: &str,
    weight: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    let bend = usize::midpoint(x, to_x);
    writeln!(
        out,
        "<path d=\"M{x} {y}C{bend} {y} {bend} {to_y} {to_x} {to_y}\" fill=\"none\" \
         stroke=\"{colour}\" stroke-width=\"{weight}\" marker-end=\"url(#tip)\"/>"
    )
}

/// A word at a wire, on the ground of the picture.
fn tag(labels: &mut String, x: usize, y: usize, text: &str) {
    // Writing into a String cannot fail.
    let _ = writeln!(
        labels,
        "<text x=\"{x}\" y=\"{y}\" text-anchor=\"middle\" font-size=\"10.5\" fill=\"#46515f\" \
         stroke=\"#f6f7f9\" stroke-width=\"4\" paint-order=\"stroke\">{}</text>",
        escape(text)
    );
}

/// The text in at most so many columns.
fn short(text: &str, columns: usize) -> String {
    let text = clean(text);
    if width_of(&text) <= columns {
        return text.into_owned();
    }
    let mut kept = String::new();
    for c in text.chars() {
        if width_of(&kept) + 2 > columns {
            break;
        }
        kept.push(c);
    }
    kept + "…"
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
