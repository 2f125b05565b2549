//! The list as one page of its own, which opens from a mail: how each row stands, and why.

use std::collections::BTreeSet;
use std::io::{self, Write};

use askama::Template;
use tightship_model::checklist::{Judged, JudgedItem, Standing};

use super::{mark as sign, open_reasons, sections, words};
use crate::html::{Ring, SCRIPT, Shell, harmless, last_part, policy, style};
use crate::summary::count;

const STYLE: &str = style!("../checklist/page.css");

/// Rows under "Due".
const DUE: usize = 8;

/// Reasons under "Why rows are unknown".
const REASONS: usize = 8;

/// What the page says of itself.
pub struct About<'a> {
    /// The folder as the user named it.
    pub root: &'a str,
    /// Version of tightship.
    pub version: &'a str,
    /// The day: `2026-11-22`.
    pub judged_on: &'a str,
}

/// Writes the page. The template escapes every text.
pub fn render(judged: &Judged, about: &About<'_>, out: &mut dyn Write) -> io::Result<()> {
    let ring = Ring::of(judged.items.iter().map(|item| item.standing));
    let mut due: Vec<_> = judged.items.iter().filter(waits).collect();
    due.sort_by_key(|item| (item.standing, item.until.as_deref()));
    let more_due = due.len().saturating_sub(DUE);
    due.truncate(DUE);
    let owners: BTreeSet<_> = judged.items.iter().map(owner).collect();
    let page = Page {
        shell: Shell {
            policy: policy(STYLE),
            style: STYLE,
            script: SCRIPT,
            name: last_part(about.root).unwrap_or("this project").to_owned(),
            version: about.version,
            judged_on: Some(about.judged_on),
            noun: "rows",
        },
        root: about.root,
        judged,
        headline: headline(judged, &ring),
        ring,
        due,
        more_due,
        open: open(judged),
        owners: owners
            .into_iter()
            .filter(|owner| !owner.is_empty())
            .collect(),
        sections: sections(judged)
            .into_iter()
            .map(|section| Section {
                title: section.title(judged),
                ring: Ring::of(section.items.iter().map(|item| item.standing)),
                items: section.items,
            })
            .collect(),
    };
    let text = page.render().map_err(io::Error::other)?;
    out.write_all(harmless(&text).as_bytes())
}

#[derive(Template)]
#[template(path = "checklist/page.html")]
struct Page<'a> {
    shell: Shell<'a>,
    root: &'a str,
    judged: &'a Judged,
    headline: String,
    ring: Ring,
    /// The nearest day first.
    due: Vec<&'a JudgedItem>,
    more_due: usize,
    open: Vec<Open<'a>>,
    owners: Vec<&'a str>,
    sections: Vec<Section<'a>>,
}

struct Section<'a> {
    title: String,
    ring: Ring,
    items: Vec<&'a JudgedItem>,
}

/// A reason for which rows are unknown.
struct Open<'a> {
    reason: &'a str,
    /// What would answer them, where that is the same for all but for their ids.
    remedy: Option<String>,
    /// `12 rows`
    rows: String,
}

fn headline(judged: &Judged, ring: &Ring) -> String {
    let (failed, overdue) = (
        judged.count(Standing::Fail),
        judged.count(Standing::Overdue),
    );
    match (failed, overdue) {
        _ if judged.items.is_empty() => "There is nothing to judge.".to_owned(),
        (0, 0) if ring.is_whole() => "Every row that applies holds.".to_owned(),
        (0, 0) => format!("Nothing fails, but {} open.", are(ring.all - ring.ticked)),
        (0, overdue) => format!("Nothing fails, but {} overdue.", are(overdue)),
        (1, 0) => "1 row does not hold.".to_owned(),
        (failed, 0) => format!("{failed} rows do not hold."),
        (failed, overdue) => format!(
            "{} not hold, and {} overdue.",
            match failed {
                1 => "1 row does".to_owned(),
                failed => format!("{failed} rows do"),
            },
            match overdue {
                1 => "1 is".to_owned(),
                overdue => format!("{overdue} are"),
            }
        ),
    }
}

fn are(rows: usize) -> String {
    match rows {
        1 => "1 row is".to_owned(),
        rows => format!("{rows} rows are"),
    }
}

fn waits(item: &&JudgedItem) -> bool {
    matches!(item.standing, Standing::Due | Standing::Overdue)
}

fn open(judged: &Judged) -> Vec<Open<'_>> {
    let reasons = open_reasons(judged);
    let shown = reasons.into_iter().take(REASONS);
    shown
        .map(|(reason, rows)| {
            let mut remedies = judged
                .items
                .iter()
                .filter(|item| item.standing == Standing::Unknown && item.reason == reason)
                .map(|item| {
                    item.remedy
                        .as_ref()
                        .map(|text| text.replace(&item.id, "ID"))
                });
            let first = remedies.next().flatten();
            let is_of_all = remedies.all(|remedy| remedy == first);
            Open {
                reason,
                remedy: first.filter(|_| is_of_all),
                rows: count(rows, "row"),
            }
        })
        .collect()
}

fn owner(item: &JudgedItem) -> &str {
    item.owner.as_deref().unwrap_or_default()
}

fn word(standing: &Standing) -> &'static str {
    words(*standing)
}

fn mark(standing: &Standing) -> &'static str {
    sign(*standing)
}
