//! The TLS observer against real servers.

mod differential;
mod hostile;
mod keys;
mod oracle;
mod peers;
mod servers;
mod sessions;
mod staples;
mod weaknesses;
