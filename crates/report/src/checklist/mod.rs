//! A checklist that was judged, for a terminal, for a program, and as a page of its own.

mod due;
mod html;
mod json;
mod terminal;

use tightship_model::checklist::{Judged, JudgedItem, Standing};

pub use due::{Calendar, render as render_due, render_ics};
pub use html::{About, render as render_html};
pub use json::{Document, render as render_json};
pub use terminal::render as render_terminal;

/// Items of one list and section, in their order.
pub(crate) struct Section<'a> {
    pub(crate) list: &'a str,
    pub(crate) name: &'a str,
    pub(crate) items: Vec<&'a JudgedItem>,
}

impl Section<'_> {
    /// Its heading, behind the name of its list where there are several; that alone where it has none.
    fn title(&self, judged: &Judged) -> String {
        match judged.lists.len() {
            _ if self.name.is_empty() => self.list.to_owned(),
            1 => self.name.to_owned(),
            _ => format!("{} · {}", self.list, self.name),
        }
    }
}

pub(crate) fn sections(judged: &Judged) -> Vec<Section<'_>> {
    let mut sections: Vec<Section<'_>> = Vec::new();
    for item in &judged.items {
        match sections.last_mut() {
            Some(last) if last.list == item.list && last.name == item.section => {
                last.items.push(item);
            }
            _ => sections.push(Section {
                list: &item.list,
                name: &item.section,
                items: vec![item],
            }),
        }
    }
    sections
}

/// `12 pass, 3 fail`: what there is of each standing, the good first.
fn counts<'a>(items: impl Iterator<Item = &'a JudgedItem> + Clone) -> String {
    let mut counts = Vec::new();
    for standing in Standing::ALL.iter().rev() {
        let number = items
            .clone()
            .filter(|item| item.standing == *standing)
            .count();
        if number > 0 {
            counts.push(format!("{number} {}", words(*standing)));
        }
    }
    counts.join(", ")
}

/// The standing in words for a person.
pub(crate) fn words(standing: Standing) -> &'static str {
    match standing {
        Standing::NotApplicable => "not applicable",
        Standing::Pass => "passed",
        Standing::Fail => "failed",
        other => other.name(),
    }
}

pub(crate) fn mark(standing: Standing) -> &'static str {
    match standing {
        Standing::Pass | Standing::Signed => "✓",
        Standing::Fail => "✗",
        Standing::Overdue | Standing::Due => "!",
        Standing::Unknown => "?",
        Standing::Waived => "~",
        Standing::NotApplicable => "–",
    }
}

/// Why rows are unknown, with their number, the most frequent first.
fn open_reasons(judged: &Judged) -> Vec<(&str, usize)> {
    let mut reasons: Vec<(&str, usize)> = Vec::new();
    for item in &judged.items {
        if item.standing != Standing::Unknown {
            continue;
        }
        match reasons
            .iter_mut()
            .find(|(reason, _)| *reason == item.reason)
        {
            Some((_, number)) => *number += 1,
            None => reasons.push((&item.reason, 1)),
        }
    }
    reasons.sort_by_key(|(_, number)| std::cmp::Reverse(*number));
    reasons
}
