//! The instructions of a Dockerfile: parser directives, continued lines, comments, heredocs.
//!
//! As the Dockerfile reference says (chapters "Format", "Parser directives", "Here-Documents") and
//! BuildKit's parser does: comments and empty lines inside of a continued instruction are left
//! out, a backslash that another one protects continues nothing.

use tightship_model::image::Heredoc;
use tightship_model::{SourceId, Span};

use super::words;

/// Instructions of one file. An image has at most 127 layers.
const MOST_INSTRUCTIONS: usize = 10_000;

/// One instruction, its lines joined.
#[derive(Clone, Debug)]
pub(super) struct Line {
    /// Upper case.
    pub(super) keyword: String,
    /// `--mount=…`, quotes taken away.
    pub(super) flags: Vec<String>,
    /// What stands behind the flags, without white space around it.
    pub(super) arguments: String,
    pub(super) heredocs: Vec<Heredoc>,
    /// From the keyword to the end of the last line, heredocs included.
    pub(super) span: Span,
    places: Places,
}

impl Line {
    /// The place of a range of [`Line::arguments`].
    pub(super) fn span_of(&self, range: std::ops::Range<usize>) -> Span {
        let start = self.places.source(range.start);
        let end = self.places.source(range.end.saturating_sub(1)) + 1;
        Span::new(self.span.source, start, end.max(start))
    }

    /// The instruction behind ONBUILD.
    pub(super) fn trigger(&self, escape: char) -> Option<Self> {
        let mut line = split(&self.arguments, 0, escape)?;
        line.places = Places {
            pieces: self.places.pieces.clone(),
            skipped: self.places.skipped + line.places.skipped,
        };
        line.heredocs.clone_from(&self.heredocs);
        line.span = self.span;
        Some(line)
    }
}

/// A place that was passed over, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) span: Span,
    pub(super) reason: String,
}

#[derive(Debug)]
pub(super) struct Lines {
    pub(super) lines: Vec<Line>,
    /// The character that escapes: a backslash, or the backtick of `# escape=`.
    pub(super) escape: char,
    pub(super) faults: Vec<Fault>,
}

/// Reads any text.
pub(super) fn read(source: SourceId, text: &str) -> Lines {
    let mut reader = Reader {
        source,
        rest: text.split_inclusive('\n'),
        offset: 0,
        result: Lines {
            lines: Vec::new(),
            escape: '\\',
            faults: Vec::new(),
        },
    };
    reader.directives(text);
    while let Some((start, line)) = reader.next() {
        if is_comment(line) || line.trim().is_empty() {
            continue;
        }
        if reader.result.lines.len() == MOST_INSTRUCTIONS {
            let reason = format!("has more than {MOST_INSTRUCTIONS} instructions");
            reader.fault(start, start + line.len(), reason);
            break;
        }
        reader.instruction(start, line);
    }
    reader.result
}

struct Reader<'a> {
    source: SourceId,
    rest: std::str::SplitInclusive<'a, char>,
    offset: usize,
    result: Lines,
}

impl<'a> Reader<'a> {
    /// The next line without its end, and where it starts.
    fn next(&mut self) -> Option<(usize, &'a str)> {
        let raw = self.rest.next()?;
        let start = self.offset;
        self.offset += raw.len();
        Some((start, raw.trim_end_matches(['\r', '\n'])))
    }

    fn fault(&mut self, start: usize, end: usize, reason: String) {
        let span = Span::new(self.source, start as u32, end as u32);
        self.result.faults.push(Fault { span, reason });
    }

    /// `# escape=` among the first lines, while these are directives.
    fn directives(&mut self, text: &str) {
        for line in text.lines() {
            let Some((name, value)) = line
                .trim_start()
                .strip_prefix('#')
                .and_then(|comment| comment.split_once('='))
            else {
                return;
            };
            match (name.trim().to_ascii_lowercase().as_str(), value.trim()) {
                ("escape", "`") => self.result.escape = '`',
                ("escape" | "syntax" | "check", _) => {}
                _ => return,
            }
        }
    }

