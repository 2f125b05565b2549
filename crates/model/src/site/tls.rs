//! What was seen of a TLS server.

use serde::{Deserialize, Serialize};

/// A TLS server at one address, as it answered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Tls {}
