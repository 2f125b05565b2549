//! Methods of strings and bytes.

use std::rc::Rc;

use tightship_model::{Cause, Span};

use crate::python::eval::{Evaluator, LONGEST_TEXT, Raise};
use crate::python::format;
use crate::python::heap::Key;
use crate::python::value::{Args, Chain, Kind, Val};

pub(super) const METHODS: &[&str] = &[
    "split",
    "rsplit",
    "splitlines",
    "strip",
    "lstrip",
    "rstrip",
    "lower",
    "upper",
    "casefold",
    "title",
    "capitalize",
    "swapcase",
    "replace",
    "join",
    "format",
    "format_map",
    "startswith",
    "endswith",
    "find",
    "rfind",
    "index",
    "rindex",
    "count",
    "isdigit",
    "isnumeric",
    "isdecimal",
    "isalpha",
    "isalnum",
    "isspace",
    "isupper",
    "islower",
    "isidentifier",
    "partition",
    "rpartition",
    "removeprefix",
    "removesuffix",
    "zfill",
    "ljust",
    "rjust",
    "center",
    "encode",
    "expandtabs",
    "translate",
    "__len__",
    "__contains__",
];

pub(super) const BYTES_METHODS: &[&str] = &[
    "decode",
    "hex",
    "strip",
    "split",
    "startswith",
    "endswith",
    "replace",
    "lower",
    "upper",
];

