//! Values as text: `str`, `repr`, `str.format`; beside it `%`, what stands behind the colon of a
//! field, and numbers.

mod numbers;
mod percent;
mod spec;

use tightship_model::{Cause, Span};

use super::eval::{Evaluator, LONGEST_TEXT, Raise};
use super::value::{Args, Chain, Kind, Val};

use numbers::float;
pub(crate) use numbers::{parse_float, parse_int};
pub(crate) use percent::percent;
use spec::with_spec;

/// `str(value)`; `None` where it is not known.
pub(crate) fn text(eval: &Evaluator<'_>, value: &Val) -> Option<String> {
    match &value.kind {
        Kind::Str(text) | Kind::Path(text) => Some(text.to_string()),
        Kind::Timedelta(micros) => Some(timedelta(*micros)),
        Kind::Instance(class, _) if super::eval::is_str_enum(class) => {
            let is_plain = class.order.iter().any(|base| {
                matches!(&base.kind, Kind::Native(path)
                    if matches!(&**path, "enum.StrEnum" | "enum.IntEnum")
                        || path.starts_with("django.db.models."))
            });
            is_plain.then(|| text(eval, &eval.plain(value))).flatten()
        }
        // A KeyError quotes its key.
        Kind::Made(made) if &*made.class == "builtins.KeyError" && made.positional.len() == 1 => {
            repr(eval, &made.positional[0], 0)
        }
        // An exception is what it says.
        Kind::Made(made) if super::eval::is_exception(&made.class) => {
            exception(eval, &made.positional)
        }
        Kind::Instance(_, id) if eval.heap.name(*id, "args").is_some() => {
            let args = eval.state(value, "args")?;
            exception(eval, &eval.items(&args)?.items)
        }
        _ => repr(eval, value, 0),
    }
}

fn exception(eval: &Evaluator<'_>, args: &[Val]) -> Option<String> {
    match args {
        [] => Some(String::new()),
        [one] if one.is_settled() => text(eval, one),
        _ => None,
    }
}

/// `repr(value)`; `None` where it is not known.
pub(crate) fn repr(eval: &Evaluator<'_>, value: &Val, depth: usize) -> Option<String> {
    /// Depth of structures that are written out.
    const DEEPEST: usize = 16;
    if depth > DEEPEST || !value.is_settled() || !eval.may_go_on() {
        return None;
    }
    let all = |open: &str, close: &str, items: &[Val]| {
        let mut parts = items.iter().map(|item| repr(eval, item, depth + 1));
        Some(format!("{open}{}{close}", joined(&mut parts)?))
    };
    Some(match &value.kind {
        Kind::None => "None".to_owned(),
        Kind::Ellipsis => "Ellipsis".to_owned(),
        Kind::Bool(value) => if *value { "True" } else { "False" }.to_owned(),
        Kind::Int(value) => value.to_string(),
        Kind::Float(value) => float(*value),
        Kind::Str(text) => quoted(text),
        Kind::Bytes(bytes) => {
            let text: String = bytes.iter().map(|b| b.escape_ascii().to_string()).collect();
            format!("b'{text}'")
        }
        Kind::Path(path) => format!("PosixPath({})", quoted(path)),
        Kind::Tuple(sequence) if sequence.rest.is_none() => match sequence.items.as_slice() {
            [one] => format!("({},)", repr(eval, one, depth + 1)?),
            items => all("(", ")", items)?,
        },
        Kind::List(_) => {
            let items = eval.items(value)?;
            if items.rest.is_some() {
                return None;
            }
            all("[", "]", &items.items)?
        }
        Kind::Dict(_) => {
            let dict = eval.entries(value)?;
            if dict.rest.is_some() {
                return None;
            }
            let mut parts = dict.entries.values().map(|(key, value)| {
                let key = repr(eval, key, depth + 1)?;
                Some(format!("{key}: {}", repr(eval, value, depth + 1)?))
            });
            format!("{{{}}}", joined(&mut parts)?)
        }
        _ => return None,
    })
}

/// The parts with commas between them; `None` where one is, or where they are too long together.
fn joined(parts: &mut dyn Iterator<Item = Option<String>>) -> Option<String> {
    let mut text = String::new();
    for part in parts {
        if !text.is_empty() {
            text += ", ";
        }
        text += &part?;
        if text.len() > LONGEST_TEXT {
            return None;
        }
    }
    Some(text)
}

/// `format(value, spec)` after a conversion, as replacement fields do it.
pub(crate) fn format_value(
    eval: &mut Evaluator<'_>,
    value: &Val,
    conversion: Option<char>,
    spec: &Val,
    span: Span,
) -> Result<Val, Raise> {
    if let Kind::Instance(class, _) = &value.kind
        && conversion.is_none()
        && eval.class_attribute(class, "__str__").is_some()
    {
        let method = eval.attribute(value, "__str__", span)?;
        return eval.call(&method, Args::default(), span);
    }
    if let Kind::Object(class, _) = &value.kind
        && conversion != Some('r')
        && let Some(text) = super::libraries::call(
            eval,
            &format!("{class}.__str__"),
            Some(value),
            &Args::default(),
            span,
        )
    {
        return text;
    }
    let converted = match conversion {
        Some('r') => repr(eval, value, 0).map(Val::str),
        Some('a') => repr(eval, value, 0).map(|text| Val::str(ascii(&text))),
        Some('s') => text(eval, value).map(Val::str),
        _ => Some(value.clone()),
    };
    let (Some(value), Some(spec)) = (converted, spec.as_str()) else {
        return Ok(eval.unknown_because(value));
    };
    let formatted = if spec.is_empty() {
        text(eval, &value)
    } else {
        with_spec(eval, &value, spec)
    };
    match formatted {
        Some(text) if text.len() > LONGEST_TEXT => Ok(eval.too_long(span)),
        Some(text) => Ok(Val::str(text)),
        None => Ok(eval.unknown(Cause::Code, "a text that is formatted from an object", span)),
    }
}

