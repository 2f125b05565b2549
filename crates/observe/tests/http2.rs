//! A server that agrees on HTTP/2 and means harm: whatever it sends over it, an answer comes in bounded
//! time and memory, and says what happened; over HTTP/1.1 it is honest.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use tightship_model::site::http::{FailureKind, Purpose};
use tightship_observe::site::{Options, Target, observe};
use tightship_testbed::self_signed;

use Expected::{Answers, Cut, Fails};
use Sends::{Endless, Silence, Whole};

/// Servers that are looked at at the same time.
const AT_ONCE: usize = 6;

/// For what ends by itself, on a machine that does other things too.
const LONG: Duration = Duration::from_secs(40);

/// For what ends with our patience alone.
const SHORT: Duration = Duration::from_millis(1500);

/// What the server sends after its settings.
enum Sends {
    /// And then nothing more.
    Whole(Vec<u8>),
    /// The beginning, and then the same for ever.
    Endless(Vec<u8>, Vec<u8>),
    Silence,
}

/// What is said of it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Expected {
    Answers(u16),
    /// An answer whose body is not whole.
    Cut,
    Fails(FailureKind),
}

/// A frame (RFC 9113, section 4.1).
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("a short payload");
    let mut bytes = length.to_be_bytes()[1..].to_vec();
    bytes.extend([kind, flags]);
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PUSH_PROMISE: u8 = 5;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;
const CONTINUATION: u8 = 9;

const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// `:status: 200` by its place in the static table (RFC 7541, appendix A).
const OK: u8 = 0x88;

/// A field that is not indexed, in plain letters.
fn field(name: &str, value: &str) -> Vec<u8> {
    let mut bytes = vec![0];
    for text in [name, value] {
        bytes.extend(integer(text.len()));
        bytes.extend(text.as_bytes());
    }
    bytes
}

/// An integer with a prefix of seven bits (RFC 7541, section 5.1).
fn integer(mut number: usize) -> Vec<u8> {
    if number < 127 {
        return vec![number as u8];
    }
    number -= 127;
    let mut bytes = vec![127];
    while number >= 128 {
        bytes.push((number % 128 + 128) as u8);
        number /= 128;
    }
    bytes.push(number as u8);
    bytes
}

fn head(more: &[u8]) -> Vec<u8> {
    frame(HEADERS, END_HEADERS, 1, &[&[OK], more].concat())
}

fn all(frames: &[Vec<u8>]) -> Sends {
    Whole(frames.concat())
}

