//! Binding plain boxes by what they say.
//!
//! A box is likened to the rows of the complete list by the settings that it names, by its words and by
//! the heading that it stands under. Hand-written: it is a table of words. Where two rows would do as
//! well, or the box says the opposite, it is left to a person: no binding is better than a wrong one.

mod names;
mod topics;
mod words;

use std::collections::{HashMap, HashSet};

use tightship_model::checklist::{Kind, Period};

use crate::cadence::Cadence;
use crate::note::Binding;
use crate::{Checklist, Item, Parameter, built_in, join};
use words::Words;

/// A binding that a box could have.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    /// From 1.
    pub line: usize,
    pub text: String,
    /// How sure it is, in percent.
    pub confidence: u8,
    /// What in the box led to it.
    pub because: String,
    /// The row of the complete list whose proof it takes; `None` where nothing was recognised and a
    /// person signs.
    pub row: Option<String>,
    pub binding: Binding,
}

/// A proposal for each box without a comment, in their order.
pub fn adopt(list: &Checklist) -> Vec<Proposal> {
    let complete = built_in("complete");
    let rows: HashMap<&str, &Item> = complete
        .iter()
        .flat_map(|list| &list.items)
        .map(|item| (item.binding.id.as_str(), item))
        .collect();
    let mut taken: HashSet<String> = list
        .items
        .iter()
        .map(|item| item.binding.id.clone())
        .collect();
    list.loose
        .iter()
        .map(|item| {
            let mut proposal = propose(item, &rows);
            let wish = match &proposal.row {
                Some(row) => row.clone(),
                None => format!("line-{}", item.line),
            };
            proposal.binding.id = free(&wish, &mut taken);
            proposal
        })
        .collect()
}

/// The list with the proposed comments behind its boxes.
pub fn adopted(list: &Checklist, proposals: &[Proposal]) -> String {
    let by_line: HashMap<usize, &Binding> = proposals
        .iter()
        .map(|proposal| (proposal.line, &proposal.binding))
        .collect();
    list.bound(|item| by_line.get(&item.line).map(|binding| (*binding).clone()))
}

fn propose(item: &Item, rows: &HashMap<&str, &Item>) -> Proposal {
    let words = Words::of(&item.text);
    let section = Words::of(&item.section);
    let found = match context(&section) {
        Some(Context::Steps) => Some(Found::by_heading(item, Kind::Step, None)),
        Some(Context::Duties(cadence)) => Some(Found::by_heading(item, Kind::Duty, Some(cadence))),
        None => names::find(&item.text, &words).unwrap_or_else(|| topics::find(&words, &section)),
    };
    let Some(found) = found else {
        return Proposal {
            line: item.line,
            text: item.text.clone(),
            confidence: 0,
            because: "nothing in it is known".to_owned(),
            row: None,
            binding: Binding {
                kind: Kind::SignOff,
                ..Binding::default()
            },
        };
    };
    let row = found.row.and_then(|row| rows.get(row));
    let mut binding = match row {
        Some(row) => row.binding.clone(),
        None => Binding::default(),
    };
    binding.source = None;
    for more in found.more.iter().filter_map(|row| rows.get(row)) {
        join::add(&mut binding, &more.binding);
    }
    if let Some(kind) = found.kind {
        binding.kind = kind;
        binding.cadence = found.cadence;
    }
    for (parameter, value) in &mut binding.parameters {
        *value = words::measure(parameter.name, &item.text).unwrap_or(*value);
    }
    binding
        .parameters
        .dedup_by_key(|(parameter, _): &mut (&Parameter, u64)| parameter.name);
    Proposal {
        line: item.line,
        text: item.text.clone(),
        confidence: found.confidence,
        because: found.because,
        row: row.map(|row| row.binding.id.clone()),
        binding,
    }
}

/// What a box was recognised by.
struct Found {
    row: Option<&'static str>,
    /// Further rows whose proof it asks for too.
    more: Vec<&'static str>,
    kind: Option<Kind>,
    cadence: Option<Cadence>,
    confidence: u8,
    because: String,
}

impl Found {
    fn row(row: &'static str, confidence: u8, because: String) -> Self {
        Self {
            row: Some(row),
            more: Vec::new(),
            kind: None,
            cadence: None,
            confidence,
            because,
        }
    }

    fn by_heading(item: &Item, kind: Kind, cadence: Option<Cadence>) -> Self {
        Self {
            row: None,
            more: Vec::new(),
            kind: Some(kind),
            cadence,
            confidence: 90,
            because: format!("the heading {:?}", item.section),
        }
    }
}

/// What a heading makes of the boxes below it.
enum Context {
    Duties(Cadence),
    Steps,
}

fn context(section: &Words) -> Option<Context> {
    let has = |stems: &[&str]| stems.iter().any(|stem| section.has(stem));
    let duty = |period, after_deployment| {
        Some(Context::Duties(Cadence {
            period,
            after_deployment,
        }))
    };
    if section.has("week") && section.has("1") {
        return duty(Period::Daily, Some((1, 7)));
    }
    if section.has("week") && section.has("2-4") {
        return duty(Period::Weekly, Some((8, 28)));
    }
    for period in Period::ALL {
        let every = match period {
            Period::Daily => "day",
            Period::Weekly => "week",
            Period::Monthly => "month",
            Period::Quarterly => "quarter",
        };
        if section.has(period.name()) || (section.has("every") && section.has(every)) {
            return duty(period, None);
        }
    }
    let is_incident = has(&["incident", "breach", "attack", "compromise", "emergenc"]);
    is_incident.then_some(Context::Steps)
}

/// The id itself, or with a number behind it where it is taken.
fn free(wish: &str, taken: &mut HashSet<String>) -> String {
    let mut id = wish.to_owned();
    let mut number = 2;
    while !taken.insert(id.clone()) {
        id = format!("{wish}-{number}");
        number += 1;
    }
    id
}
