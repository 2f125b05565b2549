//! python-dotenv. Verified against 1.0.1, 1.1.1, 1.2.1 and 1.2.4.

use tightship_model::{SourceId, Span};

use super::cursor::{Cursor, is_line_break, is_python_space, universal};
use super::{Binding, Kind, Otherwise, Part, Statement, Written};

/// Since then a backslash before any character keeps a quote from closing.
const BACKSLASH_ESCAPES_ANY: (u32, u32, u32) = (1, 2, 3);

/// Since then `A= # text` is empty; before, it was `# text`.
const COMMENT_AFTER_EQUALS: (u32, u32, u32) = (1, 2, 4);

pub(super) fn statements(
    source: SourceId,
    text: &str,
    version: (u32, u32, u32),
    interpolate: bool,
) -> Vec<Statement> {
    let mut reader = Reader {
        cursor: Cursor::new(source, text),
        version,
        interpolate,
    };
    let mut statements = Vec::new();
    while !reader.cursor.is_at_end() {
        let start = reader.cursor.at;
        let kind = reader.statement().unwrap_or_else(|reason| {
            reader.cursor.skip_line();
            Kind::Broken(reason)
        });
        statements.push(Statement {
            span: reader.cursor.span_from(start),
            kind,
        });
    }
    statements
}

/// Cuts a text into literal pieces and `${NAME}` or `${NAME:-default}`.
pub(super) fn interpolated(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut literal = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let inside = &rest[at + 2..];
        let Some((name, default, end)) = variable(inside) else {
            literal.push_str(&rest[..at + 2]);
            rest = inside;
            continue;
        };
        literal.push_str(&rest[..at]);
        if !literal.is_empty() {
            parts.push(Part::Text(std::mem::take(&mut literal)));
        }
        parts.push(Part::Variable {
            name: name.to_owned(),
            otherwise: default.map_or(Otherwise::Nothing, |default| Otherwise::Default {
                parts: vec![Part::Text(default.to_owned())],
                or_empty: false,
            }),
        });
        rest = &inside[end..];
    }
    literal.push_str(rest);
    if !literal.is_empty() {
        parts.push(Part::Text(literal));
    }
    parts
}

/// The name, the default and the length of what follows `${`, its brace included.
fn variable(inside: &str) -> Option<(&str, Option<&str>, usize)> {
    let end = inside.find(['}', ':'])?;
    let name = &inside[..end];
    if inside[end..].starts_with('}') {
        return Some((name, None, end + 1));
    }
    let default = inside[end..].strip_prefix(":-")?;
    let length = default.find('}')?;
    Some((name, Some(&default[..length]), end + 2 + length + 1))
}

struct Reader<'a> {
    cursor: Cursor<'a>,
    version: (u32, u32, u32),
    interpolate: bool,
}

