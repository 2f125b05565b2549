//! Questions that were asked of the DNS, and what came back.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};

/// What the DNS says of the site's name and of its mail.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Dns {
    /// Why nothing was asked, where nothing was.
    pub unasked: Option<String>,
    /// The host of the address that the user named.
    pub host: String,
    /// The same with `www.` before it, or without.
    pub twin: Option<String>,
    /// Domains that mail is sent as, as far as they belong to the site.
    pub mail: Vec<MailDomain>,
    /// The relay that takes the site's mail, as the project's files name it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relay: Option<String>,
    /// DKIM selectors that were named.
    pub selectors: Vec<String>,
    /// What each resolver says. The first is judged, the others are compared with it.
    pub views: Vec<View>,
}

/// A domain that stands behind the `@` of senders.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailDomain {
    pub name: String,
    /// Whether the project's files send as it; else it is only the site's own name.
    pub sends: bool,
}

/// What one resolver says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct View {
    /// Its address and port.
    pub resolver: String,
    /// Every question with its answer, in the order in which they were asked.
    pub lookups: Vec<Lookup>,
    /// What was not asked, and why.
    pub gaps: Vec<String>,
}

/// A question, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lookup {
    pub question: Question,
    pub reply: Reply,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Question {
    /// In small letters, without the dot at the end.
    pub name: String,
    pub kind: Kind,
    /// Whether the resolver was asked not to validate (RFC 4035, section 3.2.2: the CD bit).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unchecked: bool,
}

impl Question {
    pub fn new(name: &str, kind: Kind) -> Self {
        Self {
            name: name.trim_end_matches('.').to_ascii_lowercase(),
            kind,
            unchecked: false,
        }
    }
}

/// Types of records that are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Kind {
    A,
    Aaaa,
    Cname,
    Mx,
    Txt,
    Caa,
    Ptr,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::A,
        Self::Aaaa,
        Self::Cname,
        Self::Mx,
        Self::Txt,
        Self::Caa,
        Self::Ptr,
    ];

    /// As zone files write it: `AAAA`.
    pub fn name(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::Aaaa => "AAAA",
            Self::Cname => "CNAME",
            Self::Mx => "MX",
            Self::Txt => "TXT",
            Self::Caa => "CAA",
            Self::Ptr => "PTR",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reply {
    Answer(Answer),
    /// No answer came, or none that is DNS: why.
    None(String),
}

/// What a resolver answered. Lifetimes are left out: they count down.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    pub code: Code,
    /// Whether the resolver says that it validated all of it (RFC 4035, section 3.2.3: the AD bit).
    #[serde(default)]
    pub authentic: bool,
    /// Sorted: resolvers turn their order.
    #[serde(default)]
    pub records: Vec<Record>,
}

/// How a question ended (RFC 1035, section 4.1.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Code {
    #[default]
    NoError,
    /// The name does not exist, nor any below it.
    NxDomain,
    /// The resolver has no answer: servers are silent, or validation fails.
    ServFail,
    Refused,
    Other(u16),
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Record {
    /// In small letters, without the dot at the end.
    pub name: String,
    pub data: Data,
}

/// What a record holds. Names are in small letters, without the dot at the end: the root is empty.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Data {
    A(Ipv4Addr),
    Aaaa(Ipv6Addr),
    Cname(String),
    Mx {
        preference: u16,
        exchange: String,
    },
    /// Its strings put together; each byte above 127 is the Latin-1 letter of that number.
    Txt(String),
    /// RFC 8659, section 4.1.
    Caa {
        critical: bool,
        tag: String,
        value: String,
    },
    Ptr(String),
}

impl Data {
    pub fn kind(&self) -> Kind {
        match self {
            Self::A(_) => Kind::A,
            Self::Aaaa(_) => Kind::Aaaa,
            Self::Cname(_) => Kind::Cname,
            Self::Mx { .. } => Kind::Mx,
            Self::Txt(_) => Kind::Txt,
            Self::Caa { .. } => Kind::Caa,
            Self::Ptr(_) => Kind::Ptr,
        }
    }

    pub fn address(&self) -> Option<IpAddr> {
        match self {
            Self::A(address) => Some(IpAddr::V4(*address)),
            Self::Aaaa(address) => Some(IpAddr::V6(*address)),
            _ => None,
        }
    }
}

/// Aliases that are followed: more are a loop, or meant as one. (unbound stops at 11.)
const MOST_ALIASES: usize = 12;

impl View {
    /// What became of a question; `None` where it was not asked.
    pub fn reply(&self, question: &Question) -> Option<&Reply> {
        let lookup = self
            .lookups
            .iter()
            .find(|lookup| lookup.question == *question)?;
        Some(&lookup.reply)
    }

    /// The answer to a question, aliases that lead out of an answer followed; `None` where it was
    /// not asked or no answer came.
    pub fn answer(&self, name: &str, kind: Kind) -> Option<&Answer> {
        match self.reply(&Question::new(name, kind))? {
            Reply::Answer(answer) => Some(answer),
            Reply::None(_) => None,
        }
    }
}

impl Answer {
    /// Where the aliases of a name lead: the last one, or the name itself. A loop ends anywhere in it.
    pub fn end<'a>(&'a self, name: &'a str) -> &'a str {
        let mut name = name;
        for _ in 0..MOST_ALIASES {
            let next = self.records.iter().find_map(|record| match &record.data {
                Data::Cname(target) if record.name == name => Some(target),
                _ => None,
            });
            match next {
                Some(next) => name = next,
                None => break,
            }
        }
        name
    }

    /// The records of a kind that a name has, behind its aliases.
    pub fn of<'a>(&'a self, name: &str, kind: Kind) -> impl Iterator<Item = &'a Data> + use<'a> {
        let end = self.end(name).to_owned();
        self.records
            .iter()
            .filter(move |record| record.name == end && record.data.kind() == kind)
            .map(|record| &record.data)
    }

    /// Whether the name was looked for and either found or not: anything else is a failure.
    pub fn is_conclusive(&self) -> bool {
        matches!(self.code, Code::NoError | Code::NxDomain)
    }
}
