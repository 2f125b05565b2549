//! Values as text: `str`, `repr`, format specifications, `%`.

use tightship_model::{Cause, Span};

use super::eval::{Evaluator, LONGEST_TEXT, Raise};
use super::value::{Args, Chain, Kind, Val};

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

/// `template % value`.
pub(crate) fn percent(
    eval: &mut Evaluator<'_>,
    template: &str,
    value: &Val,
    span: Span,
) -> Result<Val, Raise> {
    let wrong = |text: &str| Raise::new("TypeError", text, Some(span));
    let mut positional = match &value.kind {
        Kind::Tuple(sequence) => {
            if let Some(rest) = &sequence.rest {
                return Ok(Kind::Unknown(rest.clone()).into());
            }
            sequence.items.clone()
        }
        _ => vec![value.clone()],
    }
    .into_iter();
    let mut result = Val::str("");
    let mut plain = String::new();
    let mut chars = template.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '%' {
            plain.push(c);
            continue;
        }
        if chars.peek() == Some(&'%') {
            chars.next();
            plain.push('%');
            continue;
        }
        let key = if chars.peek() == Some(&'(') {
            chars.next();
            Some(chars.by_ref().take_while(|c| *c != ')').collect::<String>())
        } else {
            None
        };
        let mut flags = String::new();
        while let Some(c) = chars.peek().copied()
            && (c.is_ascii_digit() || matches!(c, '-' | '+' | ' ' | '#' | '.'))
        {
            flags.push(c);
            chars.next();
        }
        let Some(kind) = chars.next() else {
            return Err(Raise::new("ValueError", "incomplete format", Some(span)));
        };
        if kind == '*' {
            return Ok(eval.unknown(Cause::Code, "a width among the arguments", span));
        }
        let argument = match key {
            Some(key) => eval.subscript(value, &Val::str(key), span)?,
            None => positional
                .next()
                .ok_or_else(|| wrong("not enough arguments for format string"))?,
        };
        let part = eval.lift(&[&argument], span, &mut |eval, values| {
            let value = &values[0];
            let spec = percent_spec(&flags, kind);
            let made = match kind {
                's' => text(eval, value).map(Val::str),
                'r' => repr(eval, value, 0).map(Val::str),
                'a' => repr(eval, value, 0).map(|text| Val::str(ascii(&text))),
                'd' | 'i' | 'u' => match value.kind {
                    Kind::Float(x) => Some(Val::int(x.trunc() as i128)),
                    _ => value.as_int().map(Val::int),
                },
                _ => Some(value.clone()),
            };
            let made = made.and_then(|made| match &spec {
                Some(spec) if !spec.is_empty() => with_spec(eval, &made, spec),
                Some(_) => text(eval, &made),
                None => None,
            });
            Ok(match made {
                Some(text) => Val::str(text),
                None => eval.unknown_because(value),
            })
        })?;
        let before = Val::str(std::mem::take(&mut plain));
        result = eval.lift(&[&result, &before, &part], span, &mut |eval, values| {
            let parts: Option<Vec<&str>> = values.iter().map(Val::as_str).collect();
            Ok(match parts {
                Some(parts) => Val::str(parts.concat()),
                None => eval.unknown(Cause::Code, "a text that is not known", span),
            })
        })?;
    }
    if matches!(value.kind, Kind::Tuple(_)) && positional.next().is_some() {
        return Err(wrong(
            "not all arguments converted during string formatting",
        ));
    }
    let rest = Val::str(plain);
    eval.binary(super::syntax::ast::Operator::Add, &result, &rest, span)
}

/// The format specification that means the same as `%` flags.
fn percent_spec(flags: &str, kind: char) -> Option<String> {
    let kind = match kind {
        's' | 'r' | 'a' | 'd' | 'i' | 'u' => "",
        'x' => "x",
        'X' => "X",
        'o' => "o",
        'f' | 'F' => "f",
        'e' => "e",
        'g' => "g",
        'c' => "c",
        _ => return None,
    };
    if flags.is_empty() {
        return Some(kind.to_owned());
    }
    let (align, rest) = match flags.strip_prefix('-') {
        Some(rest) => ("<", rest),
        None if flags.starts_with('0') => ("", flags),
        None => (">", flags),
    };
    Some(format!("{align}{rest}{kind}"))
}

