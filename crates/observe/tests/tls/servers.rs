//! Real TLS servers on loopback.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::RootCertStore;
use tightship_model::site::tls::Tls;
use tightship_observe::site::tls::{Authorities, Budget, observe};

pub(crate) use tightship_testbed::tls::{NAME, loopback, nginx, openssl};

/// Looks at a server by the name that its certificates have.
pub(crate) fn look(address: SocketAddr) -> Tls {
    look_within(address, Budget::default())
}

/// As above, and tries known faults out.
pub(crate) fn try_out(address: SocketAddr) -> Tls {
    let budget = Budget {
        weaknesses: true,
        ..Budget::default()
    };
    look_within(address, budget)
}

/// As above, at a server in Python, which has all the time that it needs on a machine that is busy: it is
/// silent where it says nothing, and not where it is late.
pub(crate) fn try_out_patiently(address: SocketAddr) -> Tls {
    let budget = Budget {
        weaknesses: true,
        patience: Duration::from_secs(120),
        total: Duration::from_secs(1200),
        ..Budget::default()
    };
    look_within(address, budget)
}

pub(crate) fn look_within(address: SocketAddr, budget: Budget) -> Tls {
    let nobody = Authorities::new(Arc::new(RootCertStore::empty()), &[]);
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(observe(address, Some(NAME), &nobody, budget))
}
