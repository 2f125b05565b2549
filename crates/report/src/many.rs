//! Reports of many sites: one line for each as it is done, and what they came to.

use std::collections::BTreeMap;
use std::io::{self, Write};

use tightship_model::Severity;

use crate::clean::clean;
use crate::document::{Report, Site};
use crate::json;
use crate::style::{BOLD, DIM, GOOD, OPEN, PLAIN, paint, severity};
use crate::summary::count;
use crate::text::{ruled, width_of};

/// Columns that an address is given, so that grades stand below each other.
const ADDRESS_COLUMNS: usize = 40;

/// Sites by what they came to. Its size does not grow with their number.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    sites: usize,
    /// Sites that answered nothing.
    silent: usize,
    /// Sites by their worst finding; those without one stand apart.
    worst: BTreeMap<Severity, usize>,
    without: usize,
    /// Sites by the grade that a service would give: `SSL Labs`, `A+`.
    grades: BTreeMap<(String, String), usize>,
}

/// Writes a site as one line for a person: its address, the grades, its findings by severity, or why
/// it did not answer.
pub fn line(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let Some(site) = &report.site else {
        return Ok(());
    };
    let url = clean(&site.url);
    let gap = ADDRESS_COLUMNS.saturating_sub(width_of(&url));
    write!(out, "{url}{:gap$}", "")?;
    if let Some(reason) = silence(site) {
        let text = format!("no answer: {}", clean(reason));
        return writeln!(out, "  {}", paint(severity(Severity::High), text));
    }
    for grade in &site.grades {
        let letter = grade.grade.as_deref().unwrap_or("–");
        write!(out, "  {} {:<2}", paint(DIM, &grade.by), clean(letter))?;
    }
    writeln!(out, "  {}", findings(report))
}

/// Writes a site as one line of JSON: the whole report, as `tightship report` takes it.
pub fn json_line(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    json::write_line(report, out)
}

/// `1 high, 3 low`
fn findings(report: &Report) -> String {
    let named: Vec<_> = report
        .by_severity()
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(level, count)| paint(severity(level), format!("{count} {}", level.name())))
        .collect();
    match named.is_empty() {
        // With open questions, that alone is no good news.
        true if report.summary.unknown > 0 => paint(OPEN, "no findings, some unknown"),
        true => paint(GOOD, "✓"),
        false => named.join(", "),
    }
}

/// Why nothing of a site was seen, where nothing was.
fn silence(site: &Site) -> Option<&str> {
    let mut failures = site.requests.iter().map(|one| one.failure.as_deref());
    // A mail server is asked for TLS alone.
    let first = failures.next()??;
    let is_tls_known = site.grades.iter().any(|grade| grade.grade.is_some());
    (!is_tls_known && failures.all(|failure| failure.is_some())).then_some(first)
}

impl Tally {
    pub fn add(&mut self, report: &Report) {
        self.sites += 1;
        let Some(site) = &report.site else {
            return;
        };
        if silence(site).is_some() {
            self.silent += 1;
            return;
        }
        let worst = report
            .by_severity()
            .into_iter()
            .find(|(_, count)| *count > 0);
        match worst {
            Some((level, _)) => *self.worst.entry(level).or_default() += 1,
            None => self.without += 1,
        }
        for grade in &site.grades {
            let letter = grade.grade.as_deref().unwrap_or("–").to_owned();
            *self.grades.entry((grade.by.clone(), letter)).or_default() += 1;
        }
    }

    /// Writes what they came to.
    pub fn render(&self, width: usize, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "\n{}\n", ruled("summary", "", width))?;
        let mut parts = vec![paint(BOLD, count(self.sites, "site"))];
        if self.silent > 0 {
            let text = format!("{} without an answer", self.silent);
            parts.push(paint(severity(Severity::High), text));
        }
        let worst = self.worst.iter().rev();
        parts.extend(worst.map(|(level, count)| {
            paint(
                severity(*level),
                format!("{count} at worst {}", level.name()),
            )
        }));
        if self.without > 0 {
            parts.push(paint(PLAIN, format!("{} without findings", self.without)));
        }
        writeln!(out, "  {}", parts.join(" · "))?;
        let mut services: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for ((by, letter), count) in &self.grades {
            let text = format!("{count} {}", clean(letter));
            services.entry(by).or_default().push(text);
        }
        for (by, grades) in services {
            writeln!(out, "  {} {}", paint(DIM, by), grades.join(", "))?;
        }
        Ok(())
    }
}
