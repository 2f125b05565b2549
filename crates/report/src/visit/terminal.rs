//! A visit for a person at a terminal.

use std::io::{self, Write};

use tightship_model::Deployment;
use tightship_predict::nginx::Answer;
use tightship_predict::visit::{End, Hop, Visit};

use super::{arriving, end, form, outcome, outcome_span};
use crate::clean::clean;
use crate::located::Screen;
use crate::style::{BOLD, DIM, GOOD, OPEN, PLACE, paint};
use crate::text::{Paragraph, ruled};

/// Writes the hops, one below the other.
pub fn render(
    deployment: &Deployment,
    visit: &Visit<'_, '_>,
    root: &str,
    width: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    let screen = Screen {
        deployment,
        root,
        width,
    };
    for hop in &visit.hops {
        page(&screen, hop, out)?;
    }
    if let Some(text) = end(&visit.end) {
        let style = match visit.end {
            End::Loop(_) => BOLD,
            _ => OPEN,
        };
        Paragraph::indented(2, style).write(&clean(&text), width, out)?;
        writeln!(out)?;
    }
    Ok(())
}

fn page(screen: &Screen<'_>, hop: &Hop<'_, '_>, out: &mut dyn Write) -> io::Result<()> {
    let status = hop
        .status()
        .map_or("?".to_owned(), |status| status.to_string());
    writeln!(
        out,
        "\n{}\n",
        ruled(&clean(&hop.url), &status, screen.width)
    )?;
    if let Some(answer) = &hop.nginx {
        for step in &answer.steps {
            screen.line("nginx   ", &step.text, step.span, out)?;
        }
    }
    if let Some(asked) = &hop.django {
        let name = asked.process.program.name();
        let scheme = match &asked.answer.scheme {
            Ok(scheme) => scheme.name(),
            Err(_) => "an unknown scheme",
        };
        let text = format!("{name} gets it, and Django sees {scheme}");
        screen.line("django  ", &text, asked.process.trail.first_span(), out)?;
        let made = &asked.answer.outcome;
        screen.line("django  ", &outcome(made), outcome_span(made), out)?;
        // A page that is not found, or leads elsewhere, has none.
        if hop.status().is_none_or(|status| status < 300) {
            screen.line("forms   ", &form(asked), None, out)?;
        }
        if !asked.answer.not_modelled.is_empty() {
            let names = asked.answer.not_modelled.join(", ");
            let text = format!("may change the answer, and is not modelled: {names}");
            Paragraph::led(2, "django  ", DIM, OPEN).write(&clean(&text), screen.width, out)?;
        }
    }
    headers(screen, hop, out)?;
    if let Some(answer) = &hop.nginx {
        doubts(screen, answer, out)?;
    }
    writeln!(out)
}

/// The headers that arrive, each with what sends it.
pub(crate) fn headers(
    screen: &Screen<'_>,
    hop: &Hop<'_, '_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let headers = hop.headers();
    let shown = arriving(hop, &headers);
    if !shown.is_empty() {
        writeln!(out)?;
    }
    for header in shown {
        let value = match header.value {
            Ok(value) => clean(value).into_owned(),
            Err(reason) => paint(OPEN, format!("not known: {}", clean(reason))),
        };
        let twice = match header.times {
            0 | 1 => String::new(),
            times => paint(OPEN, format!("  ({times} times)")),
        };
        writeln!(out, "  {}: {value}{twice}", paint(GOOD, clean(header.name)))?;
        screen.line("    ↳ ", &header.by, header.span, out)?;
    }
    Ok(())
}

/// What is not known of an answer.
pub(crate) fn doubts(
    screen: &Screen<'_>,
    answer: &Answer<'_, '_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    for doubt in &answer.doubts {
        let text = format!("not known: {}", doubt.reason);
        let place = screen.place(doubt.span);
        Paragraph::led(2, &place, PLACE, OPEN).write(&clean(&text), screen.width, out)?;
    }
    Ok(())
}
