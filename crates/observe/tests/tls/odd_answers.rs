//! Servers that answer with what no server should: each look ends, within its bytes, and says what it
//! saw of the server.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use tightship_model::site::tls::{Reach, Tls};
use tightship_observe::site::tls::Budget;

use crate::servers::{look, look_within, openssl};
use tightship_testbed::tls::Keys;

/// What comes of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    NotTls,
    /// It answers like TLS, so that something can be said, or that it stopped answering.
    Tls,
}

struct Case {
    name: &'static str,
    kind: Kind,
    /// After a hello that asks for this suite.
    answer: fn(&mut TcpStream, [u8; 2]),
}

const fn case(name: &'static str, kind: Kind, answer: fn(&mut TcpStream, [u8; 2])) -> Case {
    Case { name, kind, answer }
}

const CASES: &[Case] = &[
    case("a record of version 5", Kind::NotTls, |stream, _| {
        send(stream, &[0x16, 5, 5, 0, 4, 2, 0, 0, 0]);
    }),
    case("a record of 65,535 bytes", Kind::NotTls, |stream, _| {
        send(stream, &[0x16, 3, 3, 0xff, 0xff, 2]);
    }),
    case("records of an unknown kind", Kind::NotTls, |stream, _| {
        send(stream, &[0x20, 3, 3, 0, 1, 0]);
    }),
    case("zeros", Kind::NotTls, |stream, _| send(stream, &[0; 4096])),
    case("an SMTP greeting", Kind::NotTls, |stream, _| {
        send(stream, b"220 mail ESMTP\r\n")
    }),
    case("packed bytes", Kind::NotTls, |stream, _| {
        send(stream, &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xff]);
    }),
    case("an end with bytes unread", Kind::NotTls, |_, _| {}),
    case("a record cut in half", Kind::NotTls, |stream, _| {
        send(stream, &[0x16, 3, 3, 0, 90, 2, 0, 0]);
    }),
    case("application data without end", Kind::NotTls, |stream, _| {
        forever(stream, &record(0x17, &[7; 900]))
    }),
    case("heartbeats without end", Kind::NotTls, |stream, _| {
        forever(stream, &record(0x18, &[1, 0, 0]))
    }),
    case("ChangeCipherSpec without end", Kind::NotTls, |stream, _| {
        forever(stream, &record(0x14, &[1]))
    }),
    case("fatal alerts without end", Kind::NotTls, |stream, _| {
        forever(stream, &record(0x15, &[2, 40]))
    }),
    case("empty alerts without end", Kind::NotTls, |stream, _| {
        forever(stream, &record(0x15, &[]))
    }),
    case(
        "a message in fragments of one byte without end",
        Kind::NotTls,
        |stream, _| {
            send(stream, &record(0x16, &[2, 0xff, 0xff, 0xff]));
            forever(stream, &record(0x16, &[0]));
        },
    ),
    case(
        "messages of an unknown kind without end",
        Kind::NotTls,
        |stream, _| {
            forever(stream, &record(0x16, &[99, 0, 0, 0]));
        },
    ),
    case(
        "requests for a hello without end",
        Kind::NotTls,
        |stream, _| {
            forever(stream, &record(0x16, &[0, 0, 0, 0]));
        },
    ),
    case("a ServerHello that is empty", Kind::NotTls, |stream, _| {
        send(stream, &message(2, &[]))
    }),
    case(
        "a ServerHello in records of one byte",
        Kind::Tls,
        |stream, suite| {
            for byte in message_body(2, &hello(suite, &[])) {
                send(stream, &record(0x16, &[byte]));
            }
        },
    ),
    case(
        "a ServerHello a thousand times",
        Kind::Tls,
        |stream, suite| {
            for _ in 0..1000 {
                send(stream, &message(2, &hello(suite, &[])));
            }
        },
    ),
    case(
        "extensions that lie about their length",
        Kind::Tls,
        |stream, suite| {
            send(
                stream,
                &message(2, &hello(suite, &[0xff, 0xff, 0, 16, 0xff, 0xff, 1])),
            );
        },
    ),
    case("four thousand extensions", Kind::Tls, |stream, suite| {
        let mut extensions = vec![0x3e, 0x80];
        extensions.extend([0x7a, 0x7a, 0, 0].repeat(4000));
        send(stream, &message(2, &hello(suite, &extensions)));
    }),
    case(
        "a name of a protocol that a terminal obeys",
        Kind::Tls,
        |stream, suite| {
            send(
                stream,
                &message(
                    2,
                    &hello(suite, b"\x00\x0b\x00\x10\x00\x07\x00\x05\x04\x1b[31"),
                ),
            );
        },
    ),
    case(
        "compression that was not offered",
        Kind::Tls,
        |stream, suite| {
            let mut hello = hello(suite, &[]);
            *hello.last_mut().expect("a method") = 0xff;
            send(stream, &message(2, &hello));
        },
    ),
    case(
        "a version between the versions",
        Kind::NotTls,
        |stream, suite| {
            let mut hello = hello(suite, &[]);
            hello[..2].copy_from_slice(&[3, 9]);
            send(stream, &message(2, &hello));
        },
    ),
    case(
        "an identifier longer than the message",
        Kind::NotTls,
        |stream, suite| {
            let mut hello = hello(suite, &[]);
            hello[34] = 0xff;
            send(stream, &message(2, &hello));
        },
    ),
    case(
        "a request to try again without end",
        Kind::Tls,
        |stream, suite| {
            forever(stream, &message(2, &hello(suite, &[])));
        },
    ),
    case("a chain without end", Kind::Tls, |stream, suite| {
        send(stream, &message(2, &hello(suite, &[])));
        send(
            stream,
            &record(0x16, &[11, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfc]),
        );
        forever(stream, &record(0x16, &[0, 0, 1, 0x30].repeat(2000)));
    }),
    case(
        "two thousand certificates without content",
        Kind::Tls,
        |stream, suite| {
            let mut list = vec![0, 0x17, 0x70];
            list.extend([0, 0, 0].repeat(2000));
            flight(stream, suite, &[(11, list)]);
        },
    ),
    case("DER in DER in DER", Kind::Tls, |stream, suite| {
        let nested = [0x30, 0x80].repeat(3000);
        flight(stream, suite, &[(11, chain(&nested))]);
    }),
    case(
        "DER that claims four gigabytes",
        Kind::Tls,
        |stream, suite| {
            flight(
                stream,
                suite,
                &[(11, chain(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0x30]))],
            );
        },
    ),
    case(
        "a staple that lies about its length",
        Kind::Tls,
        |stream, suite| {
            flight(
                stream,
                suite,
                &[
                    (11, chain(&[0x30, 0])),
                    (22, vec![1, 0xff, 0xff, 0xff, 0x30]),
                ],
            );
        },
    ),
    case(
        "a prime of sixteen thousand bytes",
        Kind::Tls,
        |stream, suite| {
            let mut exchange = vec![0x3e, 0x80];
            exchange.extend([0xff; 16_000]);
            exchange.extend([0, 1, 2, 0, 1, 4]);
            flight(stream, suite, &[(12, exchange)]);
        },
    ),
    case("a prime that is zero", Kind::Tls, |stream, suite| {
        flight(
            stream,
            suite,
            &[(12, vec![0, 1, 0, 0, 1, 0, 0, 1, 0, 4, 1, 0, 0])],
        );
    }),
    case(
        "a group that nobody knows, with a key of no bytes",
        Kind::Tls,
        |stream, suite| {
            flight(stream, suite, &[(12, vec![3, 0xfe, 0xfe, 0, 4, 3, 0, 0])]);
        },
    ),
    case(
        "a compressed certificate of garbage",
        Kind::Tls,
        |stream, suite| {
            flight(
                stream,
                suite,
                &[(25, vec![0, 2, 0xff, 0xff, 0xff, 0, 0, 4, 1, 2, 3, 4])],
            );
        },
    ),
    case(
        "requests for certificates without end",
        Kind::Tls,
        |stream, suite| {
            send(stream, &message(2, &hello(suite, &[])));
            forever(stream, &message(13, &[1, 1, 0, 0, 0, 0]));
        },
    ),
    case(
        "a hello of SSL 2.0 with more certificate than bytes",
        Kind::NotTls,
        |stream, _| {
            send(
                stream,
                &[0x80, 11, 4, 0, 1, 0, 2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            );
        },
    ),
    case(
        "records behind a key that nobody can open",
        Kind::Tls,
        |stream, suite| {
            send(stream, &message(2, &newer_hello(suite)));
            forever(stream, &record(0x17, &[7; 64]));
        },
    ),
    case(
        "ChangeCipherSpec without end behind a key",
        Kind::Tls,
        |stream, suite| {
            send(stream, &message(2, &newer_hello(suite)));
            forever(stream, &record(0x14, &[1]));
        },
    ),
    case(
        "a key of another group than was offered",
        Kind::Tls,
        |stream, suite| {
            let mut hello = newer_hello(suite);
            let length = hello.len();
            hello.truncate(length - 34);
            hello.extend([0, 65, 4]);
            hello.extend([7; 31]);
            send(stream, &message(2, &hello));
            forever(stream, &record(0x17, &[7; 64]));
        },
    ),
    case(
        "a byte each tenth of a second",
        Kind::NotTls,
        |stream, suite| {
            for byte in message(2, &hello(suite, &[])) {
                send(stream, &[byte]);
                std::thread::sleep(Duration::from_millis(100));
            }
        },
    ),
];

