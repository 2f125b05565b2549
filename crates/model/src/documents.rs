//! What documents tell people: variables to set, files to run, protection that they promise.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Confidence, Span};

/// Guides, READMEs, security documents and examples of environment files.
#[derive(Clone, Debug, Default)]
pub struct Documents {
    pub pages: Vec<Page>,
    /// Variables that people are told to set, by name.
    pub told: BTreeMap<String, Told>,
    /// The variables that [`crate::Facts::env_reads`] cannot do without and that no text beside the
    /// Python code names.
    pub untold: BTreeSet<String>,
    /// What the files of the project do with each variable that a service of Compose is given.
    pub given: BTreeMap<String, Use>,
    /// What security documents promise.
    pub claims: Vec<Claim>,
    /// Files of the repository that documents send people to.
    pub pointers: Vec<Pointer>,
    /// `manage.py` commands that documents and scripts have run.
    pub commands: Vec<CommandUse>,
    /// Where documents, scripts and configuration have a word for saving data, one place for each
    /// file; the first few.
    pub backups: Vec<Span>,
    /// Where documents and scripts have the server install its security updates by itself, or keep it
    /// from that; the first few.
    pub patching: Vec<Patching>,
    /// The commands that apps of the project bring.
    pub own_commands: BTreeSet<String>,
}

/// A line about updates that the system installs by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patching {
    pub span: Span,
    pub is_on: bool,
}

/// One document written for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Relative to the root.
    pub path: String,
    /// The texts of its headings, in lower case.
    pub headings: Vec<String>,
}

/// A variable that people are told to set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Where, the surest first; never empty.
    pub places: Vec<Telling>,
    pub used: Use,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Telling {
    pub span: Span,
    pub by: TellsBy,
}

/// How a variable is told. The order is how sure it is that a variable is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TellsBy {
    /// `NAME=value` in `.env.example`.
    Example,
    /// A command that sets it: `export NAME=value`, `docker run -e NAME=value`.
    Command,
    /// `NAME=value` in a listing.
    Listing,
    /// A row of a table of variables.
    Table,
    /// "set the environment variable `NAME`"
    Prose,
}

impl TellsBy {
    /// How sure it is that the name is that of an environment variable.
    pub fn confidence(self) -> Confidence {
        match self {
            Self::Example => Confidence::High,
            Self::Command | Self::Listing | Self::Table => Confidence::Medium,
            Self::Prose => Confidence::Low,
        }
    }
}

/// What the files of the project do with a name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Use {
    /// Nothing reads it.
    #[default]
    Nothing,
    /// A name that is put together while the program runs may be this one: the place, and how.
    Perhaps(String),
    /// Read, at this place.
    Read(String),
}

/// A sentence of a security document that settings or packages can be held against.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    pub promise: Promise,
    pub span: Span,
}

/// What is promised.
#[derive(Clone, Debug, PartialEq)]
pub enum Promise {
    HttpsRedirect,
    /// HSTS, for at least so many seconds, with subdomains.
    Hsts {
        seconds: Option<u64>,
        subdomains: bool,
    },
    SecureCookies,
    ReadableByServerOnly,
    /// `X-Frame-Options` of this value.
    Framing(String),
    ContentSecurityPolicy,
    /// A lock after so many failed logins.
    Lockout {
        attempts: Option<u64>,
    },
    TwoFactors,
    PasswordLength(u64),
    /// The password hasher of this name: `argon2`, `bcrypt`, `scrypt`.
    Hasher(String),
    /// Access tokens live for at most so many seconds.
    TokenLifetime(u64),
    TokenBlacklist,
    RateLimit,
    DebugOff,
    /// This package, by the name that one installs it by.
    Package(String),
    /// A setting of this name, with this literal where one is given.
    Setting {
        name: String,
        literal: Option<String>,
    },
}

/// A file that a document names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pointer {
    /// As written.
    pub target: String,
    pub kind: PointerKind,
    pub span: Span,
    /// Whether it is in the repository.
    pub is_there: bool,
    /// The path of a file of the same name, or nearly, that is there.
    pub nearest: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PointerKind {
    /// Another document.
    Guide,
    /// Something to run.
    Script,
    /// A file that a command takes: `-f docker-compose.prod.yml`, `cp .env.example .env`.
    File,
}

/// `python manage.py NAME`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandUse {
    pub name: String,
    pub span: Span,
}
