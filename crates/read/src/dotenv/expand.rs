//! Values that name other variables: `${HOST:-localhost}:${PORT}`.

use tightship_model::{Cause, Unknown};

/// A piece of a value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Part {
    Text(String),
    Variable {
        name: String,
        otherwise: Otherwise,
    },
    /// Only running it tells: a command substitution, a home folder.
    Opaque(&'static str),
}

/// What stands for a variable that is unset, or, where `or_empty` says so, empty.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Otherwise {
    Nothing,
    Default {
        parts: Vec<Part>,
        or_empty: bool,
    },
    /// The other way round: this stands for a variable that is set, and nothing for one that is not.
    Instead {
        parts: Vec<Part>,
        or_empty: bool,
    },
    /// The reader stops.
    Stop {
        or_empty: bool,
    },
}

/// What is known of a variable outside of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Variable {
    Set(String),
    Unset,
    /// Set or not, to whatever; decided by these variables.
    Open(Vec<String>),
    /// Set to this, unless these variables say otherwise.
    OpenOr(Vec<String>, String),
    Unknown(Unknown),
}

/// A value as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Text {
    Known(String),
    /// Variables decide that are not known; `unset` is what it is without them.
    Open {
        variables: Vec<String>,
        unset: Option<String>,
    },
    Unknown(Unknown),
}

impl Text {
    pub(crate) fn as_variable(&self) -> Variable {
        match self {
            Self::Known(text) => Variable::Set(text.clone()),
            Self::Open {
                variables,
                unset: Some(text),
            } => Variable::OpenOr(variables.clone(), text.clone()),
            Self::Open { variables, .. } => Variable::Open(variables.clone()),
            Self::Unknown(unknown) => Variable::Unknown(unknown.clone()),
        }
    }
}

/// Puts the parts together.
pub(super) fn resolve(parts: &[Part], look_up: &dyn Fn(&str) -> Variable) -> Text {
    let mut open = Vec::new();
    let with_unset = {
        let mut noting = |name: &str| match look_up(name) {
            Variable::Open(variables) => {
                open.extend(variables);
                Variable::Unset
            }
            Variable::OpenOr(variables, text) => {
                open.extend(variables);
                Variable::Set(text)
            }
            known => known,
        };
        join(parts, &mut noting, 0)
    };
    match (open.is_empty(), with_unset) {
        (true, Ok(text)) => Text::Known(text),
        (true, Err(unknown)) => Text::Unknown(unknown),
        (false, with_unset) => {
            open.sort();
            open.dedup();
            Text::Open {
                variables: open,
                unset: with_unset.ok(),
            }
        }
    }
}

fn join(
    parts: &[Part],
    look_up: &mut dyn FnMut(&str) -> Variable,
    depth: usize,
) -> Result<String, Unknown> {
    let mut text = String::new();
    if depth > DEEPEST {
        return Err(bound("variables nest too deeply"));
    }
    for part in parts {
        match part {
            Part::Text(piece) => text.push_str(piece),
            Part::Opaque(reason) => return Err(Unknown::new(Cause::Machine, *reason, None)),
            Part::Variable { name, otherwise } => {
                let value = match look_up(name) {
                    Variable::Set(value) | Variable::OpenOr(_, value) => Some(value),
                    Variable::Unset | Variable::Open(_) => None,
                    Variable::Unknown(unknown) => return Err(unknown),
                };
                let counts = |or_empty: bool| {
                    value
                        .as_ref()
                        .is_some_and(|value| !(or_empty && value.is_empty()))
                };
                match otherwise {
                    Otherwise::Default { parts, or_empty } if !counts(*or_empty) => {
                        text.push_str(&join(parts, look_up, depth + 1)?);
                    }
                    Otherwise::Instead { parts, or_empty } => {
                        if counts(*or_empty) {
                            text.push_str(&join(parts, look_up, depth + 1)?);
                        }
                    }
                    Otherwise::Stop { or_empty } if !counts(*or_empty) => {
                        let reason = format!("the reader stops where {name} is not set");
                        return Err(Unknown::new(Cause::Error, reason, None));
                    }
                    _ => text.push_str(&value.unwrap_or_default()),
                }
            }
        }
        if text.len() > LONGEST {
            return Err(bound("the value is longer than 1 MB"));
        }
    }
    Ok(text)
}

fn bound(reason: &str) -> Unknown {
    Unknown::new(Cause::Bound, reason, None)
}

/// A value in bytes: lines that double each other reach any length in a small file.
const LONGEST: usize = 1024 * 1024;

/// Defaults within defaults.
const DEEPEST: usize = 16;
