//! Requests that were sent, and what came back.

use serde::{Deserialize, Serialize};

use super::page::Page;

pub use super::purpose::Purpose;

/// The site over HTTP.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Http {
    /// Every request that was sent, in the order of the plan.
    pub exchanges: Vec<Exchange>,
    /// What was not asked, and why.
    pub skipped: Vec<Skipped>,
}

/// A request and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Exchange {
    pub purpose: Purpose,
    pub request: Request,
    pub reply: Reply,
}

/// What was sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    pub method: String,
    /// Absolute.
    pub url: String,
    /// Those that are not the same in each request. Of cookies the names and lengths alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<Header>,
    /// The fields of a form. Instead of what is made up for one look, or is a secret of the site,
    /// stands in `<>` what it is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub form: Vec<Header>,
    /// The address that it came from, where that was chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
}

/// A field of a head, as it stood there. Values that are no UTF-8 are read as Latin-1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    pub name: String,
    /// The values of cookies are replaced by their length, see [`redact_cookie`].
    pub value: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reply {
    Answer(Box<Answer>),
    /// No answer came, or none that is HTTP.
    None(Failure),
}

/// What was received.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// `HTTP/1.1`, `HTTP/2.0`
    pub version: String,
    pub status: u16,
    /// All of them in their order, duplicates too.
    pub headers: Vec<Header>,
    #[serde(default)]
    pub content: Content,
    /// Whether the certificate verifies; `None` over plain HTTP.
    #[serde(default)]
    pub certificate: Option<Trust>,
}

/// Whether a certificate leads to a root that is trusted and names the host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trust {
    Verified,
    NotVerified(String),
}

/// What is in a body, as far as it is judged: bodies are not kept, for the secrets in them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Content {
    /// Bytes that were read, after decompression.
    pub bytes: usize,
    /// Why the rest was not read, where there is one.
    pub cut: Option<String>,
    /// What an HTML page holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<Page>,
    /// What it was recognised by.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<Mark>,
    /// The beginning of the SHA-256 of the words that a visitor reads, in hexadecimal: without
    /// numbers, and without the account that was made up. Only where [`Purpose::is_compared`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wording: Option<String>,
    /// Bytes as they came, where they were compressed. Only where [`Purpose::is_weighed`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub packed: Option<usize>,
    /// What passes for a secret of the visitor. Only where [`Purpose::is_weighed`].
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tokens: Vec<Token>,
}

/// A token that a page holds for a visitor, by the name of its field. The value itself is not kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    pub name: String,
    /// Which of the values that were seen under this name, from 0: where it is the same number, it is
    /// the same value.
    pub value: usize,
}

/// Something that tells what a body is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mark {
    /// Django's own page for developers, with the words that show it.
    DjangoDebug(String),
    /// Django's plain page for a refused request: `Bad Request (400)`, `Not Found`.
    DjangoPlain,
    /// The version of Django that a page tells.
    DjangoVersion(String),
    /// Django refuses a form: `CSRF verification failed`.
    CsrfRefused,
    /// django-axes refuses a login.
    AxesLocked,
    /// django-allauth refuses a login after too many, or too many requests.
    AllauthLimited,
    /// Django REST framework refuses one request too many.
    Throttled,
    /// nginx made the page of an error.
    NginxPage,
    /// nginx refuses who brings no certificate of his own.
    CertificateDemanded,
    /// The account that was made up stands in it again.
    AccountRepeated,
    /// The login of Django's admin.
    AdminLogin,
    /// A traceback of Python.
    Traceback,
    /// A list of the files of a folder, made by a server.
    Listing(String),
    /// The head of a git repository: what it points to.
    GitHead(String),
    /// Variables of an environment file, by name.
    Variables(Vec<String>),
    /// A dump or a file of a database: which.
    Database(String),
    /// An archive: which.
    Archive(String),
    /// Django settings or other Python code.
    Python(String),
    /// A Compose file.
    Compose,
    /// It repeats the head of the request.
    Echo,
    /// The word that was made up for the query stands in it again.
    QueryRepeated,
    /// The paths that robots.txt asks crawlers to leave out (RFC 9309, section 2.2.2).
    Disallowed(Vec<String>),
    /// What security.txt says (RFC 9116, section 2.5).
    SecurityText {
        /// Number of ways to reach who cares for it.
        contacts: usize,
        /// The second since 1970-01-01 UTC from which on it is stale; `None` without a date that can be
        /// read.
        expires: Option<i64>,
    },
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    pub kind: FailureKind,
    /// What the network or the server said.
    pub detail: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// The name has no address.
    Unresolved,
    /// The name leads to an address that is only asked when it is named itself.
    AddressForbidden,
    /// Nothing listens.
    Refused,
    /// The network does not lead there.
    Unreachable,
    TimedOut,
    /// What listens does not speak TLS, or none that we can.
    Tls,
    /// What came back is not HTTP, or breaks its limits.
    NotHttp,
    /// The connection ended before the answer did.
    Closed,
}

