//! The environment of a service for a person at a terminal.

use std::io::{self, Write};

use tightship_model::Deployment;
use tightship_model::compose::Service;

use super::variables;
use crate::clean::clean;
use crate::located::Screen;
use crate::settings::{entry, trail};
use crate::style::{BOLD, DIM, OPEN, paint};
use crate::text::{Paragraph, ruled};

/// Writes each variable: what gives it, its value, its trail.
pub fn render(
    deployment: &Deployment,
    service: &Service,
    root: &str,
    width: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    let screen = Screen {
        deployment,
        root,
        width,
    };
    let variables = variables(deployment, service);
    let count = match variables.len() {
        1 => "1 variable".to_owned(),
        count => format!("{count} variables"),
    };
    let title = format!("service {}", clean(&service.name));
    writeln!(out, "\n{}", ruled(&title, &count, width))?;
    for file in &service.env_files {
        let text = match (file.is_here, file.is_required) {
            (true, _) => format!("env_file {}", file.written.value),
            (false, true) => format!("env_file {}: not here", file.written.value),
            (false, false) => format!("env_file {}: not here, and optional", file.written.value),
        };
        screen.line("", &text, Some(file.span), out)?;
    }
    if let Some(reason) = &service.environment.incomplete {
        let text = format!("variables beyond these may be set: {reason}");
        Paragraph::indented(2, OPEN).write(&clean(&text), width, out)?;
    }
    writeln!(out)?;
    for (name, variable) in &variables {
        match &variable.value {
            Some(value) => entry(name, value, value.value.state(), width, out)?,
            None => writeln!(
                out,
                "{}  {}",
                paint(BOLD, clean(name)),
                paint(
                    OPEN,
                    "passed through: the shell that starts Compose sets it or not"
                )
            )?,
        }
        writeln!(out, "  {}", paint(DIM, variable.from.name()))?;
        trail(variable.trail, deployment, root, width, out)?;
        writeln!(out)?;
    }
    Ok(())
}
