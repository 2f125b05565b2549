//! Python's exceptions: which class catches which.

use std::rc::Rc;

use tightship_model::Span;

use super::Evaluator;
use super::branches::By;
use crate::python::heap::Changes;
use crate::python::value::{Kind, Val, last_part};

/// An exception on its way up.
#[derive(Clone, Debug)]
pub(crate) struct Raise(Box<Raised>);

#[derive(Clone, Debug)]
pub(crate) struct Raised {
    /// The class, as a value: `builtins.KeyError`, a class of the project, or something unknown.
    pub(crate) class: Val,
    pub(crate) message: String,
    /// The exception object, where the program made one.
    pub(crate) value: Option<Val>,
    pub(crate) span: Option<Span>,
    /// Not an exception of Python: the evaluator gave up, and nothing catches that.
    pub(crate) is_bound: bool,
}

/// An exception that is raised in some cases.
#[derive(Clone, Debug)]
pub(crate) struct Maybe {
    pub(crate) raise: Raise,
    pub(crate) when: Rc<str>,
    pub(crate) by: By,
    /// Whether it is the first of the two ways: with variables, the one that unset ones lead to.
    pub(crate) is_first: bool,
    /// What the running statement had changed when it was raised.
    pub(crate) changes: Changes,
}

impl Maybe {
    /// An error that something leads to which no file tells.
    pub(crate) fn condition(raise: Raise, when: Rc<str>) -> Self {
        Self {
            raise,
            when,
            by: By::Condition,
            is_first: true,
            changes: Changes::default(),
        }
    }
}

impl Raise {
    /// A builtin exception by name, or any other by its dotted path.
    pub(crate) fn new(class: &str, message: impl Into<String>, span: Option<Span>) -> Self {
        let path = if class.contains('.') {
            class.to_owned()
        } else {
            format!("builtins.{class}")
        };
        Self::of(Val::native(path), message, None, span)
    }

    pub(crate) fn of(
        class: Val,
        message: impl Into<String>,
        value: Option<Val>,
        span: Option<Span>,
    ) -> Self {
        Self(Box::new(Raised {
            class,
            message: message.into(),
            value,
            span,
            is_bound: false,
        }))
    }

    pub(crate) fn bound(reason: impl Into<String>) -> Self {
        let mut raise = Self::new("RecursionError", reason, None);
        raise.0.is_bound = true;
        raise
    }

    /// The same exception, placed where it was not yet.
    pub(crate) fn at(mut self, span: Span) -> Self {
        self.0.span.get_or_insert(span);
        self
    }

    /// Class and message in one line, as a traceback ends. It may quote the program's own words,
    /// but not a value.
    pub(crate) fn text(&self) -> String {
        let class = match &self.0.class.kind {
            Kind::Native(path) => last_part(path).to_owned(),
            Kind::Class(class) => class.name.to_string(),
            _ => "an exception".to_owned(),
        };
        if self.0.message.is_empty() {
            class
        } else {
            format!("{class}: {}", self.0.message)
        }
    }
}

impl std::ops::Deref for Raise {
    type Target = Raised;

    fn deref(&self) -> &Raised {
        &self.0
    }
}

impl Evaluator<'_> {
    /// Whether `except handler` catches it; `None` where that is not known.
    pub(crate) fn catches(&self, handler: &Val, raise: &Raise) -> Option<bool> {
        if raise.is_bound {
            return Some(false);
        }
        match &handler.kind {
            Kind::Tuple(classes) => {
                let answers: Vec<_> = classes
                    .items
                    .iter()
                    .map(|class| self.catches(class, raise))
                    .collect();
                if answers.contains(&Some(true)) {
                    Some(true)
                } else if answers.contains(&None) || classes.rest.is_some() {
                    None
                } else {
                    Some(false)
                }
            }
            _ => self.is_subclass(&raise.class, handler),
        }
    }

    /// `issubclass(class, parent)`, where it is known.
    pub(crate) fn is_subclass(&self, class: &Val, parent: &Val) -> Option<bool> {
        match (&class.kind, &parent.kind) {
            (Kind::Class(class), Kind::Class(parent)) if Rc::ptr_eq(class, parent) => Some(true),
            (Kind::Class(class), _) => {
                if matches!(&parent.kind, Kind::Class(parent) if Rc::ptr_eq(class, parent)) {
                    return Some(true);
                }
                let mut open = false;
                for ancestor in &class.order {
                    match (&ancestor.kind, &parent.kind) {
                        (Kind::Class(one), Kind::Class(two)) if Rc::ptr_eq(one, two) => {
                            return Some(true);
                        }
                        (Kind::Native(_), _) => match self.is_subclass(ancestor, parent) {
                            Some(true) => return Some(true),
                            None => open = true,
                            Some(false) => {}
                        },
                        (Kind::Class(_), _) => {}
                        _ => open = true,
                    }
                }
                if open { None } else { Some(false) }
            }
            (Kind::Native(class), Kind::Native(parent)) => native_subclass(class, parent),
            (Kind::Native(_), Kind::Class(_)) => Some(false),
            _ => None,
        }
    }
}