/// A value by a format specification: `[[fill]align][sign][#][0][width][,][.precision][type]`.
fn with_spec(eval: &Evaluator<'_>, value: &Val, spec: &str) -> Option<String> {
    let mut chars: Vec<char> = spec.chars().collect();
    let is_align = |c: &char| matches!(c, '<' | '>' | '^' | '=');
    let (mut fill, mut align) = (' ', None);
    if chars.len() > 1 && is_align(&chars[1]) {
        fill = chars[0];
        align = Some(chars[1]);
        chars.drain(..2);
    } else if chars.first().is_some_and(is_align) {
        align = Some(chars[0]);
        chars.drain(..1);
    }
    let mut take = |wanted: &[char]| match chars.first() {
        Some(c) if wanted.contains(c) => Some(chars.remove(0)),
        _ => None,
    };
    let sign = take(&['+', '-', ' ']);
    let alternate = take(&['#']).is_some();
    if take(&['0']).is_some() && align.is_none() {
        fill = '0';
        align = Some('=');
    }
    let digits = |chars: &mut Vec<char>| {
        let count = chars.iter().take_while(|c| c.is_ascii_digit()).count();
        let text: String = chars.drain(..count).collect();
        text.parse::<usize>().ok()
    };
    let width = digits(&mut chars).unwrap_or(0);
    let grouping = match chars.first() {
        Some(c @ (',' | '_')) => {
            let c = *c;
            chars.remove(0);
            Some(c)
        }
        _ => None,
    };
    let precision = if chars.first() == Some(&'.') {
        chars.remove(0);
        Some(digits(&mut chars)?)
    } else {
        None
    };
    let kind = chars.first().copied();
    if chars.len() > 1 || width > LONGEST_TEXT || precision.is_some_and(|p| p > 100) {
        return None;
    }
    let is_number = matches!(value.kind, Kind::Int(_) | Kind::Bool(_) | Kind::Float(_));
    let (negative, body) = match (&value.kind, kind) {
        (Kind::Str(_) | Kind::Path(_), None | Some('s')) => {
            let whole = text(eval, value)?;
            let cut = match precision {
                Some(most) => whole.chars().take(most).collect(),
                None => whole,
            };
            (false, cut)
        }
        (Kind::Int(_) | Kind::Bool(_), Some('d' | 'x' | 'X' | 'o' | 'b' | 'n'))
        | (Kind::Int(_), None) => {
            let number = value.as_int()?;
            let size = number.unsigned_abs();
            let (prefix, digits) = match kind {
                Some('x') => ("0x", format!("{size:x}")),
                Some('X') => ("0X", format!("{size:X}")),
                Some('o') => ("0o", format!("{size:o}")),
                Some('b') => ("0b", format!("{size:b}")),
                _ => ("", size.to_string()),
            };
            let digits = grouped(&digits, grouping);
            let prefix = if alternate { prefix } else { "" };
            (number < 0, format!("{prefix}{digits}"))
        }
        (Kind::Int(_) | Kind::Bool(_) | Kind::Float(_), Some('f' | 'F' | '%')) => {
            let number = match value.kind {
                Kind::Float(x) => x,
                _ => value.as_int()? as f64,
            };
            let number = if kind == Some('%') {
                number * 100.0
            } else {
                number
            };
            let digits = format!("{:.*}", precision.unwrap_or(6), number.abs());
            let (whole, fraction) = digits.split_once('.').unwrap_or((&digits, ""));
            let mut body = grouped(whole, grouping);
            if !fraction.is_empty() {
                body.push('.');
                body.push_str(fraction);
            }
            if kind == Some('%') {
                body.push('%');
            }
            (number < 0.0, body)
        }
        _ => return None,
    };
    let sign = match (negative, sign) {
        (true, _) => "-",
        (false, Some('+')) => "+",
        (false, Some(' ')) => " ",
        _ => "",
    };
    let length = body.chars().count() + sign.len();
    let missing = width.saturating_sub(length);
    let pad = |count: usize| fill.to_string().repeat(count);
    Some(match align.unwrap_or(if is_number { '>' } else { '<' }) {
        '<' => format!("{sign}{body}{}", pad(missing)),
        '^' => format!(
            "{}{sign}{body}{}",
            pad(missing / 2),
            pad(missing - missing / 2)
        ),
        '=' => format!("{sign}{}{body}", pad(missing)),
        _ => format!("{}{sign}{body}", pad(missing)),
    })
}

