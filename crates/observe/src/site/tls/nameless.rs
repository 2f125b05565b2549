//! What a client gets that names nobody: scanners of addresses ask so.

use std::sync::Arc;

use tightship_model::site::tls::{Nameless, Protocol, Version};

use super::connection::{Answer, Prober, Until};
use super::hello::Hello;
use super::{certificate, offer, suites};

/// `clear` is the newest version that shows certificates in clear. `None` where no name was to be left out,
/// or nothing came of it.
pub(super) async fn look(prober: Arc<Prober>, clear: Option<Protocol>) -> Option<Nameless> {
    prober.server_name.as_ref()?;
    // SSL 3.0 knows no names.
    let protocol = clear.filter(|protocol| protocol.version > Version::Ssl3)?;
    // The default server may have another kind of key, and other suites.
    let hello = Hello {
        server_name: None,
        ..offer(&prober, protocol.version, suites::usual())
    };
    match prober.ask(&hello, Until::Done).await {
        Answer::Flight(flight) => {
            let seen = certificate::seen(flight.certificates.first()?)?;
            Some(Nameless::Shown(Box::new(seen)))
        }
        Answer::Alert(_) => Some(Nameless::Refused),
        // It may be that it hangs up on such clients, and it may be something else.
        _ => None,
    }
}
