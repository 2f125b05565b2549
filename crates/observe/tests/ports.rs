//! What real servers say on their ports, and what is made of servers that lie.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use tightship_model::site::ports::{Greeting, Service, State};
use tightship_observe::site::ports::knock;
use tightship_testbed::{Server, free_port, program, python};

fn look(port: u16, service: Service) -> State {
    // Real servers may be slow on a busy machine.
    look_within(port, service, Duration::from_secs(30))
}

fn look_within(port: u16, service: Service, patience: Duration) -> State {
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(knock(address, service, "shop.example", patience))
}

/// The proof, and whether it serves without a password.
fn spoken(state: State) -> (String, Option<bool>) {
    match state {
        State::Open(Greeting::Speaks { proof, open }) => (proof, open),
        other => panic!("{other:?}"),
    }
}

fn start(command: &mut Command, port: u16) -> Server {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    Server::listening(command, &[port]).unwrap()
}

fn redis(folder: &Path, more: &[&str]) -> (Server, u16) {
    let port = free_port().unwrap();
    let mut command = Command::new(program("redis-server"));
    command
        .args(["--bind", "127.0.0.1", "--save", "", "--port"])
        .arg(port.to_string())
        .args(more)
        .current_dir(folder);
    (start(&mut command, port), port)
}

#[test]
fn redis_answers_ping_or_asks_for_a_password() {
    let folder = tempfile::tempdir().unwrap();
    let (_server, port) = redis(folder.path(), &[]);
    assert_eq!(
        spoken(look(port, Service::Redis)),
        ("+PONG".to_owned(), Some(true))
    );
    let (_locked, port) = redis(folder.path(), &["--requirepass", "hunter2"]);
    let (proof, open) = spoken(look(port, Service::Redis));
    assert!(proof.starts_with("-NOAUTH"), "{proof}");
    assert_eq!(open, Some(false));
    // What it is not.
    for service in [Service::PostgreSql, Service::Memcached, Service::AppServer] {
        let state = look_within(port, service, Duration::from_millis(500));
        assert!(
            !matches!(state, State::Open(Greeting::Speaks { .. })),
            "{service:?}: {state:?}"
        );
    }
}

#[test]
fn memcached_tells_its_version() {
    let port = free_port().unwrap();
    let mut command = Command::new(program("memcached"));
    command
        .args(["-l", "127.0.0.1", "-U", "0", "-p"])
        .arg(port.to_string());
    if is_root() {
        command.args(["-u", "nobody"]);
    }
    let _server = start(&mut command, port);
    let (proof, open) = spoken(look(port, Service::Memcached));
    assert!(proof.starts_with("VERSION 1."), "{proof}");
    assert_eq!(open, Some(true));
}

#[test]
fn postgresql_answers_the_wish_for_tls() {
    // It refuses to run as root; its folder belongs to whom it runs as.
    let folder = tempfile::tempdir_in("/tmp").unwrap();
    let data = folder.path().join("data");
    if is_root() {
        let owned = Command::new("chown")
            .arg("nobody")
            .arg(folder.path())
            .status();
        assert!(owned.unwrap().success());
    }
    let done = as_nobody(&postgresql("initdb"))
        .args(["--no-sync", "-A", "trust", "-U", "shop", "-D"])
        .arg(&data)
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(done.status.success(), "{done:?}");
    let port = free_port().unwrap();
    let mut command = as_nobody(&postgresql("postgres"));
    command
        .args(["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-k"])
        .arg(folder.path())
        .arg("-p")
        .arg(port.to_string())
        .arg("-D")
        .arg(&data)
        .current_dir(folder.path());
    let _server = start(&mut command, port);
    let (proof, _) = spoken(look(port, Service::PostgreSql));
    assert_eq!(proof, "PostgreSQL answers the wish for TLS with no");
}

#[test]
fn gunicorn_is_known_by_its_name_and_nginx_is_not_it() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("shop.py"),
        "def app(environ, start):\n    start('200 OK', [])\n    return [b'shop']\n",
    )
    .unwrap();
    let port = free_port().unwrap();
    let mut command = Command::new(python("django52"));
    command
        .args(["-m", "gunicorn", "shop:app", "-b"])
        .arg(format!("127.0.0.1:{port}"))
        .current_dir(folder.path());
    let _server = start(&mut command, port);
    let (proof, _) = spoken(look(port, Service::AppServer));
    assert_eq!(proof, "HTTP, status 200 by gunicorn");

    let port = free_port().unwrap();
    let http = format!("server {{ listen 127.0.0.1:{port}; }}");
    let _nginx = start(
        &mut tightship_testbed::nginx(folder.path(), &http).unwrap(),
        port,
    );
    for service in [Service::AppServer, Service::Docker, Service::RabbitMq] {
        match look_within(port, service, Duration::from_secs(5)) {
            State::Open(Greeting::Other(heard)) => assert!(heard.starts_with("HTTP"), "{heard}"),
            other => panic!("{service:?}: {other:?}"),
        }
    }
}

#[test]
fn whoever_lies_is_believed_nothing() {
    let patience = Duration::from_millis(300);
    let closed = free_port().unwrap();
    assert_eq!(look_within(closed, Service::Redis, patience), State::Closed);
    let says = |words: &'static [u8], endless: bool| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                thread::spawn(move || {
                    let _ = stream.write_all(words);
                    while endless && stream.write_all(words).is_ok() {}
                    let _ = stream.read_to_end(&mut Vec::new());
                });
            }
        });
        port
    };
    for (_, service) in Service::ALL {
        let quiet = look_within(says(b"", false), service, patience);
        assert_eq!(quiet, State::Open(Greeting::Nothing), "{service:?}");
        for words in [
            &b"\x1b]0;owned\x07\x1b[2J and more than that to fill a line of sixty-four letters\r\n"
                [..],
            b"HTTP/1.1 200 OK\r\n",
            b"HTTP/1.1 200 OK\r\nServer: \x1b[2J\r\n\r\n",
            b"\xff\xff\xff\xff\xff\xff\xff\xff",
        ] {
            for endless in [false, true] {
                match look_within(says(words, endless), service, patience) {
                    State::Open(Greeting::Other(heard)) => {
                        assert!(!heard.contains('\x1b') && heard.len() < 400, "{heard:?}");
                    }
                    State::Open(Greeting::Nothing) => {}
                    other => panic!("{service:?}: {other:?}"),
                }
            }
        }
    }
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout.trim_ascii() == b"0"
}

/// A program, run as somebody else where this is root.
fn as_nobody(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command
        .args(["--reuid", "nobody", "--regid", "nogroup", "--clear-groups"])
        .arg(program);
    command
}

/// A program of PostgreSQL: Debian keeps them apart from PATH, in a folder for each version.
fn postgresql(name: &str) -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let found = versions
        .map(|version| version.unwrap().path().join("bin").join(name))
        .find(|file| file.is_file());
    found.unwrap_or_else(|| panic!("{name} is not installed: run ./test, which installs it"))
}
