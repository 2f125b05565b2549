//! Python values as far as text tells them.

use crate::{Secret, Span, Traced, Trail};

/// A Python value, or what is known of one.
///
/// The last three variants are not Python: they say that a value is one of a few, depends on
/// environment variables that are not known, or cannot be known. They can stand at any depth: a
/// `DATABASES` that is known but for its password is a `Dict` with one `Environment` in it.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    None,
    Bool(bool),
    /// Integers beyond this range become [`Value::Unknown`].
    Int(i128),
    Float(f64),
    Str(String),
    /// A string that must not be shown: by the name it is bound to, or read from.
    Secret(Secret),
    Bytes(Vec<u8>),
    List(Items),
    Tuple(Items),
    /// A set or frozenset, in the order in which the source names its elements.
    Set(Items),
    Dict(Dict),
    /// A `pathlib` path, as its string.
    Path(String),
    /// A `datetime.timedelta`, in microseconds.
    Timedelta(i64),
    /// A class, function or module, by its dotted path.
    Reference(String),
    /// An object known by the call that made it.
    Instance(Instance),
    /// One of these, decided by a condition that the files do not settle. At most 8.
    OneOf(Vec<Case>),
    /// Decided by environment variables whose values are not known.
    Environment(Box<Dependent>),
    Unknown(Unknown),
}

/// The elements of a sequence. `rest` says that further, unknown elements may stand anywhere in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Items {
    pub items: Vec<Traced<Value>>,
    pub rest: Option<Unknown>,
}

/// The entries of a dict in insertion order. `rest` says that there may be further, unknown ones.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dict {
    pub entries: Vec<(Value, Traced<Value>)>,
    pub rest: Option<Unknown>,
}

impl Dict {
    /// The entry under a string key.
    pub fn get(&self, key: &str) -> Option<&Traced<Value>> {
        self.entries
            .iter()
            .find(|(name, _)| matches!(name, Value::Str(name) if name == key))
            .map(|(_, value)| value)
    }
}

/// An object known by its construction: `CrontabSchedule(minute=0)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Instance {
    /// Dotted path of the class or factory.
    pub class: String,
    pub arguments: Vec<Traced<Value>>,
    pub keywords: Vec<(String, Traced<Value>)>,
}

/// One possible value and the condition under which it is the one.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// The condition in words or source text: `when socket.gethostname() == "web1"`.
    pub when: String,
    pub value: Traced<Value>,
}

/// A value that environment variables decide which no known environment settles.
#[derive(Clone, Debug, PartialEq)]
pub struct Dependent {
    /// The variables, sorted; [`ANY_VARIABLE`] may be among them.
    pub variables: Vec<String>,
    /// The value while they are all unset, unknown where that is not followed; `None` when the
    /// program then stops with an error.
    pub unset: Option<Traced<Value>>,
    /// Other values that branches on these variables can give.
    pub others: Vec<Case>,
    /// Whether `unset` and `others` are all that it can be: a branch chose, no text was passed on.
    pub exhaustive: bool,
}

impl Dependent {
    /// Whether any variable of the environment has a say.
    pub fn is_any(&self) -> bool {
        self.variables.iter().any(|name| name == ANY_VARIABLE)
    }
}

/// Why something is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    pub cause: Cause,
    pub reason: String,
    pub span: Option<Span>,
    /// The environment variables that decide it, sorted; empty where something else does.
    pub variables: Vec<String>,
}

/// Among variables: any of the environment, where a program goes through all of them. At the end of
/// a name: any that begins so.
pub const ANY_VARIABLE: &str = "*";

/// Whether a name among variables stands for this variable.
pub fn stands_for(pattern: &str, variable: &str) -> bool {
    match pattern.strip_suffix(ANY_VARIABLE) {
        Some(start) => variable.starts_with(start),
        None => pattern == variable,
    }
}