pub(super) fn call(
    eval: &mut Evaluator<'_>,
    text: &Rc<str>,
    name: &str,
    args: &Args,
    span: Span,
) -> Result<Val, Raise> {
    let given = |at: usize, name: &str| args.at(at, name);
    let word = |at: usize| args.positional.get(at).and_then(Val::as_str);
    let number = |at: usize| args.positional.get(at).and_then(Val::as_int);
    let wrong = || {
        Raise::new(
            "TypeError",
            format!("{name}() does not take these arguments"),
            Some(span),
        )
    };
    Ok(match name {
        "split" | "rsplit" => {
            let separator = given(0, "sep").filter(|value| !value.is_none());
            let separator = match separator {
                Some(value) => Some(value.as_str().ok_or_else(wrong)?),
                None => None,
            };
            if separator == Some("") {
                return Err(Raise::new("ValueError", "empty separator", Some(span)));
            }
            let most = given(1, "maxsplit").and_then(Val::as_int).unwrap_or(-1);
            let parts = split(text, separator, most, name == "rsplit");
            eval.spend(parts.len())?;
            let parts = parts.into_iter().map(Val::str).collect();
            eval.list(parts)
        }
        "splitlines" => {
            let keeps = given(0, "keepends").is_some_and(|v| matches!(v.kind, Kind::Bool(true)));
            let lines: Vec<Val> = lines(text, keeps).into_iter().map(Val::str).collect();
            eval.spend(lines.len())?;
            eval.list(lines)
        }
        "strip" | "lstrip" | "rstrip" => {
            let given = given(0, "chars").filter(|value| !value.is_none());
            let chars: Option<Vec<char>> = match given {
                Some(value) => Some(value.as_str().ok_or_else(wrong)?.chars().collect()),
                None => None,
            };
            let is_stripped = |c: char| match &chars {
                Some(chars) => chars.contains(&c),
                None => c.is_whitespace(),
            };
            Val::str(match name {
                "strip" => text.trim_matches(is_stripped),
                "lstrip" => text.trim_start_matches(is_stripped),
                _ => text.trim_end_matches(is_stripped),
            })
        }
        "lower" => Val::str(text.to_lowercase()),
        "casefold" if text.chars().all(|c| c <= '\u{ff}') => {
            Val::str(text.to_lowercase().replace('ß', "ss").replace('µ', "μ"))
        }
        "upper" => Val::str(text.to_uppercase()),
        // Of some letters the form for a title is another than the upper case.
        "title" if text.chars().all(has_plain_title) => Val::str(title(text)),
        "capitalize" if text.chars().take(1).all(has_plain_title) => {
            let mut chars = text.chars();
            let first: String = chars
                .next()
                .into_iter()
                .flat_map(char::to_uppercase)
                .collect();
            Val::str(first + &chars.as_str().to_lowercase())
        }
        "swapcase" => Val::str(
            text.chars()
                .flat_map(|c| -> Vec<char> {
                    if c.is_uppercase() {
                        c.to_lowercase().collect()
                    } else {
                        c.to_uppercase().collect()
                    }
                })
                .collect::<String>(),
        ),
        "replace" => {
            let (old, new) = (word(0).ok_or_else(wrong)?, word(1).ok_or_else(wrong)?);
            let most = number(2).filter(|most| *most >= 0);
            let places = text.matches(old).count() + usize::from(old.is_empty());
            if text.len() + places.saturating_mul(new.len()) > LONGEST_TEXT {
                return Ok(eval.too_long(span));
            }
            Val::str(match most.and_then(|most| usize::try_from(most).ok()) {
                Some(most) => text.replacen(old, new, most),
                None => text.replace(old, new),
            })
        }
        "join" => join(eval, text, args.positional.first().ok_or_else(wrong)?, span)?,
        "format" => format::format(eval, text, args, span)?,
        "format_map" => {
            let mapping = super::containers::mapping(eval, args, span)?;
            let keywords = mapping
                .entries
                .into_values()
                .filter_map(|(key, value)| Some((Rc::from(key.as_str()?), value)))
                .collect();
            let args = Args {
                keywords,
                rest: mapping.rest,
                ..Args::default()
            };
            format::format(eval, text, &args, span)?
        }
        "startswith" | "endswith" => {
            let Some(first) = args.positional.first() else {
                return Err(wrong());
            };
            let fits = |part: &str| match name {
                "startswith" => text.starts_with(part),
                _ => text.ends_with(part),
            };
            match &first.kind {
                Kind::Str(part) => Val::bool(fits(part)),
                Kind::Tuple(parts) => {
                    Val::bool(parts.items.iter().filter_map(Val::as_str).any(fits))
                }
                _ => return Err(wrong()),
            }
        }
        "find" | "rfind" | "index" | "rindex" => {
            let part = word(0).ok_or_else(wrong)?;
            let at = if name.starts_with('r') {
                text.rfind(part)
            } else {
                text.find(part)
            };
            match at {
                Some(at) => Val::int(text[..at].chars().count() as i128),
                None if name.ends_with("find") => Val::int(-1),
                None => {
                    return Err(Raise::new("ValueError", "substring not found", Some(span)));
                }
            }
        }
        "count" => Val::int(text.matches(word(0).ok_or_else(wrong)?).count() as i128),
        "isdigit" | "isnumeric" | "isdecimal" if text.is_ascii() => {
            Val::bool(!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()))
        }
        "isalpha" => Val::bool(!text.is_empty() && text.chars().all(char::is_alphabetic)),
        "isalnum" => Val::bool(!text.is_empty() && text.chars().all(char::is_alphanumeric)),
        "isspace" => Val::bool(!text.is_empty() && text.chars().all(char::is_whitespace)),
        "isupper" => {
            Val::bool(text.chars().any(char::is_uppercase) && !text.chars().any(char::is_lowercase))
        }
        "islower" => {
            Val::bool(text.chars().any(char::is_lowercase) && !text.chars().any(char::is_uppercase))
        }
        "isidentifier" => Val::bool(
            text.starts_with(|c: char| c.is_alphabetic() || c == '_')
                && text.chars().all(|c| c.is_alphanumeric() || c == '_'),
        ),
        "partition" | "rpartition" => {
            let separator = word(0).ok_or_else(wrong)?;
            let found = if name == "partition" {
                text.split_once(separator)
            } else {
                text.rsplit_once(separator)
            };
            let parts = match found {
                Some((before, after)) => [before, separator, after],
                None if name == "partition" => [&**text, "", ""],
                None => ["", "", &**text],
            };
            Val::tuple(parts.into_iter().map(Val::str).collect())
        }
        "removeprefix" => {
            let prefix = word(0).ok_or_else(wrong)?;
            Val::str(text.strip_prefix(prefix).unwrap_or(text))
        }
        "removesuffix" => {
            let suffix = word(0).ok_or_else(wrong)?;
            Val::str(text.strip_suffix(suffix).unwrap_or(text))
        }
        "zfill" | "ljust" | "rjust" | "center" => pad(eval, text, name, args, span)?,
        "expandtabs" => {
            let size = given(0, "tabsize").map_or(Some(TAB_STOP), Val::as_int);
            let size = size.and_then(|size| usize::try_from(size).ok());
            let tabs = text.matches('\t').count();
            match size {
                Some(size)
                    if tabs.saturating_mul(size).saturating_add(text.len()) > LONGEST_TEXT =>
                {
                    eval.too_long(span)
                }
                Some(size) => Val::str(expanded(text, size)),
                None => eval.unknown(Cause::Code, "str.expandtabs() of this", span),
            }
        }
        "translate" => translated(eval, text, args.positional.first().ok_or_else(wrong)?, span),
        "encode" => {
            let encoding = given(0, "encoding")
                .and_then(Val::as_str)
                .unwrap_or("utf-8");
            match encoding.to_lowercase().as_str() {
                "utf-8" | "utf8" => Kind::Bytes(text.as_bytes().into()).into(),
                "ascii" if text.is_ascii() => Kind::Bytes(text.as_bytes().into()).into(),
                _ => eval.unknown(Cause::Code, "an encoding that is not followed", span),
            }
        }
        "__len__" => Val::int(text.chars().count() as i128),
        "__contains__" => Val::bool(text.contains(word(0).ok_or_else(wrong)?)),
        _ => eval.unknown(Cause::Code, format!("str.{name}() is not followed"), span),
    })
}