#[test]
fn every_odd_answer_is_survived() {
    let looks: Vec<_> = CASES
        .iter()
        .map(|case| {
            let address = serve(case.answer);
            let budget = Budget {
                total: Duration::from_secs(10),
                patience: Duration::from_secs(1),
                bytes: 1 << 18,
                connections: 60,
                weaknesses: true,
                ..Budget::default()
            };
            (
                case,
                std::thread::spawn(move || look_within(address, budget)),
            )
        })
        .collect();
    for (case, look) in looks {
        let tls = look.join().unwrap_or_else(|_| panic!("{}", case.name));
        check(case, &tls);
    }
}

fn check(case: &Case, tls: &Tls) {
    assert!(tls.cost.connections <= 60, "{}: {:?}", case.name, tls.cost);
    // What one connection may bring, and what was on its way when it was closed.
    let most = u64::from(tls.cost.connections) * (1 << 19);
    assert!(
        tls.cost.bytes_received <= most,
        "{}: {:?}",
        case.name,
        tls.cost
    );
    let is_tls = match &tls.reach {
        Reach::NotTls { reason } => {
            assert!(
                !reason.chars().any(char::is_control),
                "{}: {reason:?}",
                case.name
            );
            false
        }
        Reach::Speaks | Reach::Throttled { .. } => true,
        other => panic!("{}: {other:?}", case.name),
    };
    assert_eq!(
        is_tls,
        case.kind == Kind::Tls,
        "{}: {:?}",
        case.name,
        tls.reach
    );
    assert!(
        tls.alpn.is_empty() && tls.chains.is_empty(),
        "{}: {tls:?}",
        case.name
    );
}