impl Unknown {
    pub fn new(cause: Cause, reason: impl Into<String>, span: Option<Span>) -> Self {
        Self {
            cause,
            reason: reason.into(),
            span,
            variables: Vec::new(),
        }
    }

    /// What environment variables decide in a way that is not followed.
    pub fn environment(variables: Vec<String>, span: Option<Span>) -> Self {
        let names = variables.iter().map(|name| match name.as_str() {
            ANY_VARIABLE => "any variable",
            name => name,
        });
        let names: Vec<_> = names.collect();
        let reason = format!("it depends on the environment ({})", names.join(", "));
        Self {
            variables,
            ..Self::new(Cause::Code, reason, span)
        }
    }

    /// The same, where only these environment variables decide it.
    #[must_use]
    pub fn decided_by(mut self, variables: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.variables = variables.into_iter().map(Into::into).collect();
        self.variables.sort();
        self
    }

    /// It as a value: one that depends on the environment, where variables decide it.
    pub fn into_value(self) -> Value {
        if self.variables.is_empty() {
            return Value::Unknown(self);
        }
        Value::Environment(Box::new(Dependent {
            variables: self.variables.clone(),
            unset: Some(Traced::new(Value::Unknown(self), Trail::default())),
            others: Vec::new(),
            exhaustive: false,
        }))
    }

    /// How much is known of what this stands for.
    fn state(&self) -> State {
        match self.variables.is_empty() {
            true => State::Unknown,
            false => State::Environment,
        }
    }
}

/// The kinds of things that text does not tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// Made anew by chance at each start.
    Random,
    /// Told by the machine: host name, clock, network, user.
    Machine,
    /// The content of a file that is not in the project.
    File,
    /// Code of a package that is not in the project.
    Package,
    /// A construct that the evaluator does not follow.
    Code,
    /// The program stops here with an error.
    Error,
    /// A bound was hit: steps, depth or size.
    Bound,
}

/// How much is known of a value, everything inside it counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    Known,
    Environment,
    OneOf,
    Unknown,
}

impl Value {
    /// The least that is known of this value or of anything inside it.
    pub fn state(&self) -> State {
        let all = |values: &[Traced<Self>], rest: &Option<Unknown>| {
            values
                .iter()
                .map(|item| item.value.state())
                .chain(rest.iter().map(Unknown::state))
                .max()
                .unwrap_or(State::Known)
        };
        match self {
            Self::List(items) | Self::Tuple(items) | Self::Set(items) => {
                all(&items.items, &items.rest)
            }
            Self::Dict(dict) => dict
                .entries
                .iter()
                .map(|(key, value)| key.state().max(value.value.state()))
                .chain(dict.rest.iter().map(Unknown::state))
                .max()
                .unwrap_or(State::Known),
            Self::Instance(instance) => instance
                .arguments
                .iter()
                .chain(instance.keywords.iter().map(|(_, value)| value))
                .map(|value| value.value.state())
                .max()
                .unwrap_or(State::Known),
            Self::OneOf(_) => State::OneOf,
            Self::Environment(_) => State::Environment,
            Self::Unknown(unknown) => unknown.state(),
            _ => State::Known,
        }
    }

