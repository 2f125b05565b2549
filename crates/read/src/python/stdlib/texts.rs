//! Functions on text: `urllib.parse`, `base64`, `shlex`, `hashlib`.

use tightship_model::{Cause, Span};

use crate::python::eval::{Evaluator, Raise};
use crate::python::value::{Args, Val};

pub(super) fn call(
    eval: &mut Evaluator<'_>,
    path: &str,
    receiver: Option<&Val>,
    args: &Args,
    span: Span,
) -> Option<Result<Val, Raise>> {
    let first = args.positional.first()?;
    let _ = receiver;
    let function: fn(&str) -> Option<String> = match path {
        "urllib.parse.quote" | "urllib.parse.quote_plus" => {
            let plus = path.ends_with("plus");
            return Some(eval.lift(&[first], span, &mut |eval, values| {
                let safe = match args.at(1, "safe") {
                    Some(value) => value.as_str().unwrap_or_default(),
                    None if plus => "",
                    None => "/",
                };
                Ok(match values[0].as_str() {
                    Some(text) => Val::str(quote(text, safe, plus)),
                    None => eval.unknown_because(&values[0]),
                })
            }));
        }
        "urllib.parse.unquote" => |text| unquote(text, false),
        "urllib.parse.unquote_plus" => |text| unquote(text, true),
        "textwrap.dedent" => dedent,
        "django.utils.text.slugify" | "html.escape" => |_| None,
        _ => return None,
    };
    Some(eval.lift(&[first], span, &mut |eval, values| {
        Ok(match values[0].as_str().map(function) {
            Some(Some(text)) => Val::str(text),
            Some(None) => eval.unknown(Cause::Code, format!("{path}() is not followed"), span),
            None => eval.unknown_because(&values[0]),
        })
    }))
}

/// `textwrap.dedent`, for lines that are indented by spaces only.
fn dedent(text: &str) -> Option<String> {
    if text.contains('\t') {
        return None;
    }
    let indent = |line: &&str| line.len() - line.trim_start_matches(' ').len();
    let least = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| indent(&line))
        .min()
        .unwrap_or(0);
    let lines = text.split('\n').map(|line| match line.trim().is_empty() {
        true => "",
        false => &line[least..],
    });
    Some(lines.collect::<Vec<_>>().join("\n"))
}

/// `urllib.parse.quote`.
fn quote(text: &str, safe: &str, plus: bool) -> String {
    let mut quoted = String::new();
    for byte in text.bytes() {
        let c = char::from(byte);
        if byte.is_ascii_alphanumeric() || "_.-~".contains(c) || (byte < 128 && safe.contains(c)) {
            quoted.push(c);
        } else if plus && c == ' ' {
            quoted.push('+');
        } else {
            quoted.push_str(&format!("%{byte:02X}"));
        }
    }
    quoted
}

/// `urllib.parse.unquote`.
fn unquote(text: &str, plus: bool) -> Option<String> {
    let mut bytes = Vec::new();
    let mut left = text.as_bytes();
    while let Some((first, rest)) = left.split_first() {
        let code = rest
            .get(..2)
            .filter(|_| *first == b'%')
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match code {
            Some(code) => {
                bytes.push(code);
                left = &rest[2..];
            }
            None => {
                bytes.push(if plus && *first == b'+' { b' ' } else { *first });
                left = rest;
            }
        }
    }
    String::from_utf8(bytes).ok()
}
