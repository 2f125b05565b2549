//! What nginx answers, as far as its configuration tells.

use tightship_model::Span;
use tightship_model::nginx::Directive;

use super::http::Server;
use super::scope::Scope;

/// The prediction for one request.
#[derive(Clone, Debug)]
pub struct Answer<'h, 'a> {
    /// The server that took it; `None` where nothing listens.
    pub server: Option<Server<'h, 'a>>,
    /// The places that it passed, in order: the last one's directives make the answer.
    pub scopes: Vec<Scope<'h, 'a>>,
    /// `None` where it is not known.
    pub status: Option<u16>,
    /// In the order in which nginx sends them, doubles included.
    pub headers: Vec<Header>,
    pub body: Body<'a>,
    /// What led here, in order.
    pub steps: Vec<Step>,
    /// What was not known and could make the answer another one.
    pub doubts: Vec<Doubt>,
}

/// A place that had a say, and what it did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// `None` for what nginx does by itself.
    pub span: Option<Span>,
    pub text: String,
}

/// Something that is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    pub span: Option<Span>,
    /// Completes "not known: …".
    pub reason: String,
}

/// A header field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    pub name: String,
    pub value: Text,
    /// The directive that set it; `None` for one of nginx's own or of the server behind.
    pub span: Option<Span>,
    /// Whether it is surely sent; else it depends on what is not known.
    pub is_certain: bool,
}

/// A text that may hold what is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Text {
    Known(String),
    NotKnown {
        /// As written, with its variables; empty where nothing is written.
        written: String,
        reason: String,
    },
}

/// What the client gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body<'a> {
    /// The file at this path, where nginx sees it.
    File(String),
    /// A listing of the folder at this path.
    Listing(String),
    /// What another server answers.
    Upstream(Box<Upstream>),
    /// The text of a `return`.
    Text(Text),
    /// nginx's own page for the status, or nothing where it has none.
    Page,
    /// Made by a module: `stub_status`, `empty_gif`.
    Module(&'a Directive),
    /// Nothing: the connection is closed without an answer.
    Closed,
    /// Nothing listens there.
    Refused,
    /// Not known; the doubts say why.
    NotKnown,
}

/// What nginx sends to the server behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upstream {
    pub protocol: Protocol,
    /// Host with port, `unix:/path`, or the name of an `upstream` block, as `proxy_pass` names it.
    pub target: Text,
    /// The `server` addresses of the `upstream` block, where it names one.
    pub servers: Vec<String>,
    pub method: String,
    /// Path and query as sent.
    pub uri: Text,
    /// Header fields; for FastCGI, uwsgi and SCGI the parameters.
    pub headers: Vec<Header>,
    /// The `proxy_pass` or its like.
    pub span: Span,
}

/// How nginx speaks to the server behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    Http,
    Https,
    Uwsgi,
    FastCgi,
    Scgi,
    Grpc,
    Memcached,
}

/// What a server behind answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    /// In its order.
    pub headers: Vec<(String, Text)>,
}

impl<'h, 'a> Answer<'h, 'a> {
    /// The values of a header, by its name in any case.
    pub fn header(&self, name: &str) -> impl Iterator<Item = &Header> {
        self.headers
            .iter()
            .filter(move |header| header.name.eq_ignore_ascii_case(name))
    }

    /// The place whose directives make the answer.
    pub fn leaf(&self) -> Option<Scope<'h, 'a>> {
        self.scopes.last().copied()
    }
}

impl Upstream {
    /// The value of a header or parameter, by its name in any case; the last one where there are
    /// several.
    pub fn header(&self, name: &str) -> Option<&Text> {
        let is_it = |header: &&Header| header.name.eq_ignore_ascii_case(name);
        Some(&self.headers.iter().rfind(is_it)?.value)
    }
}

impl Text {
    pub fn known(&self) -> Option<&str> {
        match self {
            Self::Known(text) => Some(text),
            Self::NotKnown { .. } => None,
        }
    }

    pub(super) fn not_known(reason: impl Into<String>) -> Self {
        Self::NotKnown {
            written: String::new(),
            reason: reason.into(),
        }
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::Known(text.to_owned())
    }
}

impl Header {
    pub(super) fn new(name: impl Into<String>, value: impl Into<Text>) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
            span: None,
            is_certain: true,
        }
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::Known(text)
    }
}

impl Doubt {
    pub(super) fn new(span: Option<Span>, reason: impl Into<String>) -> Self {
        Self {
            span,
            reason: reason.into(),
        }
    }
}
