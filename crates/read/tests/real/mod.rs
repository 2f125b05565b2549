//! Values of the real Python, as the scripts beside the tests tag them.

use serde::Deserialize;

/// A Python value as `dump.py` and `worlds/run.py` tag it.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Real {
    None(()),
    Bool(bool),
    Int(String),
    Float(String),
    Str(String),
    Bytes(Vec<u8>),
    List(Vec<Self>),
    Tuple(Vec<Self>),
    Set(Vec<Self>),
    Dict(Vec<(Self, Self)>),
    Path(String),
    /// Microseconds.
    Timedelta(i64),
    /// A class, function or module, by its dotted path.
    Reference(String),
    /// A lazy value: the function, its arguments and its keyword arguments.
    Lazy(String, Box<Self>, Box<Self>),
    /// Anything else: the class by its dotted path, and the `repr`.
    Object(String, String),
}
