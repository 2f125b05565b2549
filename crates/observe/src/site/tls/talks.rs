//! What was said on each connection, in words: so that every fact can be traced to a question and its answer.

use std::sync::{Mutex, PoisonError};

use tightship_model::site::tls::{Talk, Version};

use super::connection::Answer;
use super::hello::Hello;

/// Connections that are told; a look takes some fifty.
const MOST: usize = 500;

/// The connections of one look.
#[derive(Debug, Default)]
pub(super) struct Talks(Mutex<Vec<Talk>>);

impl Talks {
    pub(super) fn note(&self, sent: impl Into<String>, received: impl Into<String>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() < MOST {
            all.push(Talk {
                sent: sent.into(),
                received: received.into(),
            });
        }
    }

    pub(super) fn take(&self) -> Vec<Talk> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// `TLS 1.2 with 37 suites from c02f`, and what else is unusual.
pub(super) fn sent(hello: &Hello) -> String {
    let mut words = format!(
        "{} with {} suites",
        hello.version.name(),
        hello.suites.len()
    );
    if let Some(first) = hello.suites.first() {
        words += &format!(" from {first:04x}");
    }
    let is_modern = hello.version == Version::Tls13;
    for (is_there, what) in [
        (!hello.extensions, "without extensions".to_owned()),
        (hello.server_name.is_none(), "without a name".to_owned()),
        (!hello.alpn.is_empty(), hello.alpn.join(" and ")),
        (hello.compression, "compression".to_owned()),
        (hello.fallback, "as a fallback".to_owned()),
        (hello.key_share.is_some(), "a key".to_owned()),
        (
            hello
                .ticket
                .as_ref()
                .is_some_and(|ticket| !ticket.is_empty()),
            "a ticket".to_owned(),
        ),
        (
            !is_modern && !hello.session_id.is_empty(),
            "a session".to_owned(),
        ),
        (hello.groups.len() == 1, group(hello.groups.first())),
    ] {
        if is_there {
            words += &format!(", {what}");
        }
    }
    words
}

fn group(code: Option<&u16>) -> String {
    code.map_or_else(String::new, |code| format!("group {code:04x}"))
}

/// `suite c02f`, `alert 40`.
pub(super) fn received(answer: &Answer) -> String {
    match answer {
        Answer::Flight(flight) => match &flight.hello {
            Some(hello) => {
                let asked = if hello.is_retry { "again, " } else { "" };
                let group = hello.group.as_ref();
                let group = group.map_or_else(String::new, |code| format!(", group {code:04x}"));
                format!("{asked}suite {:04x}{group}", hello.suite)
            }
            None => "no hello".to_owned(),
        },
        Answer::Alert(number) => format!("alert {number}"),
        Answer::Closed => "the end of the connection".to_owned(),
        Answer::Silent => "nothing".to_owned(),
        Answer::NotTls(bytes) => format!("no TLS: “{}”", bytes.escape_ascii()),
        Answer::Unreachable(_) => "no connection".to_owned(),
        Answer::TooMuch => "more than is read".to_owned(),
        Answer::Spent => "not asked: the budget is used up".to_owned(),
    }
}
