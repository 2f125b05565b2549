//! A place in a text, moved forward by the readers of dialects.

use tightship_model::{SourceId, Span};

pub(super) struct Cursor<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
    source: SourceId,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(source: SourceId, text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            source,
        }
    }

    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.at >= self.text.len()
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    pub(super) fn eat(&mut self, expected: &str) -> bool {
        let found = self.rest().starts_with(expected);
        if found {
            self.at += expected.len();
        }
        found
    }

    pub(super) fn eat_while(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let length = rest.find(|c| !wanted(c)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    /// Goes to the next line break and past it.
    pub(super) fn skip_line(&mut self) {
        self.eat_while(|c| !is_line_break(c));
        self.eat_line_break();
    }

    pub(super) fn eat_line_break(&mut self) -> bool {
        self.eat("\r\n") || self.eat("\n") || self.eat("\r")
    }

    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.source, start as u32, end as u32)
    }

    pub(super) fn span_from(&self, start: usize) -> Span {
        self.span(start, self.at)
    }
}

/// Python's `\s`: the white space of Unicode and the four separators of ASCII.
pub(super) fn is_python_space(c: char) -> bool {
    c.is_whitespace() || ('\x1c'..='\x1f').contains(&c)
}

/// Python opens text files with universal line breaks, so that `\r` is one too.
pub(super) fn is_line_break(c: char) -> bool {
    c == '\n' || c == '\r'
}

/// The text as Python sees it after opening the file in text mode.
pub(super) fn universal(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}
