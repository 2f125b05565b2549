//! The machine contract `tightship.checklist/1`.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;
use tightship_model::checklist::{Judged, Kind, Period, Standing};

use crate::json;

/// A judged checklist. Later versions may add fields; a field that changes its meaning changes the
/// version in `schema`.
#[derive(Serialize, JsonSchema)]
pub struct Document {
    /// `tightship.checklist/1`
    schema: &'static str,
    /// Names of built-in lists, paths of others.
    lists: Vec<String>,
    summary: Summary,
    /// In the order of the lists.
    items: Vec<Item>,
    /// What is to be known of the lists themselves, such as which of two thresholds counts.
    notes: Vec<String>,
}

/// Number of items that stand so.
#[derive(Serialize, JsonSchema)]
struct Summary {
    pass: usize,
    signed: usize,
    fail: usize,
    unknown: usize,
    due: usize,
    overdue: usize,
    waived: usize,
    not_applicable: usize,
}

#[derive(Serialize, JsonSchema)]
struct Item {
    /// Unique among the items.
    id: String,
    list: String,
    /// The nearest heading.
    section: String,
    /// What it asks, as Markdown.
    text: String,
    kind: Kind,
    status: Standing,
    /// Why it stands so.
    reason: String,
    /// What would answer it, where it is open.
    remedy: Option<String>,
    evidence: Vec<Proof>,
    /// Ids of the checks that it is bound to.
    checks: Vec<&'static str>,
    /// Who answers for it.
    owner: Option<String>,
    /// The thresholds that it is held to.
    parameters: std::collections::BTreeMap<String, u64>,
    /// The day on which it is due, or the last on which it holds.
    until: Option<String>,
    /// For a duty, how often it comes back.
    period: Option<Period>,
}

#[derive(Serialize, JsonSchema)]
struct Proof {
    /// Relative to the root, or an address.
    path: Option<String>,
    /// From 1.
    line: Option<usize>,
    text: String,
}

/// Writes the document with one field a line. Equal input gives identical bytes.
pub fn render(judged: &Judged, out: &mut dyn Write) -> io::Result<()> {
    json::write(&Document::of(judged), out)
}

impl Document {
    fn of(judged: &Judged) -> Self {
        let count = |standing| judged.count(standing);
        Self {
            schema: "tightship.checklist/1",
            lists: judged.lists.clone(),
            summary: Summary {
                pass: count(Standing::Pass),
                signed: count(Standing::Signed),
                fail: count(Standing::Fail),
                unknown: count(Standing::Unknown),
                due: count(Standing::Due),
                overdue: count(Standing::Overdue),
                waived: count(Standing::Waived),
                not_applicable: count(Standing::NotApplicable),
            },
            items: judged
                .items
                .iter()
                .map(|item| Item {
                    id: item.id.clone(),
                    list: item.list.clone(),
                    section: item.section.clone(),
                    text: item.text.clone(),
                    kind: item.kind,
                    status: item.standing,
                    reason: item.reason.clone(),
                    remedy: item.remedy.clone(),
                    evidence: item
                        .evidence
                        .iter()
                        .map(|proof| Proof {
                            path: proof.path.clone(),
                            line: proof.line,
                            text: proof.text.clone(),
                        })
                        .collect(),
                    checks: item.checks.clone(),
                    owner: item.owner.clone(),
                    parameters: item.parameters.iter().cloned().collect(),
                    until: item.until.clone(),
                    period: item.recurrence.as_ref().map(|recurrence| recurrence.period),
                })
                .collect(),
            notes: judged.notes.clone(),
        }
    }
}