    fn instruction(&mut self, start: usize, first: &str) {
        let indent = first.len() - first.trim_start().len();
        let start = start + indent;
        let mut joined = Joined::default();
        let mut end = start + first.len() - indent;
        let mut continues = self.add(&mut joined, start, &first[indent..]);
        while continues {
            let Some((at, line)) = self.next() else { break };
            if is_comment(line) || line.trim().is_empty() {
                continue;
            }
            end = at + line.len();
            continues = self.add(&mut joined, at, line);
        }
        let Some(mut line) = split(&joined.text, start, self.result.escape) else {
            return;
        };
        line.places.pieces = joined.pieces;
        if takes_heredocs(&line) {
            for wanted in words::heredocs(&joined.text) {
                end = self.heredoc(&mut line, wanted, end);
            }
        }
        line.span = Span::new(self.source, start as u32, end as u32);
        self.result.lines.push(line);
    }

    /// Joins a line; says whether the next one continues it.
    fn add(&self, joined: &mut Joined, at: usize, line: &str) -> bool {
        joined.pieces.push((joined.text.len(), at as u32));
        let escape = self.result.escape;
        let kept = line
            .trim_end_matches([' ', '\t'])
            .strip_suffix(escape)
            .filter(|kept| !kept.ends_with(escape));
        joined.text.push_str(kept.unwrap_or(line));
        kept.is_some()
    }

    /// Takes the lines up to the one that ends the heredoc; gives the end of that.
    fn heredoc(&mut self, line: &mut Line, wanted: words::HeredocWord, end: usize) -> usize {
        let body = self.offset;
        let mut end = end;
        let mut body_end = body;
        let mut is_ended = false;
        while let Some((at, text)) = self.next() {
            end = at + text.len();
            let text = match wanted.strips_tabs {
                true => text.trim_start_matches('\t'),
                false => text,
            };
            if text == wanted.name {
                is_ended = true;
                break;
            }
            body_end = self.offset;
        }
        if !is_ended {
            let reason = "holds a heredoc that is never ended".to_owned();
            self.fault(body, end, reason);
        }
        line.heredocs.push(Heredoc {
            name: wanted.name,
            expands: wanted.expands,
            strips_tabs: wanted.strips_tabs,
            body: Span::new(self.source, body as u32, body_end as u32),
        });
        end
    }
}

/// Lines that became one, and where each began.
#[derive(Default)]
struct Joined {
    text: String,
    pieces: Vec<(usize, u32)>,
}

/// Where the joined text stands in the file.
#[derive(Clone, Debug, Default)]
struct Places {
    /// Offset in the joined text, offset in the file; sorted.
    pieces: Vec<(usize, u32)>,
    /// Bytes of the joined text before the arguments.
    skipped: usize,
}

impl Places {
    fn source(&self, at: usize) -> u32 {
        let at = at + self.skipped;
        let piece = self.pieces.partition_point(|(joined, _)| *joined <= at);
        match piece.checked_sub(1).map(|piece| self.pieces[piece]) {
            Some((joined, source)) => source + (at - joined) as u32,
            None => at as u32,
        }
    }
}

/// Keyword, flags and arguments of an instruction.
fn split(text: &str, start: usize, escape: char) -> Option<Line> {
    let trimmed = text.trim();
    let lead = text.len() - text.trim_start().len();
    let length = trimmed
        .find(|c: char| c.is_whitespace())
        .unwrap_or(trimmed.len());
    let (keyword, rest) = trimmed.split_at(length);
    if keyword.is_empty() {
        return None;
    }
    let (flags, used) = words::flags(rest, escape);
    let arguments = rest[used..].trim_start();
    let skipped = lead + length + (rest.len() - arguments.len());
    Some(Line {
        keyword: keyword.to_ascii_uppercase(),
        flags,
        arguments: arguments.to_owned(),
        heredocs: Vec::new(),
        span: Span::new(SourceId(0), start as u32, start as u32),
        places: Places {
            pieces: Vec::new(),
            skipped,
        },
    })
}

fn takes_heredocs(line: &Line) -> bool {
    let keyword = match line.keyword.as_str() {
        "ONBUILD" => line.arguments.split_whitespace().next().unwrap_or(""),
        keyword => keyword,
    };
    matches!(
        keyword.to_ascii_uppercase().as_str(),
        "RUN" | "COPY" | "ADD"
    ) && line.arguments.contains("<<")
        && words::json(&line.arguments).is_none()
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with('#')
}
