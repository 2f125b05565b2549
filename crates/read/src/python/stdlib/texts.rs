//! Functions on text: quoting for URLs, `base64`, `string.Template`, `textwrap`.

use base64::alphabet;
use base64::engine::{Engine, GeneralPurpose, GeneralPurposeConfig};
use tightship_model::{Cause, Span};

use crate::python::eval::{Evaluator, LONGEST_TEXT, Raise};
use crate::python::format;
use crate::python::methods;
use crate::python::value::{Args, Kind, Val};

pub(super) fn call(
    eval: &mut Evaluator<'_>,
    path: &str,
    receiver: Option<&Val>,
    args: &Args,
    span: Span,
) -> Option<Result<Val, Raise>> {
    if let Some(template) = receiver
        && let Some(method) = path.strip_prefix("string.Template.")
    {
        return substituted(eval, template, method, args, span).transpose();
    }
    let first = args.positional.first()?;
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
        "string.Template" => {
            return Some(Ok(
                eval.object("string.Template", vec![("template", first.clone())])
            ));
        }
        path if path.starts_with("base64.") && args.positional.len() == 1 => {
            return Some(eval.lift(&[first], span, &mut |eval, values| {
                base64(eval, path, &values[0], span)
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
pub(crate) fn quote(text: &str, safe: &str, plus: bool) -> String {
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
pub(crate) fn unquote(text: &str, plus: bool) -> Option<String> {
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

/// `string.Template(..).substitute(..)` and `safe_substitute`.
fn substituted(
    eval: &mut Evaluator<'_>,
    template: &Val,
    method: &str,
    args: &Args,
    span: Span,
) -> Result<Option<Val>, Raise> {
    let is_safe = match method {
        "substitute" => false,
        "safe_substitute" => true,
        _ => return Ok(None),
    };
    let Some(template) = eval.state(template, "template") else {
        return Ok(None);
    };
    let values = methods::mapping(eval, args, span)?;
    eval.lift(&[&template], span, &mut |eval, known| {
        let Some(template) = known[0].as_str() else {
            return Ok(eval.unknown_because(&known[0]));
        };
        let mut text = Val::str("");
        for piece in pieces(template) {
            let (word, name) = match piece {
                Piece::Text(word) => (Val::str(word), None),
                Piece::Name { name, .. } if values.get(name).is_some() => {
                    (values.get(name).cloned().unwrap_or(Val::NONE), Some(name))
                }
                Piece::Name { name, .. } if values.rest.is_some() => {
                    let reason = format!("what {name} stands for is not known");
                    return Ok(eval.unknown(Cause::Code, reason, span));
                }
                Piece::Name { written, .. } | Piece::Odd(written) if is_safe => {
                    (Val::str(written), None)
                }
                Piece::Name { name, .. } => {
                    return Err(Raise::new("KeyError", format!("'{name}'"), Some(span)));
                }
                Piece::Odd(_) => {
                    return Err(Raise::new("ValueError", "invalid placeholder", Some(span)));
                }
            };
            text = eval.lift(&[&text, &word], span, &mut |eval, parts| {
                let word = match name {
                    Some(_) => {
                        format::format_value(eval, &parts[1], Some('s'), &Val::str(""), span)?
                    }
                    None => parts[1].clone(),
                };
                Ok(match (parts[0].as_str(), word.as_str()) {
                    (Some(before), Some(word)) if before.len() + word.len() > LONGEST_TEXT => {
                        eval.too_long(span)
                    }
                    (Some(before), Some(word)) => Val::str(format!("{before}{word}")),
                    (None, _) => eval.unknown_because(&parts[0]),
                    (_, None) => eval.unknown_because(&word),
                })
            })?;
        }
        Ok(text)
    })
    .map(Some)
}

/// What a template is made of.
enum Piece<'t> {
    Text(&'t str),
    Name {
        name: &'t str,
        written: &'t str,
    },
    /// A dollar sign that stands for nothing.
    Odd(&'t str),
}

fn pieces(template: &str) -> Vec<Piece<'_>> {
    let is_first = |c: char| c.is_ascii_alphabetic() || c == '_';
    let word = |text: &str| {
        let end = text.find(|c: char| !is_first(c) && !c.is_ascii_digit());
        let end = end.unwrap_or(text.len());
        if text.starts_with(is_first) { end } else { 0 }
    };
    let mut pieces = Vec::new();
    let mut left = template;
    while let Some(at) = left.find('$') {
        pieces.push(Piece::Text(&left[..at]));
        let (mark, after) = (&left[at..], &left[at + 1..]);
        let length = match (word(after), after.strip_prefix('{')) {
            _ if after.starts_with('$') => {
                pieces.push(Piece::Text("$"));
                2
            }
            (0, Some(braced)) if word(braced) > 0 && braced[word(braced)..].starts_with('}') => {
                let name = &braced[..word(braced)];
                let written = &mark[..name.len() + 3];
                pieces.push(Piece::Name { name, written });
                written.len()
            }
            (0, _) => {
                pieces.push(Piece::Odd("$"));
                1
            }
            (length, _) => {
                let written = &mark[..=length];
                pieces.push(Piece::Name {
                    name: &after[..length],
                    written,
                });
                written.len()
            }
        };
        left = &mark[length..];
    }
    pieces.push(Piece::Text(left));
    pieces
}

/// Functions of `base64` on one known value.
fn base64(eval: &mut Evaluator<'_>, path: &str, value: &Val, span: Span) -> Result<Val, Raise> {
    let engine = if path.contains("urlsafe") {
        &URL_SAFE
    } else {
        &STANDARD
    };
    let bytes = match &value.kind {
        Kind::Bytes(bytes) => bytes.to_vec(),
        Kind::Str(text) => text.as_bytes().to_vec(),
        _ => return Ok(eval.unknown_because(value)),
    };
    let name = path
        .trim_start_matches("base64.")
        .trim_start_matches("urlsafe_");
    let coded = match name.trim_start_matches("standard_") {
        "b64encode" if value.as_str().is_some() => {
            let text = "a bytes-like object is required, not 'str'";
            return Err(Raise::new("TypeError", text, Some(span)));
        }
        "b64encode" => engine.encode(&bytes).into_bytes(),
        "b64decode" => {
            // White space, as at the end of a file, is passed over.
            let clean: Vec<u8> = bytes
                .into_iter()
                .filter(|b| !b.is_ascii_whitespace())
                .collect();
            match engine.decode(&clean) {
                Ok(decoded) => decoded,
                Err(_) if clean.iter().all(u8::is_ascii_alphanumeric) => {
                    return Err(Raise::new(
                        "binascii.Error",
                        "incorrect padding",
                        Some(span),
                    ));
                }
                Err(_) => return Ok(eval.unknown(Cause::Code, "base64 of another alphabet", span)),
            }
        }
        _ => return Ok(eval.unknown(Cause::Code, format!("{path}() is not followed"), span)),
    };
    Ok(Kind::Bytes(coded.into()).into())
}

/// As Python reads it: bits that are left over in the last character do not matter.
const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);
