//! Scalars as Compose hands them to a container.

use crate::yaml::{Data, Node};

/// The text of a scalar; `None` for null, which hands a variable through.
///
/// Compose decodes YAML with go-yaml and prints the result: `True` becomes `true`, `010` becomes 8,
/// `1.0` becomes 1, while `yes` and everything in quotes stays as written.
pub(super) fn text(node: &Node) -> Option<String> {
    let Data::Scalar { text, is_plain } = &node.data else {
        return Some(String::new());
    };
    if node.is_null() {
        return None;
    }
    if !is_plain {
        return Some(text.clone());
    }
    Some(match text.as_str() {
        "true" | "True" | "TRUE" => "true".to_owned(),
        "false" | "False" | "FALSE" => "false".to_owned(),
        _ => number(text)
            .or_else(|| date(text))
            .unwrap_or_else(|| text.clone()),
    })
}

/// A number as Go prints it.
fn number(text: &str) -> Option<String> {
    if !text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.')) {
        return None;
    }
    let digits = text.replace('_', "");
    let (sign, magnitude) = match digits.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", digits.strip_prefix('+').unwrap_or(&digits)),
    };
    let integer = integer(magnitude).filter(|integer| {
        let largest = if sign == "-" { 1 << 63 } else { u64::MAX };
        *integer <= largest
    });
    match integer {
        Some(integer) => Some(format!("{sign}{integer}")),
        None => Some(format!("{sign}{}", float(magnitude)?)),
    }
}

fn integer(magnitude: &str) -> Option<u64> {
    if !magnitude.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let lower = magnitude.to_ascii_lowercase();
    let (digits, radix) = match lower.as_bytes() {
        [b'0', b'x', ..] => (&lower[2..], 16),
        [b'0', b'o', ..] => (&lower[2..], 8),
        [b'0', b'b', ..] => (&lower[2..], 2),
        [b'0', _, ..] => (&lower[1..], 8),
        _ => (lower.as_str(), 10),
    };
    let is_number = digits.chars().all(|c| c.is_digit(radix));
    is_number.then(|| u64::from_str_radix(digits, radix).ok())?
}

/// Go's `%v` of a float: the shortest digits, with an exponent where it is small or large.
fn float(magnitude: &str) -> Option<String> {
    let (mantissa, exponent) = match magnitude.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (magnitude, None),
    };
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent = exponent.map(|text| text.strip_prefix(['-', '+']).unwrap_or(text));
    let is_float = is_digits(whole)
        && is_digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent.is_none_or(|text| !text.is_empty() && is_digits(text));
    if !is_float {
        return None;
    }
    let value: f64 = magnitude
        .parse()
        .ok()
        .filter(|value: &f64| value.is_finite())?;
    let scientific = format!("{value:e}");
    let (digits, power) = scientific.split_once('e')?;
    let power: i32 = power.parse().ok()?;
    if value == 0.0 || (-4..LARGEST_POWER).contains(&power) {
        return Some(value.to_string());
    }
    let sign = if power < 0 { '-' } else { '+' };
    Some(format!("{digits}e{sign}{:02}", power.abs()))
}

/// The power of ten from which Go's `%v` writes an exponent.
const LARGEST_POWER: i32 = 6;

/// A date, which go-yaml reads as a time and Go prints whole.
fn date(text: &str) -> Option<String> {
    let mut parts = text.split('-');
    let mut part = |least: usize, most: usize| -> Option<u32> {
        let part = parts.next()?;
        let is_number = part.bytes().all(|byte| byte.is_ascii_digit());
        ((least..=most).contains(&part.len()) && is_number).then(|| part.parse().ok())?
    };
    let (year, month, day) = (part(4, 4)?, part(1, 2)?, part(1, 2)?);
    let is_date = parts.next().is_none() && (1..=12).contains(&month) && (1..=31).contains(&day);
    is_date.then(|| format!("{year:04}-{month:02}-{day:02} 00:00:00 +0000 UTC"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tightship_model::SourceId;

    #[test]
    fn plain_scalars_are_typed_and_printed() {
        for (written, expected) in [
            ("True", Some("true")),
            ("yes", Some("yes")),
            ("'True'", Some("True")),
            ("010", Some("8")),
            ("1.0", Some("1")),
            ("8000", Some("8000")),
            ("1.2.3", Some("1.2.3")),
            ("~", None),
            ("", None),
            ("'~'", Some("~")),
            ("-0", Some("-0")),
            ("1_000", Some("1000")),
            ("0b101", Some("5")),
            ("0o17", Some("15")),
            ("08", Some("8")),
            ("09.5", Some("9.5")),
            (".5", Some("0.5")),
            ("1e3", Some("1000")),
            ("1E-3", Some("0.001")),
            ("1.5e10", Some("1.5e+10")),
            ("1e400", Some("1e400")),
            ("0x_1F", Some("31")),
            ("0xG", Some("0xG")),
            ("-017", Some("-15")),
            ("0.0000001", Some("1e-07")),
            ("100000000000000000000", Some("1e+20")),
            ("9223372036854775808", Some("9223372036854775808")),
            ("-9223372036854775809", Some("-9.223372036854776e+18")),
            ("123456789.123456789", Some("1.2345678912345679e+08")),
            ("0o8", Some("0o8")),
            ("1e", Some("1e")),
            ("1:30", Some("1:30")),
            ("2020-1-01", Some("2020-01-01 00:00:00 +0000 UTC")),
            ("2020-13-01", Some("2020-13-01")),
        ] {
            let source = format!("a: {written}\n");
            let (root, _) = crate::yaml::parse(SourceId(0), &source);
            let root = root.expect("a mapping");
            let node = root.get("a").expect("its value");
            assert_eq!(text(node).as_deref(), expected, "{written}");
        }
    }
}
