//! What the checks claim of line breaks in headers, held to the real nginx: each configuration is
//! judged, started and asked, and the verdict must be what nginx does.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use tightship_checks::judge;
use tightship_model::Outcome;
use tightship_testbed::{Server, free_port, nginx};

/// A directive in a location, the path that an attacker asks for, and whether a line break of his
/// gets through.
const CLAIMS: [(&str, &str, bool); 9] = [
    (
        "location / { return 302 http://a$uri; }",
        "/x%0d%0aX-Evil:1",
        true,
    ),
    (
        "location / { return 302 http://a$request_uri; }",
        "/x%0d%0aX-Evil:1",
        false,
    ),
    (
        "location / { add_header X-Path $uri; return 204; }",
        "/x%0d%0aX-Evil:1",
        true,
    ),
    ("location = /x { return 302 http://a$uri; }", "/x", false),
    (
        r"location / { rewrite ^/n/(?<rest>\W*X.*)$ http://a/$rest redirect; }",
        "/n/%0d%0aX-Evil:1",
        true,
    ),
    (
        r"location / { rewrite ^/n/(\W*X.*)$ http://a/$1 redirect; }",
        "/n/%0d%0aX-Evil:1",
        false,
    ),
    (
        r"location ~ ^/n/(\W*X.*)$ { proxy_pass http://127.0.0.1:UPSTREAM/$1; }",
        "/n/%0aX-Evil:1",
        true,
    ),
    (
        r"location ~ ^/n/(\W*X.*)$ { set $p $1; proxy_pass http://127.0.0.1:UPSTREAM/$p; }",
        "/n/%0aX-Evil:1",
        false,
    ),
    (
        r"location ~ ^/n/(?<p>\W*X.*)$ { set $q $p; proxy_pass http://127.0.0.1:UPSTREAM/$q; }",
        "/n/%0aX-Evil:1",
        true,
    ),
];

#[test]
fn line_breaks_get_through_where_the_check_says_so() {
    for (directive, path, expected) in CLAIMS {
        let upstream = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = upstream.local_addr().expect("an address").port();
        let directive = directive.replace("UPSTREAM", &port.to_string());
        let judged = is_reported(&directive);
        let happens = ask(&directive, path, upstream).expect("an answer of nginx");
        assert_eq!(happens, expected, "nginx: {directive}");
        assert_eq!(judged, expected, "the check: {directive}");
    }
}

fn is_reported(directive: &str) -> bool {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("nginx.conf");
    let text = format!("events {{}} http {{ server {{ {directive} }} }}");
    fs::write(&path, text).expect("a file");
    let deployment = tightship_read::nginx_configuration(&path).expect("a configuration");
    let verdicts = judge(&deployment, |check| check.id == "nginx/header-injection");
    matches!(verdicts[0].outcome, Outcome::Fail(_))
}

/// Whether a line of the attacker's stands in the answer, or in what the upstream gets.
fn ask(directive: &str, path: &str, upstream: TcpListener) -> io::Result<bool> {
    let folder = tempfile::tempdir()?;
    let port = free_port()?;
    let server = format!("server {{ listen 127.0.0.1:{port}; {directive} }}");
    let mut command = nginx(folder.path(), &server)?;
    let received = thread::spawn(move || first_request(&upstream));
    let _server = Server::listening(&mut command, &[port])?;
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(format!("GET {path} HTTP/1.0\r\nHost: a\r\n\r\n").as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    if directive.contains("proxy_pass") {
        answer = received.join().expect("the upstream's request")?;
    }
    let text = String::from_utf8_lossy(&answer).into_owned();
    Ok(text.lines().any(|line| line.starts_with("X-Evil:1")))
}

const PATIENCE: Duration = Duration::from_secs(20);

/// Answers one request and returns its head. Where none comes the thread ends with the test.
fn first_request(upstream: &TcpListener) -> io::Result<Vec<u8>> {
    let (mut stream, _) = upstream.accept()?;
    let mut head = vec![0; 8192];
    let length = stream.read(&mut head)?;
    head.truncate(length);
    stream.write_all(b"HTTP/1.0 204 No Content\r\n\r\n")?;
    Ok(head)
}
