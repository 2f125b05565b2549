//! Values as Python writes them; secrets redacted.

use tightship_model::{Items, Traced, Unknown, Value};

/// A value on one line.
pub(super) fn repr(value: &Value) -> String {
    match value {
        Value::None => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Int(value) => value.to_string(),
        Value::Float(value) => format!("{value:?}"),
        Value::Str(text) => quoted(text),
        Value::Secret(secret) => secret.to_string(),
        Value::Bytes(bytes) => format!("b{}", quoted(&String::from_utf8_lossy(bytes))),
        Value::List(items) => format!("[{}]", elements(items)),
        Value::Set(items) => format!("{{{}}}", elements(items)),
        Value::Tuple(items) if items.items.len() == 1 && items.rest.is_none() => {
            format!("({},)", elements(items))
        }
        Value::Tuple(items) => format!("({})", elements(items)),
        Value::Dict(_) => {
            let parts: Vec<_> = parts(value)
                .into_iter()
                .map(|(key, value)| match value {
                    Some(value) => format!("{key}{}", repr(value)),
                    None => key,
                })
                .collect();
            format!("{{{}}}", parts.join(", "))
        }
        Value::Path(path) => format!("Path({})", quoted(path)),
        Value::Timedelta(micros) => format!("timedelta(seconds={})", *micros as f64 / 1e6),
        Value::Reference(path) => path.clone(),
        Value::Instance(instance) => {
            let positional = instance.arguments.iter().map(|value| repr(&value.value));
            let named = instance
                .keywords
                .iter()
                .map(|(name, value)| format!("{name}={}", repr(&value.value)));
            let arguments: Vec<_> = positional.chain(named).collect();
            format!("{}({})", instance.class, arguments.join(", "))
        }
        Value::OneOf(cases) => {
            let cases: Vec<_> = cases.iter().map(|case| repr(&case.value.value)).collect();
            format!("<one of {}>", cases.join(" | "))
        }
        Value::Environment(dependent) => match &dependent.unset {
            Some(unset) => format!(
                "<from {}; {} while unset>",
                dependent.variables.join(", "),
                repr(&unset.value)
            ),
            None => format!("<from {}>", dependent.variables.join(", ")),
        },
        Value::Unknown(reason) => unknown(reason),
    }
}

/// The elements of a collection: what stands before each, and the element; `None` for what is open.
/// Empty for what is no collection.
pub(super) fn parts(value: &Value) -> Vec<(String, Option<&Value>)> {
    let (mut parts, rest): (Vec<_>, _) = match value {
        Value::List(items) | Value::Tuple(items) | Value::Set(items) => {
            let parts = items
                .items
                .iter()
                .map(|Traced { value, .. }| (String::new(), Some(value)));
            (parts.collect(), &items.rest)
        }
        Value::Dict(dict) => {
            let parts = dict
                .entries
                .iter()
                .map(|(key, value)| (format!("{}: ", repr(key)), Some(&value.value)));
            (parts.collect(), &dict.rest)
        }
        _ => (Vec::new(), &None),
    };
    parts.extend(rest.as_ref().map(|rest| (unknown(rest), None)));
    parts
}

/// The brackets of a collection.
pub(super) fn brackets(value: &Value) -> Option<(char, char)> {
    match value {
        Value::List(_) => Some(('[', ']')),
        Value::Tuple(_) => Some(('(', ')')),
        Value::Set(_) | Value::Dict(_) => Some(('{', '}')),
        _ => None,
    }
}

fn elements(items: &Items) -> String {
    let known = items.items.iter().map(|item| repr(&item.value));
    let all: Vec<_> = known.chain(items.rest.as_ref().map(unknown)).collect();
    all.join(", ")
}

fn unknown(unknown: &Unknown) -> String {
    format!("<not known: {}>", unknown.reason)
}

/// A string literal. Line breaks and the like are escaped; the caller cleans what is left.
fn quoted(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    let mut literal = String::from(quote);
    for c in text.chars() {
        match c {
            '\\' => literal.push_str("\\\\"),
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            '\t' => literal.push_str("\\t"),
            c if c == quote => {
                literal.push('\\');
                literal.push(c);
            }
            c => literal.push(c),
        }
    }
    literal.push(quote);
    literal
}
