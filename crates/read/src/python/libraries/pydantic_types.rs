//! What pydantic makes of a text, by the annotation of the field. Verified against pydantic 2.14.3.

use tightship_model::{Cause, Span};

use crate::python::eval::{Evaluator, Raise};
use crate::python::paths;
use crate::python::plain;
use crate::python::value::{Args, Kind, Val};

/// What an annotation asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Str,
    /// One of these.
    Literal(Vec<String>),
    Secret,
    Bool,
    Int,
    Float,
    Path,
    /// JSON, made a list, set, tuple or dict of plain values.
    Json(&'static str),
    Other,
}

impl Shape {
    pub(super) fn of(annotation: &str) -> Self {
        let mut text = annotation.replace(' ', "");
        text = text.trim_matches(['"', '\'']).to_owned();
        for suffix in ["|None", "None|"] {
            text = text.replace(suffix, "");
        }
        for prefix in ["typing.", "t.", "pathlib.", "pydantic."] {
            text = text.replace(prefix, "");
        }
        if let Some(inner) = text
            .strip_prefix("Optional[")
            .and_then(|it| it.strip_suffix(']'))
        {
            text = inner.to_owned();
        }
        match text.as_str() {
            "str" => return Self::Str,
            "SecretStr" => return Self::Secret,
            "bool" => return Self::Bool,
            "int" => return Self::Int,
            "float" => return Self::Float,
            "Path" => return Self::Path,
            _ => {}
        }
        let (outer, inner) = text.split_once('[').unwrap_or((&text, ""));
        let inner = inner.strip_suffix(']').unwrap_or(inner);
        let is_plain = matches!(
            inner,
            "" | "str"
                | "Any"
                | "str,str"
                | "str,Any"
                | "str,..."
                | "dict"
                | "dict[str,Any]"
                | "dict[str,str]"
        );
        match outer {
            "Literal" if inner.starts_with(['"', '\'']) => Self::Literal(
                inner
                    .split(',')
                    .map(|text| text.trim_matches(['"', '\'']).to_owned())
                    .collect(),
            ),
            "list" | "List" | "Sequence" if is_plain => Self::Json("list"),
            "set" | "Set" | "frozenset" if is_plain => Self::Json("set"),
            "tuple" | "Tuple" if is_plain => Self::Json("tuple"),
            "dict" | "Dict" if is_plain => Self::Json("dict"),
            _ => Self::Other,
        }
    }

    pub(super) fn cast(
        &self,
        eval: &mut Evaluator<'_>,
        value: &Val,
        annotation: &str,
        span: Span,
    ) -> Result<Val, Raise> {
        let Some(text) = value.as_str() else {
            return Ok(match (self, &value.kind) {
                (Self::Float, Kind::Int(number)) => Kind::Float(*number as f64).into(),
                (Self::Other, Kind::Instance(..) | Kind::None) => value.clone(),
                (Self::Other, _) => {
                    let reason = format!("pydantic makes a {annotation} of it");
                    eval.unknown(Cause::Package, reason, span)
                }
                _ => value.clone(),
            });
        };
        let wrong = |what: &str| {
            let message = format!("Input should be a valid {what}");
            Err(Raise::new("pydantic.ValidationError", message, Some(span)))
        };
        match self {
            Self::Literal(texts) if !texts.iter().any(|known| known == text) => wrong("literal"),
            Self::Str | Self::Literal(_) => Ok(value.clone()),
            Self::Secret => Ok(eval.object("pydantic.SecretStr", vec![("value", value.clone())])),
            Self::Path => Ok(Val::path(paths::pathlib(text))),
            Self::Bool => match text.to_lowercase().as_str() {
                "1" | "on" | "t" | "true" | "y" | "yes" => Ok(Val::bool(true)),
                "0" | "off" | "f" | "false" | "n" | "no" => Ok(Val::bool(false)),
                _ => wrong("boolean"),
            },
            Self::Int => match plain::int(text) {
                Some(number) => Ok(eval.plain_value(&number, span)),
                None if text.trim().parse::<f64>().is_ok() => {
                    Ok(eval.unknown(Cause::Package, "a number that is not written as one", span))
                }
                None => wrong("integer"),
            },
            Self::Float => match text.trim().parse::<f64>() {
                Ok(number) => Ok(Kind::Float(number).into()),
                Err(_) => wrong("number"),
            },
            Self::Json(kind) => {
                let loads = Val::native("json.loads");
                let parsed = match eval.call(&loads, Args::positional(vec![value.clone()]), span) {
                    Ok(parsed) => parsed,
                    Err(raise) if raise.is_bound => return Err(raise),
                    Err(_) => {
                        let class = "pydantic_settings.SettingsError";
                        let message = "error parsing value for field";
                        return Err(Raise::new(class, message, Some(span)));
                    }
                };
                match (*kind, &parsed.kind) {
                    ("list", Kind::List(_)) | ("dict", Kind::Dict(_)) => Ok(parsed),
                    ("set" | "tuple", Kind::List(_)) => {
                        let builtin = Val::native(format!("builtins.{kind}"));
                        eval.call(&builtin, Args::positional(vec![parsed]), span)
                    }
                    (_, Kind::Unknown(_)) => Ok(parsed),
                    _ => wrong(kind),
                }
            }
            Self::Other => {
                let reason = format!("pydantic makes a {annotation} of it");
                Ok(eval.unknown(Cause::Package, reason, span))
            }
        }
    }
}
