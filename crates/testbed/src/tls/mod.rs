//! TLS servers in many configurations, and their keys.

mod configurations;
mod keys;

use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use crate::{Server, free_port, program};

pub use configurations::{CONFIGURATIONS, Configuration, Program};
pub use keys::Keys;

/// The name that the certificates have.
pub const NAME: &str = "tls.example";

/// Starts a server for each of [`CONFIGURATIONS`], a few at a time, and gives what `look` makes of each
/// while it runs.
///
/// Panics where one does not start, or `look` does.
pub fn each<T: Send>(
    keys: &Keys,
    look: impl Fn(&'static Configuration, SocketAddr) -> T + Sync,
) -> Vec<(&'static Configuration, T)> {
    let is_nginx = |one: &&Configuration| one.program == Program::Nginx;
    let texts: Vec<String> = CONFIGURATIONS
        .iter()
        .filter(is_nginx)
        .map(Configuration::whole)
        .collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let (_nginx, addresses) = nginx(keys, &texts);
    let mut addresses = addresses.into_iter();
    let work = CONFIGURATIONS.iter().map(|one| match one.program {
        Program::Nginx => (one, addresses.next()),
        Program::OpenSsl => (one, None),
    });
    let work = Mutex::new(work.collect::<Vec<_>>());
    let next = || {
        let mut work = work.lock().unwrap_or_else(PoisonError::into_inner);
        work.pop()
    };
    let found = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some((one, address)) = next() {
                    let whole = one.whole();
                    let started = match address {
                        Some(_) => None,
                        None => Some(openssl(keys, &whole.split_whitespace().collect::<Vec<_>>())),
                    };
                    let own = started.as_ref().map(|(_, address)| *address);
                    let Some(address) = address.or(own) else {
                        continue;
                    };
                    let seen = look(one, address);
                    let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
                    found.push((one, seen));
                }
            });
        }
    });
    found.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Starts `openssl s_server` with these arguments; the server ends with the first value.
///
/// Panics where it does not start.
pub fn openssl(keys: &Keys, arguments: &[&str]) -> (Server, SocketAddr) {
    // Another process may take the port in between: then the next one is tried.
    for _ in 0..5 {
        let Ok(port) = free_port() else { continue };
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
///
/// Panics where it does not start.
pub fn nginx(keys: &Keys, servers: &[&str]) -> (Server, Vec<SocketAddr>) {
    for attempt in 0..5 {
        let ports: Result<Vec<u16>, _> = servers.iter().map(|_| free_port()).collect();
        let Ok(ports) = ports else { continue };
        let folder = keys.path(&format!("nginx{attempt}"));
        if std::fs::create_dir_all(&folder).is_err() {
            continue;
        }
        let blocks: String = servers
            .iter()
            .zip(&ports)
            .map(|(text, port)| {
                let text = text.replace("PORT", &format!("127.0.0.1:{port}"));
                format!("server {{ server_name {NAME}; return 200 ok; {text} }}\n")
            })
            .collect();
        let blocks = blocks.replace("KEYS", &keys.folder().display().to_string());
        let Ok(mut command) = crate::nginx(&folder, &blocks) else {
            continue;
        };
        command.env("OPENSSL_CONF", "/dev/null");
        if let Ok(server) = Server::listening(&mut command, &ports) {
            return (server, ports.into_iter().map(loopback).collect());
        }
    }
    panic!("nginx does not start");
}

/// The address of this machine at a port.
pub fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}
