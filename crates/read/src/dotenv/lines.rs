//! Readers that take a file line by line: django-environ, python-decouple, django-configurations,
//! and Docker's own.

use std::ops::Range;

use tightship_model::{SourceId, Span};

use super::cursor::is_python_space;
use super::{Binding, Kind, Part, Statement, Written};

/// `Env.read_env`. Verified against django-environ 0.10.0, 0.11.2, 0.12.1, 0.13.0 and 0.14.0.
pub(super) fn django_environ(source: SourceId, text: &str, comments: bool) -> Vec<Statement> {
    statements(source, text, is_python_line_break, &|line| {
        let found = match line.name_and_value(true) {
            Some(found) => found,
            None if line.text.is_empty() => return Kind::Blank,
            None if line.text.starts_with('#') => return Kind::Comment,
            None => return Kind::Broken("it is not NAME=value"),
        };
        let (mut value, mut quote, mut comment) = (found.value.clone(), None, None);
        match comments {
            false => {
                if let Some(inner) = quoted(&line.text[value.clone()], '\'') {
                    value = within(&value, inner);
                    quote = Some('\'');
                }
            }
            true => {
                if let Some((inner, end)) = single_quoted_with_comment(&line.text[value.clone()]) {
                    comment = line.comment(value.start + end);
                    value = within(&value, inner);
                    quote = Some('\'');
                } else if let Some(at) = line.text[value.clone()].find('#') {
                    let end = value.start + at;
                    comment = line.comment(end);
                    value.end = end;
                }
            }
        }
        let mut unescaped = line.text[value.clone()].to_owned();
        if let Some(inner) = quoted(&line.text[value.clone()], '"') {
            value = within(&value, inner);
            quote = quote.or(Some('"'));
            unescaped = without_backslashes(&line.text[value.clone()], "rnt");
        }
        line.binding(found, value, quote, unescaped, comment)
    })
}

/// `RepositoryEnv`. Verified against python-decouple 3.8.
pub(super) fn decouple(source: SourceId, text: &str) -> Vec<Statement> {
    statements(source, text, super::cursor::is_line_break, &|line| {
        let stripped = strip(line.text);
        let body = &line.text[stripped.clone()];
        if body.is_empty() {
            return Kind::Blank;
        }
        if body.starts_with('#') {
            return Kind::Comment;
        }
        let Some(equals) = body.find('=') else {
            return Kind::Broken("there is no `=`");
        };
        let key = within(&stripped, strip(&body[..equals]));
        let after = equals + 1;
        let mut value = strip(&body[after..]);
        value = within(&stripped, value.start + after..value.end + after);
        let mut quote = None;
        for mark in ['\'', '"'] {
            if let Some(inner) = quoted(&line.text[value.clone()], mark) {
                value = within(&value, inner);
                quote = Some(mark);
                break;
            }
        }
        let found = NameAndValue {
            exported: false,
            name: key,
            value: value.clone(),
        };
        let text = line.text[value.clone()].to_owned();
        line.binding(found, value, quote, text, None)
    })
}

/// `Configuration.DOTENV`. Verified against django-configurations 2.5.1.
pub(super) fn configurations(source: SourceId, text: &str) -> Vec<Statement> {
    statements(source, text, is_python_line_break, &|line| {
        let Some(found) = line.name_and_value(false) else {
            return match line.text.trim().is_empty() {
                true => Kind::Blank,
                false if line.text.starts_with('#') => Kind::Comment,
                false => Kind::Broken("it is not NAME=value"),
            };
        };
        let (mut value, mut quote) = (found.value.clone(), None);
        if let Some(inner) = quoted(&line.text[value.clone()], '\'') {
            value = within(&value, inner);
            quote = Some('\'');
        }
        let mut unescaped = line.text[value.clone()].to_owned();
        if let Some(inner) = quoted(&line.text[value.clone()], '"') {
            value = within(&value, inner);
            quote = quote.or(Some('"'));
            unescaped = without_backslashes(&line.text[value.clone()], "");
        }
        line.binding(found, value, quote, unescaped, None)
    })
}

/// `format: raw` of Compose: the value is what stands behind the first `=`, quotes and all
/// (the Compose specification, "env_file", "format").
pub(super) fn raw(source: SourceId, text: &str) -> Vec<Statement> {
    let is_break = |c: char| c == '\n';
    statements(source, text, is_break, &|line| {
        let text = line.text.strip_suffix('\r').unwrap_or(line.text);
        let start = text.len() - text.trim_start().len();
        let body = &text[start..];
        if body.is_empty() {
            return Kind::Blank;
        }
        if body.starts_with('#') {
            return Kind::Comment;
        }
        let length = body.find('=').unwrap_or(body.len());
        let name = &body[..length];
        if name.is_empty() || name.contains(char::is_whitespace) {
            return Kind::Broken("it is not NAME=value");
        }
        let key = start..start + length;
        if length == body.len() {
            return Kind::Binding(Binding {
                exported: false,
                name: name.to_owned(),
                key: line.span(key),
                value: None,
                comment: None,
            });
        }
        let value = key.end + 1..text.len();
        let written = text[value.clone()].to_owned();
        let found = NameAndValue {
            exported: false,
            name: key,
            value: value.clone(),
        };
        line.binding(found, value, None, written, None)
    })
}

