//! The site as a visitor reaches it.

pub mod tls;
