//! What was seen of the live site.

pub mod dns;
pub mod http;
pub mod page;
pub mod ports;
mod purpose;
pub mod quic;
pub mod tls;

use serde::{Deserialize, Serialize};

/// The site that was looked at, as one capture: it can be kept, and judged again.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Site {
    /// The address that the user named, in its normal form: `https://shop.example/`.
    pub url: String,
    /// What its name resolves to.
    pub addresses: Vec<String>,
    /// What speaks HTTP there; `None` where nothing was asked.
    pub http: Option<http::Http>,
    /// What speaks TLS there; `None` where nothing was asked.
    pub tls: Option<tls::Tls>,
    /// The same at the first address of the other family, where the name has both.
    pub tls_elsewhere: Vec<tls::Tls>,
    /// Certificates that it should have sent, as they were fetched from others.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub issuers: Vec<http::Exchange>,
    /// What the DNS says of it; `None` where nothing was asked.
    pub dns: Option<dns::Dns>,
    /// What a handshake of HTTP/3 came to; `None` where the page promises none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quic: Option<quic::Quic>,
    /// What its other ports answer; `None` where nothing was asked.
    pub ports: Option<ports::Ports>,
    /// What differs each time, apart from everything that is judged.
    pub timing: Timing,
}

/// When it was looked at, and how long that took.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Timing {
    /// Seconds since 1970-01-01 UTC.
    pub started: i64,
    pub milliseconds: u64,
    /// TCP connections that were opened for HTTP: it depends on how long the server keeps them.
    pub connections: usize,
    /// Milliseconds from each request to the end of its answer, in the order of the requests.
    pub requests: Vec<u64>,
    /// What the look at TLS took, apart from the requests.
    pub tls: tls::Cost,
    /// Its connections in the order in which they ended: how a list is cut, and what is asked again, depends
    /// on how far the server is and how busy.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tls_talks: Vec<tls::Talk>,
    /// Accounts and addresses that were made up and sent: whoever keeps a log finds them there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub made_up: Vec<String>,
}
