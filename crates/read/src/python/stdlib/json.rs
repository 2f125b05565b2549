//! Text that is read as data: `json`, `ast.literal_eval`, files.

use tightship_model::{Cause, Span};

use super::os::content;
use crate::python::eval::{Evaluator, LONGEST_TEXT, Raise};
use crate::python::format;
use crate::python::plain::{self, Plain};
use crate::python::value::{Args, Kind, Val};

pub(super) fn call(
    eval: &mut Evaluator<'_>,
    path: &str,
    receiver: Option<&Val>,
    args: &Args,
    span: Span,
) -> Option<Result<Val, Raise>> {
    run(eval, path, receiver, args, span).transpose()
}

fn run(
    eval: &mut Evaluator<'_>,
    path: &str,
    receiver: Option<&Val>,
    args: &Args,
    span: Span,
) -> Result<Option<Val>, Raise> {
    let none = Val::NONE;
    let first = args.positional.first().unwrap_or(&none);
    Ok(Some(match path {
        "json.loads" | "json.load" if !args.keywords.is_empty() => {
            eval.maybe_any(span);
            eval.unknown(Cause::Code, format!("{path}() with options"), span)
        }
        "json.loads" => {
            let unfit = Raise::new("json.JSONDecodeError", "not JSON", Some(span));
            eval.maybe_unfit(unfit, first);
            eval.lift(
                &[first],
                span,
                &mut |eval, values| match values[0].as_str() {
                    Some(text) => json(eval, text, span),
                    None => Ok(eval.unknown_because(&values[0])),
                },
            )?
        }
        "json.load" => {
            let text = content(eval, first, span)?;
            match text.as_str() {
                Some(source) => {
                    let value = json(eval, source, span)?;
                    let trail = value.trail.and(&text.trail);
                    value.with_trail(trail)
                }
                None => eval.unknown_because(&text),
            }
        }
        "json.dumps" => {
            let style = Style::of(args);
            match style.and_then(|style| style.dumped(eval, first, 0)) {
                Some(text) if text.len() > LONGEST_TEXT => eval.too_long(span),
                Some(text) => Val::str(text),
                None => eval.unknown(Cause::Code, "json.dumps() of this", span),
            }
        }
        "ast.literal_eval" => {
            for class in ["ValueError", "SyntaxError"] {
                eval.maybe_unfit(Raise::new(class, "not a literal", Some(span)), first);
            }
            eval.lift(&[first], span, &mut |eval, values| {
                let Some(text) = values[0].as_str() else {
                    return Ok(eval.unknown_because(&values[0]));
                };
                eval.literal(text, span).ok_or_else(
                    || match crate::python::syntax::parse_expression(text.trim()) {
                        Some(_) => Raise::new("ValueError", "malformed node or string", Some(span)),
                        None => Raise::new("SyntaxError", "invalid syntax", Some(span)),
                    },
                )
            })?
        }
        "builtins.file.read"
        | "builtins.file.readline"
        | "builtins.file.readlines"
        | "builtins.file.__iter__" => {
            let Some(file) = receiver else {
                return Ok(None);
            };
            let text = content(eval, file, span)?;
            let name = path.to_owned();
            eval.lift(&[&text], span, &mut |eval, values| {
                let Some(text) = values[0].as_str() else {
                    return Ok(eval.unknown_because(&values[0]));
                };
                let mut lines = text.split_inclusive('\n').map(Val::str);
                Ok(match &*name {
                    "builtins.file.read" => values[0].clone(),
                    "builtins.file.readline" => lines.next().unwrap_or_else(|| Val::str("")),
                    _ => eval.list(lines.collect()),
                })
            })?
        }
        "builtins.file.write" | "builtins.file.close" => Val::NONE,
        _ => return Ok(None),
    }))
}

/// How `json.dumps` writes.
struct Style {
    sorts: bool,
    indent: Option<String>,
    /// Between elements, and after a key.
    separators: (String, String),
    ascii: bool,
}

impl Style {
    /// `None` for arguments that are not followed.
    fn of(args: &Args) -> Option<Self> {
        let mut style = Self {
            sorts: false,
            indent: None,
            separators: (", ".to_owned(), ": ".to_owned()),
            ascii: true,
        };
        for (name, value) in &args.keywords {
            match (&**name, &value.kind) {
                _ if !value.is_settled() => return None,
                ("sort_keys", Kind::Bool(truth)) => style.sorts = *truth,
                ("ensure_ascii", Kind::Bool(truth)) => style.ascii = *truth,
                ("indent" | "separators" | "default" | "cls", Kind::None) => {}
                ("indent", Kind::Int(width @ 0..=16)) => {
                    style.indent = Some(" ".repeat(usize::try_from(*width).ok()?));
                }
                ("indent", Kind::Str(text)) => style.indent = Some(text.to_string()),
                ("separators", Kind::Tuple(_)) => {}
                _ => return None,
            }
        }
        if style.indent.is_some() {
            ",".clone_into(&mut style.separators.0);
        }
        if let Some(Kind::Tuple(pair)) = args.keyword("separators").map(|value| &value.kind) {
            let [between, after] = pair.items.as_slice() else {
                return None;
            };
            style.separators = (between.as_str()?.to_owned(), after.as_str()?.to_owned());
        }
        (args.positional.len() == 1).then_some(style)
    }

