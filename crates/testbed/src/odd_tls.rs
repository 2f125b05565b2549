//! TLS servers that no OpenSSL of today plays any more.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::{Server, free_port};

/// Starts a server of tlslite-ng with a chain and a key in PEM; `wish` in JSON says what is odd about
/// it (see `odd_tls.py`). `python` is one that has tlslite-ng.
///
/// Panics where it does not start.
pub fn odd_tls(python: &Path, chain: &Path, key: &Path, wish: &str) -> (Server, SocketAddr) {
    // Another process may take the port in between: then the next one is tried.
    for _ in 0..5 {
        let Ok(port) = free_port() else { continue };
        let started = Server::listening(
            Command::new(python)
                .args(["-c", include_str!("odd_tls.py"), &port.to_string()])
                .args([chain, key])
                .arg(wish)
                .stdin(Stdio::null()),
            &[port],
        );
        if let Ok(server) = started {
            return (server, SocketAddr::from(([127, 0, 0, 1], port)));
        }
    }
    panic!("the server {wish} of tlslite-ng does not start: run ./test, which installs it");
}
