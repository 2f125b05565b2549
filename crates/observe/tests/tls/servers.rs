//! Real TLS servers on loopback.

use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};
use std::time::Duration;

use rustls::RootCertStore;
use tightship_model::site::tls::Tls;
use tightship_observe::site::tls::{Budget, observe};
use tightship_testbed::{Server, free_port, program};

use crate::keys::Keys;

pub(crate) const NAME: &str = "tls.example";

/// Starts `openssl s_server` with these arguments; the server ends with the first value.
pub(crate) fn openssl(keys: &Keys, arguments: &[&str]) -> (Server, SocketAddr) {
    // Another process may take the port in between: then the next one is tried.
    for _ in 0..5 {
        let port = free_port().expect("a port");
        let mut server = Server::start(
            Command::new(program("openssl"))
                .arg("s_server")
                .args(["-accept", &format!("127.0.0.1:{port}"), "-www", "-quiet"])
                .args(arguments)
                .current_dir(keys.folder())
                .env("OPENSSL_CONF", "/dev/null")
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null()),
        )
        .expect("openssl starts");
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        if listens(&mut server, address) {
            return (server, address);
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
        let configuration = format!(
            "daemon off; pid nginx.pid; error_log stderr emerg; worker_processes 1;\n\
             events {{ worker_connections 512; }}\n\
             http {{ access_log off; client_body_temp_path a; proxy_temp_path b;\n\
             fastcgi_temp_path c; uwsgi_temp_path d; scgi_temp_path e;\n{blocks}}}\n"
        );
        let configuration = configuration.replace("KEYS", &keys.folder().display().to_string());
        std::fs::write(folder.join("nginx.conf"), configuration).expect("written");
        let mut server = Server::start(
            Command::new(program("nginx"))
                .arg("-p")
                .arg(&folder)
                .args(["-c", "nginx.conf"])
                .env("OPENSSL_CONF", "/dev/null")
                .stdin(Stdio::null())
                .stdout(Stdio::null()),
        )
        .expect("nginx starts");
        let addresses: Vec<_> = ports
            .iter()
            .map(|port| SocketAddr::from(([127, 0, 0, 1], *port)))
            .collect();
        if addresses
            .iter()
            .all(|address| listens(&mut server, *address))
        {
            return (server, addresses);
        }
    }
    panic!("nginx does not start");
}

fn listens(server: &mut Server, address: SocketAddr) -> bool {
    for _ in 0..250 {
        if !server.is_alive() {
            return false;
        }
        if TcpStream::connect(address).is_ok() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    false
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
    let roots = RootCertStore::empty();
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(observe(address, Some(NAME), &roots, budget))
}
