//! QUIC, which HTTP/3 is spoken over.

use serde::{Deserialize, Serialize};

use super::http::Trust;

/// A place at which the site says that it speaks HTTP/3, and what a handshake with it came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quic {
    /// The value of `Alt-Svc`.
    pub promise: String,
    pub host: String,
    /// Of UDP.
    pub port: u16,
    pub handshake: Handshake,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Handshake {
    Done {
        /// What was agreed on: `h3`.
        protocol: Option<String>,
        certificate: Trust,
    },
    /// The machine says that nothing listens there.
    Closed,
    /// Not a byte came back in time.
    Silent,
    /// Something answers, and no handshake comes about: why.
    Failed(String),
    /// Nothing was sent: why.
    Unasked(String),
}
