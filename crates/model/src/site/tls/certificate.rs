//! Certificates as the server sent them, and what they say.

use serde::{Deserialize, Serialize};

/// What a server sends for one kind of key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Chain {
    /// As they were sent, the server's own first.
    pub certificates: Vec<SeenCertificate>,
    /// Whether the server's own certificate is for the name that was asked for; `None` where no name
    /// and no address could be held against it.
    pub name_matches: Option<bool>,
    pub trust: Trust,
    /// Whether the path leads to a root of Mozilla's programme, not only to one that the user named.
    #[serde(default)]
    pub is_public: bool,
    /// Whether each certificate is signed by the one after it.
    pub in_order: bool,
    /// The stapled OCSP answer; `None` where none was sent.
    #[serde(default)]
    pub staple: Option<Staple>,
    /// Signed certificate timestamps, in the order in which they stand.
    #[serde(default)]
    pub timestamps: Vec<Timestamp>,
}

/// Whether a path leads from the certificate to a root of Mozilla's programme or one that the user
/// named, names and the time apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Trust {
    Trusted,
    /// A path leads there with certificates that were not sent. Browsers look for them elsewhere, most
    /// programs do not.
    Incomplete {
        missing: Vec<Missing>,
    },
    /// Signed by itself alone.
    SelfSigned,
    /// The issuer of the last certificate is no root of the programme: a private authority, or the
    /// certificates between were not sent.
    UnknownIssuer {
        issuer: String,
        /// Where the last certificate says that its issuer's is found (RFC 5280, 4.2.2.1); `None` for a
        /// root, and where it says nothing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        url: Option<String>,
    },
    /// A signature that this program cannot verify, though it may be good.
    Unverified {
        reason: String,
    },
    /// No path for another reason.
    Broken {
        reason: String,
    },
}

/// A certificate of the path that the server did not send.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    pub subject: String,
    /// SHA-256 of the whole certificate, hexadecimal.
    pub sha256: String,
    pub found: Found,
}

/// Where a certificate was found that a server did not send.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Found {
    /// In another chain of the same server.
    Site,
    /// Among those that the user gave.
    Given,
    /// At this address, which a certificate names.
    Fetched(String),
}

/// One certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenCertificate {
    pub subject: String,
    pub issuer: String,
    /// DNS names and addresses that it is for; the first [`Self::NAMES_KEPT`].
    pub names: Vec<String>,
    /// How many names there are.
    #[serde(default)]
    pub name_count: usize,
    /// Seconds since 1970-01-01 UTC.
    pub not_before: i64,
    /// Seconds since 1970-01-01 UTC.
    pub not_after: i64,
    pub key: KeyKind,
    pub signature: SignatureHash,
    /// Signed by its own key.
    pub self_signed: bool,
    /// Asks for a stapled OCSP answer (RFC 7633).
    #[serde(default)]
    pub must_staple: bool,
    /// SHA-256 of the whole certificate, hexadecimal.
    #[serde(default)]
    pub sha256: String,
    /// SHA-256 of the public key as it stands in the certificate (SubjectPublicKeyInfo), hexadecimal;
    /// empty in captures of before it was noted.
    #[serde(default)]
    pub key_sha256: String,
    /// Length in bytes.
    #[serde(default)]
    pub length: usize,
}

impl SeenCertificate {
    /// Certificates may hold ten thousand names; nobody reads more than these.
    pub const NAMES_KEPT: usize = 200;
}

/// The public key of a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyKind {
    Rsa {
        bits: u32,
        /// The public exponent, where it fits.
        exponent: Option<u64>,
    },
    Dsa {
        bits: u32,
    },
    /// An elliptic curve, with the length of its field in bits.
    Ec {
        curve: String,
        bits: u32,
    },
    Ed25519,
    Ed448,
    /// Dotted object identifier.
    Other(String),
}

/// The hash under the signature of a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SignatureHash {
    Md2,
    Md5,
    Sha1,
    /// SHA-2 and newer: nothing is known against it.
    Strong,
    /// Dotted object identifier of the signature algorithm.
    Other(String),
}

/// A stapled OCSP answer (RFC 6960).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Staple {
    /// Length in bytes.
    pub length: usize,
    pub says: OcspStatus,
    /// Seconds since 1970-01-01 UTC; `None` where that is not said.
    pub this_update: Option<i64>,
    /// When there will be a newer answer: later this one counts no longer.
    pub next_update: Option<i64>,
    /// Whether the authority signed it.
    pub proof: Proof,
}

/// What an authority says of a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OcspStatus {
    Good,
    Revoked {
        /// Seconds since 1970-01-01 UTC.
        at: Option<i64>,
    },
    /// The responder does not know the certificate.
    NotKnown,
    /// It says nothing of the certificate, or cannot be read.
    Unread {
        reason: String,
    },
}

/// Whether a signature holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Proof {
    Good,
    Wrong {
        reason: String,
    },
    /// It could not be verified, though it may be good.
    Unverified {
        reason: String,
    },
}

/// A promise of a log of certificate transparency to hold the certificate (RFC 6962).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timestamp {
    /// The name of the log; of one that is not known its identifier, hexadecimal.
    pub log: String,
    /// Who runs the log, where it is known.
    pub operator: Option<String>,
    /// Seconds since 1970-01-01 UTC.
    pub at: i64,
    pub way: Way,
    pub proof: Proof,
}

/// How a timestamp came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Way {
    /// Embedded.
    Certificate,
    Handshake,
    /// In the stapled answer.
    Staple,
}