    /// The value as JSON; `None` for what is not wholly known or not JSON.
    fn dumped(&self, eval: &Evaluator<'_>, value: &Val, depth: usize) -> Option<String> {
        /// Depth of structures that are written.
        const DEEPEST: usize = 32;
        if depth > DEEPEST || !value.is_settled() {
            return None;
        }
        match &value.kind {
            Kind::None => Some("null".to_owned()),
            Kind::Bool(truth) => Some(truth.to_string()),
            Kind::Int(number) => Some(number.to_string()),
            Kind::Float(number) if number.is_finite() => format::repr(eval, value, 0),
            Kind::Str(text) => self.quoted(text),
            Kind::List(_) | Kind::Tuple(_) => {
                let items = eval.items(value).filter(|items| items.rest.is_none())?;
                let texts = items
                    .items
                    .iter()
                    .map(|item| self.dumped(eval, item, depth + 1));
                Some(self.bracketed(["[", "]"], &texts.collect::<Option<Vec<_>>>()?, depth))
            }
            Kind::Dict(_) => {
                let dict = eval.entries(value).filter(|dict| dict.rest.is_none())?;
                let mut entries: Vec<_> = dict.entries.values().collect();
                if self.sorts {
                    entries.sort_by(|(one, _), (two, _)| one.as_str().cmp(&two.as_str()));
                }
                let texts = entries.iter().map(|(key, item)| {
                    let key = self.quoted(key.as_str()?)?;
                    let item = self.dumped(eval, item, depth + 1)?;
                    Some(format!("{key}{}{item}", self.separators.1))
                });
                Some(self.bracketed(["{", "}"], &texts.collect::<Option<Vec<_>>>()?, depth))
            }
            _ => None,
        }
    }

    fn bracketed(&self, [open, close]: [&str; 2], parts: &[String], depth: usize) -> String {
        match &self.indent {
            Some(indent) if !parts.is_empty() => {
                let outer = format!("\n{}", indent.repeat(depth));
                let inner = format!("{outer}{indent}");
                let between = format!("{}{inner}", self.separators.0);
                format!("{open}{inner}{}{outer}{close}", parts.join(&between))
            }
            _ => format!("{open}{}{close}", parts.join(&self.separators.0)),
        }
    }

    fn quoted(&self, text: &str) -> Option<String> {
        // What is not ASCII is escaped by its UTF-16 units.
        let quoted = serde_json::to_string(text).ok()?;
        if !self.ascii {
            return Some(quoted);
        }
        let mut escaped = String::with_capacity(quoted.len());
        for c in quoted.chars() {
            if matches!(c, ' '..='~') {
                escaped.push(c);
            } else {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    escaped.push_str(&format!("\\u{unit:04x}"));
                }
            }
        }
        Some(escaped)
    }
}

fn json(eval: &mut Evaluator<'_>, text: &str, span: Span) -> Result<Val, Raise> {
    match serde_json::from_str(text) {
        Ok(value) => Ok(of_json(eval, &value, span)),
        // Python also takes these words, and halves of surrogate pairs.
        Err(_)
            if ["NaN", "Infinity", "\\u"]
                .iter()
                .any(|odd| text.contains(odd)) =>
        {
            Ok(eval.unknown(Cause::Code, "JSON beyond its standard", span))
        }
        Err(_) => Err(Raise::new(
            "json.JSONDecodeError",
            "not valid JSON",
            Some(span),
        )),
    }
}

fn of_json(eval: &mut Evaluator<'_>, value: &serde_json::Value, span: Span) -> Val {
    match value {
        serde_json::Value::Null => Val::NONE,
        serde_json::Value::Bool(value) => Val::bool(*value),
        serde_json::Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(value), _) => Val::int(i128::from(value)),
            (None, Some(value)) => Kind::Float(value).into(),
            _ => eval.unknown(Cause::Bound, "a large number", span),
        },
        serde_json::Value::String(text) => Val::str(text.as_str()),
        serde_json::Value::Array(items) => {
            let items = items.iter().map(|item| of_json(eval, item, span)).collect();
            eval.list(items)
        }
        serde_json::Value::Object(entries) => {
            let entries = entries
                .iter()
                .map(|(key, value)| (Val::str(key.as_str()), of_json(eval, value, span)))
                .collect();
            eval.dict(entries)
        }
    }
}

impl Evaluator<'_> {
    /// The value of a Python literal, as `ast.literal_eval` reads it; `None` for any other text.
    pub(crate) fn literal(&mut self, text: &str, span: Span) -> Option<Val> {
        let value = plain::literal(text)?;
        Some(self.plain_value(&value, span))
    }

    /// A plain value, made anew on the heap.
    pub(crate) fn plain_value(&mut self, value: &Plain, span: Span) -> Val {
        let mut all = |items: &[Plain]| -> Vec<Val> {
            items
                .iter()
                .map(|item| self.plain_value(item, span))
                .collect()
        };
        match value {
            Plain::None => Val::NONE,
            Plain::Bool(value) => Val::bool(*value),
            Plain::Int(value) => Val::int(*value),
            Plain::Float(value) => Kind::Float(*value).into(),
            Plain::Str(text) => Val::str(text.as_str()),
            Plain::Bytes(bytes) => Kind::Bytes(bytes.as_slice().into()).into(),
            Plain::List(items) => {
                let items = all(items);
                self.list(items)
            }
            Plain::Tuple(items) => Val::tuple(all(items)),
            Plain::Set(items) => {
                let items = all(items);
                self.set(items, None)
            }
            Plain::Dict(entries) => {
                let entries = entries
                    .iter()
                    .map(|(key, value)| {
                        (self.plain_value(key, span), self.plain_value(value, span))
                    })
                    .collect();
                self.dict(entries)
            }
            Plain::Unknown(reason) => self.unknown(Cause::Bound, *reason, span),
        }
    }
}
