//! An answer of nginx for a person at a terminal.

use std::io::{self, Write};

use tightship_model::{Deployment, Span};
use tightship_predict::nginx::{Answer, Body, Upstream};
use tightship_predict::visit::Hop;
use tightship_predict::ways::Edge;

use super::{body, runs_in, scopes, target, told};
use crate::clean::clean;
use crate::located::Screen;
use crate::style::{GOOD, paint};
use crate::text::ruled;
use crate::visit::{doubts, headers};

/// Writes who answers, why, what is sent on, and the headers.
pub fn render(
    deployment: &Deployment,
    edge: &Edge<'_>,
    hop: &Hop<'_, '_>,
    answer: &Answer<'_, '_>,
    root: &str,
    width: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    let screen = Screen {
        deployment,
        root,
        width,
    };
    let status = answer
        .status
        .map_or("?".to_owned(), |status| status.to_string());
    writeln!(out, "\n{}\n", ruled(&clean(&hop.url), &status, width))?;
    let start = Span::new(edge.configuration.file, 0, 0);
    let whose = runs_in(&edge.configuration.runs_in);
    screen.line("nginx    ", &whose, Some(start), out)?;
    for (heading, span) in scopes(answer) {
        screen.line("takes it ", &heading, Some(span), out)?;
    }
    for step in &answer.steps {
        screen.line("why      ", &step.text, step.span, out)?;
    }
    match &answer.body {
        Body::Upstream(upstream) => sent(&screen, upstream, out)?,
        other => screen.line("answers  ", &body(other), None, out)?,
    }
    headers(&screen, hop, out)?;
    doubts(&screen, answer, out)?;
    writeln!(out)
}

/// What the server behind is sent.
fn sent(screen: &Screen<'_>, upstream: &Upstream, out: &mut dyn Write) -> io::Result<()> {
    let text = format!(
        "{} {} to {}",
        upstream.method,
        told(&upstream.uri),
        target(upstream)
    );
    screen.line("sends    ", &text, Some(upstream.span), out)?;
    for header in &upstream.headers {
        let text = format!(
            "{}: {}{}",
            paint(GOOD, clean(&header.name)),
            clean(&told(&header.value)),
            if header.is_certain { "" } else { "  (perhaps)" }
        );
        writeln!(out, "           {text}")?;
    }
    Ok(())
}