fn cases() -> Vec<(&'static str, Sends, Expected)> {
    let closed = Fails(FailureKind::Closed);
    let late = Fails(FailureKind::TimedOut);
    let word = |number: u32| number.to_be_bytes().to_vec();
    let long = field("a", &"b".repeat(8000));
    let many: Vec<u8> = (0..2000).flat_map(|_| field("a", "b")).collect();
    // One long field in the dynamic table, and then its place in it, a byte each.
    let mut bomb = vec![OK, 0x40];
    bomb.extend(&field("a", &"b".repeat(3900))[1..]);
    bomb.extend(vec![0xbe; 12_000]);
    vec![
        (
            "an honest answer",
            all(&[head(&[]), frame(DATA, END_STREAM, 1, b"x")]),
            Answers(200),
        ),
        ("silence", Silence, late),
        (
            "an answer of HTTP/1.1",
            Whole(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".to_vec()),
            closed,
        ),
        ("a frame of 16 MB", Whole(vec![0xff; 9]), closed),
        ("endless zeroes", Endless(Vec::new(), vec![0; 9]), closed),
        (
            "endless continuation",
            Endless(
                frame(HEADERS, 0, 1, &[OK]),
                frame(CONTINUATION, 0, 1, &long),
            ),
            closed,
        ),
        (
            "endless empty continuation",
            Endless(frame(HEADERS, 0, 1, &[OK]), frame(CONTINUATION, 0, 1, &[])),
            closed,
        ),
        (
            "continuation without headers",
            all(&[frame(CONTINUATION, END_HEADERS, 1, &[OK])]),
            closed,
        ),
        (
            "a head that another frame breaks",
            all(&[frame(HEADERS, 0, 1, &[OK]), frame(PING, 0, 0, &[0; 8])]),
            closed,
        ),
        (
            "a bomb of HPACK",
            all(&[frame(HEADERS, END_HEADERS | END_STREAM, 1, &bomb)]),
            closed,
        ),
        (
            "2,000 fields",
            all(&[frame(
                HEADERS,
                END_HEADERS | END_STREAM,
                1,
                &[&[OK][..], &many].concat(),
            )]),
            closed,
        ),
        (
            "a place that no table has",
            all(&[frame(HEADERS, END_HEADERS, 1, &[0xff, 0xff, 0xff, 0x7f])]),
            closed,
        ),
        (
            "a table of 4 GB",
            all(&[frame(
                HEADERS,
                END_HEADERS,
                1,
                &[0x3f, 0xff, 0xff, 0xff, 0xff, 0x0f, OK],
            )]),
            closed,
        ),
        (
            "broken Huffman",
            all(&[frame(
                HEADERS,
                END_HEADERS,
                1,
                &[OK, 0, 0x81, 0xff, 1, b'x'],
            )]),
            closed,
        ),
        (
            "no status",
            all(&[frame(
                HEADERS,
                END_HEADERS | END_STREAM,
                1,
                &field("a", "b"),
            )]),
            closed,
        ),
        (
            "status 0",
            all(&[frame(
                HEADERS,
                END_HEADERS | END_STREAM,
                1,
                &field(":status", "0"),
            )]),
            closed,
        ),
        ("a name in capitals", all(&[head(&field("A", "b"))]), closed),
        (
            "a line break in a field",
            all(&[head(&field("a", "b\r\nc: d"))]),
            closed,
        ),
        (
            "endless early hints",
            Endless(
                Vec::new(),
                frame(HEADERS, END_HEADERS, 1, &field(":status", "103")),
            ),
            late,
        ),
        ("a reset", all(&[frame(RST_STREAM, 0, 1, &word(8))]), closed),
        (
            "a flood of resets",
            Endless(Vec::new(), frame(RST_STREAM, 0, 1, &word(8))),
            closed,
        ),
        (
            "resets of what was never opened",
            Endless(Vec::new(), frame(RST_STREAM, 0, 99, &word(8))),
            closed,
        ),
        (
            "a farewell",
            all(&[frame(GOAWAY, 0, 0, &[word(0), word(0)].concat())]),
            closed,
        ),
        (
            "endless settings",
            Endless(Vec::new(), frame(SETTINGS, 0, 0, &[])),
            late,
        ),
        (
            "a window that is none",
            all(&[frame(
                SETTINGS,
                0,
                0,
                &[&[0, 4][..], &word(u32::MAX)].concat(),
            )]),
            closed,
        ),
        (
            "frames of no size",
            all(&[frame(SETTINGS, 0, 0, &[&[0, 5][..], &word(1)].concat())]),
            closed,
        ),
        (
            "endless pings",
            Endless(Vec::new(), frame(PING, 0, 0, &[0; 8])),
            late,
        ),
        (
            "a step of the window by nothing",
            all(&[frame(WINDOW_UPDATE, 0, 0, &word(0))]),
            closed,
        ),
        (
            "a window beyond numbers",
            all(&[
                frame(WINDOW_UPDATE, 0, 0, &word(0x7fff_ffff)),
                frame(WINDOW_UPDATE, 0, 0, &word(0x7fff_ffff)),
            ]),
            closed,
        ),
        (
            "a promise that nobody asked for",
            all(&[frame(
                PUSH_PROMISE,
                END_HEADERS,
                1,
                &[word(2), vec![0x82]].concat(),
            )]),
            closed,
        ),
        (
            "a stream of the server's own",
            all(&[frame(HEADERS, END_HEADERS, 2, &[OK])]),
            closed,
        ),
        (
            "data before the head",
            all(&[frame(DATA, 0, 1, b"x")]),
            closed,
        ),
        (
            "padding that is longer than the frame",
            all(&[head(&[]), frame(DATA, 8, 1, &[200, 1])]),
            Cut,
        ),
        (
            "more data than the window",
            Endless(head(&[]), frame(DATA, 0, 1, &[b'x'; 16_000])),
            Cut,
        ),
        (
            "endless data of nothing",
            Endless(head(&[]), frame(DATA, 0, 1, &[])),
            Cut,
        ),
        (
            "a body that stops",
            all(&[head(&[]), frame(DATA, 0, 1, b"x")]),
            late,
        ),
        (
            "a body that is reset",
            all(&[
                head(&[]),
                frame(DATA, 0, 1, b"x"),
                frame(RST_STREAM, 0, 1, &word(2)),
            ]),
            Cut,
        ),
        (
            "a length that is a lie",
            all(&[
                head(&field("content-length", "10")),
                frame(DATA, END_STREAM, 1, b"x"),
            ]),
            Cut,
        ),
        (
            "endless trailers",
            Endless(
                head(&[]),
                frame(HEADERS, END_HEADERS | END_STREAM, 1, &field("a", "b")),
            ),
            Answers(200),
        ),
        (
            "an error",
            all(&[frame(
                HEADERS,
                END_HEADERS | END_STREAM,
                1,
                &field(":status", "502"),
            )]),
            Answers(502),
        ),
    ]
}

#[test]
fn whatever_comes_over_http2_is_bounded_and_told() {
    let cases = cases();
    let count = cases.len();
    assert!(count >= 40, "{count}");
    let config = config();
    let queue = Mutex::new(cases.into_iter());
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let next = queue.lock().expect("no panic").next();
                    let Some(case) = next else { return };
                    let found = fault(case, &config);
                    wrong.lock().expect("no panic").extend(found);
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("no panic");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is wrong with what is said of one case.
fn fault(
    (name, sends, expected): (&str, Sends, Expected),
    config: &Arc<ServerConfig>,
) -> Option<String> {
    let port = serve(sends, Arc::clone(config));
    let url = format!("https://127.0.0.1:{port}/");
    let is_patient = expected != Fails(FailureKind::TimedOut);
    let options = Options {
        max_requests: 3,
        timeout: if is_patient { LONG } else { SHORT },
        ..Options::new(Target::parse(&url).expect("an address"))
    };
    let began = Instant::now();
    let site = observe(&options).expect("a runtime");
    let http = site.http.expect("exchanges");
    let page = http.last(Purpose::Page).and_then(|page| page.answer());
    assert_eq!(page.expect("HTTP/1.1 is honest").status, 204, "{name}");
    let exchange = http.last(Purpose::Http2).expect("it was asked");
    let got = match (exchange.answer(), exchange.failure()) {
        (Some(answer), _) if answer.content.cut.is_some() => Cut,
        (Some(answer), _) => Answers(answer.status),
        (None, failure) => Fails(failure.expect("one of both").kind),
    };
    let tries = http.all(Purpose::Http2).count();
    let once = matches!(expected, Answers(200) | Cut);
    if got != expected || tries != if once { 1 } else { 2 } {
        let reply = &exchange.reply;
        return Some(format!(
            "{name}: expected {expected:?}, got {got:?} in {tries} tries: {reply:?}"
        ));
    }
    (began.elapsed() > LONG * 4).then(|| format!("{name} took {:?}", began.elapsed()))
}

fn config() -> Arc<ServerConfig> {
    let folder = tempfile::tempdir().expect("a folder");
    self_signed(folder.path(), "shop", &["shop.example"]);
    let read = |name: &str| std::fs::read(folder.path().join(name)).expect("a file");
    let certificate = CertificateDer::from_pem_slice(&read("shop.crt")).expect("PEM");
    let key = PrivateKeyDer::from_pem_slice(&read("shop.key")).expect("PEM");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("a key");
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Arc::new(config)
}

/// The port of a server that answers 204 over HTTP/1.1 and this over HTTP/2.
fn serve(sends: Sends, config: Arc<ServerConfig>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let sends = Arc::new(sends);
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let (sends, config) = (Arc::clone(&sends), Arc::clone(&config));
            std::thread::spawn(move || {
                let connection = ServerConnection::new(config).expect("a connection");
                answer(StreamOwned::new(connection, stream), &sends);
            });
        }
    });
    port
}

/// Writes until the other side has had enough. A failure to write is that.
fn answer(mut stream: StreamOwned<ServerConnection, TcpStream>, sends: &Sends) {
    let mut request = [0; 4096];
    if !stream.read(&mut request).is_ok_and(|length| length > 0) {
        return;
    }
    if stream.conn.alpn_protocol() != Some(b"h2") {
        let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
        return;
    }
    let _ = stream.write_all(&frame(SETTINGS, 0, 0, &[]));
    let began = Instant::now();
    match sends {
        Whole(bytes) => {
            let _ = stream.write_all(bytes);
        }
        Endless(start, again) => {
            let block = again.repeat((64 * 1024 / again.len()).max(1));
            let mut is_open = stream.write_all(start).is_ok();
            while is_open && began.elapsed() < LONG {
                is_open = stream.write_all(&block).is_ok();
            }
        }
        Silence => {}
    }
    // Open until the visitor goes.
    while began.elapsed() < LONG && stream.read(&mut request).is_ok_and(|length| length > 0) {}
}
