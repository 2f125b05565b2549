//! A visit for a person at a terminal.

use std::io::{self, Write};

use tightship_model::{Deployment, Span};
use tightship_predict::visit::{End, Hop, Visit};

use super::{arriving, end, form, outcome, outcome_span};
use crate::clean::clean;
use crate::place::{Place, from_here};
use crate::style::{BOLD, DIM, GOOD, OPEN, PLACE, PLAIN, paint};
use crate::text::{Paragraph, ruled};

/// Writes the hops, one below the other.
pub fn render(
    deployment: &Deployment,
    visit: &Visit<'_, '_>,
    root: &str,
    width: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    let page = Page {
        deployment,
        root,
        width,
    };
    for hop in &visit.hops {
        page.hop(hop, out)?;
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

struct Page<'a> {
    deployment: &'a Deployment,
    root: &'a str,
    width: usize,
}

impl Page<'_> {
    fn hop(&self, hop: &Hop<'_, '_>, out: &mut dyn Write) -> io::Result<()> {
        let status = hop
            .status()
            .map_or("?".to_owned(), |status| status.to_string());
        writeln!(out, "\n{}\n", ruled(&clean(&hop.url), &status, self.width))?;
        if let Some(answer) = &hop.nginx {
            for step in &answer.steps {
                self.line("nginx   ", &step.text, step.span, out)?;
            }
        }
        if let Some(asked) = &hop.django {
            let name = asked.process.program.name();
            let scheme = match &asked.answer.scheme {
                Ok(scheme) => scheme.name(),
                Err(_) => "an unknown scheme",
            };
            let text = format!("{name} gets it, and Django sees {scheme}");
            self.line("django  ", &text, asked.process.trail.first_span(), out)?;
            let made = &asked.answer.outcome;
            self.line("django  ", &outcome(made), outcome_span(made), out)?;
            self.line("forms   ", &form(asked), None, out)?;
            if !asked.answer.not_modelled.is_empty() {
                let names = asked.answer.not_modelled.join(", ");
                let text = format!("may change the answer, and is not modelled: {names}");
                Paragraph::led(2, "django  ", DIM, OPEN).write(&clean(&text), self.width, out)?;
            }
        }
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
            self.line("    ↳ ", &header.by, header.span, out)?;
        }
        if let Some(answer) = &hop.nginx {
            for doubt in &answer.doubts {
                let text = format!("not known: {}", doubt.reason);
                let place = self.place(doubt.span);
                Paragraph::led(2, &place, PLACE, OPEN).write(&clean(&text), self.width, out)?;
            }
        }
        writeln!(out)
    }

    /// Who, what, and where.
    fn line(
        &self,
        who: &str,
        text: &str,
        span: Option<Span>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let place = self.place(span);
        let lead = format!("{}{}", paint(DIM, who), paint(PLACE, place));
        Paragraph::led(2, &lead, PLAIN, PLAIN).write(&clean(text), self.width, out)
    }

    fn place(&self, span: Option<Span>) -> String {
        let Some(span) = span else {
            return String::new();
        };
        let place = Place::of(&self.deployment.sources, span);
        let path = from_here(self.root, &place.path);
        format!("{}:{}:{}  ", clean(&path), place.line, place.column)
    }
}
