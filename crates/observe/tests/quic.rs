//! Handshakes of HTTP/3, with a real server and with what is none.

use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use tempfile::TempDir;
use tightship_model::site::http::Trust;
use tightship_model::site::quic::Handshake;
use tightship_observe::site::quic::shake;
use tightship_testbed::{free_port, python, self_signed};

/// aioquic with a certificate for `shop.example`.
struct Server {
    port: u16,
    folder: TempDir,
    child: Child,
}

impl Server {
    fn speaking(protocol: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        self_signed(folder.path(), "shop", &["shop.example"]);
        let port = free_port().expect("a port");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/quic.py");
        let mut child = Command::new(python("tls"))
            .arg(script)
            .args([&port.to_string(), protocol, "shop.crt", "shop.key"])
            .current_dir(folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python runs");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("a pipe");
        BufReader::new(stdout).read_line(&mut line).expect("a line");
        assert_eq!(line, "ready\n");
        Self {
            port,
            folder,
            child,
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn mozilla() -> RootCertStore {
    RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    }
}

/// The machine may be busy: whoever does not ask about silence waits long for an answer.
const LONG: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_secs(1);

fn shaken(port: u16, name: &str, roots: RootCertStore) -> Handshake {
    shaken_within(LONG, port, name, roots)
}

fn shaken_within(timeout: Duration, port: u16, name: &str, roots: RootCertStore) -> Handshake {
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(shake(address, name, Arc::new(roots), timeout))
}

#[test]
fn a_server_of_http3_is_spoken_to() {
    let server = Server::speaking("h3");
    let done = |certificate| Handshake::Done {
        protocol: Some("h3".to_owned()),
        certificate,
    };
    let mut roots = mozilla();
    let pem = std::fs::read(server.folder.path().join("shop.crt")).expect("a file");
    roots.add_parsable_certificates([CertificateDer::from_pem_slice(&pem).expect("PEM")]);
    let known = shaken(server.port, "shop.example", roots.clone());
    // openssl's own certificates sign others, which none of a site may.
    let Handshake::Done {
        certificate: Trust::NotVerified(reason),
        ..
    } = &known
    else {
        panic!("{known:?}");
    };
    assert!(reason.contains("CaUsedAsEndEntity"), "{reason}");
    let other = shaken(server.port, "other.example", roots);
    assert_ne!(other, done(Trust::Verified));
    let Handshake::Done { protocol, .. } = other else {
        panic!("{other:?}");
    };
    assert_eq!(protocol.as_deref(), Some("h3"));
}

#[test]
fn another_protocol_is_no_http3() {
    let server = Server::speaking("hq-interop");
    let refused = shaken(server.port, "shop.example", mozilla());
    assert!(matches!(refused, Handshake::Failed(_)), "{refused:?}");
}

#[test]
fn a_closed_port_is_told_from_silence() {
    let closed = free_port().expect("a port");
    let told = shaken(closed, "shop.example", mozilla());
    assert_eq!(told, Handshake::Closed);
    let deaf = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let port = deaf.local_addr().expect("an address").port();
    let told = shaken_within(SHORT, port, "shop.example", mozilla());
    assert_eq!(told, Handshake::Silent);
}

/// Whatever comes back, an answer is told, and that in time.
#[test]
fn what_is_no_quic_is_survived() {
    // An answer without end to each datagram: nothing, zeroes, the datagram itself, a version that
    // nobody speaks, a retry, one byte of many kinds.
    let negotiation = |sent: &[u8]| {
        let mut reply = vec![0x80, 0, 0, 0, 0];
        let destination = usize::from(sent.get(5).copied().unwrap_or(0));
        let source = sent.get(6 + destination..).unwrap_or_default();
        reply.extend(source.iter().take(9));
        reply.extend(sent.get(5..14).unwrap_or_default());
        reply.extend([0x1a, 0x1a, 0x1a, 0x1a]);
        reply
    };
    type Reply = Box<dyn Fn(&[u8]) -> Vec<u8> + Send>;
    let cases: Vec<(&str, Reply)> = vec![
        ("nothing", Box::new(|_| Vec::new())),
        ("zeroes", Box::new(|_| vec![0; 1200])),
        ("an echo", Box::new(<[u8]>::to_vec)),
        ("ones", Box::new(|_| vec![0xff; 1200])),
        ("another version", Box::new(negotiation)),
        (
            "a retry",
            Box::new(|sent| [&[0xf0, 0, 0, 0, 1][..], &sent[5..], &[0; 16]].concat()),
        ),
        ("a short header", Box::new(|_| vec![0x40; 60])),
        (
            "an HTTP answer",
            Box::new(|_| b"HTTP/1.1 200 OK\r\n\r\n".to_vec()),
        ),
        ("much", Box::new(|_| vec![0xc3; 9000])),
    ];
    for (name, reply) in cases {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
        let port = socket.local_addr().expect("an address").port();
        std::thread::spawn(move || {
            let mut datagram = [0; 2000];
            while let Ok((length, visitor)) = socket.recv_from(&mut datagram) {
                for _ in 0..50 {
                    let _ = socket.send_to(&reply(&datagram[..length]), visitor);
                }
            }
        });
        let told = shaken_within(SHORT, port, "shop.example", mozilla());
        assert!(matches!(told, Handshake::Failed(_)), "{name}: {told:?}");
    }
}