/// Whether one class outside the project derives from another.
fn native_subclass(class: &str, parent: &str) -> Option<bool> {
    let known = |path: &str| path.starts_with("builtins.") || parent_of(path).is_some();
    if class == parent
        || parent == "builtins.object"
        || (class, parent) == ("builtins.bool", "builtins.int")
    {
        return Some(true);
    }
    let mut current = class;
    while let Some(next) = parent_of(current) {
        if next == canonical(parent) {
            return Some(true);
        }
        current = next;
    }
    if canonical(class) == canonical(parent) {
        return Some(true);
    }
    (known(class) && (known(parent) || !parent.contains("rror"))).then_some(false)
}

/// `OSError` has old names.
fn canonical(path: &str) -> &str {
    match path {
        "builtins.IOError" | "builtins.EnvironmentError" | "socket.error" | "os.error" => {
            "builtins.OSError"
        }
        other => other,
    }
}

/// The base class of exceptions that settings meet (Python 3.12, library reference "Exception
/// hierarchy"; Django 5.2, `django.core.exceptions`; the libraries' own sources).
fn parent_of(path: &str) -> Option<&'static str> {
    let name = path.strip_prefix("builtins.");
    Some(match name {
        Some(
            "Exception" | "BaseExceptionGroup" | "GeneratorExit" | "KeyboardInterrupt"
            | "SystemExit",
        ) => "builtins.BaseException",
        Some(
            "ArithmeticError" | "AssertionError" | "AttributeError" | "BufferError" | "EOFError"
            | "ImportError" | "LookupError" | "MemoryError" | "NameError" | "OSError" | "IOError"
            | "EnvironmentError" | "ReferenceError" | "RuntimeError" | "StopIteration"
            | "StopAsyncIteration" | "SyntaxError" | "SystemError" | "TypeError" | "ValueError"
            | "Warning",
        ) => "builtins.Exception",
        Some("FloatingPointError" | "OverflowError" | "ZeroDivisionError") => {
            "builtins.ArithmeticError"
        }
        Some("ModuleNotFoundError") => "builtins.ImportError",
        Some("IndexError" | "KeyError") => "builtins.LookupError",
        Some("UnboundLocalError") => "builtins.NameError",
        Some(
            "BlockingIOError" | "ChildProcessError" | "ConnectionError" | "FileExistsError"
            | "FileNotFoundError" | "InterruptedError" | "IsADirectoryError" | "NotADirectoryError"
            | "PermissionError" | "ProcessLookupError" | "TimeoutError",
        ) => "builtins.OSError",
        Some(
            "BrokenPipeError"
            | "ConnectionAbortedError"
            | "ConnectionRefusedError"
            | "ConnectionResetError",
        ) => "builtins.ConnectionError",
        Some("NotImplementedError" | "RecursionError") => "builtins.RuntimeError",
        Some("IndentationError") => "builtins.SyntaxError",
        Some("TabError") => "builtins.IndentationError",
        Some("UnicodeError") => "builtins.ValueError",
        Some("UnicodeDecodeError" | "UnicodeEncodeError" | "UnicodeTranslateError") => {
            "builtins.UnicodeError"
        }
        Some(
            "BytesWarning"
            | "DeprecationWarning"
            | "EncodingWarning"
            | "FutureWarning"
            | "ImportWarning"
            | "PendingDeprecationWarning"
            | "ResourceWarning"
            | "RuntimeWarning"
            | "SyntaxWarning"
            | "UnicodeWarning"
            | "UserWarning",
        ) => "builtins.Warning",
        Some(_) => return None,
        None => match path {
            "django.core.exceptions.ImproperlyConfigured" => "builtins.Exception",
            "environ.ImproperlyConfigured" => "django.core.exceptions.ImproperlyConfigured",
            "decouple.UndefinedValueError" => "builtins.Exception",
            "environs.EnvError" => "builtins.ValueError",
            "environs.EnvNotSetError" | "environs.EnvValidationError" => "environs.EnvError",
            "dj_database_url.ParseError" | "dj_database_url.UnknownSchemeError" => {
                "builtins.ValueError"
            }
            "pydantic.ValidationError" | "pydantic_settings.SettingsError" => "builtins.ValueError",
            "json.JSONDecodeError" | "json.decoder.JSONDecodeError" => "builtins.ValueError",
            "configparser.NoOptionError" | "configparser.NoSectionError" => "configparser.Error",
            "configparser.Error" | "subprocess.SubprocessError" => "builtins.Exception",
            "subprocess.CalledProcessError" => "subprocess.SubprocessError",
            "binascii.Error" => "builtins.ValueError",
            _ => return None,
        },
    })
}
