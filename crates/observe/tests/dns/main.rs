//! The DNS as it is observed: from real servers, and from one that means harm. No question leaves
//! this machine.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod hostile;
mod real;
mod servers;

use std::net::SocketAddr;
use std::time::Duration;

use tightship_model::site::dns::Dns;
use tightship_observe::site::{Options, Target, dns};

/// Looks at a name through resolvers.
fn look(url: &str, resolvers: &[SocketAddr], change: impl FnOnce(&mut Options)) -> Dns {
    let mut options = Options::new(Target::parse(url).unwrap());
    options.dns.resolvers = resolvers.to_vec();
    change(&mut options);
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(dns::observe(&options))
}

/// As [`look`], where no answer is to be waited for long.
fn hurried(url: &str, resolver: SocketAddr) -> Dns {
    look(url, &[resolver], |options| {
        options.timeout = Duration::from_millis(250);
    })
}
