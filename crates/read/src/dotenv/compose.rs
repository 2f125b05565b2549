//! Docker Compose's reader, after compose-go 2 (`dotenv/parser.go`, `template/template.go`).
//!
//! Compose refuses a file that it cannot read; here the broken statement is kept and the next line
//! goes on, so that the rest can still be shown.

use tightship_model::SourceId;

use super::cursor::Cursor;
use super::{Binding, Kind, Otherwise, Part, Statement, Written};

pub(super) fn statements(source: SourceId, text: &str) -> Vec<Statement> {
    let mut cursor = Cursor::new(source, text);
    let mut statements = Vec::new();
    while !cursor.is_at_end() {
        let start = cursor.at;
        cursor.eat_while(char::is_whitespace);
        let kind = if cursor.is_at_end() {
            Kind::Blank
        } else if cursor.peek() == Some('#') {
            cursor.eat_while(|c| c != '\n');
            Kind::Comment
        } else {
            let first = cursor.at;
            binding(&mut cursor).unwrap_or_else(|reason| {
                cursor.at = first;
                cursor.eat_while(|c| c != '\n');
                Kind::Broken(reason)
            })
        };
        statements.push(Statement {
            span: cursor.span_from(start),
            kind,
        });
    }
    statements
}

/// Cuts a text into literal pieces and variables: `$NAME`, `${NAME}`, `${NAME:-default}` with `-`,
/// `+` or `?`, with or without the colon; `$$` is a dollar.
pub(super) fn substituted(text: &str) -> Result<Vec<Part>, &'static str> {
    let mut parts = Vec::new();
    let mut literal = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        literal.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        if let Some(tail) = after.strip_prefix('$') {
            literal.push('$');
            rest = tail;
            continue;
        }
        let (part, length) = match after.strip_prefix('{') {
            Some(inside) => {
                let end = closing_brace(inside).ok_or("`${` has no `}`")?;
                (braced(&inside[..end])?, end + 2)
            }
            None => {
                let length = name_length(after);
                if length == 0 {
                    literal.push('$');
                    rest = after;
                    continue;
                }
                let name = after[..length].to_owned();
                let otherwise = Otherwise::Nothing;
                (Part::Variable { name, otherwise }, length)
            }
        };
        if !literal.is_empty() {
            parts.push(Part::Text(std::mem::take(&mut literal)));
        }
        parts.push(part);
        rest = &after[length..];
    }
    literal.push_str(rest);
    if !literal.is_empty() {
        parts.push(Part::Text(literal));
    }
    Ok(parts)
}

fn binding(cursor: &mut Cursor<'_>) -> Result<Kind, &'static str> {
    let is_export = cursor
        .rest()
        .strip_prefix("export")
        .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_whitespace()));
    if is_export {
        cursor.eat("export");
        cursor.eat_while(is_go_blank);
    }
    let start = cursor.at;
    cursor.eat_while(|c| {
        is_go_blank(c) || c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '[' | ']')
    });
    let name = cursor.text[start..cursor.at].trim_end();
    let mut binding = Binding {
        exported: is_export,
        name: name.to_owned(),
        key: cursor.span(start, start + name.len()),
        value: None,
        comment: None,
    };
    if name.contains(' ') {
        return Err("a name cannot hold a space");
    }
    match cursor.next() {
        Some('=' | ':') => {}
        Some('\n') => return Ok(Kind::Binding(binding)),
        // compose-go takes the rest of a last line without a line break for the name's value.
        None => return Err("the last line has no `=` and no line break"),
        Some(_) => return Err("a character that no name can hold"),
    }
    cursor.eat_while(is_go_blank);
    let start = cursor.at;
    match cursor.peek() {
        Some(quote @ ('\'' | '"')) => {
            let (text, length) = quoted(&cursor.rest()[1..], quote)?;
            cursor.at += 1 + length + 1;
            let parts = match quote {
                '"' => substituted(&text)?,
                _ => vec![Part::Text(text)],
            };
            binding.value = Some(Written {
                span: cursor.span(start + 1, start + 1 + length),
                quote: Some(quote),
                parts,
            });
        }
        _ => {
            let line = cursor.eat_while(|c| c != '\n');
            let end = line.find(" #");
            let value = line[..end.unwrap_or(line.len())].trim_end();
            binding.comment =
                end.map(|at| cursor.span(start + at + 1, start + line.trim_end().len()));
            binding.value = Some(Written {
                span: cursor.span(start, start + value.len()),
                quote: None,
                parts: substituted(value)?,
            });
            cursor.eat("\n");
        }
    }
    Ok(Kind::Binding(binding))
}

