//! The report as one page for people: it needs no network, and its own policy forbids it one.
//!
//! The template escapes every text; what the page says in the end passes [`harmless`] as a whole,
//! so that no text of a file or a server steers what shows it.

mod code;
mod prose;
mod view;

use std::io::{self, Write};

use askama::Template;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use sha2::{Digest, Sha256};

use crate::catalog::Catalog;
use crate::clean::is_harmless;
use crate::document::Report;
use prose::Prose;
use view::View;

const STYLE: &str = concat!(
    include_str!("report.css"),
    include_str!("../chart/chart.css")
);
const SCRIPT: &str = include_str!("report.js");

/// Writes the page. Equal reports give identical bytes.
pub fn render(report: &Report, checks: &Catalog, out: &mut dyn Write) -> io::Result<()> {
    let page = Page {
        view: View::of(report, checks),
        report,
        style: STYLE,
        script: SCRIPT,
        policy: policy(),
    };
    let text = page.render().map_err(io::Error::other)?;
    out.write_all(harmless(&text).as_bytes())
}

#[derive(Template)]
#[template(path = "html/report.html")]
struct Page<'a> {
    view: View<'a>,
    report: &'a Report,
    style: &'static str,
    script: &'static str,
    policy: String,
}

/// Nothing is allowed but the one script and the one style of this page, by their hashes (Content
/// Security Policy Level 3, section 6.7.3.3).
fn policy() -> String {
    let hash = |text: &str| format!("'sha256-{}'", BASE64.encode(Sha256::digest(text)));
    format!(
        "default-src 'none'; script-src {}; style-src {}; base-uri 'none'; form-action 'none'",
        hash(SCRIPT),
        hash(STYLE)
    )
}

/// The page without characters that a browser or an editor would obey; lines stay.
pub(crate) fn harmless(page: &str) -> String {
    let obeyed = |c: char| c != '\n' && !is_harmless(c);
    match page.contains(obeyed) {
        true => page
            .split('\n')
            .map(crate::clean)
            .collect::<Vec<_>>()
            .join("\n"),
        false => page.to_owned(),
    }
}
