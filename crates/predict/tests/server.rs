//! What is predicted of gunicorn, against the real one.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;

use tightship_model::{Process, Program, Starter, Traced, Trail, Value};
use tightship_predict::django::Scheme;
use tightship_predict::server::{Peer, scheme};
use tightship_testbed::{Server, free_port, python};

const APPLICATION: &str = "
def application(environ, start_response):
    start_response('200 OK', [])
    return [environ['wsgi.url_scheme'].encode()]
";

/// Values of `--forwarded-allow-ips`; the first leaves it out.
const ALLOWED: [Option<&str>; 6] = [
    None,
    Some("*"),
    Some("127.0.0.1"),
    Some("10.0.0.1"),
    Some("127.0.0.0/8"),
    Some("10.0.0.1,127.0.0.1"),
];

const HEADERS: [(&str, &str); 6] = [
    ("X-Forwarded-Proto", "https"),
    ("X-Forwarded-Proto", "http"),
    ("X-Forwarded-Proto", "HTTPS"),
    ("X-Forwarded-Ssl", "on"),
    ("X-Forwarded-Protocol", "ssl"),
    ("X-Other", "https"),
];

#[test]
fn gunicorn_takes_the_scheme_from_whom_it_trusts() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("app.py"), APPLICATION).expect("a file");
    let mut compared = 0;
    for allowed in ALLOWED {
        let port = free_port().expect("a port");
        let mut command = Command::new(python("django52"));
        command
            .args(["-m", "gunicorn", "app:application", "--log-level", "error"])
            .args(["--bind", &format!("127.0.0.1:{port}")])
            .env_remove("FORWARDED_ALLOW_IPS")
            .current_dir(folder.path());
        if let Some(allowed) = allowed {
            command.args(["--forwarded-allow-ips", allowed]);
        }
        let _server = Server::listening(&mut command, &[port]).expect("gunicorn listens");
        let process = process(allowed);
        for (name, value) in HEADERS {
            let header = |asked: &str| (asked == name).then(|| value.to_owned());
            let predicted = scheme(&process, Peer::Loopback, &header).expect("it is known");
            let real = ask(port, name, value);
            assert_eq!(predicted.name(), real, "{allowed:?} {name}: {value}");
            compared += 1;
        }
    }
    assert_eq!(compared, ALLOWED.len() * HEADERS.len());
}

#[test]
fn another_container_is_trusted_only_where_all_are() {
    let header = |_: &str| Some("https".to_owned());
    let known = |allowed| scheme(&process(allowed), Peer::Elsewhere, &header);
    assert_eq!(known(None), Ok(Scheme::Http));
    assert_eq!(known(Some("*")), Ok(Scheme::Https));
    assert_eq!(known(Some("127.0.0.1")), Ok(Scheme::Http));
    assert!(known(Some("172.18.0.0/16")).is_err());
}

fn process(allowed: Option<&str>) -> Process {
    let allowed = allowed.map(|text| {
        let value = Traced::new(Value::Str(text.to_owned()), Trail::default());
        ("forwarded_allow_ips".to_owned(), value)
    });
    Process {
        starter: Starter::Service("web".to_owned()),
        program: Program::Gunicorn,
        application: None,
        options: allowed.into_iter().collect(),
        binds: Vec::new(),
        user: None,
        workdir: None,
        steps: Vec::new(),
        trail: Trail::default(),
        rest: None,
    }
}

/// The scheme that the application is told.
fn ask(port: u16, name: &str, value: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("it listens");
    write!(
        stream,
        "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{name}: {value}\r\n\r\n"
    )
    .expect("it is sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
    let body = body.lines().find(|line| line.starts_with("http"));
    body.expect("a scheme").to_owned()
}
