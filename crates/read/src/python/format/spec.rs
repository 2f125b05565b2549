//! Format specifications: `>10,.2f`.

use super::text;
use crate::python::eval::{Evaluator, LONGEST_TEXT};
use crate::python::value::{Kind, Val};

/// A value by a format specification: `[[fill]align][sign][#][0][width][,][.precision][type]`.
pub(super) fn with_spec(eval: &Evaluator<'_>, value: &Val, spec: &str) -> Option<String> {
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