    /// Whether two values are the same, however they came to be. What is unknown is the same as
    /// nothing.
    pub fn is_same(&self, other: &Self) -> bool {
        let all = |one: &[Traced<Self>], two: &[Traced<Self>]| {
            one.len() == two.len()
                && one
                    .iter()
                    .zip(two)
                    .all(|(one, two)| one.value.is_same(&two.value))
        };
        match (self, other) {
            (Self::List(one), Self::List(two))
            | (Self::Tuple(one), Self::Tuple(two))
            | (Self::Set(one), Self::Set(two)) => {
                one.rest.is_none() && two.rest.is_none() && all(&one.items, &two.items)
            }
            (Self::Dict(one), Self::Dict(two)) => {
                one.rest.is_none()
                    && two.rest.is_none()
                    && one.entries.len() == two.entries.len()
                    && one.entries.iter().zip(&two.entries).all(|(one, two)| {
                        one.0.is_same(&two.0) && one.1.value.is_same(&two.1.value)
                    })
            }
            (Self::Instance(one), Self::Instance(two)) => {
                one.class == two.class
                    && all(&one.arguments, &two.arguments)
                    && one.keywords.len() == two.keywords.len()
                    && one
                        .keywords
                        .iter()
                        .zip(&two.keywords)
                        .all(|(one, two)| one.0 == two.0 && one.1.value.is_same(&two.1.value))
            }
            (Self::OneOf(one), Self::OneOf(two)) => {
                one.len() == two.len()
                    && one
                        .iter()
                        .zip(two)
                        .all(|(one, two)| one.value.value.is_same(&two.value.value))
            }
            (Self::Environment(one), Self::Environment(two)) => {
                let unset = match (&one.unset, &two.unset) {
                    (Some(one), Some(two)) => one.value.is_same(&two.value),
                    (one, two) => one.is_none() && two.is_none(),
                };
                unset
                    && one.exhaustive
                    && two.exhaustive
                    && one.variables == two.variables
                    && one.others.len() == two.others.len()
                    && one
                        .others
                        .iter()
                        .zip(&two.others)
                        .all(|(one, two)| one.value.value.is_same(&two.value.value))
            }
            (Self::Unknown(_), _) | (_, Self::Unknown(_)) => false,
            (one, two) => one == two,
        }
    }

    /// Python's truth value; `None` where it is not known.
    pub fn truthy(&self) -> Option<bool> {
        let some = |empty: bool, rest: &Option<Unknown>| match (empty, rest) {
            (false, _) => Some(true),
            (true, None) => Some(false),
            (true, Some(_)) => None,
        };
        match self {
            Self::None => Some(false),
            Self::Bool(value) => Some(*value),
            Self::Int(value) => Some(*value != 0),
            Self::Float(value) => Some(*value != 0.0),
            Self::Str(value) => Some(!value.is_empty()),
            Self::Secret(value) => Some(!value.expose().is_empty()),
            Self::Bytes(value) => Some(!value.is_empty()),
            Self::List(items) | Self::Tuple(items) | Self::Set(items) => {
                some(items.items.is_empty(), &items.rest)
            }
            Self::Dict(dict) => some(dict.entries.is_empty(), &dict.rest),
            Self::Timedelta(micros) => Some(*micros != 0),
            Self::Path(_) | Self::Reference(_) => Some(true),
            Self::Instance(_) | Self::OneOf(_) | Self::Environment(_) | Self::Unknown(_) => None,
        }
    }

    /// The text of a string, secret or not. It must not be put into a message when it is secret.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(text) => Some(text),
            Self::Secret(secret) => Some(secret.expose()),
            _ => None,
        }
    }

    /// The text of a string or path.
    pub fn as_path(&self) -> Option<&str> {
        match self {
            Self::Path(text) => Some(text),
            other => other.as_str(),
        }
    }

    pub fn as_int(&self) -> Option<i128> {
        match self {
            Self::Int(value) => Some(*value),
            Self::Bool(value) => Some(i128::from(*value)),
            _ => None,
        }
    }

    /// The elements of a list, tuple or set.
    pub fn as_items(&self) -> Option<&Items> {
        match self {
            Self::List(items) | Self::Tuple(items) | Self::Set(items) => Some(items),
            _ => None,
        }
    }

    pub fn as_dict(&self) -> Option<&Dict> {
        match self {
            Self::Dict(dict) => Some(dict),
            _ => None,
        }
    }

    pub fn unknown(cause: Cause, reason: impl Into<String>, span: Option<Span>) -> Self {
        Self::Unknown(Unknown::new(cause, reason, span))
    }
}
