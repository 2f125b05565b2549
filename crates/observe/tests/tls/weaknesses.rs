//! Faults of implementations: real servers have none of them, constructed ones show each.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

use tightship_model::site::tls::{Probe, Tls, WeaknessKind};
use tightship_testbed::{odd_tls, python_unless_skipped};

use crate::servers::{openssl, try_out, try_out_patiently};
use tightship_testbed::tls::Keys;

fn probe(tls: &Tls, kind: WeaknessKind) -> &Probe {
    let found = tls.weaknesses.iter().find(|weakness| weakness.kind == kind);
    &found
        .unwrap_or_else(|| panic!("{kind:?} was not probed: {tls:?}"))
        .probe
}

#[test]
fn openssl_of_today_has_none() {
    let keys = Keys::make();
    let text = "-cert rsa.crt -key rsa.key -cipher AES:@SECLEVEL=0";
    let (_server, address) = openssl(&keys, &text.split(' ').collect::<Vec<_>>());
    let tls = try_out(address);
    for kind in [
        WeaknessKind::Heartbleed,
        WeaknessKind::CcsInjection,
        WeaknessKind::Robot,
        WeaknessKind::Ticketbleed,
        WeaknessKind::PoodleTls,
        WeaknessKind::PaddingOracle,
        WeaknessKind::AesNiPadding,
        WeaknessKind::ZeroLength,
    ] {
        assert!(
            matches!(probe(&tls, kind), Probe::Safe { .. }),
            "{:?}",
            tls.weaknesses
        );
    }
}

#[test]
fn each_fault_of_padding_is_told_from_the_others() {
    let Some(python) = python_unless_skipped("tls") else {
        return;
    };
    let keys = Keys::make();
    for (fault, kind) in [
        ("padding_is_ignored", Some(WeaknessKind::PoodleTls)),
        ("padding_is_told", Some(WeaknessKind::PaddingOracle)),
        ("no_room_is_told", Some(WeaknessKind::AesNiPadding)),
        ("empty_is_told", Some(WeaknessKind::ZeroLength)),
        ("checked", None),
    ] {
        let wish = format!(
            r#"{{"fault": "{fault}", "settings": {{"maxVersion": [3, 3], "cipherNames": ["aes128", "aes256"]}}}}"#
        );
        let (_server, address) =
            odd_tls(&python, &keys.path("rsa.crt"), &keys.path("rsa.key"), &wish);
        let tls = try_out_patiently(address);
        for asked in [
            WeaknessKind::PoodleTls,
            WeaknessKind::PaddingOracle,
            WeaknessKind::AesNiPadding,
            WeaknessKind::ZeroLength,
        ] {
            let shows = Some(asked) == kind;
            match probe(&tls, asked) {
                Probe::Vulnerable { .. } if shows => {}
                Probe::Safe { .. } if !shows => {}
                // What every record tells, an empty one tells too.
                Probe::Unknown { .. } if asked == WeaknessKind::ZeroLength => {}
                other => panic!("{fault}: {asked:?} is {other:?}"),
            }
        }
    }
}

#[test]
fn an_identifier_that_comes_back_longer_is_ticketbleed() {
    let keys = Keys::make();
    let text = "-cert rsa.crt -key rsa.key -tls1_2";
    let (_server, address) = openssl(&keys, &text.split(' ').collect::<Vec<_>>());
    let sound = try_out(address);
    let bleeding = try_out(relay(address, |hello| {
        // Record and message of a ServerHello grow by the 16 bytes that its identifier lacks.
        if hello.first() == Some(&0x16) && hello.get(5) == Some(&2) && hello.get(43) == Some(&16) {
            hello.splice(60..60, [0x41; 16]);
            hello[43] = 32;
            for place in [4, 8] {
                hello[place] += 16;
            }
        }
    }));
    let kind = WeaknessKind::Ticketbleed;
    assert!(
        matches!(probe(&sound, kind), Probe::Safe { .. }),
        "{sound:?}"
    );
    assert!(
        matches!(probe(&bleeding, kind), Probe::Vulnerable { .. }),
        "{:?}",
        bleeding.weaknesses
    );
}

/// Passes connections on to a server, and the first bytes that it answers through `change`.
fn relay(server: SocketAddr, change: fn(&mut Vec<u8>)) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for mut client in listener.incoming().flatten() {
            std::thread::spawn(move || -> std::io::Result<()> {
                let mut upstream = TcpStream::connect(server)?;
                let (mut from, mut to) = (client.try_clone()?, upstream.try_clone()?);
                std::thread::spawn(move || {
                    let copied = std::io::copy(&mut from, &mut to);
                    to.shutdown(std::net::Shutdown::Both).and(copied)
                });
                let mut head = vec![0; 16 * 1024];
                let length = upstream.read(&mut head)?;
                head.truncate(length);
                change(&mut head);
                client.write_all(&head)?;
                std::io::copy(&mut upstream, &mut client)?;
                client.shutdown(std::net::Shutdown::Both)
            });
        }
    });
    address
}

/// What a server of one suite, TLS_RSA_WITH_AES_128_CBC_SHA, does after its first flight.
type Rest = fn(&mut TcpStream);

/// Answers hellos that offer the suite as OpenSSL would, with the heartbeat extension, then `rest`.
fn serve(rest: Rest) -> SocketAddr {
    let keys = Keys::make();
    let pem = std::fs::read_to_string(keys.path("rsa.crt")).expect("a certificate");
    let certificate = der(&pem);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let certificate = certificate.clone();
            std::thread::spawn(move || {
                let Some(hello) = record(&mut stream) else {
                    return;
                };
                let is_new = hello.get(4..6) != Some(&[3, 3]);
                let offers = hello.windows(2).any(|pair| pair == [0x00, 0x2f]);
                let answer = if is_new {
                    vec![0x15, 3, 3, 0, 2, 2, 70]
                } else if offers {
                    flight(&certificate)
                } else {
                    vec![0x15, 3, 3, 0, 2, 2, 40]
                };
                if stream.write_all(&answer).is_ok() && offers && !is_new {
                    rest(&mut stream);
                }
            });
        }
    });
    address
}

