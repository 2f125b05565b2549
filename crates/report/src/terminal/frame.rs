//! The line of code that a label points at.
//!
//! Drawn here and not by a crate for annotated snippets: the line is first masked, cleaned and cut
//! around the label, which moves all offsets; what is left to do is one underline.

use std::io::{self, Write};

use anstyle::Style;

use super::Screen;
use crate::ascii::ascii;
use crate::clean::clean;
use crate::document::{Code, Label};
use crate::style::{DIM, PLAIN, paint};
use crate::text::{Paragraph, width_of};

/// Writes the labelled line with its number, and under it the label's text.
pub(super) fn render(
    label: &Label,
    style: Style,
    indent: usize,
    screen: &Screen,
    out: &mut dyn Write,
) -> io::Result<()> {
    let width = screen.width;
    let Some(Code { from_column, lines }) = &label.code else {
        return Paragraph::indented(indent, style).write(&clean(&label.text), width, out);
    };
    let text = lines.first().map_or("", String::as_str);
    let number = label.line.to_string();
    let gutter = indent + number.len() + 3;
    let within = |column: usize| column.saturating_sub(*from_column);
    let end = if label.end_line == label.line {
        within(label.end_column)
    } else {
        usize::MAX
    };
    let room = width.saturating_sub(gutter);
    // Measured as it will be shown: the underline stands below what it marks.
    let shown = |text: &str| match screen.ascii {
        true => ascii(&clean(text)).into_owned(),
        false => clean(text).into_owned(),
    };
    let cut = cut(text, within(label.column), end, room, shown);

    let bar = paint(DIM, "│");
    writeln!(
        out,
        "{:indent$}{} {bar} {}{}{}",
        "",
        paint(DIM, &number),
        paint(PLAIN, &cut.before),
        paint(style, &cut.marked),
        paint(PLAIN, &cut.after),
    )?;
    let offset = width_of(&cut.before);
    let underline = "━".repeat(width_of(&cut.marked).max(1));
    let blank = " ".repeat(number.len());
    write!(out, "{:indent$}{blank} {bar} {:offset$}", "", "")?;
    let note = clean(&label.text);
    let used = gutter + offset + width_of(&underline) + 1;
    if used + width_of(&note) <= width {
        return writeln!(out, "{} {}", paint(style, underline), paint(style, note));
    }
    writeln!(out, "{}", paint(style, underline))?;
    let lead = format!("{blank} │ ");
    Paragraph::led(indent, &lead, DIM, style).write(&note, width, out)
}

/// A line around its label, made to fit.
struct Cut {
    before: String,
    marked: String,
    after: String,
}

/// Cuts `text`, as it is `shown`, to `width` columns so that the characters `start..end` stay in view.
fn cut(text: &str, start: usize, end: usize, width: usize, shown: impl Fn(&str) -> String) -> Cut {
    let width = width.max(20);
    let length = text.chars().count();
    let (start, end) = (start.min(length), end.clamp(start.min(length), length));
    let indentation = text.chars().take_while(|c| c.is_whitespace()).count();
    // A line that fits is shown from its first character.
    let fits = width_of(&shown(text)) <= width;
    let from = match fits {
        true => indentation.min(start),
        // A third of the room for what stands before the label.
        false => start
            .saturating_sub(width / 3)
            .max(indentation.min(start))
            .min(start),
    };
    let sign = shown("…");
    let piece = |from: usize, to: usize, room: &mut usize| {
        let mut taken = String::new();
        let chars = text.chars().skip(from).take(to.saturating_sub(from));
        for c in chars {
            let shown = shown(c.encode_utf8(&mut [0; 4]));
            let columns = width_of(&shown);
            if columns > *room {
                *room = 0;
                taken.push_str(&sign);
                break;
            }
            *room -= columns;
            taken.push_str(&shown);
        }
        taken
    };
    // Both ends may need it.
    let mut room = width - 2 * width_of(&sign);
    let mut before = piece(from, start, &mut room);
    if from > indentation {
        before.insert_str(0, &sign);
    }
    let marked = piece(start, end, &mut room);
    let after = match room {
        0 => String::new(),
        _ => piece(end, length, &mut room),
    };
    Cut {
        before,
        marked,
        after: after.trim_end().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, start: usize, end: usize, width: usize) -> String {
        let cut = cut(text, start, end, width, |text| clean(text).into_owned());
        format!("{}[{}]{}", cut.before, cut.marked, cut.after)
    }

    #[test]
    fn short_lines_lose_only_their_indentation() {
        assert_eq!(shown("    DEBUG = True  ", 4, 9, 40), "[DEBUG] = True");
        assert_eq!(shown("a\tb", 2, 3, 40), "a [b]");
        assert_eq!(shown("", 0, 0, 40), "[]");
        assert_eq!(shown("abc", 9, 20, 40), "abc[]");
    }

    #[test]
    fn long_lines_are_cut_around_the_label() {
        let text = format!("{}LABEL{}", "x".repeat(500), "y".repeat(500));
        let shown = shown(&text, 500, 505, 40);
        assert!(shown.starts_with("…x") && shown.ends_with("y…"), "{shown}");
        assert!(shown.contains("[LABEL]"), "{shown}");
        assert!(width_of(&shown) <= 42, "{} columns", width_of(&shown));
    }

    #[test]
    fn a_label_longer_than_the_room_is_cut_itself() {
        let shown = shown(&"z".repeat(300), 0, 300, 40);
        assert!(shown.ends_with("…]"), "{shown}");
        assert!(width_of(&shown) <= 42, "{} columns", width_of(&shown));
    }
}
