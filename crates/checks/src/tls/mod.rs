//! What was seen of the TLS server.

pub mod grade;
