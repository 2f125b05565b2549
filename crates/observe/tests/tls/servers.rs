//! Real TLS servers on loopback.

use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::sync::Arc;

use rustls::RootCertStore;
use tightship_model::site::tls::Tls;
use tightship_observe::site::tls::{Authorities, Budget, observe};
use tightship_testbed::{Server, free_port, program};

use crate::keys::Keys;

pub(crate) const NAME: &str = "tls.example";

/// Starts `openssl s_server` with these arguments; the server ends with the first value.
pub(crate) fn openssl(keys: &Keys, arguments: &[&str]) -> (Server, SocketAddr) {
    // Another process may take the port in between: then the next one is tried.
    for _ in 0..5 {
        let port = free_port().expect("a port");
        let server = Server::listening(
            Command::new(program("openssl"))
                .arg("s_server")
                .args(["-accept", &format!("127.0.0.1:{port}"), "-www", "-quiet"])
                .args(arguments)
                .current_dir(keys.folder())
                .env("OPENSSL_CONF", "/dev/null")
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null()),
            &[port],
        );
        if let Ok(server) = server {
            return (server, loopback(port));
        }
    }
    panic!("openssl s_server {arguments:?} does not start");
}

/// Starts nginx with one server for each of these texts, each with a port of its own.
pub(crate) fn nginx(keys: &Keys, servers: &[&str]) -> (Server, Vec<SocketAddr>) {
    for attempt in 0..5 {
        let ports: Vec<u16> = servers
            .iter()
            .map(|_| free_port().expect("a port"))
            .collect();
        let folder = keys.path(&format!("nginx{attempt}"));
        std::fs::create_dir_all(&folder).expect("a folder");
        let blocks: String = servers
            .iter()
            .zip(&ports)
            .map(|(text, port)| {
                let text = text.replace("PORT", &format!("127.0.0.1:{port}"));
                format!("server {{ server_name {NAME}; return 200 ok; {text} }}\n")
            })
            .collect();
        let blocks = blocks.replace("KEYS", &keys.folder().display().to_string());
        let mut command = tightship_testbed::nginx(&folder, &blocks).expect("written");
        command.env("OPENSSL_CONF", "/dev/null");
        if let Ok(server) = Server::listening(&mut command, &ports) {
            return (server, ports.into_iter().map(loopback).collect());
        }
    }
    panic!("nginx does not start");
}

pub(crate) fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

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

pub(crate) fn look_within(address: SocketAddr, budget: Budget) -> Tls {
    let nobody = Authorities::new(Arc::new(RootCertStore::empty()), &[]);
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(observe(address, Some(NAME), &nobody, budget))
}
