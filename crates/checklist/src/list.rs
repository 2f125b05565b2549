//! A checklist: a Markdown text whose boxes are known, every byte of it kept.

use std::collections::HashMap;
use std::ops::Range;

use tightship_model::checklist::Kind;

use crate::markdown::{Box, Layout};
use crate::note::{Binding, CLOSING, OPENING};

/// A longer text is no list that people keep.
pub const LARGEST: usize = 16 * 1024 * 1024;

/// Before what a run writes behind an item.
const ARROW: &str = "=>";

/// A checklist as it was read.
#[derive(Clone, Debug)]
pub struct Checklist {
    /// Name of a built-in list, or path as it was given.
    pub name: String,
    text: String,
    pub items: Vec<Item>,
    /// Boxes without a comment.
    pub loose: Vec<Item>,
}

/// A box with what it says.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// From 1.
    pub line: usize,
    pub section: String,
    /// What it asks, without its comment.
    pub text: String,
    pub is_ticked: bool,
    /// What an earlier run wrote behind `=>`.
    pub result: Option<String>,
    /// The default for a box that has no comment.
    pub binding: Binding,
    /// The character between the brackets.
    mark: usize,
    /// Where a result goes: from the end of the comment to the end of its line. For a box without a
    /// comment, the end of its words.
    tail: Range<usize>,
}

/// What a run has to say of one item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub ticks: bool,
    /// Any text: what Markdown or a browser would obey is written so that they do not.
    pub result: String,
}

/// Why a text is no checklist, with the line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name}:{line}: {reason}")]
pub struct Refusal {
    pub name: String,
    /// From 1.
    pub line: usize,
    pub reason: String,
}

impl Checklist {
    /// Reads a list. `name` is what it is called in reports and refusals.
    ///
    /// Boxes in code, tables and comments are prose. Comments of ours must be whole, stand at a box
    /// and name ids of their own.
    pub fn parse(name: &str, text: &str) -> Result<Self, Refusal> {
        let refuse = |place: usize, reason: String| Refusal {
            name: name.to_owned(),
            line: line_of(text, place),
            reason,
        };
        if text.len() > LARGEST {
            let reason = format!("is {} bytes long; {LARGEST} are the most", text.len());
            return Err(refuse(0, reason));
        }
        let offset = if text.starts_with('\u{feff}') { 3 } else { 0 };
        let layout = Layout::of(&text[offset..], offset);
        let mut list = Self {
            name: name.to_owned(),
            text: text.to_owned(),
            items: Vec::new(),
            loose: Vec::new(),
        };
        let lines = Lines::of(text);
        let mut comments = Vec::new();
        for one in layout.boxes {
            let place =
                comment(text, &one.html).map_err(|(place, reason)| refuse(place, reason))?;
            let line = lines.number(one.mark);
            match place {
                None => list.loose.push(Item::loose(text, one, line)),
                Some(place) => {
                    let item = Item::bound(text, one, &place, line)
                        .map_err(|reason| refuse(place.start, reason))?;
                    comments.push(place);
                    list.items.push(item);
                }
            }
        }
        if let Some(place) = lost_comment(text, &comments, &layout.code) {
            let reason = match text[place..].contains(CLOSING) {
                true => "the comment stands at no box",
                false => "the comment is not closed with -->",
            };
            return Err(refuse(place, reason.to_owned()));
        }
        list.ids_are_unique()
            .map_err(|(item, reason)| refuse(item, reason))?;
        Ok(list)
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text with the boxes and results that `answer` gives; an item without an answer stays as
    /// it is. Only the characters in boxes and what stands behind `=>` differ.
    pub fn ticked(&self, answer: impl Fn(&Item) -> Option<Answer>) -> String {
        let mut written = String::with_capacity(self.text.len() + self.items.len() * 64);
        let mut from = 0;
        for item in &self.items {
            let Some(answer) = answer(item) else { continue };
            written.push_str(&self.text[from..item.mark]);
            match (answer.ticks, item.is_ticked) {
                (true, true) => written.push_str(&self.text[item.mark..=item.mark]),
                (true, false) => written.push('x'),
                (false, _) => written.push(' '),
            }
            written.push_str(&self.text[item.mark + 1..item.tail.start]);
            let result = harmless(&answer.result);
            if !result.is_empty() {
                written.push_str(&format!(" {ARROW} {result}"));
            }
            from = item.tail.end;
        }
        written.push_str(&self.text[from..]);
        written
    }

    /// The text with a comment behind each loose box that `bind` gives a binding for.
    pub fn bound(&self, bind: impl Fn(&Item) -> Option<Binding>) -> String {
        let mut written = String::with_capacity(self.text.len() + self.loose.len() * 100);
        let mut from = 0;
        for item in &self.loose {
            let Some(binding) = bind(item) else { continue };
            written.push_str(&self.text[from..item.tail.start]);
            written.push_str(&format!(" {}", binding.comment()));
            from = item.tail.start;
        }
        written.push_str(&self.text[from..]);
        written
    }

    fn ids_are_unique(&self) -> Result<(), (usize, String)> {
        let mut seen = HashMap::new();
        for item in &self.items {
            if let Some(line) = seen.insert(item.binding.id.as_str(), item.line) {
                let reason = format!("{} is the id of line {line} already", item.binding.id);
                return Err((item.mark, reason));
            }
        }
        Ok(())
    }
}

impl Item {
    fn bound(text: &str, one: Box, comment: &Range<usize>, line: usize) -> Result<Self, String> {
        let binding = Binding::parse(&text[comment.clone()])?;
        let line_end = end_of_line(text, comment.end);
        let rest = text[comment.end..line_end].trim();
        let result = match rest.strip_prefix(ARROW) {
            Some(result) => Some(result.trim().to_owned()),
            None if rest.is_empty() => None,
            None => {
                return Err(format!(
                    "text stands between the comment and the end of its line; only {ARROW} may"
                ));
            }
        };
        Ok(Self {
            line,
            section: one.section,
            text: one.text.trim().to_owned(),
            is_ticked: one.is_ticked,
            result,
            binding,
            mark: one.mark,
            tail: comment.end..line_end,
        })
    }

