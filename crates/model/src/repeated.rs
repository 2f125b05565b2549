//! What is done again and again.

use crate::{Span, Starter};

/// A command that is run again and again.
#[derive(Clone, Debug, PartialEq)]
pub struct Repeated {
    pub by: RepeatedBy,
    /// Seconds between two rounds, where they are known.
    pub every: Option<u64>,
    /// The words of the command, with a space between two.
    pub command: String,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RepeatedBy {
    /// A loop in the start of a process.
    Loop(Starter),
    /// A crontab, by the path of its file.
    Cron(String),
    /// A systemd timer, by the path of its file.
    Timer(String),
    /// A hook that certbot runs after a renewal.
    Hook,
}
