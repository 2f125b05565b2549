//! What was seen of the live site.

pub mod tls;

use serde::{Deserialize, Serialize};

/// The site that was looked at, as one capture: it can be kept, and judged again.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Site {
    /// The address that the user named.
    pub url: String,
    /// What speaks TLS there; `None` where nothing was asked.
    pub tls: Option<tls::Tls>,
}