fn record(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut head = [0; 5];
    stream.read_exact(&mut head).ok()?;
    let mut body = vec![0; usize::from(u16::from_be_bytes([head[3], head[4]]))];
    stream.read_exact(&mut body).ok()?;
    Some(body)
}

fn flight(certificate: &[u8]) -> Vec<u8> {
    let mut hello = vec![3, 3];
    hello.extend([7; 32]);
    // No session, the suite, no compression, and the heartbeat extension.
    hello.extend([0, 0x00, 0x2f, 0, 0, 5, 0, 15, 0, 1, 1]);
    let length = |length: usize| u32::try_from(length).expect("short").to_be_bytes()[1..].to_vec();
    let mut list = length(certificate.len());
    list.extend(certificate);
    let mut certificates = length(list.len());
    certificates.extend(list);
    let mut messages = Vec::new();
    for (kind, body) in [(2, hello), (11, certificates), (14, Vec::new())] {
        messages.push(kind);
        messages.extend(length(body.len()));
        messages.extend(body);
    }
    let mut answer = vec![0x16, 3, 3];
    answer.extend(u16::try_from(messages.len()).expect("short").to_be_bytes());
    answer.extend(messages);
    answer
}

fn der(pem: &str) -> Vec<u8> {
    use rustls::pki_types::{CertificateDer, pem::PemObject as _};
    let certificate = CertificateDer::from_pem_slice(pem.as_bytes()).expect("PEM");
    certificate.as_ref().to_vec()
}

#[test]
fn memory_that_comes_back_is_heartbleed() {
    let tls = try_out(serve(|stream| {
        let Some(_heartbeat) = record(stream) else {
            return;
        };
        let mut answer = vec![0x18, 3, 3, 0x10, 0x13, 2, 0x10, 0];
        answer.resize(5 + 0x1013, 0x41);
        let _ = stream.write_all(&answer);
        let _ = record(stream);
    }));
    assert!(
        matches!(
            probe(&tls, WeaknessKind::Heartbleed),
            Probe::Vulnerable { .. }
        ),
        "{:?}",
        tls.weaknesses
    );
    assert_eq!(tls.extensions.heartbeat, Some(true));
}

#[test]
fn a_lie_that_is_dropped_is_no_heartbleed() {
    let tls = try_out(serve(|stream| {
        while let Some(heartbeat) = record(stream) {
            if heartbeat.len() > 3 {
                let _ = stream.write_all(&[0x18, 3, 3, 0, 4, 2, 0, 1, 7]);
            }
        }
    }));
    assert!(
        matches!(probe(&tls, WeaknessKind::Heartbleed), Probe::Safe { .. }),
        "{:?}",
        tls.weaknesses
    );
}

#[test]
fn without_a_control_nothing_is_said_of_heartbleed() {
    let tls = try_out(serve(|stream| while record(stream).is_some() {}));
    assert!(
        matches!(probe(&tls, WeaknessKind::Heartbleed), Probe::Unknown { .. }),
        "{:?}",
        tls.weaknesses
    );
    assert!(
        matches!(
            probe(&tls, WeaknessKind::CcsInjection),
            Probe::Unknown { .. }
        ),
        "{:?}",
        tls.weaknesses
    );
}

#[test]
fn an_early_change_that_is_taken_is_seen() {
    let tls = try_out(serve(|stream| {
        // The first is taken without a word, the next cannot be decrypted.
        let _ = (record(stream), record(stream));
        let _ = stream.write_all(&[0x15, 3, 3, 0, 2, 2, 20]);
    }));
    assert!(
        matches!(
            probe(&tls, WeaknessKind::CcsInjection),
            Probe::Vulnerable { .. }
        ),
        "{:?}",
        tls.weaknesses
    );
}

#[test]
fn a_padding_that_shows_is_robot() {
    let Some(python) = python_unless_skipped("tls") else {
        return;
    };
    let keys = Keys::make();
    for (fault, shows) in [("premaster_is_told", true), ("checked", false)] {
        let wish = format!(
            r#"{{"fault": "{fault}", "settings": {{"maxVersion": [3, 3], "keyExchangeNames": ["rsa"]}}}}"#
        );
        let (_server, address) =
            odd_tls(&python, &keys.path("rsa.crt"), &keys.path("rsa.key"), &wish);
        let tls = try_out_patiently(address);
        match probe(&tls, WeaknessKind::Robot) {
            Probe::Vulnerable { seen } if shows => assert!(seen.contains("alert 47"), "{seen}"),
            Probe::Safe { .. } if !shows => {}
            other => panic!("{fault}: {other:?}"),
        }
    }
}

#[test]
fn answers_that_change_by_themselves_are_no_robot() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    let tls = try_out(serve(|stream| {
        let Some(first) = record(stream) else { return };
        if first.first() != Some(&16) {
            return;
        }
        let alert = 20 + u8::try_from(ASKED.fetch_add(1, Ordering::SeqCst) % 7).unwrap_or(0);
        let _ = (record(stream), record(stream));
        let _ = stream.write_all(&[0x15, 3, 3, 0, 2, 2, alert]);
    }));
    assert!(
        matches!(probe(&tls, WeaknessKind::Robot), Probe::Unknown { .. }),
        "{:?}",
        tls.weaknesses
    );
}
