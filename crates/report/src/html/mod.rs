//! The report as one page for people: it needs no network, and its own policy forbids it one.
//!
//! The template escapes every text; what the page says in the end passes [`harmless`] as a whole,
//! so that no text of a file or a server steers what shows it.

mod code;
mod progress;
mod prose;
mod ring;
mod shell;
mod view;

use std::io::{self, Write};

use askama::Template;

use crate::catalog::Catalog;
use crate::clean::is_harmless;
use crate::document::Report;
use prose::Prose;
use view::View;

pub(crate) use prose::{pieces, sentence};
pub(crate) use ring::Ring;
pub(crate) use shell::{SCRIPT, Shell, last_part, policy, style};

const STYLE: &str = style!("../html/report.css", "../chart/chart.css");

/// Writes the page. Equal reports give identical bytes.
pub fn render(report: &Report, checks: &Catalog, out: &mut dyn Write) -> io::Result<()> {
    let page = Page {
        view: View::of(report, checks),
        shell: Shell {
            policy: policy(STYLE),
            style: STYLE,
            script: SCRIPT,
            name: view::name(report),
            version: &report.tool.version,
            judged_on: report.environment.judged_on.as_deref(),
            noun: "findings",
        },
        report,
    };
    let text = page.render().map_err(io::Error::other)?;
    out.write_all(harmless(&text).as_bytes())
}

#[derive(Template)]
#[template(path = "html/report.html")]
struct Page<'a> {
    shell: Shell<'a>,
    view: View<'a>,
    report: &'a Report,
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
