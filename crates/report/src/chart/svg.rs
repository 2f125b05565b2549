//! The chart as a picture: columns from the internet inwards, a box for each node.

use std::cmp::Ordering;
use std::fmt::Write as _;
use std::io::{self, Write};

use tightship_model::Severity;

use super::document::{Layer, Node};
use super::{Document, kind, ports, server};
use crate::clean::clean;
use crate::text::width_of;

/// Pixels. A column of 12 px monospace is about 7.2 px wide.
const BOX: usize = 272;
const GAP: usize = 130;
const LINE: usize = 17;
const MARGIN: usize = 28;
const FIRST_COLUMN: usize = 138;
const COLUMNS: usize = 34;
const BETWEEN: usize = 26;
/// What the heading takes at the top.
const HEADING: usize = 30;

/// Where a node stands.
struct Placed {
    x: usize,
    y: usize,
    height: usize,
    lines: Vec<String>,
}

/// Colours by name, on light ground and on dark.
const COLOURS: [(&str, &str, &str); 10] = [
    ("ground", "#f6f7f9", "#171d23"),
    ("panel", "#ffffff", "#1f272f"),
    ("ink", "#1c2530", "#e8ebee"),
    ("ink-2", "#46515f", "#b3bcc5"),
    ("wire", "#5b6675", "#8e98a3"),
    ("line", "#8b96a5", "#4a5561"),
    ("critical", "#a5152f", "#ff909d"),
    ("high", "#ad4309", "#ffa775"),
    ("medium", "#7a5600", "#e5bd57"),
    ("low", "#2f5d8c", "#8fbce9"),
];

/// The picture's classes; the colours are variables.
const STYLE: &str = include_str!("chart.css");

/// Writes the picture as a file of its own, which reads on a light page and on a dark one.
pub fn render(chart: &Document, title: &str, out: &mut dyn Write) -> io::Result<()> {
    // Many programs that show pictures know no variables.
    let style = |colour: fn(&(&str, &'static str, &'static str)) -> &'static str| {
        COLOURS.iter().fold(STYLE.to_owned(), |style, entry| {
            style.replace(&format!("var(--{})", entry.0), colour(entry))
        })
    };
    let style = format!(
        "<style>\n{}@media (prefers-color-scheme: dark) {{\n{}}}\n</style>\n",
        style(|(_, light, _)| light),
        style(|(_, _, dark)| dark)
    );
    let heading = format!(
        "<text class=\"title\" x=\"{MARGIN}\" y=\"34\">{}</text>\n",
        escape(&clean(title))
    );
    picture(chart, title, &format!("{style}{heading}"), 0, out)
}

/// Writes the picture for a page that brings the heading, the style and its variables.
pub(crate) fn draw(chart: &Document, title: &str, out: &mut dyn Write) -> io::Result<()> {
    picture(chart, title, "", HEADING, out)
}

/// `begin` stands before all else; so many pixels are cut off at the top.
fn picture(
    chart: &Document,
    title: &str,
    begin: &str,
    top: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    let placed = place(chart);
    let right = placed.iter().map(|one| one.x + BOX).max();
    let bottom = placed.iter().map(|one| one.y + one.height).max();
    let width = right.unwrap_or(FIRST_COLUMN) + MARGIN;
    let height = bottom.unwrap_or(120) + MARGIN;
    let title = escape(&clean(title));
    let shown = height - top;
    writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart\" \
         viewBox=\"0 {top} {width} {shown}\" width=\"{width}\" height=\"{shown}\" role=\"img\" \
         aria-label=\"{title}\">\n\
         <rect class=\"ground\" width=\"{width}\" height=\"{height}\" rx=\"10\"/>\n{begin}\
         <defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"8\" \
         markerHeight=\"8\" markerUnits=\"userSpaceOnUse\" orient=\"auto\">\
         <path class=\"tip\" d=\"M0 0 8 4 0 8z\"/></marker></defs>"
    )?;
    let middle = (height + 40) / 2;
    let mut labels = String::new();
    for (at, _) in chart.reached() {
        let to = &placed[at];
        let y = to.y + to.height * 2 / 3;
        // A wire from the circle to a box further in would run behind others.
        match to.x == FIRST_COLUMN + 40 {
            true => wire((FIRST_COLUMN - 46, middle), (to.x, y), "way", out)?,
            false => {
                wire((to.x - 40, y), (to.x, y), "way", out)?;
                tag(&mut labels, to.x - 70, y + 4, "internet");
            }
        }
    }
    links(chart, &placed, &mut labels, out)?;
    let centre = FIRST_COLUMN - 86;
    writeln!(
        out,
        "<circle class=\"globe\" cx=\"{centre}\" cy=\"{middle}\" r=\"40\"/>\
         <text class=\"globe-name\" x=\"{centre}\" y=\"{}\" text-anchor=\"middle\">internet</text>",
        middle + 4
    )?;
    for (node, one) in chart.nodes.iter().zip(&placed) {
        draw_node(node, one, out)?;
    }
    writeln!(out, "{labels}</svg>")
}

