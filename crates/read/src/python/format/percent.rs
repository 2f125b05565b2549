//! `template % value`.

use tightship_model::{Cause, Span};

use super::spec::with_spec;
use super::{ascii, repr, text};
use crate::python::eval::{Evaluator, Raise};
use crate::python::value::{Kind, Val};

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
    eval.binary(
        crate::python::syntax::ast::Operator::Add,
        &result,
        &rest,
        span,
    )
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
