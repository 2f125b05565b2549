//! What was judged, and with what.

use std::io::{self, Write};

use tightship_model::{Deployment, Report};

use super::Screen;
use crate::clean::clean;
use crate::place::clickable;
use crate::style::{BOLD, DIM, OPEN, PLAIN, paint};
use crate::summary::{count, environment};
use crate::text::Paragraph;

/// Gaps that are named; the others are counted.
const GAPS_SHOWN: usize = 3;

pub(super) fn render(report: &Report<'_>, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
    let deployment = report.deployment;
    writeln!(
        out,
        "\n{} {}  {}\n",
        paint(BOLD, "tightship"),
        report.head.version,
        paint(DIM, clean(&report.head.root)),
    )?;
    let mut row = |name: &str, text: &str| {
        let lead = format!("{name:<13}");
        Paragraph::led(2, &lead, DIM, PLAIN).write(&clean(text), screen.width, out)
    };
    row("project", &project(deployment))?;
    row("settings", &settings(report))?;
    if deployment.settings.is_some() {
        row("environment", &variables(deployment))?;
    }
    gaps(deployment, screen, out)?;
    writeln!(out)
}

/// `shop · Django 5.2 · 14 packages · 63 Python files`
fn project(deployment: &Deployment) -> String {
    let mut parts = Vec::new();
    match deployment.project.folder.as_deref() {
        None => parts.push("no Django project was found".to_owned()),
        Some("") => {}
        Some(folder) => parts.push(folder.to_owned()),
    }
    if let Some(settings) = &deployment.settings {
        let (major, minor) = settings.django;
        let assumed = if settings.django_is_assumed {
            " (assumed: no file names the version)"
        } else {
            ""
        };
        parts.push(format!("Django {major}.{minor}{assumed}"));
    }
    parts.push(count(deployment.packages.by_name.len(), "package"));
    parts.push(count(deployment.facts.python_files, "Python file"));
    if !deployment.project.others.is_empty() {
        parts.push(format!(
            "not judged: {}",
            deployment.project.others.join(", ")
        ));
    }
    parts.join(" · ")
}

/// The module, and who names it.
fn settings(report: &Report<'_>) -> String {
    let project = &report.deployment.project;
    let Some(module) = &project.module else {
        return project
            .no_settings
            .clone()
            .unwrap_or_else(|| "no settings module was found".to_owned());
    };
    let Some((link, reasons)) = module.trail.links().split_first() else {
        return module.name.clone();
    };
    let mut text = match link.span {
        Some(span) => format!("{} · named in {}", module.name, clickable(report, span)),
        None => format!("{} · {}", module.name, link.text),
    };
    for reason in reasons {
        text = format!("{text} · {}", reason.text);
    }
    text
}

fn variables(deployment: &Deployment) -> String {
    let known = &deployment.environment;
    let mut text = environment(known);
    if !known.variables.is_empty() {
        text = format!("{text} · {}", count(known.variables.len(), "variable"));
    }
    if let Some(incomplete) = &known.incomplete {
        text = format!("{text} · {incomplete}; give it with --env-file");
    }
    text
}

fn gaps(deployment: &Deployment, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
    let shown = if screen.verbose {
        deployment.gaps.len()
    } else {
        GAPS_SHOWN
    };
    for (i, gap) in deployment.gaps.iter().take(shown).enumerate() {
        let lead = format!("{:<13}", if i == 0 { "not read" } else { "" });
        let text = format!("{}: {}; {}", gap.place, gap.reason, gap.lost);
        Paragraph::led(2, &lead, OPEN, PLAIN).write(&clean(&text), screen.width, out)?;
    }
    if deployment.gaps.len() > shown {
        let more = deployment.gaps.len() - shown;
        writeln!(out, "{:15}and {more} more: see --verbose", "")?;
    }
    Ok(())
}
