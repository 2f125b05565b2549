//! Numbers as Python reads and writes them.

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
pub(super) fn float(value: f64) -> String {
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

#[cfg(test)]
mod tests {
    use super::super::{quoted, timedelta};
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