fn statements(
    source: SourceId,
    text: &str,
    is_break: fn(char) -> bool,
    read: &dyn Fn(&Line<'_>) -> Kind,
) -> Vec<Statement> {
    let mut statements = Vec::new();
    let mut start = 0;
    while start < text.len() {
        let rest = &text[start..];
        let length = rest.find(is_break).unwrap_or(rest.len());
        let line_break = match &rest[length..] {
            after if after.starts_with("\r\n") => 2,
            after => after.chars().next().map_or(0, char::len_utf8),
        };
        let line = Line {
            source,
            start,
            text: &rest[..length],
        };
        statements.push(Statement {
            kind: read(&line),
            span: line.span(0..length + line_break),
        });
        start += length + line_break;
    }
    statements
}

struct Line<'a> {
    source: SourceId,
    start: usize,
    text: &'a str,
}

/// Ranges in a line.
struct NameAndValue {
    exported: bool,
    name: Range<usize>,
    value: Range<usize>,
}

impl Line<'_> {
    fn span(&self, range: Range<usize>) -> Span {
        let start = (self.start + range.start) as u32;
        Span::new(self.source, start, (self.start + range.end) as u32)
    }

    /// `NAME=value` with nothing before it but, where it is allowed, `export ` with one blank.
    fn name_and_value(&self, allows_export: bool) -> Option<NameAndValue> {
        let exported = allows_export && self.text.starts_with("export ");
        let start = if exported { "export ".len() } else { 0 };
        let equals = start + self.text[start..].find('=')?;
        let name = &self.text[start..equals];
        let is_name =
            !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        is_name.then_some(NameAndValue {
            exported,
            name: start..equals,
            value: equals + 1..self.text.len(),
        })
    }

    /// A comment from here to the end of the line, white space before it left out.
    fn comment(&self, from: usize) -> Option<Span> {
        let hash = from + self.text[from..].find('#')?;
        Some(self.span(hash..self.text.len()))
    }

    fn binding(
        &self,
        found: NameAndValue,
        value: Range<usize>,
        quote: Option<char>,
        text: String,
        comment: Option<Span>,
    ) -> Kind {
        Kind::Binding(Binding {
            exported: found.exported,
            name: self.text[found.name.clone()].to_owned(),
            key: self.span(found.name),
            value: Some(Written {
                span: self.span(value),
                quote,
                parts: vec![Part::Text(text)],
            }),
            comment,
        })
    }
}

/// A range of a range.
fn within(outer: &Range<usize>, inner: Range<usize>) -> Range<usize> {
    outer.start + inner.start..outer.start + inner.end
}

/// What stands between this quote as the first and as the last character.
fn quoted(text: &str, quote: char) -> Option<Range<usize>> {
    let is_quoted = text.len() >= 2 && text.starts_with(quote) && text.ends_with(quote);
    is_quoted.then(|| 1..text.len() - 1)
}

/// `'value'  # comment`: the value up to the last quote that only a comment follows, and the end
/// of that quote.
fn single_quoted_with_comment(text: &str) -> Option<(Range<usize>, usize)> {
    let start = text.len() - text.trim_start_matches(is_python_space).len();
    let inside = text[start..].strip_prefix('\'')?;
    let end = inside.rmatch_indices('\'').find_map(|(at, _)| {
        let after = inside[at + 1..].trim_start_matches(is_python_space);
        (after.is_empty() || after.starts_with('#')).then_some(at)
    })?;
    let from = start + 1;
    Some((from..from + end, from + end + 1))
}

fn strip(text: &str) -> Range<usize> {
    let start = text.len() - text.trim_start_matches(is_python_space).len();
    let end = text.trim_end_matches(is_python_space).len();
    start..end.max(start)
}

/// Drops each backslash that does not stand before one of `kept`.
fn without_backslashes(text: &str, kept: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some(next) => {
                if kept.contains(next) {
                    out.push('\\');
                }
                out.push(next);
            }
            None => out.push('\\'),
        }
    }
    out
}

/// The line breaks of Python's `str.splitlines`.
fn is_python_line_break(c: char) -> bool {
    matches!(
        c,
        '\n' | '\r' | '\x0b' | '\x0c' | '\x1c'..='\x1e' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}
