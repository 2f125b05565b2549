//! Ticketbleed: an identifier shorter than 32 bytes comes back filled up with memory.

use tightship_model::site::tls::Probe;

use super::{TIMES, unknown};
use crate::site::tls::connection::Prober;
use crate::site::tls::hello::{Hello, random};
use crate::site::tls::sessions::Kept;
use crate::site::tls::whole::{greeting, takes_up};

/// CVE-2016-9244. `None` where the server hands out no tickets, so that there is nothing to come back
/// with. That a ticket is taken with an identifier of full length is the control.
pub(super) async fn bleeds(prober: &Prober, kept: &Kept) -> Option<Probe> {
    if kept.suites.is_empty() {
        return Some(unknown("no handshake can be finished with what it accepts"));
    }
    let Some(ticket) = &kept.ticket else {
        return Some(unknown("a handshake could not be finished"));
    };
    if ticket.is_empty() {
        return None;
    }
    match kept.is_taken {
        Some(true) => {}
        Some(false) => {
            return Some(Probe::Safe {
                seen: "its tickets are not taken back".to_owned(),
            });
        }
        None => return Some(unknown("the control was not answered")),
    }
    for time in 0..TIMES {
        let hello = Hello {
            ticket: Some(ticket.clone()),
            session_id: random()[..16].to_vec(),
            ..greeting(prober, kept.suites.clone())
        };
        let sent = hello.session_id.clone();
        let Some((_, answer)) = takes_up(prober, hello).await else {
            return Some(unknown("a short identifier is not answered"));
        };
        let comes_back = answer.session_id.strip_prefix(sent.as_slice());
        if comes_back.is_some_and(|more| !more.is_empty()) {
            continue;
        }
        return Some(match time {
            0 => Probe::Safe {
                seen: "a short identifier comes back as it was sent, or not at all".to_owned(),
            },
            _ => unknown("a short identifier comes back longer, and then not"),
        });
    }
    Some(Probe::Vulnerable {
        seen: "three times 16 bytes of an identifier come back as more".to_owned(),
    })
}