    fn loose(text: &str, one: Box, line: usize) -> Self {
        let line_end = end_of_line(text, one.text_end);
        let start = one.text_end + text[one.text_end..line_end].trim_end().len();
        Self {
            line,
            section: one.section,
            text: one.text.trim().to_owned(),
            is_ticked: one.is_ticked,
            result: None,
            binding: Binding {
                kind: Kind::SignOff,
                ..Binding::default()
            },
            mark: one.mark,
            tail: start..start,
        }
    }
}

/// The one comment of ours in the HTML of an item.
fn comment(text: &str, html: &[Range<usize>]) -> Result<Option<Range<usize>>, (usize, String)> {
    let mut found = None;
    for place in html {
        let mut from = place.start;
        while let Some(at) = text[from..place.end].find(OPENING) {
            let start = from + at;
            let Some(length) = text[start..place.end].find(CLOSING) else {
                return Err((start, "the comment is not closed with -->".to_owned()));
            };
            let end = start + length + CLOSING.len();
            if found.replace(start..end).is_some() {
                return Err((start, "the box has a second comment".to_owned()));
            }
            from = end;
        }
    }
    Ok(found)
}

/// A comment of ours that no box has taken and no code holds.
fn lost_comment(text: &str, taken: &[Range<usize>], code: &[Range<usize>]) -> Option<usize> {
    let mut known: Vec<_> = taken.iter().chain(code).collect();
    known.sort_by_key(|range| range.start);
    text.match_indices(OPENING)
        .map(|(place, _)| place)
        .find(|place| {
            let after = known.partition_point(|range| range.start <= *place);
            !known[..after]
                .last()
                .is_some_and(|range| range.contains(place))
        })
}

/// The result on one line, in which nothing is Markdown, HTML or an address that is fetched.
fn harmless(result: &str) -> String {
    /// Enough for a sentence; the report says all.
    const LONGEST: usize = 300;
    let mut text = String::new();
    let words = result.split_whitespace().collect::<Vec<_>>().join(" ");
    for (count, c) in words.chars().enumerate() {
        if count == LONGEST {
            text.push('…');
            break;
        }
        match c {
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            '&' => text.push_str("&amp;"),
            '[' => text.push_str("&#91;"),
            ']' => text.push_str("&#93;"),
            '`' => text.push_str("&#96;"),
            '*' => text.push_str("&#42;"),
            '\\' => text.push_str("&#92;"),
            c if c.is_control() => text.push('\u{fffd}'),
            c => text.push(c),
        }
    }
    text
}

fn end_of_line(text: &str, from: usize) -> usize {
    let end = text[from..].find('\n').map_or(text.len(), |at| from + at);
    from + text[from..end].trim_end_matches('\r').len()
}

fn line_of(text: &str, place: usize) -> usize {
    text[..place].matches('\n').count() + 1
}

/// Where lines begin.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        Self(
            text.match_indices('\n')
                .map(|(place, _)| place + 1)
                .collect(),
        )
    }

    fn number(&self, place: usize) -> usize {
        self.0.partition_point(|start| *start <= place) + 1
    }
}
