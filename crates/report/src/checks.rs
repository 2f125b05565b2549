//! The list of checks.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;
use tightship_model::{Check, Severity};

use crate::json;
use crate::page::needs;
use crate::style::{BOLD, DIM, PLAIN, paint, severity};
use crate::text::{Paragraph, ruled};

/// All checks, by area.
#[derive(Serialize, JsonSchema)]
pub struct Checks {
    /// `tightship.checks/1`
    schema: &'static str,
    checks: Vec<CheckEntry>,
}

#[derive(Serialize, JsonSchema)]
struct CheckEntry {
    /// `area/bad-thing`
    id: &'static str,
    area: &'static str,
    title: &'static str,
    severity: Severity,
    /// Rows of the checklists that it concerns.
    items: Vec<&'static str>,
    /// Ids of Django's own checks and those of packages that it covers.
    django_ids: Vec<&'static str>,
    /// What it needs for an answer: `settings`, `app:NAME`, `middleware:PATH`, `django>=X.Y`, `site`,
    /// `thresholds`.
    needs: Vec<String>,
    /// Addresses where its claim is written down.
    references: Vec<String>,
    /// Why, how to mend, and examples, as Markdown.
    page: &'static str,
}

/// Writes the list as JSON, `tightship.checks/1`.
pub fn render_json(checks: &[&'static Check], out: &mut dyn Write) -> io::Result<()> {
    let document = Checks {
        schema: "tightship.checks/1",
        checks: checks.iter().map(|check| CheckEntry::of(check)).collect(),
    };
    json::write(&document, out)
}

/// Writes the list for a terminal of `width` columns.
pub fn render_terminal(
    checks: &[&'static Check],
    width: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut area = "";
    for check in checks {
        if check.area() != area {
            area = check.area();
            let number = checks.iter().filter(|check| check.area() == area).count();
            writeln!(out, "\n{}\n", ruled(area, &number.to_string(), width))?;
        }
        let style = severity(check.severity);
        writeln!(
            out,
            "{} {} {}",
            paint(style, "●"),
            paint(style, format!("{:<8}", check.severity.name())),
            paint(BOLD, check.id)
        )?;
        Paragraph::indented(11, PLAIN).write(check.title, width, out)?;
        let mut notes: Vec<String> = Vec::new();
        notes.extend((!check.items.is_empty()).then(|| check.items.join(" ")));
        notes.extend((!check.django_ids.is_empty()).then(|| check.django_ids.join(" ")));
        notes.extend(
            (!check.needs.is_empty()).then(|| format!("needs {}", needs(check).join(", "))),
        );
        Paragraph::indented(11, DIM).write(&notes.join(" · "), width, out)?;
    }
    writeln!(out, "\n{} checks", checks.len())
}

impl CheckEntry {
    fn of(check: &'static Check) -> Self {
        Self {
            id: check.id,
            area: check.area(),
            title: check.title,
            severity: check.severity,
            items: check.items.to_vec(),
            django_ids: check.django_ids.to_vec(),
            needs: needs(check),
            references: check.references.iter().map(|page| page.url()).collect(),
            page: check.doc,
        }
    }
}