fn grouped(digits: &str, by: Option<char>) -> String {
    let Some(by) = by else {
        return digits.to_owned();
    };
    let mut result = String::new();
    for (at, c) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            result.push(by);
        }
        result.push(c);
    }
    result
}

/// `int(text, base)` for a text of Python's own shape; `None` where Python raises or the number is
/// beyond 128 bits.
pub(crate) fn parse_int(text: &str, base: u32) -> Option<i128> {
    let text = text.trim();
    let (negative, digits) = match text.strip_prefix(['-', '+']) {
        Some(rest) => (text.starts_with('-'), rest),
        None => (false, text),
    };
    let lower = digits.to_ascii_lowercase();
    let (digits, base) = match (lower.get(..2), base) {
        (Some("0x"), 0 | 16) => (&lower[2..], 16),
        (Some("0o"), 0 | 8) => (&lower[2..], 8),
        (Some("0b"), 0 | 2) => (&lower[2..], 2),
        (_, 0) => (lower.as_str(), 10),
        (_, base) => (lower.as_str(), base),
    };
    if digits.starts_with('_') || digits.ends_with('_') || digits.contains("__") {
        return None;
    }
    let digits = digits.replace('_', "");
    if digits.starts_with(['+', '-']) || !(2..=36).contains(&base) {
        return None;
    }
    let value = i128::from_str_radix(&digits, base).ok()?;
    Some(if negative { -value } else { value })
}

/// `float(text)`.
pub(crate) fn parse_float(text: &str) -> Option<f64> {
    let text = text.trim().replace('_', "");
    let lower = text.to_ascii_lowercase();
    let name = lower.trim_start_matches(['+', '-']);
    if name.starts_with(|c: char| c.is_ascii_alphabetic())
        && !matches!(name, "inf" | "infinity" | "nan")
    {
        return None;
    }
    text.parse().ok()
}

/// `repr` of a float: the shortest text that reads back as the same number.
fn float(value: f64) -> String {
    if value.is_nan() {
        return "nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let size = value.abs();
    if size != 0.0 && !(1e-4..1e16).contains(&size) {
        let text = format!("{value:e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let exponent: i32 = exponent.parse().unwrap_or(0);
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{digits}e{sign}{:02}", exponent.abs());
    }
    let text = value.to_string();
    if text.contains('.') {
        text
    } else {
        format!("{text}.0")
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_python_reads_them() {
        assert_eq!(parse_int(" -1_000 ", 10), Some(-1000));
        assert_eq!(parse_int("0x1F", 0), Some(31));
        assert_eq!(parse_int("1__0", 10), None);
        assert_eq!(parse_int("", 10), None);
        assert_eq!(parse_int("-+1", 10), None);
        assert_eq!(parse_float("1e3"), Some(1000.0));
        assert_eq!(parse_float("one"), None);
    }

    #[test]
    fn numbers_are_written_as_python_writes_them() {
        assert_eq!(float(1.0), "1.0");
        assert_eq!(float(0.1), "0.1");
        assert_eq!(float(1e16), "1e+16");
        assert_eq!(float(1.5e-7), "1.5e-07");
        assert_eq!(quoted("it's"), "\"it's\"");
        assert_eq!(timedelta(90_000_000_000), "1 day, 1:00:00");
    }
}