pub(super) fn call_bytes(
    eval: &mut Evaluator<'_>,
    bytes: &Rc<[u8]>,
    name: &str,
    args: &Args,
    span: Span,
) -> Result<Val, Raise> {
    let text = std::str::from_utf8(bytes);
    match (name, text) {
        ("decode", Ok(text)) => Ok(Val::str(text)),
        ("decode", Err(_)) => Ok(eval.unknown(Cause::Code, "bytes that are not UTF-8", span)),
        ("hex", _) => Ok(Val::str(
            bytes
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect::<String>(),
        )),
        ("strip" | "lower" | "upper", Ok(text)) if args.is_empty() => {
            let text: Rc<str> = text.into();
            match call(eval, &text, name, args, span)?.kind {
                Kind::Str(text) => Ok(Kind::Bytes(text.as_bytes().into()).into()),
                other => Ok(other.into()),
            }
        }
        ("startswith" | "endswith", _) => match args.positional.first().map(|v| &v.kind) {
            Some(Kind::Bytes(part)) => Ok(Val::bool(if name == "startswith" {
                bytes.starts_with(part)
            } else {
                bytes.ends_with(part)
            })),
            _ => Ok(eval.unknown(Cause::Code, "a comparison of bytes", span)),
        },
        _ => Ok(eval.unknown(Cause::Code, format!("bytes.{name}() is not followed"), span)),
    }
}

