//! What was seen of a TLS server: answers, not judgements.

mod certificate;
mod grade;
mod group;
mod suite;
mod weakness;

use serde::{Deserialize, Serialize};

pub use certificate::{
    Chain, Found, KeyKind, Missing, OcspStatus, Proof, SeenCertificate, SignatureHash, Staple,
    Timestamp, Trust, Way,
};
pub use grade::{Grade, Letter, Reason, Scores};
pub use group::{GroupKind, group_kind, group_name, groups, signature_name, signatures};
pub use suite::{Auth, Exchange, Mode, Suite, suite, suites};
pub use weakness::{Probe, Weakness, WeaknessKind};

/// A TLS server at one address, as it answered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tls {
    pub target: Target,
    pub reach: Reach,
    /// One for each version that was asked for, oldest first.
    pub protocols: Vec<Protocol>,
    /// Codes of the groups for ECDHE in TLS 1.2 and older, in the order in which the server took them;
    /// where it is far away, by their codes.
    pub groups: Vec<u16>,
    /// Codes of the groups of TLS 1.3, likewise.
    pub groups13: Vec<u16>,
    /// Parameters of DHE, one for each prime that was seen in TLS 1.2 and older.
    pub dh: Vec<DhParameters>,
    /// Codes of the signature algorithms that the server signs with in TLS 1.2.
    pub signatures: Vec<u16>,
    /// One for each kind of key that the server has a certificate for.
    pub chains: Vec<Chain>,
    pub extensions: Extensions,
    pub sessions: Sessions,
    /// Application protocols that the server chose when only they were offered.
    pub alpn: Vec<String>,
    /// Whether a client certificate is asked for; `None` where no handshake got that far.
    pub client_certificate: Option<bool>,
    /// What a client gets that names nobody (no SNI); `None` where that was not asked or not answered.
    pub nameless: Option<Nameless>,
    /// Known faults of implementations, as far as they were probed.
    pub weaknesses: Vec<Weakness>,
    /// What was not seen, and why.
    pub gaps: Vec<String>,
    /// What the look took. This and [`Self::talks`] alone differ between two looks at the same server.
    pub cost: Cost,
    /// Each connection, in the order in which they ended.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub talks: Vec<Talk>,
}

/// Whom was spoken to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// The IP address.
    pub address: String,
    pub port: u16,
    /// The name that was asked for (SNI), which certificates are held against. `None` for an address.
    pub server_name: Option<String>,
}

/// What a server shows a client that does not say whom it wants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Nameless {
    /// It ends the handshake.
    Refused,
    /// This certificate, that of the default server.
    Shown(Box<SeenCertificate>),
}

/// Whether there is a TLS server at all. Only of [`Reach::Speaks`] anything can be judged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reach {
    /// Nobody asked.
    #[default]
    Unasked,
    /// No connection: refused, unreachable, or no answer in time.
    Unreachable {
        reason: String,
    },
    /// Something answers, and it is not TLS.
    NotTls {
        reason: String,
    },
    /// It speaks TLS and then stopped to answer: what was seen is incomplete.
    Throttled {
        reason: String,
    },
    Speaks,
}

/// Versions of the protocol, oldest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Version {
    Ssl2,
    Ssl3,
    Tls10,
    Tls11,
    Tls12,
    Tls13,
}

impl Version {
    pub const ALL: [Self; 6] = [
        Self::Ssl2,
        Self::Ssl3,
        Self::Tls10,
        Self::Tls11,
        Self::Tls12,
        Self::Tls13,
    ];

    /// What it is called in a sentence.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ssl2 => "SSL 2.0",
            Self::Ssl3 => "SSL 3.0",
            Self::Tls10 => "TLS 1.0",
            Self::Tls11 => "TLS 1.1",
            Self::Tls12 => "TLS 1.2",
            Self::Tls13 => "TLS 1.3",
        }
    }

    /// The number on the wire.
    pub fn code(self) -> u16 {
        match self {
            Self::Ssl2 => 0x0002,
            Self::Ssl3 => 0x0300,
            Self::Tls10 => 0x0301,
            Self::Tls11 => 0x0302,
            Self::Tls12 => 0x0303,
            Self::Tls13 => 0x0304,
        }
    }
}

/// What the server makes of one version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Protocol {
    pub version: Version,
    pub support: Support,
    /// Codes of the accepted suites, in the order in which the server chose them; see [`suite()`].
    #[serde(default)]
    pub suites: Vec<u32>,
    #[serde(default)]
    pub preference: Preference,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Support {
    Yes,
    No,
    /// The question was not answered.
    Unknown {
        reason: String,
    },
}

