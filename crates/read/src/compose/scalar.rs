//! Scalars as Compose hands them to a container.

use crate::yaml::{Data, Node};

/// The text of a value under `environment`; `None` for null, which hands the variable through.
///
/// Compose decodes YAML with go-yaml v3 and prints the result: `True` becomes `true`, `010`
/// becomes 8, `1.0` becomes 1, while `yes` and everything in quotes stays as written.
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
        _ => number(text).unwrap_or_else(|| text.clone()),
    })
}

fn number(text: &str) -> Option<String> {
    if !text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.')) {
        return None;
    }
    let digits = text.replace('_', "");
    let (sign, magnitude) = match digits.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", digits.strip_prefix('+').unwrap_or(&digits)),
    };
    let radix = |prefix: &str, radix| {
        let digits = magnitude.strip_prefix(prefix)?;
        i64::from_str_radix(digits, radix).ok()
    };
    let integer = radix("0x", 16)
        .or_else(|| radix("0o", 8))
        .or_else(|| radix("0b", 2))
        .or_else(|| radix("0", 8))
        .or_else(|| magnitude.parse().ok());
    if let Some(integer) = integer {
        return Some(format!("{sign}{integer}"));
    }
    let is_float = magnitude.contains('.')
        && magnitude.chars().all(|c| c.is_ascii_digit() || c == '.')
        && magnitude.len() < 16;
    let float: f64 = is_float.then(|| magnitude.parse().ok()).flatten()?;
    Some(format!("{sign}{float}"))
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
        ] {
            let source = format!("a: {written}\n");
            let (root, _) = crate::yaml::parse(SourceId(0), &source);
            let root = root.expect("a mapping");
            let node = root.get("a").expect("its value");
            assert_eq!(text(node).as_deref(), expected, "{written}");
        }
    }
}
