//! The site over HTTP: one capture of what it answers.

mod body;
pub(super) mod breach;
mod client;
mod connect;
mod digest;
mod head;
pub(super) mod html;
mod notices;
mod plan;
mod question;
mod tap;
pub mod transcript;

pub(super) use connect::Witness;
pub(super) use plan::{Capture, FORGED_HOST, next};
pub(super) use question::{Field, Question, Way};

/// Bytes of a head that are read; nginx sends at most 4 or 8 KB, Apache some 16.
const MOST_HEAD_BYTES: usize = 64 * 1024;

/// Fields of a head that are read.
const MOST_HEADERS: usize = 200;

/// Bytes of a body that are read.
const MOST_BODY_BYTES: usize = 1024 * 1024;