/// Who chooses the suite.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Preference {
    Server,
    Client,
    /// Fewer than two suites, or no answer.
    #[default]
    Unknown,
}

/// Parameters of an ephemeral Diffie-Hellman exchange.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DhParameters {
    /// Length of the prime in bits.
    pub bits: u32,
    /// The prime, hexadecimal, without leading zeros.
    pub prime: String,
    /// Where the prime is published, if it is one that many servers share: `RFC 7919 ffdhe2048`.
    pub published: Option<String>,
    /// Whether p and (p-1)/2 are both prime; `None` where p is too long to try.
    pub safe: Option<bool>,
    /// Whether p is no prime at all, as far as it was tried.
    #[serde(default)]
    pub composite: bool,
    /// Whether the powers of the generator are so few, or fall into so small parts, that the exponent of
    /// each can be looked up, as far as it was tried.
    #[serde(default)]
    pub small_order: bool,
    /// Whether the suites with EXPORT in their names use it.
    pub export: bool,
}

/// What ServerHello answered to extensions; `None` where no version up to TLS 1.2 was seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Extensions {
    /// RFC 5746: renegotiation is tied to the connection.
    pub renegotiation_info: Option<bool>,
    /// RFC 7627.
    pub extended_master_secret: Option<bool>,
    /// RFC 7366.
    pub encrypt_then_mac: Option<bool>,
    /// RFC 6520.
    pub heartbeat: Option<bool>,
    /// RFC 5077.
    pub tickets: Option<bool>,
    /// RFC 3749: the server compresses (CRIME).
    pub compression: Option<bool>,
    /// RFC 7507: a needless fallback is refused. `None` too where only one version is spoken.
    pub fallback_scsv: Option<bool>,
}

/// What a client may come back to; `None` where no handshake got that far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sessions {
    /// TLS 1.2: the server's identifier of a session is taken back.
    pub by_id: Option<bool>,
    /// TLS 1.2: a ticket is (RFC 5077).
    pub by_ticket: Option<bool>,
    /// TLS 1.3: the key of an earlier connection is (RFC 8446, 2.2).
    pub by_key: Option<bool>,
    /// TLS 1.3: data is taken before the handshake has ended (RFC 8446, 2.3).
    pub early_data: Option<bool>,
    /// TLS 1.2: a client may begin a further handshake on the same connection.
    pub renegotiation: Option<bool>,
}

/// One connection of a look: what was said first, and what came back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Talk {
    /// `TLS 1.2 with 37 suites from c02f`
    pub sent: String,
    /// `suite 1301, group 11ec`, `alert 40`
    pub received: String,
}

/// What a look took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Cost {
    /// Connections that were opened.
    pub connections: u32,
    /// Times that the observer waited for the server: one for each connection, one for each answer.
    pub round_trips: u32,
    pub bytes_sent: u64,
    pub bytes_received: u64,
    pub milliseconds: u64,
}

impl Cost {
    /// Of two looks at the same time.
    pub fn add(&mut self, other: Self) {
        self.connections += other.connections;
        self.round_trips += other.round_trips;
        self.bytes_sent += other.bytes_sent;
        self.bytes_received += other.bytes_received;
        self.milliseconds = self.milliseconds.max(other.milliseconds);
    }
}

impl Tls {
    /// What is known of a version; `None` where it was not asked for.
    pub fn protocol(&self, version: Version) -> Option<&Protocol> {
        self.protocols
            .iter()
            .find(|protocol| protocol.version == version)
    }

    pub fn speaks(&self, version: Version) -> bool {
        self.protocol(version)
            .is_some_and(|protocol| protocol.support == Support::Yes)
    }

    /// The versions that the server speaks, oldest first.
    pub fn versions(&self) -> impl DoubleEndedIterator<Item = Version> + '_ {
        Version::ALL
            .into_iter()
            .filter(|version| self.speaks(*version))
    }

    /// Every accepted suite with its version; codes that are in no table are left out.
    pub fn accepted(&self) -> impl Iterator<Item = (Version, &'static Suite)> + '_ {
        self.protocols.iter().flat_map(|protocol| {
            protocol
                .suites
                .iter()
                .filter_map(|code| Some((protocol.version, suite(*code)?)))
        })
    }
}
