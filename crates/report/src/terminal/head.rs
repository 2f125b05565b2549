//! What was judged, and with what.

use std::io::{self, Write};

use tightship_model::site::Timing;

use super::Screen;
use crate::clean::clean;
use crate::document::{Environment, Report, Site};
use crate::style::{BOLD, DIM, OPEN, PLAIN, paint};
use crate::summary::count;
use crate::text::Paragraph;

/// Gaps that are named; the others are counted.
const GAPS_SHOWN: usize = 3;

pub(super) fn render(report: &Report, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
    let environment = &report.environment;
    writeln!(
        out,
        "\n{} {}  {}\n",
        paint(BOLD, "tightship"),
        report.tool.version,
        paint(DIM, clean(&environment.root)),
    )?;
    let mut row = |name: &str, text: &str| {
        let lead = format!("{name:<13}");
        Paragraph::led(2, &lead, DIM, PLAIN).write(&clean(text), screen.width, out)
    };
    row("project", &project(environment))?;
    row("settings", &settings(environment))?;
    if environment.django.is_some() {
        row("environment", &variables(environment))?;
    }
    if let Some(site) = &report.site {
        row("site", &looked_at(site, report.timing.as_ref()))?;
    }
    gaps(environment, screen, out)?;
    writeln!(out)
}

/// `https://shop.example/ · 192.0.2.1 · 34 requests on 5 connections · TLS: 61 connections, 122 round
/// trips · 0.4 s`
pub(crate) fn looked_at(site: &Site, timing: Option<&Timing>) -> String {
    let mut parts = vec![site.url.clone()];
    parts.extend(site.addresses.iter().cloned());
    let requests = count(site.requests.len(), "request");
    let Some(timing) = timing else {
        parts.push(requests);
        return parts.join(" · ");
    };
    let connections = count(timing.connections, "connection");
    parts.push(format!("{requests} on {connections}"));
    if timing.tls.connections > 0 {
        let number = |count: u32| usize::try_from(count).unwrap_or(usize::MAX);
        let connections = count(number(timing.tls.connections), "connection");
        let trips = count(number(timing.tls.round_trips), "round trip");
        parts.push(format!("TLS: {connections}, {trips}"));
    }
    let tenths = timing.milliseconds.div_ceil(100);
    parts.push(format!("{}.{} s", tenths / 10, tenths % 10));
    parts.join(" · ")
}

/// `shop · Django 5.2 · 14 packages · 63 Python files`
pub(crate) fn project(environment: &Environment) -> String {
    let mut parts = Vec::new();
    match environment.project.as_deref() {
        None => parts.push("no Django project was found".to_owned()),
        Some("") => {}
        Some(folder) => parts.push(folder.to_owned()),
    }
    if let Some(version) = &environment.django {
        let assumed = if environment.django_assumed {
            " (assumed: no file names the version)"
        } else {
            ""
        };
        parts.push(format!("Django {version}{assumed}"));
    }
    parts.push(count(environment.packages, "package"));
    parts.push(count(environment.python_files, "Python file"));
    if !environment.other_projects.is_empty() {
        parts.push(format!(
            "not judged: {}",
            environment.other_projects.join(", ")
        ));
    }
    parts.join(" · ")
}

/// The module, and who names it.
pub(crate) fn settings(environment: &Environment) -> String {
    let Some(module) = &environment.settings_module else {
        return environment
            .no_settings
            .clone()
            .unwrap_or_else(|| "no settings module was found".to_owned());
    };
    let Some((link, reasons)) = environment.settings_trail.split_first() else {
        return module.clone();
    };
    let mut text = match link.clickable(&environment.root) {
        Some(place) => format!("{module} · named in {place}"),
        None => format!("{module} · {}", link.text),
    };
    for reason in reasons {
        text = format!("{text} · {}", reason.text);
    }
    text
}

pub(crate) fn variables(environment: &Environment) -> String {
    let mut text = environment.variables_from_text.clone();
    if !environment.variables.is_empty() {
        text = format!(
            "{text} · {}",
            count(environment.variables.len(), "variable")
        );
    }
    if let Some(incomplete) = &environment.variables_incomplete {
        text = format!("{text} · {incomplete}; give it with --env-file");
    }
    text
}

fn gaps(environment: &Environment, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
    let shown = if screen.verbose {
        environment.gaps.len()
    } else {
        GAPS_SHOWN
    };
    for (i, gap) in environment.gaps.iter().take(shown).enumerate() {
        let lead = format!("{:<13}", if i == 0 { "not read" } else { "" });
        let text = format!("{}: {}; {}", gap.place, gap.reason, gap.lost);
        Paragraph::led(2, &lead, OPEN, PLAIN).write(&clean(&text), screen.width, out)?;
    }
    if environment.gaps.len() > shown {
        let more = environment.gaps.len() - shown;
        writeln!(out, "{:15}and {more} more: see --verbose", "")?;
    }
    Ok(())
}