/// `separator.join(values)`: open elements make an open text.
fn join(
    eval: &mut Evaluator<'_>,
    separator: &Rc<str>,
    values: &Val,
    span: Span,
) -> Result<Val, Raise> {
    let values = eval.in_order(values, span);
    if values.is_choice() {
        return eval.lift(&[&values], span, &mut |eval, values| {
            join(eval, separator, &values[0], span)
        });
    }
    let items = eval.iterate(&values, span)?;
    if let Some(rest) = items.rest {
        return Ok(Kind::Unknown(rest).into());
    }
    if items.items.iter().all(Val::is_settled) {
        let parts = items
            .items
            .iter()
            .map(Val::as_str)
            .collect::<Option<Vec<_>>>();
        let Some(parts) = parts else {
            return match items.items.iter().find(|item| item.as_str().is_none()) {
                Some(item) if super::is_data(item) => {
                    Err(Raise::new("TypeError", "expected str instance", Some(span)))
                }
                Some(item) => Ok(eval.unknown_because(item)),
                None => Ok(Val::str("")),
            };
        };
        let length: usize = parts.iter().map(|part| part.len() + separator.len()).sum();
        if length > LONGEST_TEXT {
            return Ok(eval.too_long(span));
        }
        let trails = items.items.iter().map(|item| &item.trail);
        let trail = trails.fold(Chain::default(), |all, trail| all.and(trail));
        return Ok(Val::str(parts.join(separator)).with_trail(trail));
    }
    let mut text = Val::str("");
    for (at, item) in items.items.iter().enumerate() {
        let separator = Val::str(if at == 0 { "" } else { separator });
        text = eval.lift(&[&text, &separator, item], span, &mut |eval, values| {
            let parts = values.iter().map(Val::as_str).collect::<Option<Vec<_>>>();
            match parts {
                Some(parts)
                    if parts.iter().map(|part| part.len()).sum::<usize>() > LONGEST_TEXT =>
                {
                    Ok(eval.too_long(span))
                }
                Some(parts) => Ok(Val::str(parts.concat())),
                None => Err(Raise::new("TypeError", "expected str instance", Some(span))),
            }
        })?;
    }
    Ok(text)
}

/// `text.split(separator, most)`, from the right where `from_right`.
pub(crate) fn split(
    text: &str,
    separator: Option<&str>,
    most: i128,
    from_right: bool,
) -> Vec<Rc<str>> {
    let most = usize::try_from(most).ok();
    let mut parts: Vec<&str> = match (separator, most, from_right) {
        (Some(separator), None, _) => text.split(separator).collect(),
        (Some(separator), Some(most), false) => text.splitn(most + 1, separator).collect(),
        (Some(separator), Some(most), true) => {
            let mut parts: Vec<&str> = text.rsplitn(most + 1, separator).collect();
            parts.reverse();
            parts
        }
        (None, None, _) => text.split_whitespace().collect(),
        (None, Some(most), false) => {
            let mut parts = Vec::new();
            let mut left = text.trim_start();
            while !left.is_empty() && parts.len() < most {
                let end = left.find(char::is_whitespace).unwrap_or(left.len());
                parts.push(&left[..end]);
                left = left[end..].trim_start();
            }
            if !left.is_empty() {
                parts.push(left.trim_end());
            }
            parts
        }
        (None, Some(most), true) => {
            let mut parts = Vec::new();
            let mut left = text.trim_end();
            while !left.is_empty() && parts.len() < most {
                let start = left.rfind(char::is_whitespace).map_or(0, |at| {
                    at + left[at..].chars().next().map_or(1, char::len_utf8)
                });
                parts.push(&left[start..]);
                left = left[..start].trim_end();
            }
            if !left.is_empty() {
                parts.push(left);
            }
            parts.reverse();
            parts
        }
    };
    parts.drain(..).map(Rc::from).collect()
}

fn title(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut after_letter = false;
    for c in text.chars() {
        if after_letter {
            result.extend(c.to_lowercase());
        } else {
            result.extend(c.to_uppercase());
        }
        after_letter = c.is_alphabetic();
    }
    result
}

