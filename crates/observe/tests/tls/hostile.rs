//! Servers that mean harm: every look ends by its own bounds, of time, bytes and connections, and with an
//! answer. No clock of the test's own bounds anything: who says nothing says nothing for ever, so that a
//! look without bounds would not return.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use tightship_model::site::tls::{Reach, Tls};
use tightship_observe::site::tls::Budget;

use crate::servers::look_within;

/// Serves every connection with a function, on threads that end with the process.
fn serve(answer: fn(TcpStream)) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || answer(stream));
        }
    });
    address
}

fn look(answer: fn(TcpStream)) -> Tls {
    let budget = Budget {
        total: Duration::from_secs(10),
        patience: Duration::from_secs(1),
        bytes: 1 << 18,
        connections: 200,
        ..Budget::default()
    };
    let tls = look_within(serve(answer), budget);
    assert!(tls.cost.connections <= 200);
    // What one connection may bring, and what was on its way when it was closed.
    let most = u64::from(tls.cost.connections) * (1 << 19);
    assert!(tls.cost.bytes_received <= most, "{:?}", tls.cost);
    tls
}

fn hear(stream: &mut TcpStream) {
    let mut buffer = [0; 4096];
    // Whatever comes: the answer is the same.
    let _ = stream.read(&mut buffer);
}

/// Says nothing until the other side has gone.
fn outwait(mut stream: TcpStream) {
    let mut buffer = [0; 64];
    while stream.read(&mut buffer).is_ok_and(|length| length > 0) {}
}

#[test]
fn nobody_listens() {
    let port = tightship_testbed::free_port().expect("a port");
    let tls = look_within(SocketAddr::from(([127, 0, 0, 1], port)), Budget::default());
    assert!(matches!(tls.reach, Reach::Unreachable { .. }), "{tls:?}");
    assert_eq!(tls.cost.connections, 1);
    assert!(tls.protocols.is_empty());
}

#[test]
fn plain_http_is_not_tls() {
    let tls = look(|mut stream| {
        hear(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n\x1b[31mred");
    });
    let Reach::NotTls { reason } = tls.reach else {
        panic!("{tls:?}")
    };
    assert!(reason.contains("HTTP/1.1 400"), "{reason}");
    assert!(!reason.contains('\x1b'), "{reason}");
}

#[test]
fn one_that_greets_first_is_not_tls() {
    let tls = look(|mut stream| {
        let _ = stream.write_all(b"SSH-2.0-OpenSSH_9.2p1\r\n");
        hear(&mut stream);
    });
    assert!(matches!(tls.reach, Reach::NotTls { .. }), "{tls:?}");
}

#[test]
fn one_that_hangs_up_is_not_secure() {
    let tls = look(|mut stream| hear(&mut stream));
    assert!(matches!(tls.reach, Reach::NotTls { .. }), "{tls:?}");
}

#[test]
fn one_that_says_nothing_is_not_secure() {
    let tls = look(|mut stream| {
        hear(&mut stream);
        outwait(stream);
    });
    assert!(matches!(tls.reach, Reach::NotTls { .. }), "{tls:?}");
}

#[test]
fn one_that_refuses_everything_is_not_secure() {
    let tls = look(|mut stream| {
        hear(&mut stream);
        let _ = stream.write_all(&[0x15, 3, 3, 0, 2, 2, 40]);
    });
    assert!(matches!(tls.reach, Reach::NotTls { .. }), "{tls:?}");
}

#[test]
fn one_that_tires_is_told_from_one_that_refuses() {
    use std::sync::atomic::{AtomicU32, Ordering};
    static SEEN: AtomicU32 = AtomicU32::new(0);
    // Answers like a server of TLS 1.2 for a while, and then hangs up on everybody.
    let tls = look(|mut stream| {
        let mut hello = [0; 4096];
        let length = stream.read(&mut hello).unwrap_or(0);
        if SEEN.fetch_add(1, Ordering::SeqCst) < 12 {
            let _ = stream.write_all(&server_hello(first_suite(&hello[..length])));
        }
    });
    assert!(matches!(tls.reach, Reach::Throttled { .. }), "{tls:?}");
}

#[test]
fn a_record_that_lies_about_its_length() {
    look(|mut stream| {
        hear(&mut stream);
        let _ = stream.write_all(&[0x16, 3, 3, 0x40, 0x00, 2, 0xff, 0xff, 0xff, 1]);
        outwait(stream);
    });
}

#[test]
fn a_message_that_lies_about_its_length() {
    look(|mut stream| {
        hear(&mut stream);
        let _ = stream.write_all(&[0x16, 3, 3, 0, 4, 2, 0xff, 0xff, 0xff]);
    });
}

#[test]
fn records_without_end() {
    look(|mut stream| {
        hear(&mut stream);
        let mut record = vec![0x16, 3, 3, 0x40, 0x00];
        record.resize(5 + 0x4000, 11);
        while stream.write_all(&record).is_ok() {}
    });
}

#[test]
fn warnings_without_end() {
    look(|mut stream| {
        hear(&mut stream);
        while stream.write_all(&[0x15, 3, 3, 0, 2, 1, 112]).is_ok() {}
    });
}

#[test]
fn empty_records_without_end() {
    look(|mut stream| {
        hear(&mut stream);
        while stream.write_all(&[0x16, 3, 3, 0, 0]).is_ok() {}
    });
}

#[test]
fn bytes_one_at_a_time() {
    look(|mut stream| {
        hear(&mut stream);
        for byte in server_hello([0xc0, 0x2f]) {
            if stream.write_all(&[byte]).is_err() {
                return;
            }
            std::thread::sleep(Duration::from_millis(150));
        }
    });
}

#[test]
fn a_suite_that_was_not_offered() {
    let tls = look(|mut stream| {
        hear(&mut stream);
        let _ = stream.write_all(&server_hello([0xfa, 0xfa]));
    });
    assert!(
        tls.protocols
            .iter()
            .all(|protocol| protocol.suites.is_empty()),
        "{tls:?}"
    );
    assert!(
        tls.gaps.iter().any(|gap| gap.contains("fafa")),
        "{:?}",
        tls.gaps
    );
}

#[test]
fn certificates_that_are_none() {
    let tls = look(|mut stream| {
        let mut hello = [0; 4096];
        let length = stream.read(&mut hello).unwrap_or(0);
        let mut answer = server_hello(first_suite(&hello[..length]));
        answer.extend([
            0x16, 3, 3, 0, 14, 11, 0, 0, 10, 0, 0, 7, 0, 0, 4, 0x30, 0x84, 0xff, 0xff,
        ]);
        answer.extend([0x16, 3, 3, 0, 4, 14, 0, 0, 0]);
        let _ = stream.write_all(&answer);
    });
    assert!(tls.chains.is_empty(), "{tls:?}");
}

/// The first suite of a ClientHello without a session.
fn first_suite(hello: &[u8]) -> [u8; 2] {
    match hello.get(46..48) {
        Some(&[high, low]) => [high, low],
        _ => [0xc0, 0x2f],
    }
}

fn server_hello(suite: [u8; 2]) -> Vec<u8> {
    let mut answer = vec![0x16, 3, 3, 0, 42, 2, 0, 0, 38, 3, 3];
    answer.extend([7; 32]);
    answer.push(0);
    answer.extend(suite);
    answer.push(0);
    answer
}
