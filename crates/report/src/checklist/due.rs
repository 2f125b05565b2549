//! What is due, for a person and for a calendar.

use std::io::{self, Write};

use tightship_model::checklist::{Judged, JudgedItem, Standing};

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

/// Writes a calendar (RFC 5545) with a day for each item. `stamp` is when it was made, in UTC:
/// `20261122T100000Z`.
pub fn render_ics(judged: &Judged, root: &str, stamp: &str, out: &mut dyn Write) -> io::Result<()> {
    line("BEGIN:VCALENDAR", out)?;
    line("VERSION:2.0", out)?;
    line("PRODID:-//tightship//due//EN", out)?;
    for item in &judged.items {
        if let Some(day) = &item.until {
            event(item, day, root, stamp, out)?;
        }
    }
    line("END:VCALENDAR", out)
}

fn event(
    item: &JudgedItem,
    day: &str,
    root: &str,
    stamp: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    let what = match item.standing {
        Standing::Signed | Standing::Waived => "renew",
        _ => "do",
    };
    line("BEGIN:VEVENT", out)?;
    line(&format!("UID:{}@{}.tightship", escape(&item.id), day), out)?;
    line(&format!("DTSTAMP:{stamp}"), out)?;
    line(&format!("DTSTART;VALUE=DATE:{}", day.replace('-', "")), out)?;
    line(
        &format!(
            "SUMMARY:{}",
            escape(&format!("{what} {}: {}", item.id, item.text))
        ),
        out,
    )?;
    let owner = item.owner.as_deref().unwrap_or("nobody in particular");
    let text = format!("{root}: {} ({owner})", item.reason);
    line(&format!("DESCRIPTION:{}", escape(&text)), out)?;
    line("TRANSP:TRANSPARENT", out)?;
    line("END:VEVENT", out)
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