fn pad(
    eval: &Evaluator<'_>,
    text: &str,
    name: &str,
    args: &Args,
    span: Span,
) -> Result<Val, Raise> {
    let width = args.positional.first().and_then(Val::as_int).unwrap_or(0);
    let width = usize::try_from(width.max(0)).unwrap_or(usize::MAX);
    if width > LONGEST_TEXT {
        return Ok(eval.too_long(span));
    }
    let missing = width.saturating_sub(text.chars().count());
    let fill = args.positional.get(1).and_then(Val::as_str).unwrap_or(" ");
    let (left, right) = match name {
        "ljust" => (0, missing),
        "center" => (missing / 2 + (missing & width & 1), 0),
        _ => (missing, 0),
    };
    Ok(Val::str(match name {
        "zfill" => {
            let (sign, digits) = match text.strip_prefix(['-', '+']) {
                Some(digits) => (&text[..1], digits),
                None => ("", text),
            };
            format!("{sign}{}{digits}", "0".repeat(missing))
        }
        "center" => format!("{}{text}{}", fill.repeat(left), fill.repeat(missing - left)),
        _ => format!("{}{text}{}", fill.repeat(left), fill.repeat(right)),
    }))
}

/// Python's default distance of tab stops.
const TAB_STOP: i128 = 8;

/// `str.expandtabs`: columns are counted from the last line break.
fn expanded(text: &str, size: usize) -> String {
    let mut out = String::new();
    let mut column = 0_usize;
    for c in text.chars() {
        match c {
            '\t' => {
                let missing = size - column.checked_rem(size).unwrap_or(0);
                out.extend(std::iter::repeat_n(' ', missing));
                column += missing;
            }
            c => {
                out.push(c);
                column = if matches!(c, '\n' | '\r') {
                    0
                } else {
                    column + 1
                };
            }
        }
    }
    out
}

/// `str.splitlines` (Python 3.12, its table of line boundaries).
fn lines(text: &str, keeps: bool) -> Vec<&str> {
    let is_boundary = |c: char| {
        matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{1c}'..='\u{1e}')
            || matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}')
    };
    let mut lines = Vec::new();
    let mut left = text;
    while !left.is_empty() {
        let end = left.find(is_boundary).unwrap_or(left.len());
        let mark = match &left[end..] {
            after if after.starts_with("\r\n") => 2,
            after => after.chars().next().map_or(0, char::len_utf8),
        };
        lines.push(&left[..if keeps { end + mark } else { end }]);
        left = &left[end + mark..];
    }
    lines
}

/// `text.translate(table)`, of a dict as `str.maketrans` makes it.
fn translated(eval: &Evaluator<'_>, text: &str, table: &Val, span: Span) -> Val {
    let unknown = || eval.unknown(Cause::Code, "str.translate() by this table", span);
    let Some(dict) = eval.entries(table).filter(|dict| dict.rest.is_none()) else {
        return unknown();
    };
    let mut out = String::new();
    for c in text.chars() {
        let Some((_, to)) = dict.entries.get(&Key::Int(i128::from(u32::from(c)))) else {
            out.push(c);
            continue;
        };
        let code = to.as_int().and_then(|code| u32::try_from(code).ok());
        match (&to.kind, code.and_then(char::from_u32)) {
            _ if !to.is_settled() => return unknown(),
            (Kind::None, _) => {}
            (Kind::Str(text), _) => out.push_str(text),
            (Kind::Int(_), Some(c)) => out.push(c),
            _ => return unknown(),
        }
        if out.len() > LONGEST_TEXT {
            return eval.too_long(span);
        }
    }
    Val::str(out)
}

/// Whether a letter is the same in a title as in upper case: digraphs such as `ǆ` are not
/// (`SpecialCasing.txt` and `UnicodeData.txt` of Unicode).
fn has_plain_title(letter: char) -> bool {
    let is_digraph = matches!(letter, '\u{1c4}'..='\u{1cc}' | '\u{1f1}'..='\u{1f3}');
    let is_georgian = matches!(letter, '\u{10d0}'..='\u{10ff}');
    !is_digraph && !is_georgian && letter.to_uppercase().count() == 1
}
