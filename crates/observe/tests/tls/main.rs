//! The TLS observer against real servers.

mod cost;
mod differential;
mod hostile;
mod nameless;
mod newer;
mod odd_answers;
mod oracle;
mod peers;
mod servers;
mod sessions;
mod staples;
mod starttls;
mod weaknesses;
