//! A server behind nginx that says back what it was sent. What it answers is told by the request
//! alone, so that the prediction can be given the same answers.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::thread;

use tightship_predict::nginx::{Response, Text};
use tokio::io::{AsyncRead, AsyncWrite};

use crate::{cgi, grpc};

/// Starts one that lives as long as the test, on a port and on a Unix socket.
pub(crate) fn start(socket: &Path) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || {
                serve(stream, |stream| {
                    stream.set_nonblocking(true)?;
                    tokio::net::TcpStream::from_std(stream)
                });
            });
        }
    });
    let listener = UnixListener::bind(socket).expect("a socket");
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || {
                serve(stream, |stream| {
                    stream.set_nonblocking(true)?;
                    tokio::net::UnixStream::from_std(stream)
                });
            });
        }
    });
    address
}

/// What it answers to a path. Words in the path choose: `status=404`, `location=TO`, `accel=TO`,
/// `cookie`, `cached`, `relative`.
pub(crate) fn respond(uri: &str) -> Response {
    let after = |key: &str| {
        let (_, rest) = uri.split_once(key)?;
        Some(rest.split('&').next().unwrap_or_default().to_owned())
    };
    let status = after("status=").and_then(|status| status.get(..3)?.parse().ok());
    let mut headers = vec![
        ("Server".to_owned(), "upstream".to_owned()),
        (
            "Content-Type".to_owned(),
            "text/html; charset=utf-8".to_owned(),
        ),
        ("X-Frame-Options".to_owned(), "DENY".to_owned()),
        ("X-Powered-By".to_owned(), "upstream".to_owned()),
    ];
    if let Some(to) = after("location=") {
        headers.push(("Location".to_owned(), to));
    }
    if let Some(to) = after("accel=") {
        headers.push(("X-Accel-Redirect".to_owned(), to));
    }
    if uri.contains("cookie") {
        headers.push(("Set-Cookie".to_owned(), "a=b; Path=/".to_owned()));
        headers.push(("Set-Cookie".to_owned(), "c=d".to_owned()));
    }
    if uri.contains("cached") {
        headers.push(("Cache-Control".to_owned(), "private".to_owned()));
        headers.push((
            "Expires".to_owned(),
            "Thu, 01 Jan 1970 00:00:01 GMT".to_owned(),
        ));
    }
    if status == Some(401) {
        headers.push(("WWW-Authenticate".to_owned(), "Bearer".to_owned()));
    }
    let known = |(name, value)| (name, Text::Known(value));
    let length = Text::NotKnown {
        written: String::new(),
        reason: "the length of what was sent".to_owned(),
    };
    Response {
        status: status.unwrap_or(200),
        headers: headers
            .into_iter()
            .map(known)
            .chain([("Content-Length".to_owned(), length)])
            .collect(),
    }
}

/// Answers over one connection. The first bytes tell the protocols apart; HTTP/2 is spoken over what
/// `awaited` makes of the stream.
fn serve<S, A>(mut stream: S, awaited: impl FnOnce(S) -> io::Result<A>)
where
    S: Read + Write,
    A: AsyncRead + AsyncWrite + Unpin,
{
    let mut start = [0; 4];
    if stream.read_exact(&mut start).is_err() {
        return;
    }
    if start == *grpc::PREFACE {
        // A client that goes away is no concern of the test.
        let _ = grpc::serve(start, || awaited(stream));
        return;
    }
    let Some((head, is_fastcgi)) = read(start, &mut stream) else {
        return;
    };
    let uri = head.split(' ').nth(1).unwrap_or_default();
    let response = respond(uri);
    let mut answer = match is_fastcgi {
        true => format!("Status: {} Said\r\n", response.status),
        false => format!("HTTP/1.1 {} Said\r\n", response.status),
    };
    for (name, value) in &response.headers {
        let value = value.known().map_or(head.len().to_string(), str::to_owned);
        answer.push_str(&format!("{name}: {value}\r\n"));
    }
    answer.push_str("Connection: close\r\n\r\n");
    if !head.starts_with("HEAD") {
        answer.push_str(&head);
    }
    let _ = match is_fastcgi {
        true => stream.write_all(&cgi::fastcgi_answer(answer.as_bytes())),
        false => stream.write_all(answer.as_bytes()),
    };
}

/// The request as text, and whether it came by FastCGI.
fn read(start: [u8; 4], stream: &mut impl Read) -> Option<(String, bool)> {
    match start[0] {
        0 => return Some((cgi::uwsgi(start, stream)?, false)),
        1 => return Some((cgi::fastcgi(start, stream)?, true)),
        b'0'..=b'9' => return Some((cgi::scgi(start, stream)?, false)),
        _ => {}
    }
    let mut head = start.to_vec();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    Some((String::from_utf8_lossy(&head).into_owned(), false))
}
