//! Settings for a person at a terminal: a debugger for settings.

use std::io::{self, Write};

use tightship_model::{Deployment, Settings, State, Traced, Trail, Value};

use super::python::{brackets, parts, repr};
use super::{names, word};
use crate::clean::clean;
use crate::place::{Place, from_here};
use crate::style::{BOLD, DIM, GOOD, OPEN, PLACE, PLAIN, paint};
use crate::summary::environment;
use crate::text::{Paragraph, ruled, width_of};

/// Nested collections deeper than this stay on one line.
const DEEPEST: usize = 4;

/// Writes the settings that `only` names, or all that the project sets: value, state, trail.
pub fn render(
    deployment: &Deployment,
    settings: &Settings,
    only: &[String],
    root: &str,
    width: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (major, minor) = settings.django;
    let module = clean(&settings.module.name).into_owned();
    writeln!(
        out,
        "\n{}",
        ruled(&module, &format!("Django {major}.{minor}"), width)
    )?;
    let from = environment(&deployment.environment);
    Paragraph::led(2, "environment  ", DIM, PLAIN).write(&clean(&from), width, out)?;
    writeln!(out)?;

    let mut counts = [0_usize; 4];
    for name in names(settings, only) {
        let Some(setting) = settings.get(name) else {
            continue;
        };
        let state = setting.value.value.state();
        counts[state as usize] += 1;
        entry(name, &setting.value, state, width, out)?;
        trail(&setting.value.trail, deployment, root, width, out)?;
        writeln!(out)?;
    }
    for name in only.iter().filter(|name| settings.get(name).is_none()) {
        writeln!(
            out,
            "{}  {}\n",
            paint(BOLD, clean(name)),
            paint(DIM, "is not set")
        )?;
    }
    let [known, environment, one_of, unknown] = counts;
    writeln!(
        out,
        "  {}   {}",
        paint(GOOD, format!("{known} known")),
        paint(
            OPEN,
            format!("{environment} environment   {one_of} one of several   {unknown} unknown")
        )
    )?;
    if let Some(rest) = &settings.rest {
        let text = format!("names beyond these may be set: {}", rest.reason);
        Paragraph::indented(2, OPEN).write(&clean(&text), width, out)?;
    }
    writeln!(out)
}

/// `NAME = value`, over several lines where one does not hold it.
pub(crate) fn entry(
    name: &str,
    traced: &Traced<Value>,
    state: State,
    width: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    write!(out, "{}", paint(BOLD, clean(name)))?;
    if state != State::Known {
        write!(out, "  {}", paint(OPEN, word(state)))?;
    }
    match &traced.value {
        Value::Environment(dependent) => {
            writeln!(
                out,
                "  {}",
                paint(OPEN, clean(&dependent.variables.join(", ")))
            )?;
            if let Some(unset) = &dependent.unset {
                value("while unset: ", &unset.value, 2, width, out)?;
            }
            for case in &dependent.others {
                value(
                    &format!("{}: ", case.when),
                    &case.value.value,
                    2,
                    width,
                    out,
                )?;
            }
            Ok(())
        }
        Value::OneOf(cases) => {
            writeln!(out)?;
            for case in cases {
                value(
                    &format!("{}: ", case.when),
                    &case.value.value,
                    2,
                    width,
                    out,
                )?;
            }
            Ok(())
        }
        Value::Unknown(unknown) => {
            writeln!(out)?;
            Paragraph::indented(2, PLAIN).write(&clean(&unknown.reason), width, out)
        }
        known => {
            let text = repr(known);
            if width_of(name) + 20 + width_of(&text) <= width {
                return writeln!(out, " {} {}", paint(DIM, "="), clean(&text));
            }
            writeln!(out, " {}", paint(DIM, "="))?;
            value("", known, 2, width, out)
        }
    }
}

/// A value behind its lead, on one line or with an element on each.
fn value(
    lead: &str,
    shown: &Value,
    indent: usize,
    width: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    let text = repr(shown);
    let lead = clean(lead);
    let fits = indent + width_of(&lead) + width_of(&text) < width;
    match brackets(shown) {
        Some((open, close)) if !fits && indent < 2 + 2 * DEEPEST => {
            writeln!(out, "{:indent$}{}{open}", "", paint(DIM, &lead))?;
            for (before, element) in parts(shown) {
                match element {
                    Some(element) => value(&before, element, indent + 2, width, out)?,
                    None => {
                        Paragraph::indented(indent + 2, OPEN).write(&clean(&before), width, out)?
                    }
                }
            }
            writeln!(out, "{:indent$}{close}", "")
        }
        _ => Paragraph::led(indent, &lead, DIM, PLAIN).write(&clean(&text), width, out),
    }
}

/// The way of a value, a link on each line.
pub(crate) fn trail(
    trail: &Trail,
    deployment: &Deployment,
    root: &str,
    width: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    for link in trail.links() {
        let place = link.span.map(|span| {
            let place = Place::of(&deployment.sources, span);
            let path = from_here(root, &place.path);
            format!("{}:{}:{}", clean(&path), place.line, place.column)
        });
        let lead = match &place {
            Some(place) => format!("↳ {place}  "),
            None => "↳ ".to_owned(),
        };
        Paragraph::led(2, &lead, PLACE, DIM).write(&clean(&link.text), width, out)?;
    }
    Ok(())
}
