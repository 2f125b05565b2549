//! Python values that text gives at once: literals, numbers, what a parser of URLs builds.

use super::syntax::{ast, parse_expression};

/// A value that depends on nothing.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Plain {
    None,
    Bool(bool),
    Int(i128),
    Float(f64),
    Str(String),
    Bytes(Vec<u8>),
    List(Vec<Self>),
    Tuple(Vec<Self>),
    Set(Vec<Self>),
    Dict(Vec<(Self, Self)>),
    /// A number beyond the range of [`Plain::Int`], or a kind of number that no setting is.
    Unknown(&'static str),
}

impl Plain {
    pub(crate) fn str(text: impl Into<String>) -> Self {
        Self::Str(text.into())
    }

    /// `""` and `None` both stand for nothing.
    pub(crate) fn is_truthy(&self) -> bool {
        match self {
            Self::None => false,
            Self::Bool(value) => *value,
            Self::Int(value) => *value != 0,
            Self::Float(value) => *value != 0.0,
            Self::Str(text) => !text.is_empty(),
            Self::Bytes(bytes) => !bytes.is_empty(),
            Self::List(items) | Self::Tuple(items) | Self::Set(items) => !items.is_empty(),
            Self::Dict(entries) => !entries.is_empty(),
            Self::Unknown(_) => true,
        }
    }
}

/// `ast.literal_eval(text)`; `None` where that raises.
pub(crate) fn literal(text: &str) -> Option<Plain> {
    if text.len() > LONGEST {
        return None;
    }
    literal_of(&parse_expression(text.trim_start_matches([' ', '\t']))?)
}

/// `int(text)`; `None` where that raises.
pub(crate) fn int(text: &str) -> Option<Plain> {
    let text = text.trim_matches(|c: char| c.is_whitespace() || ('\x1c'..='\x1f').contains(&c));
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    if !digits.is_ascii() && digits.chars().all(|c| c == '_' || c.is_numeric()) {
        return Some(Plain::Unknown("a number in digits other than 0 to 9"));
    }
    let is_number = !digits.is_empty()
        && !digits.starts_with('_')
        && !digits.ends_with('_')
        && !digits.contains("__")
        && digits.bytes().all(|b| b == b'_' || b.is_ascii_digit());
    is_number.then(|| {
        let digits = digits.replace('_', "");
        match format!("{sign}{digits}").parse() {
            Ok(number) => Plain::Int(number),
            Err(_) => Plain::Unknown(TOO_LARGE),
        }
    })
}

/// `int(text)` for text of which `str.isdigit` is true.
pub(crate) fn digits(text: &str) -> Option<Plain> {
    match !text.is_empty() && text.chars().all(char::is_numeric) {
        true => int(text),
        false => None,
    }
}

fn literal_of(expression: &ast::Expr) -> Option<Plain> {
    let all = |items: &[ast::Expr]| items.iter().map(literal_of).collect::<Option<Vec<_>>>();
    Some(match expression {
        ast::Expr::NoneLiteral(_) => Plain::None,
        ast::Expr::BooleanLiteral(literal) => Plain::Bool(literal.value),
        ast::Expr::StringLiteral(literal) => Plain::str(literal.value.to_str()),
        ast::Expr::BytesLiteral(literal) => Plain::Bytes(literal.value.bytes().collect()),
        ast::Expr::NumberLiteral(literal) => number(&literal.value),
        ast::Expr::List(list) => Plain::List(all(&list.elts)?),
        ast::Expr::Tuple(tuple) => Plain::Tuple(all(&tuple.elts)?),
        ast::Expr::Set(set) => Plain::Set(all(&set.elts)?),
        ast::Expr::Dict(dict) => Plain::Dict(
            dict.items
                .iter()
                .map(|item| Some((literal_of(item.key.as_ref()?)?, literal_of(&item.value)?)))
                .collect::<Option<Vec<_>>>()?,
        ),
        // The sign of a number, and of nothing else: `--1` is refused.
        ast::Expr::UnaryOp(operation) if operation.operand.is_number_literal_expr() => {
            match (operation.op, literal_of(&operation.operand)?) {
                (ast::UnaryOp::USub, Plain::Int(number)) => Plain::Int(-number),
                (ast::UnaryOp::USub, Plain::Float(number)) => Plain::Float(-number),
                (ast::UnaryOp::UAdd | ast::UnaryOp::USub, number) => number,
                _ => return None,
            }
        }
        _ => return None,
    })
}

fn number(number: &ast::Number) -> Plain {
    match number {
        ast::Number::Int(number) => match number.as_u64() {
            Some(number) => Plain::Int(number.into()),
            None => Plain::Unknown(TOO_LARGE),
        },
        ast::Number::Float(number) => Plain::Float(*number),
        ast::Number::Complex { .. } => Plain::Unknown("a complex number"),
    }
}

const TOO_LARGE: &str = "a number that is too large to follow";

/// A literal in bytes: the parser works on the stack.
const LONGEST: usize = 64 * 1024;
