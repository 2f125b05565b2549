//! The team's checklists on the page of a report: a ring for the whole and one for each section.

use std::collections::HashMap;

use tightship_model::checklist::Standing;

use super::prose::{Piece, pieces};
use super::ring::Ring;
use crate::checklist::{mark, words};
use crate::document::{Checklist, Row};

pub(super) struct Progress<'a> {
    pub(super) ring: Ring,
    pub(super) parts: Vec<Part<'a>>,
    /// Sections in which nothing applies.
    pub(super) idle: Vec<String>,
    pub(super) notes: &'a [String],
}

/// A section of a list.
pub(super) struct Part<'a> {
    pub(super) title: String,
    pub(super) ring: Ring,
    pub(super) rows: Vec<Line<'a>>,
}

pub(super) struct Line<'a> {
    pub(super) id: &'a str,
    pub(super) standing: Standing,
    pub(super) text: Vec<Piece>,
    /// The finding that fails it, within the page.
    pub(super) finding: Option<String>,
}

impl<'a> Progress<'a> {
    /// `findings` holds the address of the worst finding by the row that it fails.
    pub(super) fn of(checklist: &'a Checklist, findings: &HashMap<&str, String>) -> Self {
        let has_several = checklist.lists.len() > 1;
        let parts = checklist.sections.iter().map(|section| Part {
            title: match has_several {
                true => format!("{} · {}", section.list, section.name),
                false => section.name.clone(),
            },
            ring: Ring::of(section.rows.iter().map(|row| row.status)),
            rows: section
                .rows
                .iter()
                .map(|row| Line::of(row, findings))
                .collect(),
        });
        let (parts, idle): (Vec<_>, Vec<_>) = parts.partition(|part| part.ring.all > 0);
        let rows = checklist.sections.iter().flat_map(|section| &section.rows);
        Self {
            ring: Ring::of(rows.map(|row| row.status)),
            idle: idle.into_iter().map(|part| part.title).collect(),
            parts,
            notes: &checklist.notes,
        }
    }
}

impl<'a> Line<'a> {
    fn of(row: &'a Row, findings: &HashMap<&str, String>) -> Self {
        Self {
            id: &row.id,
            standing: row.status,
            text: pieces(&row.text),
            finding: match row.status {
                Standing::Fail => findings.get(&*row.id).cloned(),
                _ => None,
            },
        }
    }

    pub(super) fn mark(&self) -> &'static str {
        mark(self.standing)
    }

    pub(super) fn word(&self) -> &'static str {
        words(self.standing)
    }
}

pub(super) fn word(standing: &Standing) -> &'static str {
    words(*standing)
}