fn links(
    chart: &Document,
    placed: &[Placed],
    labels: &mut String,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut leaving = vec![0; placed.len()];
    let mut arriving = vec![0; placed.len()];
    for link in chart.links() {
        let (from, to) = (&placed[link.from_at], &placed[link.to_at]);
        leaving[link.from_at] += 1;
        arriving[link.to_at] += 1;
        let start = from.y + (18 + 15 * leaving[link.from_at]).min(from.height - 8);
        let end = to.y + (10 + 15 * arriving[link.to_at]).min(to.height - 8);
        let label = short(&link.by, 20);
        let half = 7 * width_of(&label) / 2;
        match from.x.cmp(&to.x) {
            // Within a column: around the right side.
            Ordering::Equal => {
                let (x, bend) = (from.x + BOX, from.x + BOX + 44);
                let way = format!("M{x} {start}C{bend} {start} {bend} {end} {x} {end}");
                path(&way, "wire", out)?;
                tag(labels, x + 40, usize::midpoint(start, end), &label);
            }
            Ordering::Less => {
                wire((from.x + BOX, start), (to.x, end), "wire", out)?;
                tag(labels, to.x - 14 - half, end - 5, &label);
            }
            Ordering::Greater => {
                wire((from.x, start), (to.x + BOX, end), "wire", out)?;
                tag(labels, to.x + BOX + 14 + half, end - 5, &label);
            }
        }
    }
    Ok(())
}

/// Columns by layer; what stands beside takes the room below the edge.
fn place(chart: &Document) -> Vec<Placed> {
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

fn draw_node(node: &Node, placed: &Placed, out: &mut dyn Write) -> io::Result<()> {
    let Placed {
        x,
        y,
        height,
        lines,
    } = placed;
    let worst = node.worst().map_or("", Severity::name);
    writeln!(
        out,
        "<g><rect class=\"box {worst}\" x=\"{x}\" y=\"{y}\" width=\"{BOX}\" height=\"{height}\" rx=\"7\"/>\
         <text class=\"name\" x=\"{}\" y=\"{}\">{}</text>",
        x + 12,
        y + 22,
        escape(&short(&node.name, 18))
    )?;
    if !worst.is_empty() {
        writeln!(
            out,
            "<text class=\"count {worst}\" x=\"{}\" y=\"{}\" text-anchor=\"end\">✗ {} worst {worst}</text>",
            x + BOX - 12,
            y + 22,
            node.findings.len()
        )?;
    }
    for (row, line) in lines.iter().enumerate() {
        let is_open = line.starts_with("open to the internet");
        writeln!(
            out,
            "<text class=\"{}\" x=\"{}\" y=\"{}\">{}</text>",
            if is_open { "detail open" } else { "detail" },
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
    class: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    let bend = usize::midpoint(x, to_x);
    let way = format!("M{x} {y}C{bend} {y} {bend} {to_y} {to_x} {to_y}");
    path(&way, class, out)
}

fn path(way: &str, class: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<path class=\"{class}\" d=\"{way}\" marker-end=\"url(#tip)\"/>"
    )
}

/// A word at a wire, on the ground of the picture.
fn tag(labels: &mut String, x: usize, y: usize, text: &str) {
    // Writing into a String cannot fail.
    let _ = writeln!(
        labels,
        "<text class=\"tag\" x=\"{x}\" y=\"{y}\" text-anchor=\"middle\">{}</text>",
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
