//! `.env` files, as each reader of them reads them.
//!
//! There is no standard: `A='x' # y` is `x` to python-dotenv, `'x' # y` to django-environ and to
//! python-decouple. [`parse`] takes the reader's [`Dialect`] and gives a lossless [`Document`];
//! [`Document::assignments`] then says what each name holds, as far as the environment is known.

mod compose;
mod cursor;
mod expand;
mod ini;
mod lines;
mod python_dotenv;
mod shell;

#[cfg(test)]
mod differential;

use std::collections::HashMap;

use tightship_model::{SourceId, Span};

pub(crate) use expand::{Otherwise, Part, Text, Variable};
pub(crate) use ini::{parse_ini, parse_ini_sections};

/// Who reads the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// python-dotenv, and what stands on it: environs, pydantic-settings.
    PythonDotenv {
        version: (u32, u32, u32),
        interpolate: bool,
    },
    /// django-environ's `read_env`. It cut off `#…` always in 0.11, since 0.12 when it is asked to.
    DjangoEnviron { comments: bool },
    /// python-decouple's `RepositoryEnv`.
    Decouple,
    /// django-configurations' `DOTENV`.
    Configurations,
    /// Docker Compose: `env_file` and the project's `.env`.
    Compose,
    /// Docker Compose's `format: raw`, and `docker run --env-file`.
    Raw,
    /// A POSIX shell: `set -a; . ./.env`.
    Shell,
}

impl Dialect {
    /// The newest python-dotenv whose reading is modelled.
    pub(crate) const NEWEST_PYTHON_DOTENV: (u32, u32, u32) = (1, 2, 4);

    pub(crate) fn python_dotenv(version: Option<(u32, u32, u32)>) -> Self {
        Self::PythonDotenv {
            version: version.unwrap_or(Self::NEWEST_PYTHON_DOTENV),
            interpolate: true,
        }
    }
}

/// A file as one reader sees it. The statements cover the text without gap or overlap.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Document {
    pub(crate) dialect: Dialect,
    pub(crate) statements: Vec<Statement>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Statement {
    /// With its line break and the white space before it.
    pub(crate) span: Span,
    pub(crate) kind: Kind,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    Blank,
    Comment,
    Binding(Binding),
    /// What the reader passes over, or stops at, with the reason.
    Broken(&'static str),
}

/// A name that is given a value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Binding {
    /// Whether `export` stands before it and the reader takes that for a keyword.
    pub(crate) exported: bool,
    pub(crate) name: String,
    pub(crate) key: Span,
    /// `None` for a name alone, which some readers allow.
    pub(crate) value: Option<Written>,
    pub(crate) comment: Option<Span>,
}

/// A value as it stands in the file.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Written {
    /// Without the quotes.
    pub(crate) span: Span,
    /// The quote around the whole of it.
    pub(crate) quote: Option<char>,
    pub(crate) parts: Vec<Part>,
}

/// Where a reader looks up a `$NAME` first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum First {
    /// What the file itself has set so far.
    File,
    /// The environment from outside.
    Environment,
}

/// What a name holds after reading.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Assignment {
    pub(crate) name: String,
    pub(crate) key: Span,
    /// `None` for a name without a value: Compose and a shell then pass on what the environment
    /// holds, python-dotenv sets nothing.
    pub(crate) value: Option<(Span, Text)>,
}

/// Reads any text; what the reader cannot use is kept as [`Kind::Broken`].
pub(crate) fn parse(source: SourceId, text: &str, dialect: Dialect) -> Document {
    let mut statements = match dialect {
        Dialect::PythonDotenv {
            version,
            interpolate,
        } => python_dotenv::statements(source, text, version, interpolate),
        Dialect::DjangoEnviron { comments } => lines::django_environ(source, text, comments),
        Dialect::Decouple => lines::decouple(source, text),
        Dialect::Configurations => lines::configurations(source, text),
        Dialect::Compose => compose::statements(source, text),
        Dialect::Raw => lines::raw(source, text),
        Dialect::Shell => shell::statements(source, text),
    };
    let covered = statements.last().map_or(0, |last| last.span.end);
    if (covered as usize) < text.len() {
        statements.push(Statement {
            span: Span::new(source, covered, text.len() as u32),
            kind: Kind::Blank,
        });
    }
    Document {
        dialect,
        statements,
    }
}

impl Document {
    pub(crate) fn bindings(&self) -> impl Iterator<Item = &Binding> {
        self.statements
            .iter()
            .filter_map(|statement| match &statement.kind {
                Kind::Binding(binding) => Some(binding),
                _ => None,
            })
    }

    /// What each name holds, in the order of its first mention; a name that is given twice holds
    /// what the reader makes of that. `outside` is the environment without this file.
    pub(crate) fn assignments(
        &self,
        first: First,
        outside: &dyn Fn(&str) -> Variable,
    ) -> Vec<Assignment> {
        let mut found: Vec<Assignment> = Vec::new();
        let mut places: HashMap<&str, usize> = HashMap::new();
        for binding in self.bindings() {
            let value = binding.value.as_ref().map(|written| {
                let inside = |name: &str| {
                    let value = found[*places.get(name)?].value.as_ref();
                    Some(value.map_or(Variable::Set(String::new()), |(_, text)| text.as_variable()))
                };
                let look_up = |name: &str| match first {
                    First::File => inside(name).unwrap_or_else(|| outside(name)),
                    First::Environment => match outside(name) {
                        Variable::Unset => inside(name).unwrap_or(Variable::Unset),
                        Variable::Open(mut variables) => match inside(name) {
                            Some(Variable::Set(text)) => Variable::OpenOr(variables, text),
                            Some(Variable::OpenOr(more, text)) => {
                                variables.extend(more);
                                Variable::OpenOr(variables, text)
                            }
                            _ => Variable::Open(variables),
                        },
                        known => known,
                    },
                };
                (written.span, expand::resolve(&written.parts, &look_up))
            });
            let assignment = Assignment {
                name: binding.name.clone(),
                key: binding.key,
                value,
            };
            match places.get(binding.name.as_str()) {
                // It sets each line on its own, and never what is set already.
                Some(_) if self.dialect == Dialect::Configurations => {}
                // `export NAME` gives no new value.
                Some(_) if self.dialect == Dialect::Shell && assignment.value.is_none() => {}
                Some(place) => found[*place] = assignment,
                None => {
                    places.insert(&binding.name, found.len());
                    found.push(assignment);
                }
            }
        }
        found
    }
}
