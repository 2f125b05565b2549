//! A POSIX shell that sources the file (IEEE Std 1003.1-2017, Shell Command Language, 2.2, 2.6).
//!
//! Assignments are read; a statement that is a command is kept as broken, since only running it
//! tells what it sets.

use tightship_model::SourceId;

use super::cursor::Cursor;
use super::{Binding, Kind, Otherwise, Part, Statement, Written};

pub(super) fn statements(source: SourceId, text: &str) -> Vec<Statement> {
    let mut cursor = Cursor::new(source, text);
    let mut statements = Vec::new();
    while !cursor.is_at_end() {
        let start = cursor.at;
        cursor.eat_while(|c| is_blank(c) || c == '\n' || c == ';');
        if cursor.is_at_end() || cursor.peek() == Some('#') {
            let kind = match cursor.is_at_end() {
                true => Kind::Blank,
                false => Kind::Comment,
            };
            cursor.eat_while(|c| c != '\n');
            statements.push(Statement {
                span: cursor.span_from(start),
                kind,
            });
            continue;
        }
        let first = cursor.at;
        let mut words = command(&mut cursor, start).unwrap_or_else(|reason| {
            cursor.at = first;
            cursor.eat_while(|c| c != '\n');
            vec![Statement {
                span: cursor.span_from(start),
                kind: Kind::Broken(reason),
            }]
        });
        statements.append(&mut words);
    }
    statements
}