/// `text.format(*args, **keywords)`.
pub(crate) fn format(
    eval: &mut Evaluator<'_>,
    template: &str,
    args: &Args,
    span: Span,
) -> Result<Val, Raise> {
    let mut result = String::new();
    let mut trail = Chain::default();
    let mut next = 0;
    let mut chars = template.char_indices().peekable();
    let wrong = |text: &str| Raise::new("ValueError", text, Some(span));
    while let Some((at, c)) = chars.next() {
        match c {
            '{' if chars.peek().is_some_and(|(_, c)| *c == '{') => {
                chars.next();
                result.push('{');
            }
            '}' if chars.peek().is_some_and(|(_, c)| *c == '}') => {
                chars.next();
                result.push('}');
            }
            '}' => return Err(wrong("Single '}' encountered in format string")),
            '{' => {
                let mut depth = 1;
                let mut end = at + 1;
                for (at, c) in chars.by_ref() {
                    match c {
                        '{' => depth += 1,
                        '}' => depth -= 1,
                        _ => {}
                    }
                    end = at;
                    if depth == 0 {
                        break;
                    }
                }
                if depth > 0 {
                    return Err(wrong("expected '}' before end of string"));
                }
                let field = &template[at + 1..end];
                let (name, spec) = field.split_once(':').unwrap_or((field, ""));
                let (name, conversion) = match name.split_once('!') {
                    Some((name, conversion)) => (name, conversion.chars().next()),
                    None => (name, None),
                };
                if spec.contains('{') {
                    return Ok(eval.unknown(Cause::Code, "a nested format", span));
                }
                let value = field_value(eval, name, args, &mut next, span)?;
                trail = trail.and(&value.trail);
                let spec = Val::str(spec);
                let part = eval.lift(&[&value, &spec], span, &mut |eval, values| {
                    format_value(eval, &values[0], conversion, &values[1], span)
                })?;
                match part.as_str() {
                    Some(text) if part.is_settled() => result.push_str(text),
                    _ => return Ok(eval.unknown_because(&part)),
                }
            }
            c => result.push(c),
        }
        if result.len() > LONGEST_TEXT {
            return Ok(eval.too_long(span));
        }
    }
    Ok(Val::str(result).with_trail(trail))
}

/// The value that a replacement field names: `0`, `name`, `name.part`, `name[key]`.
fn field_value(
    eval: &mut Evaluator<'_>,
    name: &str,
    args: &Args,
    next: &mut usize,
    span: Span,
) -> Result<Val, Raise> {
    let end = name.find(['.', '[']).unwrap_or(name.len());
    let (first, mut rest) = name.split_at(end);
    let found = if first.is_empty() {
        *next += 1;
        args.positional.get(*next - 1)
    } else if let Ok(at) = first.parse::<usize>() {
        args.positional.get(at)
    } else {
        args.keyword(first)
    };
    let mut value = match (found, &args.rest) {
        (Some(value), _) => value.clone(),
        (None, Some(rest)) => Kind::Unknown(rest.clone()).into(),
        (None, None) => {
            let class = if first.is_empty() {
                "IndexError"
            } else {
                "KeyError"
            };
            return Err(Raise::new(class, "a replacement field", Some(span)));
        }
    };
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('.') {
            let end = after.find(['.', '[']).unwrap_or(after.len());
            value = eval.attribute(&value, &after[..end], span)?;
            rest = &after[end..];
        } else if let Some((key, after)) = rest.strip_prefix('[').and_then(|r| r.split_once(']')) {
            let index = key.parse().map_or_else(|_| Val::str(key), Val::int);
            value = eval.subscript(&value, &index, span)?;
            rest = after;
        } else {
            return Err(Raise::new("ValueError", "a replacement field", Some(span)));
        }
    }
    Ok(value)
}

fn quoted(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    let mut result = String::from(quote);
    for c in text.chars() {
        match c {
            '\\' => result.push_str("\\\\"),
            '\n' => result.push_str("\\n"),
            '\r' => result.push_str("\\r"),
            '\t' => result.push_str("\\t"),
            c if c == quote => {
                result.push('\\');
                result.push(c);
            }
            c if (c as u32) < 0x20 || c as u32 == 0x7f => {
                result.push_str(&format!("\\x{:02x}", c as u32));
            }
            c => result.push(c),
        }
    }
    result.push(quote);
    result
}

/// `ascii(value)`, from its `repr`.
fn ascii(text: &str) -> String {
    text.chars()
        .map(|c| match c as u32 {
            0..=0x7f => c.to_string(),
            code @ 0x80..=0xff => format!("\\x{code:02x}"),
            code @ 0x100..=0xffff => format!("\\u{code:04x}"),
            code => format!("\\U{code:08x}"),
        })
        .collect()
}

/// `str(timedelta)`.
fn timedelta(micros: i64) -> String {
    /// Microseconds of a day.
    const DAY: i64 = 86_400_000_000;
    let (days, within) = (micros.div_euclid(DAY), micros.rem_euclid(DAY));
    let seconds = within / 1_000_000;
    let mut text = String::new();
    if days != 0 {
        let plural = if days.abs() == 1 { "" } else { "s" };
        text = format!("{days} day{plural}, ");
    }
    text.push_str(&format!(
        "{}:{:02}:{:02}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    ));
    if within % 1_000_000 != 0 {
        text.push_str(&format!(".{:06}", within % 1_000_000));
    }
    text
}
