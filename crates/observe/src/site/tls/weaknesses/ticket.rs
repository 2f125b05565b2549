//! Ticketbleed: an identifier shorter than 32 bytes comes back filled up with memory.

use tightship_model::site::tls::{Probe, Protocol, Version};

use super::{TIMES, unknown};
use crate::site::tls::connection::Prober;
use crate::site::tls::hello::random;
use crate::site::tls::whole::{Whole, finishable, greeting, takes_up};

/// CVE-2016-9244. `None` where the server hands out no tickets, so that there is nothing to come back
/// with.
pub(super) async fn bleeds(prober: &Prober, protocol: &Protocol) -> Option<Probe> {
    let suites = finishable(&protocol.suites);
    if protocol.version != Version::Tls12 || suites.is_empty() {
        return Some(unknown("no handshake can be finished with what it accepts"));
    }
    let Some(first) = Whole::begin(prober, greeting(prober, suites.clone())).await else {
        return Some(unknown("a handshake could not be finished"));
    };
    let ticket = first.ticket.clone();
    first.end().await;
    if ticket.is_empty() {
        return None;
    }
    let back = |length: usize| {
        let mut hello = greeting(prober, suites.clone());
        hello.ticket = Some(ticket.clone());
        hello.session_id = random()[..length].to_vec();
        hello
    };
    // The control: with an identifier of full length the ticket is taken.
    match takes_up(prober, back(32)).await {
        Some((true, _)) => {}
        Some((false, _)) => {
            return Some(Probe::Safe {
                seen: "its tickets are not taken back".to_owned(),
            });
        }
        None => return Some(unknown("the control was not answered")),
    }
    let mut leaked = 0;
    for _ in 0..TIMES {
        let hello = back(16);
        let sent = hello.session_id.clone();
        let Some((_, answer)) = takes_up(prober, hello).await else {
            return Some(unknown("a short identifier is not answered"));
        };
        let comes_back = answer.session_id.strip_prefix(sent.as_slice());
        leaked += usize::from(comes_back.is_some_and(|more| !more.is_empty()));
    }
    Some(match leaked {
        0 => Probe::Safe {
            seen: "a short identifier comes back as it was sent, or not at all".to_owned(),
        },
        TIMES => Probe::Vulnerable {
            seen: "three times 16 bytes of an identifier come back as more".to_owned(),
        },
        _ => unknown("a short identifier comes back longer, and then not"),
    })
}