#[test]
fn a_certificate_of_ten_thousand_names_is_counted() {
    let keys = Keys::make();
    let names: Vec<_> = (0..10_000)
        .map(|number| format!("DNS:h{number}.tls.example"))
        .collect();
    std::fs::write(
        keys.path("names"),
        format!("[v]\nsubjectAltName={}\n", names.join(",")),
    )
    .expect("written");
    let request = "req -new -key rsa.key -subj /CN=x -out names.csr";
    let signed =
        "x509 -req -in names.csr -key rsa.key -days 30 -extfile names -extensions v -out names.crt";
    for command in [request, signed] {
        tightship_testbed::openssl(keys.folder(), &command.split(' ').collect::<Vec<_>>());
    }
    let text = "-cert names.crt -key rsa.key";
    let (_server, address) = openssl(&keys, &text.split(' ').collect::<Vec<_>>());
    let tls = look(address);
    let own = &tls.chains[0].certificates[0];
    assert_eq!(own.name_count, 10_000);
    assert_eq!(own.names.len(), 200);
    // Longer than browsers read: no name of it counts.
    assert_ne!(tls.chains[0].name_matches, Some(true));
}

fn serve(answer: fn(&mut TcpStream, [u8; 2])) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let mut hello = [0; 4096];
                let length = stream.read(&mut hello).unwrap_or(0);
                // After the head, the version and the random: an identifier, then the suites.
                let identifier = usize::from(*hello[..length].get(43).unwrap_or(&0));
                let suite = hello[..length].get(46 + identifier..48 + identifier);
                answer(
                    &mut stream,
                    suite.map_or([0xc0, 0x2f], |suite| [suite[0], suite[1]]),
                );
            });
        }
    });
    address
}

/// Where the other side has gone, nothing more is to be said.
fn send(stream: &mut TcpStream, bytes: &[u8]) {
    let _ = stream.write_all(bytes);
}

fn forever(stream: &mut TcpStream, bytes: &[u8]) {
    while stream.write_all(bytes).is_ok() {}
}

fn flight(stream: &mut TcpStream, suite: [u8; 2], messages: &[(u8, Vec<u8>)]) {
    send(stream, &message(2, &hello(suite, &[])));
    for (kind, body) in messages {
        send(stream, &message(*kind, body));
    }
    send(stream, &message(14, &[]));
}

fn hello(suite: [u8; 2], extensions: &[u8]) -> Vec<u8> {
    let mut body = vec![3, 3];
    body.extend([7; 32]);
    body.push(0);
    body.extend(suite);
    body.push(0);
    body.extend(extensions);
    body
}

/// One of TLS 1.3 with a key for X25519.
fn newer_hello(suite: [u8; 2]) -> Vec<u8> {
    let mut extensions = vec![0, 46, 0, 43, 0, 2, 3, 4, 0, 51, 0, 36, 0, 29, 0, 32];
    extensions.extend([9; 32]);
    hello(suite, &extensions)
}

/// A Certificate message of one certificate.
fn chain(certificate: &[u8]) -> Vec<u8> {
    let length = |length: usize| u32::try_from(length).expect("short").to_be_bytes()[1..].to_vec();
    let one = [length(certificate.len()), certificate.to_vec()].concat();
    [length(one.len()), one].concat()
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    message_body(kind, body)
        .chunks(16_000)
        .flat_map(|part| record(0x16, part))
        .collect()
}

fn message_body(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).expect("short").to_be_bytes();
    [&[kind], &length[1..], body].concat()
}

fn record(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len()).expect("short").to_be_bytes();
    [&[kind, 3, 3], &length[..], body].concat()
}
