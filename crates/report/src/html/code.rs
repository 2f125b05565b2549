//! Lines of code with the labelled part marked, and the way through the files that they make.

use crate::document::{Code, Finding, Label, Link};
use crate::place::from_here;

/// A file on the way, with what happens in it.
pub(super) struct Station {
    /// The folder with its slash, and the name; both empty for what stands in no file.
    pub(super) folder: String,
    pub(super) name: String,
    pub(super) stops: Vec<Stop>,
}

/// A place on the way, and what happens there.
pub(super) struct Stop {
    pub(super) lines: Vec<Line>,
    pub(super) text: String,
    /// Whether this is where the finding points.
    pub(super) is_primary: bool,
}

/// A line of code around its labelled part.
pub(super) struct Line {
    pub(super) number: usize,
    pub(super) before: String,
    pub(super) marked: String,
    pub(super) after: String,
}

/// The finding's place, the way of its value from there, and its further places; steps that follow
/// each other in one file under one head, a line that was shown only once.
pub(super) fn way<'a>(finding: &'a Finding, root: &str) -> Vec<Station> {
    let (first, others) = match finding.labels.split_first() {
        Some((first, others)) => (Some(first), others),
        None => (None, &[][..]),
    };
    let mut seen: Vec<(&'a str, usize)> = Vec::new();
    let mut stations: Vec<Station> = Vec::new();
    let mut add = |path: Option<&'a str>, line: Option<usize>, stop: Stop| {
        if let Some(place) = path.zip(line) {
            if seen.contains(&place) {
                return;
            }
            seen.push(place);
        }
        let (folder, name) = split(&path.map(|path| from_here(root, path)).unwrap_or_default());
        match stations.last_mut() {
            Some(last) if last.folder == folder && last.name == name => last.stops.push(stop),
            _ => stations.push(Station {
                folder,
                name,
                stops: vec![stop],
            }),
        }
    };
    if let Some(label) = first {
        add(Some(&label.path), Some(label.line), of_label(label, true));
    }
    for link in &finding.trail {
        add(link.path.as_deref(), link.line, of_link(link));
    }
    for label in others {
        add(Some(&label.path), Some(label.line), of_label(label, false));
    }
    stations
}

fn split(path: &str) -> (String, String) {
    match path.rsplit_once('/') {
        Some((folder, name)) => (format!("{folder}/"), name.to_owned()),
        None => (String::new(), path.to_owned()),
    }
}

fn of_label(label: &Label, is_primary: bool) -> Stop {
    let end = (label.end_line, label.end_column);
    Stop {
        lines: lines(label.code.as_ref(), (label.line, label.column), end),
        text: label.text.clone(),
        is_primary,
    }
}

fn of_link(link: &Link) -> Stop {
    let start = (link.line.unwrap_or(1), link.column.unwrap_or(1));
    let end = (
        link.end_line.unwrap_or(start.0),
        link.end_column.unwrap_or(usize::MAX),
    );
    Stop {
        lines: lines(link.code.as_ref(), start, end),
        text: link.text.clone(),
        is_primary: false,
    }
}

/// The lines with the part from `start` to `end` marked, without the indentation that all share.
fn lines(code: Option<&Code>, start: (usize, usize), end: (usize, usize)) -> Vec<Line> {
    let Some(code) = code else {
        return Vec::new();
    };
    let blank = |text: &String| text.chars().take_while(|c| c.is_whitespace()).count();
    let full = code.lines.iter().filter(|line| !line.trim().is_empty());
    let indentation = full.map(blank).min().unwrap_or(0);
    let cut = if code.from_column > 1 { "…" } else { "" };
    code.lines
        .iter()
        .enumerate()
        .map(|(at, text)| {
            let number = start.0.saturating_add(at);
            let column = |column: usize| column.saturating_sub(code.from_column).max(indentation);
            let from = match number == start.0 {
                true => column(start.1),
                false => blank(text),
            };
            let to = match number == end.0 {
                true => column(end.1).max(from),
                false => usize::MAX,
            };
            let part =
                |from: usize, to: usize| -> String { text.chars().take(to).skip(from).collect() };
            Line {
                number,
                before: format!("{cut}{}", part(indentation, from)),
                marked: part(from, to).trim_end().to_owned(),
                after: part(to, usize::MAX).trim_end().to_owned(),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(lines: &[&str], start: (usize, usize), end: (usize, usize)) -> Vec<String> {
        let code = Code {
            from_column: 1,
            lines: lines.iter().map(|line| (*line).to_owned()).collect(),
        };
        super::lines(Some(&code), start, end)
            .iter()
            .map(|line| {
                format!(
                    "{}:{}[{}]{}",
                    line.number, line.before, line.marked, line.after
                )
            })
            .collect()
    }

    #[test]
    fn the_labelled_part_is_marked_without_shared_indentation() {
        assert_eq!(
            shown(&["    DEBUG = True"], (3, 5), (3, 10)),
            ["3:[DEBUG] = True"]
        );
        assert_eq!(
            shown(&["  a = [", "    1,", "  ]  # x"], (7, 7), (9, 4)),
            ["7:a = [[]", "8:  [1,]", "9:[]]  # x"]
        );
    }

    #[test]
    fn places_past_the_end_mark_nothing_and_break_nothing() {
        assert_eq!(shown(&["abc"], (1, 9), (1, 20)), ["1:abc[]"]);
        assert_eq!(shown(&[], (1, 1), (1, 2)), Vec::<String>::new());
        assert_eq!(shown(&["abc"], (1, 3), (1, 1)), ["1:ab[]c"]);
    }
}