/// One simple command that consists of assignments, `export` before them or not.
fn command(cursor: &mut Cursor<'_>, start: usize) -> Result<Vec<Statement>, &'static str> {
    let exported = cursor
        .rest()
        .strip_prefix("export")
        .is_some_and(|rest| rest.starts_with(is_blank));
    if exported {
        cursor.eat("export");
        cursor.eat_while(is_blank);
    }
    let mut found = Vec::new();
    let mut from = start;
    loop {
        let mut binding = assignment(cursor, exported)?;
        cursor.eat_while(is_blank);
        if cursor.peek() == Some('#') {
            let comment = cursor.at;
            cursor.eat_while(|c| c != '\n');
            binding.comment = Some(cursor.span_from(comment));
        }
        found.push(Statement {
            span: cursor.span_from(from),
            kind: Kind::Binding(binding),
        });
        from = cursor.at;
        if cursor.is_at_end() || cursor.peek() == Some('\n') || cursor.eat(";") {
            if let Some(last) = found.last_mut() {
                last.span.end = cursor.at as u32;
            }
            return Ok(found);
        }
    }
}

fn assignment(cursor: &mut Cursor<'_>, exported: bool) -> Result<Binding, &'static str> {
    let start = cursor.at;
    let name = cursor.eat_while(|c| c.is_ascii_alphanumeric() || c == '_');
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(COMMAND);
    }
    let key = cursor.span_from(start);
    let value = match cursor.eat("=") {
        true => Some(word(cursor)?),
        false if exported && cursor.peek().is_none_or(ends_word) => None,
        false => return Err(COMMAND),
    };
    Ok(Binding {
        exported,
        name: name.to_owned(),
        key,
        value,
        comment: None,
    })
}

/// The word after `=`.
fn word(cursor: &mut Cursor<'_>) -> Result<Written, &'static str> {
    let start = cursor.at;
    let first = cursor.peek();
    let mut parts = Parts::default();
    while let Some(c) = cursor.peek() {
        let from = cursor.at;
        match c {
            c if ends_word(c) => break,
            '&' | '|' | '<' | '>' | '(' | ')' => return Err(COMMAND),
            '\'' => {
                cursor.next();
                parts.text(cursor.eat_while(|c| c != '\''));
                if !cursor.eat("'") {
                    return Err(UNENDED);
                }
            }
            '"' => {
                cursor.next();
                double_quoted(cursor, &mut parts)?;
            }
            '\\' => {
                cursor.next();
                match cursor.next() {
                    Some('\n') => {}
                    Some(c) => parts.text(c.encode_utf8(&mut [0; 4])),
                    None => parts.text("\\"),
                }
            }
            '$' | '`' => expansion(cursor, &mut parts)?,
            '~' if from == start || cursor.text[..from].ends_with(':') => {
                cursor.next();
                parts.push(Part::Opaque("`~` is the home folder of whoever runs it"));
            }
            c => {
                cursor.next();
                parts.text(c.encode_utf8(&mut [0; 4]));
            }
        }
    }
    let whole = &cursor.text[start..cursor.at];
    let quote = first.filter(|quote| {
        matches!(quote, '\'' | '"')
            && whole.len() >= 2
            && whole[1..].find(*quote) == Some(whole.len() - 2)
    });
    let inset = usize::from(quote.is_some());
    Ok(Written {
        span: cursor.span(start + inset, cursor.at - inset),
        quote,
        parts: parts.finish(),
    })
}

/// What follows an opening `"`, its end included.
fn double_quoted(cursor: &mut Cursor<'_>, parts: &mut Parts) -> Result<(), &'static str> {
    loop {
        match cursor.peek().ok_or(UNENDED)? {
            '"' => {
                cursor.next();
                return Ok(());
            }
            '\\' => {
                cursor.next();
                match cursor.next() {
                    Some('\n') => {}
                    Some(c @ ('$' | '`' | '"' | '\\')) => parts.text(c.encode_utf8(&mut [0; 4])),
                    Some(c) => {
                        parts.text("\\");
                        parts.text(c.encode_utf8(&mut [0; 4]));
                    }
                    None => return Err(UNENDED),
                }
            }
            '$' | '`' => expansion(cursor, parts)?,
            c => {
                cursor.next();
                parts.text(c.encode_utf8(&mut [0; 4]));
            }
        }
    }
}

/// What `$` or a backquote begins.
fn expansion(cursor: &mut Cursor<'_>, parts: &mut Parts) -> Result<(), &'static str> {
    if cursor.eat("`") {
        cursor.eat_while(|c| c != '`');
        parts.push(Part::Opaque("a command in backquotes gives it"));
        return if cursor.eat("`") {
            Ok(())
        } else {
            Err(UNENDED)
        };
    }
    cursor.next();
    if cursor.peek() == Some('(') {
        skip_parentheses(cursor)?;
        parts.push(Part::Opaque("a command in `$(…)` gives it"));
        return Ok(());
    }
    if cursor.eat("{") {
        let name = variable_name(cursor);
        if name.is_empty() {
            return Err("`${` stands before no name");
        }
        let otherwise = otherwise(cursor)?;
        parts.push(Part::Variable { name, otherwise });
        return Ok(());
    }
    let name = variable_name(cursor);
    match name.is_empty() {
        false => parts.push(Part::Variable {
            name,
            otherwise: Otherwise::Nothing,
        }),
        true if cursor
            .peek()
            .is_some_and(|c| c.is_ascii_digit() || "@*#?$!-".contains(c)) =>
        {
            cursor.next();
            parts.push(Part::Opaque("a parameter of the shell gives it"));
        }
        true => parts.text("$"),
    }
    Ok(())
}

/// What stands after the name in `${NAME…}`, its brace included. The word in it must be plain or
/// hold plain variables: anything else is left to a shell.
fn otherwise(cursor: &mut Cursor<'_>) -> Result<Otherwise, &'static str> {
    if cursor.eat("}") {
        return Ok(Otherwise::Nothing);
    }
    let or_empty = cursor.eat(":");
    let operator = cursor.next().ok_or(UNENDED)?;
    let mut inner = Parts::default();
    loop {
        match cursor.peek().ok_or(UNENDED)? {
            '}' => break,
            '$' => expansion(cursor, &mut inner)?,
            '\\' | '\'' | '"' | '`' | '~' => return Err("quotes within `${…}` are not followed"),
            c => {
                cursor.next();
                inner.text(c.encode_utf8(&mut [0; 4]));
            }
        }
    }
    cursor.next();
    let parts = inner.finish();
    match operator {
        '-' => Ok(Otherwise::Default { parts, or_empty }),
        '+' => Ok(Otherwise::Instead { parts, or_empty }),
        '?' => Ok(Otherwise::Stop { or_empty }),
        _ => Err("`${…}` with this operator is not followed"),
    }
}

fn skip_parentheses(cursor: &mut Cursor<'_>) -> Result<(), &'static str> {
    let mut depth = 0_usize;
    while let Some(c) = cursor.next() {
        match c {
            '(' => depth += 1,
            ')' if depth <= 1 => return Ok(()),
            ')' => depth -= 1,
            _ => {}
        }
    }
    Err(UNENDED)
}

fn variable_name(cursor: &mut Cursor<'_>) -> String {
    if cursor.peek().is_some_and(|c| c.is_ascii_digit()) {
        return String::new();
    }
    cursor
        .eat_while(|c| c.is_ascii_alphanumeric() || c == '_')
        .to_owned()
}

/// Parts in the making: neighbouring pieces of text become one.
#[derive(Default)]
struct Parts {
    parts: Vec<Part>,
    literal: String,
}

impl Parts {
    fn text(&mut self, text: &str) {
        self.literal.push_str(text);
    }

    fn push(&mut self, part: Part) {
        self.flush();
        self.parts.push(part);
    }

    fn flush(&mut self) {
        if !self.literal.is_empty() {
            self.parts
                .push(Part::Text(std::mem::take(&mut self.literal)));
        }
    }

    fn finish(mut self) -> Vec<Part> {
        self.flush();
        self.parts
    }
}

fn is_blank(c: char) -> bool {
    c == ' ' || c == '\t'
}

fn ends_word(c: char) -> bool {
    is_blank(c) || c == '\n' || c == ';'
}

const COMMAND: &str = "it is a command, not an assignment";
const UNENDED: &str = "a quote or a substitution does not end";
