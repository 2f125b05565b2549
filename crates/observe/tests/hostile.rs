//! A server that means harm: whatever it sends, an answer comes within the bounds of the program's own,
//! bytes, requests and time, and says what happened.
//!
//! No clock of the test's own bounds anything: a machine may be busy. What shall end by its bytes is given
//! all the time there is, and what shall end by the timeout never ends by itself, so that a look without
//! bounds would not return.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tightship_model::site::Site;
use tightship_model::site::http::{Exchange, FailureKind, Purpose};
use tightship_observe::site::{Options, Target, observe};

use Expected::{Answers, Cut, Fails};
use Sends::{Endless, Silence, Slowly, Whole};

/// Servers that are looked at at the same time.
const AT_ONCE: usize = 6;

/// The timeout where it is what ends the look.
const SHORT: Duration = Duration::from_millis(1500);
/// The timeout where something else does.
const LONG: Duration = Duration::from_secs(300);

/// What a server may get rid of: the body that is read at most, and what the system holds on the way.
const MOST_BYTES: usize = 32 << 20;

/// What the server does after a request has come.
enum Sends {
    Whole(Vec<u8>),
    /// The beginning, and then the same for ever.
    Endless(&'static str, &'static str),
    /// Byte by byte.
    Slowly(&'static str),
    Silence,
}

/// What is said of it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Expected {
    /// An answer with this status, read to its end.
    Answers(u16),
    /// An answer whose body is not whole.
    Cut,
    Fails(FailureKind),
}

fn ok(head: &str, body: &str) -> Sends {
    let length = body.len();
    Whole(format!("HTTP/1.1 200 OK\r\n{head}Content-Length: {length}\r\n\r\n{body}").into())
}

fn html(body: &str) -> Sends {
    ok("Content-Type: text/html\r\n", body)
}

fn text(text: &str) -> Sends {
    Whole(text.as_bytes().to_vec())
}

fn packed(body: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(body).expect("memory");
    encoder.finish().expect("memory")
}

fn encoded(encoding: &str, body: &[u8]) -> Sends {
    let length = body.len();
    let head = format!("Content-Encoding: {encoding}\r\nContent-Length: {length}\r\n\r\n");
    Whole([b"HTTP/1.1 200 OK\r\n", head.as_bytes(), body].concat())
}

/// Fifty million zeros, as Node's `brotliCompressSync` packs them.
const BOMB: &str = "y///P/gnAOKxQCD3/o///3/wTwDEYRGA7v0f////4J8AiMMCAN37P/7//8E/ARCHBQC693/8//+DfwIgDgsAdO//8g9e\
                    D/8EQBwWAOig6wE=";

fn redirect(location: &str) -> Sends {
    text(&format!(
        "HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n"
    ))
}