impl FailureKind {
    /// As it is serialised: `timed-out`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unresolved => "unresolved",
            Self::AddressForbidden => "address-forbidden",
            Self::Refused => "refused",
            Self::Unreachable => "unreachable",
            Self::TimedOut => "timed-out",
            Self::Tls => "tls",
            Self::NotHttp => "not-http",
            Self::Closed => "closed",
        }
    }
}

/// A request that was not sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    pub purpose: Purpose,
    pub reason: String,
}

impl Http {
    /// What was asked for a purpose, in order.
    pub fn all(&self, purpose: Purpose) -> impl Iterator<Item = &Exchange> {
        self.exchanges
            .iter()
            .filter(move |exchange| exchange.purpose == purpose)
    }

    /// The last one of a purpose: where its redirects end.
    pub fn last(&self, purpose: Purpose) -> Option<&Exchange> {
        self.all(purpose).last()
    }

    /// Why something was not asked.
    pub fn why_skipped(&self, purpose: Purpose) -> Option<&str> {
        let skipped = self.skipped.iter().find(|one| one.purpose == purpose)?;
        Some(&skipped.reason)
    }
}

impl Exchange {
    pub fn answer(&self) -> Option<&Answer> {
        match &self.reply {
            Reply::Answer(answer) => Some(answer),
            Reply::None(_) => None,
        }
    }

    pub fn failure(&self) -> Option<&Failure> {
        match &self.reply {
            Reply::Answer(_) => None,
            Reply::None(failure) => Some(failure),
        }
    }

    pub fn is_secure(&self) -> bool {
        self.request.url.starts_with("https://")
    }
}

impl Answer {
    /// The values of a header in their order.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers
            .iter()
            .filter(move |header| header.name.eq_ignore_ascii_case(name))
            .map(|header| header.value.trim())
    }

    /// The first value of a header.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|header| header.name.eq_ignore_ascii_case(name))
            .map(|header| header.value.trim())
    }

    /// Whether it sends the client elsewhere.
    pub fn is_redirect(&self) -> bool {
        matches!(self.status, 301 | 302 | 303 | 307 | 308) && self.value("location").is_some()
    }

    /// Whether it says the same as another, as far as that was noted.
    pub fn says_same(&self, other: &Self) -> bool {
        self.status == other.status
            && self.value("location") == other.value("location")
            && self.content.wording == other.content.wording
            && self.content.marks == other.content.marks
    }

    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// A `Set-Cookie` without what is worth stealing: the value is replaced by its length.
/// `sessionid=abc; Path=/` becomes `sessionid=<3>; Path=/`.
pub fn redact_cookie(value: &str) -> String {
    let (pair, attributes) = match value.find(';') {
        Some(at) => value.split_at(at),
        None => (value, ""),
    };
    match pair.split_once('=') {
        Some((name, secret)) => {
            format!("{name}=<{}>{attributes}", secret.trim().chars().count())
        }
        None => format!("<{}>{attributes}", pair.trim().chars().count()),
    }
}