impl Reader<'_> {
    fn statement(&mut self) -> Result<Kind, &'static str> {
        self.cursor.eat_while(is_python_space);
        if self.cursor.is_at_end() {
            return Ok(Kind::Blank);
        }
        if self.cursor.peek() == Some('#') {
            self.end_of_statement()?;
            return Ok(Kind::Comment);
        }
        let exported = self.export();
        let (name, key) = self.key()?;
        self.cursor.eat_while(is_blank);
        let value = match self.cursor.eat("=") {
            true => Some(self.value()?),
            false => None,
        };
        let comment = self.end_of_statement()?;
        Ok(match name {
            Some(name) => Kind::Binding(Binding {
                exported,
                name,
                key,
                value,
                comment,
            }),
            None => Kind::Comment,
        })
    }

    fn export(&mut self) -> bool {
        let blank_follows = self
            .cursor
            .rest()
            .strip_prefix("export")
            .is_some_and(|rest| rest.starts_with(is_blank));
        if blank_follows {
            self.cursor.eat("export");
            self.cursor.eat_while(is_blank);
        }
        blank_follows
    }

    /// `None` where a comment follows `export`.
    fn key(&mut self) -> Result<(Option<String>, Span), &'static str> {
        let start = self.cursor.at;
        if self.cursor.peek() == Some('#') {
            return Ok((None, self.cursor.span_from(start)));
        }
        if self.cursor.peek() == Some('\'') {
            let name = self.cursor.rest()[1..].split('\'').next().unwrap_or("");
            let end = start + 1 + name.len();
            if name.is_empty() || end >= self.cursor.text.len() {
                return Err("a quoted name does not end");
            }
            self.cursor.at = end + 1;
            return Ok((Some(universal(name)), self.cursor.span(start + 1, end)));
        }
        let name = self
            .cursor
            .eat_while(|c| c != '=' && c != '#' && !is_python_space(c));
        match name {
            "" => Err("there is no name"),
            name => Ok((Some(name.to_owned()), self.cursor.span_from(start))),
        }
    }

    fn value(&mut self) -> Result<Written, &'static str> {
        let blank = !self.cursor.eat_while(is_blank).is_empty();
        let start = self.cursor.at;
        let next = self.cursor.peek();
        if blank && next == Some('#') && self.version >= COMMENT_AFTER_EQUALS {
            return Ok(self.written(start, start, None, String::new()));
        }
        match next {
            Some(quote @ ('\'' | '"')) => {
                let inside = &self.cursor.rest()[1..];
                let length = self
                    .closing(inside, quote)
                    .ok_or("a quoted value does not end")?;
                self.cursor.at += 1 + length + 1;
                let text = unescape(&universal(&inside[..length]), quote);
                Ok(self.written(start + 1, start + 1 + length, Some(quote), text))
            }
            _ => {
                let line = self.cursor.eat_while(|c| !is_line_break(c));
                let kept = without_comment(line).trim_end_matches(is_python_space);
                // The comment is left to be eaten as one.
                self.cursor.at = start + kept.len();
                Ok(self.written(start, start + kept.len(), None, kept.to_owned()))
            }
        }
    }

    fn written(&self, start: usize, end: usize, quote: Option<char>, text: String) -> Written {
        Written {
            span: self.cursor.span(start, end),
            quote,
            parts: match self.interpolate {
                true => interpolated(&text),
                false => vec![Part::Text(text)],
            },
        }
    }

    /// The place of the quote that ends what begins here.
    fn closing(&self, inside: &str, quote: char) -> Option<usize> {
        let mut escaped = false;
        let mut last_escaped_quote = None;
        for (at, c) in inside.char_indices() {
            if c == quote && !escaped {
                return Some(at);
            }
            if c == quote {
                last_escaped_quote = Some(at);
            }
            escaped = match self.version >= BACKSLASH_ESCAPES_ANY {
                true => c == '\\' && !escaped,
                false => c == '\\',
            };
        }
        // Its older pattern then tries again with the backslash as a character like others.
        last_escaped_quote.filter(|_| self.version < BACKSLASH_ESCAPES_ANY)
    }

    /// A comment and a line break, or the end of the text.
    fn end_of_statement(&mut self) -> Result<Option<Span>, &'static str> {
        self.cursor.eat_while(is_blank);
        let start = self.cursor.at;
        let comment = self.cursor.peek() == Some('#');
        if comment {
            self.cursor.eat_while(|c| !is_line_break(c));
        }
        let comment = comment.then(|| self.cursor.span_from(start));
        match self.cursor.is_at_end() || self.cursor.eat_line_break() {
            true => Ok(comment),
            false => Err("something follows the value"),
        }
    }
}

fn is_blank(c: char) -> bool {
    is_python_space(c) && !is_line_break(c)
}

/// An unquoted value without ` # …`.
fn without_comment(line: &str) -> &str {
    let mut blank_from = None;
    for (at, c) in line.char_indices() {
        match c {
            '#' => {
                if let Some(from) = blank_from {
                    return &line[..from];
                }
            }
            c if is_python_space(c) => {
                blank_from = blank_from.or(Some(at));
                continue;
            }
            _ => {}
        }
        blank_from = None;
    }
    line
}

fn unescape(text: &str, quote: char) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        let meant = match c {
            '\\' => chars.clone().next().and_then(|next| escape(next, quote)),
            _ => None,
        };
        match meant {
            Some(meant) => {
                out.push(meant);
                chars.next();
            }
            None => out.push(c),
        }
    }
    out
}

/// What a backslash and this character mean together.
fn escape(c: char, quote: char) -> Option<char> {
    match (c, quote) {
        ('\\' | '\'', _) => Some(c),
        (_, '\'') => None,
        ('"', _) => Some('"'),
        ('a', _) => Some('\x07'),
        ('b', _) => Some('\x08'),
        ('f', _) => Some('\x0c'),
        ('n', _) => Some('\n'),
        ('r', _) => Some('\r'),
        ('t', _) => Some('\t'),
        ('v', _) => Some('\x0b'),
        _ => None,
    }
}