/// The text up to the closing quote, and where that stands. A backslash before the quote goes;
/// before anything else it stays, and in double quotes the usual escapes are then taken.
fn quoted(inside: &str, quote: char) -> Result<(String, usize), &'static str> {
    let mut text = String::new();
    let mut escaped = false;
    for (at, c) in inside.char_indices() {
        if c == quote && !escaped {
            let text = match quote {
                '"' => escapes(&text),
                _ => text,
            };
            return Ok((text, at));
        }
        if c == '\\' && !escaped {
            escaped = true;
            continue;
        }
        if escaped && c != quote {
            text.push('\\');
        }
        escaped = false;
        text.push(c);
    }
    Err("a quoted value does not end")
}

fn escapes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let meant = match after.chars().next() {
            Some('a') => "\x07",
            Some('b') => "\x08",
            Some('f') => "\x0c",
            Some('n') => "\n",
            Some('r') => "\r",
            Some('t') => "\t",
            Some('v') => "\x0b",
            Some('"') => "\"",
            Some('\\') => "\\",
            // The later substitution makes one dollar of it.
            Some('$') => "$$",
            Some('0') => {
                let digits = after[1..]
                    .bytes()
                    .take(3)
                    .take_while(u8::is_ascii_digit)
                    .count();
                // Go wants exactly three octal digits.
                let octal = match digits {
                    3 => u8::from_str_radix(&after[1..4], 8).ok(),
                    _ => None,
                };
                match octal {
                    Some(byte) => out.push(char::from(byte)),
                    None => out.push_str(&rest[at..at + 2 + digits]),
                }
                rest = &after[1 + digits..];
                continue;
            }
            _ => {
                out.push('\\');
                rest = after;
                continue;
            }
        };
        out.push_str(meant);
        rest = &after[1..];
    }
    out.push_str(rest);
    out
}

/// What stands between `${` and its `}`.
fn braced(inside: &str) -> Result<Part, &'static str> {
    let length = name_length(inside);
    let name = inside[..length].to_owned();
    let operator = &inside[length..];
    if length == 0 {
        return Err("`${` stands before no name");
    }
    let (or_empty, operator) = match operator.strip_prefix(':') {
        Some(rest) => (true, rest),
        None => (false, operator),
    };
    let mut rest = operator.chars();
    let otherwise = match (rest.next(), or_empty) {
        (None, false) => Otherwise::Nothing,
        (Some('-'), _) => Otherwise::Default {
            parts: substituted(rest.as_str())?,
            or_empty,
        },
        (Some('+'), _) => Otherwise::Instead {
            parts: substituted(rest.as_str())?,
            or_empty,
        },
        (Some('?'), _) => Otherwise::Stop { or_empty },
        _ => return Err("`${…}` holds what is no substitution"),
    };
    Ok(Part::Variable { name, otherwise })
}

/// The length up to the brace that closes an opened `${`; any `{` inside asks for one more.
fn closing_brace(inside: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut chars = inside.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '{' => {
                depth += 1;
                chars.next();
            }
            '}' if depth == 0 => return Some(at),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

fn name_length(text: &str) -> usize {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return 0;
    }
    text.bytes()
        .take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
        .count()
}

/// The blanks of compose-go, which end no line.
fn is_go_blank(c: char) -> bool {
    matches!(c, '\t' | '\x0b' | '\x0c' | '\r' | ' ' | '\u{85}' | '\u{a0}')
}
