//! What is due, for a person and for a calendar.

use std::io::{self, Write};

use tightship_model::checklist::{Judged, JudgedItem, Period, Recurrence, Standing};

use super::terminal::style;
use super::words;
use crate::Screen;
use crate::clean::clean;
use crate::style::{DIM, PLAIN, paint};
use crate::text::Paragraph;

/// Writes a line for each item that has a day, in the order that is given.
pub fn render(judged: &Judged, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
    for item in &judged.items {
        let day = item.until.as_deref().unwrap_or("now");
        let lead = format!(
            "{day:<10}  {:<7}  {:<6} ",
            words(item.standing),
            clean(&item.id)
        );
        Paragraph::led(0, &lead, style(item.standing), PLAIN).write(
            &clean(&item.text),
            screen.width,
            out,
        )?;
        Paragraph::indented(21, DIM).write(&clean(&item.reason), screen.width, out)?;
    }
    for note in &judged.notes {
        writeln!(out, "{}", paint(DIM, clean(note)))?;
    }
    if judged.items.is_empty() {
        writeln!(out, "nothing is due")?;
    }
    Ok(())
}

/// Whose calendar it is, and when it was made.
pub struct Calendar<'a> {
    /// The project's name.
    pub name: &'a str,
    /// In UTC: `20261122T100000Z`.
    pub stamp: &'a str,
}

/// Writes a calendar (RFC 5545): whole days, which no change of clocks moves. A duty comes back; an item
/// keeps its UID, so that a later calendar takes the place of an earlier one.
pub fn render_ics(judged: &Judged, of: &Calendar<'_>, out: &mut dyn Write) -> io::Result<()> {
    line("BEGIN:VCALENDAR", out)?;
    line("VERSION:2.0", out)?;
    line("PRODID:-//tightship//due//EN", out)?;
    line("METHOD:PUBLISH", out)?;
    line(
        &format!("X-WR-CALNAME:{}", escape(&format!("tightship {}", of.name))),
        out,
    )?;
    for item in &judged.items {
        let next = item.recurrence.as_ref().map(|recurrence| &recurrence.next);
        if let Some(day) = next.or(item.until.as_ref()) {
            event(item, day, of, out)?;
        }
    }
    line("END:VCALENDAR", out)
}

fn event(item: &JudgedItem, day: &str, of: &Calendar<'_>, out: &mut dyn Write) -> io::Result<()> {
    let what = match (item.standing, &item.recurrence) {
        (Standing::Overdue, _) => "overdue",
        (Standing::Signed | Standing::Waived | Standing::Pass, None) => "renew",
        _ => "do",
    };
    line("BEGIN:VEVENT", out)?;
    let uid = format!("{}.{}.{}@tightship", item.id, item.list, of.name);
    line(&format!("UID:{}", escape(&uid)), out)?;
    line(&format!("DTSTAMP:{}", of.stamp), out)?;
    line(&format!("DTSTART;VALUE=DATE:{}", basic(day)), out)?;
    if let Some(recurrence) = &item.recurrence {
        line(&format!("RRULE:{}", rule(recurrence)), out)?;
    }
    let summary = format!("{what} {}: {}", item.id, item.text);
    line(&format!("SUMMARY:{}", escape(&summary)), out)?;
    let owner = item.owner.as_deref().unwrap_or("nobody in particular");
    let text = format!("{}: {} ({owner})", of.name, item.reason);
    line(&format!("DESCRIPTION:{}", escape(&text)), out)?;
    line("TRANSP:TRANSPARENT", out)?;
    line("END:VEVENT", out)
}

/// When it comes back (RFC 5545, section 3.3.10), counted from the next day by which it is to be done.
/// Months and quarters end with their last day, whichever that is.
fn rule(recurrence: &Recurrence) -> String {
    let mut rule = match recurrence.period {
        Period::Daily => "FREQ=DAILY".to_owned(),
        Period::Weekly => "FREQ=WEEKLY".to_owned(),
        Period::Monthly => "FREQ=MONTHLY;BYMONTHDAY=-1".to_owned(),
        Period::Quarterly => "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=-1".to_owned(),
    };
    if let Some(last) = &recurrence.ends {
        rule.push_str(&format!(";UNTIL={}", basic(last)));
    }
    rule
}

/// `20261122` of `2026-11-22`.
fn basic(day: &str) -> String {
    day.replace('-', "")
}

/// Text of a property (RFC 5545, section 3.3.11).
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in clean(text).chars() {
        if matches!(c, '\\' | ';' | ',') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// A line that is folded after 75 bytes (RFC 5545, section 3.1).
fn line(text: &str, out: &mut dyn Write) -> io::Result<()> {
    const LONGEST: usize = 75;
    let mut width = 0;
    for c in text.chars() {
        if width + c.len_utf8() > LONGEST {
            out.write_all(b"\r\n ")?;
            width = 1;
        }
        write!(out, "{c}")?;
        width += c.len_utf8();
    }
    out.write_all(b"\r\n")
}
