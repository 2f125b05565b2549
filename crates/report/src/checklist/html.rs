//! The list as one page without scripts, that opens from a mail.

use std::io::{self, Write};

use askama::Template;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use sha2::{Digest, Sha256};
use tightship_model::checklist::{Judged, JudgedItem};

use super::{counts, mark, sections, words};
use crate::html::harmless;

const STYLE: &str = include_str!("page.css");

/// Writes the page. The template escapes every text.
pub fn render(judged: &Judged, root: &str, out: &mut dyn Write) -> io::Result<()> {
    let sections = sections(judged).into_iter().map(|section| Section {
        title: section.title(judged),
        counts: counts(section.items.iter().copied()),
        rows: section.items.into_iter().map(Row::of).collect(),
    });
    let ticked = judged.items.iter().filter(|item| item.standing.ticks());
    let hash = BASE64.encode(Sha256::digest(STYLE));
    let page = Page {
        root,
        policy: format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'"),
        style: STYLE,
        lists: judged.lists.join(", "),
        counts: counts(judged.items.iter()),
        ticked: ticked.count(),
        all: judged.items.len(),
        sections: sections.collect(),
        notes: &judged.notes,
    };
    let text = page.render().map_err(io::Error::other)?;
    out.write_all(harmless(&text).as_bytes())
}

#[derive(Template)]
#[template(path = "checklist/page.html")]
struct Page<'a> {
    root: &'a str,
    policy: String,
    style: &'static str,
    lists: String,
    counts: String,
    ticked: usize,
    all: usize,
    sections: Vec<Section<'a>>,
    notes: &'a [String],
}

struct Section<'a> {
    title: String,
    counts: String,
    rows: Vec<Row<'a>>,
}

struct Row<'a> {
    id: &'a str,
    class: &'static str,
    mark: &'static str,
    text: &'a str,
    standing: &'static str,
    reason: &'a str,
    remedy: Option<&'a str>,
    places: Vec<String>,
}

impl<'a> Row<'a> {
    fn of(item: &'a JudgedItem) -> Self {
        Self {
            id: &item.id,
            class: item.standing.name(),
            mark: mark(item.standing),
            text: &item.text,
            standing: words(item.standing),
            reason: &item.reason,
            remedy: item.remedy.as_deref(),
            places: item
                .evidence
                .iter()
                .filter_map(|proof| proof.place())
                .collect(),
        }
    }
}