fn cases() -> Vec<(&'static str, Sends, Expected)> {
    let not_http = Fails(FailureKind::NotHttp);
    let closed = Fails(FailureKind::Closed);
    let late = Fails(FailureKind::TimedOut);
    let head = "HTTP/1.1 200 OK\r\n";
    let many = |count: usize, line: &str| format!("{head}{}\r\n", line.repeat(count));
    vec![
        ("nothing", text(""), closed),
        ("silence", Silence, late),
        ("a word", text("hello\r\n\r\n"), not_http),
        ("SSH", text("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"), not_http),
        (
            "an alert of TLS",
            Whole(b"\x15\x03\x03\x00\x02\x02\x28".to_vec()),
            not_http,
        ),
        (
            "HTTP/2",
            Whole(b"\x00\x00\x12\x04\x00\x00\x00\x00\x00".to_vec()),
            not_http,
        ),
        ("zeroes", Whole(vec![0; 100_000]), not_http),
        ("HTTP/9.9", text("HTTP/9.9 200 OK\r\n\r\n"), not_http),
        ("status 0", text("HTTP/1.1 000 No\r\n\r\n"), not_http),
        ("status 99999", text("HTTP/1.1 99999 No\r\n\r\n"), not_http),
        (
            "status 999",
            text("HTTP/1.1 999 No\r\nContent-Length: 0\r\n\r\n"),
            Answers(999),
        ),
        (
            "HTTP/1.0",
            text("HTTP/1.0 200 OK\r\n\r\nbody"),
            Answers(200),
        ),
        ("an endless status", Endless("HTTP/1.1 200 ", "x"), not_http),
        (
            "endless fields",
            Endless("HTTP/1.1 200 OK\r\n", "A: b\r\n"),
            not_http,
        ),
        (
            "an endless field",
            Endless("HTTP/1.1 200 OK\r\nA: ", "b"),
            not_http,
        ),
        (
            "an endless name",
            Endless("HTTP/1.1 200 OK\r\n", "a"),
            not_http,
        ),
        ("201 fields", text(&many(201, "A: b\r\n")), not_http),
        (
            "a head of 400 KB",
            text(&many(190, &format!("A: {}\r\n", "b".repeat(2000)))),
            not_http,
        ),
        (
            "190 cookies",
            text(&many(
                190,
                &format!("Set-Cookie: a={}\r\n", "b".repeat(200)),
            )),
            Answers(200),
        ),
        ("half a head", text("HTTP/1.1 200 OK\r\nA: b"), closed),
        (
            "a slow head",
            Slowly("HTTP/1.1 200 OK\r\nA: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\r\n\r\n"),
            late,
        ),
        (
            "a field without a name",
            text("HTTP/1.1 200 OK\r\n: x\r\n\r\n"),
            not_http,
        ),
        (
            "a name with a blank",
            text("HTTP/1.1 200 OK\r\nA B: x\r\n\r\n"),
            not_http,
        ),
        (
            "a field over lines",
            text("HTTP/1.1 200 OK\r\nA: x\r\n y\r\n\r\n"),
            not_http,
        ),
        (
            "NUL in a field",
            Whole(b"HTTP/1.1 200 OK\r\nA: x\0y\r\n\r\n".to_vec()),
            not_http,
        ),
        (
            "an escape in a field",
            text("HTTP/1.1 200 OK\r\nServer: \x1b[2Jx\r\n\r\n"),
            not_http,
        ),
        (
            "Latin-1 in a field",
            Whole(b"HTTP/1.1 200 OK\r\nA: \xe9\r\nContent-Length: 0\r\n\r\n".to_vec()),
            Answers(200),
        ),
        (
            "a policy of 60 KB",
            ok(
                &format!("Content-Security-Policy: {}\r\n", "a b; ".repeat(12_000)),
                "",
            ),
            Answers(200),
        ),
        (
            "a policy of 5 MB",
            ok(
                &format!("Content-Security-Policy: {}\r\n", "a b; ".repeat(1_000_000)),
                "",
            ),
            not_http,
        ),
        (
            "a policy of 900 KB in the page",
            html(&format!(
                "<meta http-equiv=Content-Security-Policy content=\"{}\">",
                "script-src a; ".repeat(64_000)
            )),
            Answers(200),
        ),
        (
            "a cookie of 3 MB",
            ok(
                &format!("Set-Cookie: a={}\r\n", "b".repeat(3_000_000)),
                "",
            ),
            not_http,
        ),
        (
            "a cookie of 60,000 attributes",
            ok(&format!("Set-Cookie: a=b{}\r\n", ";".repeat(60_000)), ""),
            Answers(200),
        ),
        (
            "control characters of eight bits",
            Whole(
                b"HTTP/1.1 200 OK\r\nServer: \x9b2Jx\r\nSet-Cookie: \x9b31m=a\r\nContent-Length: 0\r\n\r\n"
                    .to_vec(),
            ),
            Answers(200),
        ),
        (
            "a cookie of nothing",
            ok("Set-Cookie: \r\nSet-Cookie: =\r\nSet-Cookie: ;;;\r\n", ""),
            Answers(200),
        ),
        (
            "endless patience",
            Endless("", "HTTP/1.1 103 Early Hints\r\n\r\n"),
            late,
        ),
        (
            "100 and nothing",
            Endless("HTTP/1.1 100 Continue\r\n\r\n", ""),
            late,
        ),
        (
            "another protocol",
            text("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"),
            Answers(101),
        ),
        (
            "an endless body",
            Endless("HTTP/1.1 200 OK\r\n\r\n", "0123456789abcdef"),
            Cut,
        ),
        (
            "a huge length",
            Endless(
                "HTTP/1.1 200 OK\r\nContent-Length: 999999999999999999\r\n\r\n",
                "0123456789abcdef",
            ),
            Cut,
        ),
        (
            "a length beyond numbers",
            text("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n"),
            not_http,
        ),
        (
            "a negative length",
            text("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"),
            not_http,
        ),
        (
            "two lengths",
            text("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
            not_http,
        ),
        (
            "a body that ends early",
            text("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab"),
            Cut,
        ),
        (
            "endless chunks",
            Endless(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                format!("1000\r\n{}\r\n", "x".repeat(4096)).leak(),
            ),
            Cut,
        ),
        (
            "a huge chunk",
            text("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFFF\r\n"),
            Cut,
        ),
        (
            "a chunk of nonsense",
            text("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"),
            Cut,
        ),
        (
            "endless words about a chunk",
            Endless(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;",
                "a",
            ),
            Cut,
        ),
        (
            "endless trailers",
            Endless(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
                "A: b\r\n",
            ),
            Cut,
        ),
        (
            "a slow body",
            Slowly(
                "HTTP/1.1 200 OK\r\nContent-Length: 60\r\n\r\n0123456789012345678901234567890123456789",
            ),
            late,
        ),
        ("a bomb", encoded("gzip", &packed(&vec![0; 5_000_000])), Cut),
        (
            "a bomb in a bomb",
            encoded("gzip", &packed(&packed(&vec![0; 5_000_000]))),
            Answers(200),
        ),
        ("no gzip", encoded("gzip", b"plain"), Cut),
        ("a bomb of brotli", encoded("br", &STANDARD.decode(BOMB).expect("base64")), Cut),
        ("no brotli", encoded("br", b"\xffplain"), Cut),
        ("brotli with a window of 1 GB", encoded("br", b"\x11\x1e\xff"), Cut),
        (
            "an unknown compression",
            ok("Content-Encoding: zip\r\n", "x"),
            Cut,
        ),
        (
            "a body where none may be",
            text("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello"),
            Answers(204),
        ),
        ("a redirect to itself", redirect("/"), Answers(302)),
        (
            "a redirect to a file",
            redirect("file:///etc/passwd"),
            Answers(302),
        ),
        (
            "a redirect to a script",
            redirect("javascript:alert(1)"),
            Answers(302),
        ),
        (
            "a redirect to nonsense",
            redirect("http://[::1"),
            Answers(302),
        ),
        (
            "a redirect to another host",
            redirect("http://169.254.169.254/latest/"),
            Answers(302),
        ),
        (
            "a redirect of 50 KB",
            redirect(&"a".repeat(50_000)),
            Answers(302),
        ),
        ("deep elements", html(&"<div>".repeat(40_000)), Answers(200)),
        (
            "many scripts",
            html(&"<script src=a></script>".repeat(8_000)),
            Answers(200),
        ),
        (
            "an endless comment",
            html(&format!("<!--{}", "-".repeat(300_000))),
            Answers(200),
        ),
        (
            "an endless attribute",
            html(&format!("<img src=\"{}", "a".repeat(300_000))),
            Answers(200),
        ),
        (
            "many attributes",
            html(&format!(
                "<p {}>",
                (0..10_000).map(|i| format!("a{i}=b ")).collect::<String>()
            )),
            Answers(200),
        ),
        (
            "zeroes as a page",
            html(&"\0".repeat(100_000)),
            Answers(200),
        ),
        (
            "a base that leads away",
            html("<base href='data:x'><script src=a></script><form action=b>"),
            Answers(200),
        ),
        (
            "references without end",
            html(&"&".repeat(100_000)),
            Answers(200),
        ),
    ]
}

#[test]
fn whatever_comes_is_bounded_and_told() {
    let mut wrong = Vec::new();
    let cases = cases();
    assert!(cases.len() >= 60, "{}", cases.len());
    let queue = Mutex::new(cases.into_iter());
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..AT_ONCE)
            .map(|_| {
                scope.spawn(|| {
                    let mut wrong = Vec::new();
                    loop {
                        let next = queue.lock().expect("no panic").next();
                        let Some(case) = next else { return wrong };
                        wrong.extend(faults(case));
                    }
                })
            })
            .collect();
        for worker in workers {
            wrong.extend(worker.join().expect("no panic"));
        }
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is wrong with what is said of one case.
fn faults((name, sends, expected): (&str, Sends, Expected)) -> Vec<String> {
    let server = Server::start(sends);
    let is_late = expected == Fails(FailureKind::TimedOut);
    let site = server.look("http", 1, if is_late { SHORT } else { LONG });
    let (got, requests, sent) = (told(&site), server.requests(), server.sent());
    let mut wrong = Vec::new();
    if got != expected {
        wrong.push(format!("{name}: expected {expected:?}, got {got:?}"));
    }
    if sent > MOST_BYTES && !is_late {
        wrong.push(format!("{name}: {sent} bytes were taken"));
    }
    if requests > 1 {
        wrong.push(format!("{name} was asked {requests} times"));
    }
    wrong
}

#[test]
fn endless_redirects_end() {
    let server = Server::start(Whole(Vec::new()));
    let site = server.look("http", 60, LONG);
    let http = site.http.expect("exchanges");
    assert_eq!(http.all(Purpose::Page).count(), 1, "{http:?}");

    let server = Server::leading_on();
    let site = server.look("http", 60, LONG);
    let http = site.http.expect("exchanges");
    assert_eq!(http.all(Purpose::Page).count(), 11, "ten redirects");
}

#[test]
fn what_is_no_tls_is_said() {
    let server = Server::start(ok("", "plain"));
    let site = server.look("https", 1, LONG);
    assert_eq!(told(&site), Fails(FailureKind::Tls));
}

fn told(site: &Site) -> Expected {
    let http = site.http.as_ref().expect("exchanges");
    let exchange: &Exchange = http.last(Purpose::Page).expect("the page");
    match (exchange.answer(), exchange.failure()) {
        (Some(answer), _) if answer.content.cut.is_some() => Cut,
        (Some(answer), _) => Answers(answer.status),
        (None, failure) => Fails(failure.expect("one of both").kind),
    }
}

struct Server {
    port: u16,
    requests: Arc<AtomicUsize>,
    sent: Arc<AtomicUsize>,
}

impl Server {
    fn start(sends: Sends) -> Self {
        let sends = Arc::new(sends);
        Self::with(move |stream, _, sent| answer(stream, &sends, sent))
    }

    /// Sends each visitor from one address to the next.
    fn leading_on() -> Self {
        Self::with(|mut stream, count, _| {
            let answer =
                format!("HTTP/1.1 302 Found\r\nLocation: /{count}\r\nContent-Length: 0\r\n\r\n");
            let _ = stream.write_all(answer.as_bytes());
        })
    }

    /// `act` gets the number of the request, and counts what it sends.
    fn with(act: impl Fn(TcpStream, usize, &AtomicUsize) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let requests = Arc::new(AtomicUsize::new(0));
        let act = Arc::new(act);
        let sent = Arc::new(AtomicUsize::new(0));
        let (counted, told) = (Arc::clone(&requests), Arc::clone(&sent));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (Ok(mut stream), act) = (stream, Arc::clone(&act)) else {
                    return;
                };
                let (counted, told) = (Arc::clone(&counted), Arc::clone(&told));
                std::thread::spawn(move || {
                    let mut request = [0; 4096];
                    if stream.read(&mut request).is_ok_and(|length| length > 0) {
                        let count = counted.fetch_add(1, Ordering::Relaxed);
                        act(stream, count, &told);
                    }
                });
            }
        });
        Self {
            port,
            requests,
            sent,
        }
    }

    fn look(&self, scheme: &str, max_requests: usize, timeout: Duration) -> Site {
        let url = format!("{scheme}://127.0.0.1:{}/", self.port);
        let options = Options {
            rate: 10_000.0,
            max_requests,
            timeout,
            ..Options::new(Target::parse(&url).expect("an address"))
        };
        observe(&options).expect("a runtime")
    }

    /// Bytes that went out of endless answers.
    fn sent(&self) -> usize {
        self.sent.load(Ordering::Relaxed)
    }

    fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }
}

/// Writes until the other side has had enough. A failure to write is that.
fn answer(mut stream: TcpStream, sends: &Sends, sent: &AtomicUsize) {
    match sends {
        Whole(bytes) => {
            let _ = stream.write_all(bytes);
        }
        Endless(start, "") => {
            let _ = stream.write_all(start.as_bytes());
            outwait(stream);
        }
        Endless(start, again) => {
            let block = again.repeat(64 * 1024 / again.len());
            let mut open = stream.write_all(start.as_bytes()).is_ok();
            while open {
                open = stream.write_all(block.as_bytes()).is_ok();
                sent.fetch_add(block.len(), Ordering::Relaxed);
            }
        }
        Slowly(text) => {
            for byte in text.bytes() {
                if stream.write_all(&[byte]).is_err() {
                    return;
                }
                std::thread::sleep(Duration::from_millis(40));
            }
            outwait(stream);
        }
        Silence => outwait(stream),
    }
}

/// Says nothing until the other side has gone.
fn outwait(mut stream: TcpStream) {
    let mut buffer = [0; 64];
    while stream.read(&mut buffer).is_ok_and(|length| length > 0) {}
}
