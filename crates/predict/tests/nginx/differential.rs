//! The predictions against the real nginx: each configuration is started and asked, and status,
//! headers, files and what reaches the server behind must be what was predicted.

use std::fmt::Write as _;
use std::fs;
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;
use tightship_predict::nginx::{Answer, Body, Entry, Header, Http, Protocol, Request, Text, World};
use tightship_testbed::Server;

use crate::{generate, grpc, upstream};

/// Configurations that the generator makes, from these seeds.
const SEEDS: std::ops::Range<u64> = 0..160;

/// One configuration with what it is asked.
pub(crate) struct Case {
    pub(crate) name: String,
    /// The inside of the http block, with `PORT`, `OTHER`, `BEHIND` and `FILES` to put in.
    pub(crate) text: String,
    pub(crate) asks: Vec<Ask>,
}

/// One request.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    /// Whether the answer must be told to be not known.
    pub(crate) is_unknown: bool,
    /// Whether it goes to the second port.
    pub(crate) is_other: bool,
    pub(crate) is_tls: bool,
    pub(crate) method: String,
    pub(crate) host: Option<String>,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
}

#[test]
#[expect(clippy::print_stdout, reason = "the figures are what the test is for")]
fn nginx_answers_as_predicted() {
    let mut cases = written();
    let written = cases.len();
    cases.extend(SEEDS.map(generate::case));
    let files = files();
    let behind = upstream::start(&files.path().join("behind.sock"));
    let version = version();
    let next = AtomicUsize::new(0);
    let tally = Mutex::new(Tally::default());
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let found = compare(case, behind, files.path(), version);
                    tally.lock().expect("a tally").add(found);
                }
            });
        }
    });
    let tally = tally.into_inner().expect("a tally");
    println!(
        "{} configurations ({written} written, {} generated), {} requests: {} predicted, {} said to \
         be not known, {} differences",
        tally.configurations,
        cases.len() - written,
        tally.requests,
        tally.requests - tally.unknown,
        tally.unknown,
        tally.differences.len(),
    );
    let shown = tally
        .differences
        .iter()
        .take(400)
        .cloned()
        .collect::<Vec<_>>();
    assert!(tally.differences.is_empty(), "{}", shown.join("\n"));
    assert!(tally.configurations >= 150 && tally.requests >= 1000);
    assert!(tally.unknown * 20 < tally.requests, "too much is not known");
}

#[derive(Default)]
struct Tally {
    configurations: usize,
    requests: usize,
    unknown: usize,
    differences: Vec<String>,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.configurations += other.configurations;
        self.requests += other.requests;
        self.unknown += other.unknown;
        self.differences.extend(other.differences);
    }
}

/// The configurations in `tests/configurations`. Lines that begin with `#>` ask; with `#?` the
/// answer must be told to be not known.
fn written() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/configurations");
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .expect("the folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    paths
        .iter()
        .map(|path| {
            let text = fs::read_to_string(path).expect("the file");
            let asks = text.lines().filter_map(Ask::parse).collect();
            let name = path
                .file_name()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            Case { name, text, asks }
        })
        .collect()
}

impl Ask {
    pub(crate) fn get(host: &str, target: &str) -> Self {
        Self {
            is_unknown: false,
            is_other: false,
            is_tls: false,
            method: "GET".to_owned(),
            host: Some(host.to_owned()),
            target: target.to_owned(),
            headers: Vec::new(),
        }
    }

    /// `#> [other ][tls ]GET shop.example /path [Name: value | Name: value]`; the host `-` is none.
    fn parse(line: &str) -> Option<Self> {
        let (is_unknown, rest) = match line.strip_prefix("#> ") {
            Some(rest) => (false, rest),
            None => (true, line.strip_prefix("#? ")?),
        };
        let (is_other, rest) = match rest.strip_prefix("other ") {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        let (is_tls, rest) = match rest.strip_prefix("tls ") {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        let mut parts = rest.splitn(4, ' ');
        let (method, host, target) = (parts.next()?, parts.next()?, parts.next()?);
        let headers = parts.next().unwrap_or_default().split(" | ");
        Some(Self {
            is_unknown,
            is_other,
            is_tls,
            method: method.to_owned(),
            host: (host != "-").then(|| host.to_owned()),
            target: target.to_owned(),
            headers: headers
                .filter_map(|header| header.split_once(": "))
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        })
    }

    fn text(&self) -> String {
        let version = if self.host.is_some() { "1.1" } else { "1.0" };
        let mut text = format!("{} {} HTTP/{version}\r\n", self.method, self.target);
        if let Some(host) = &self.host {
            let _ = write!(text, "Host: {host}\r\n");
        }
        for (name, value) in self.all_headers() {
            let _ = write!(text, "{name}: {value}\r\n");
        }
        text + "\r\n"
    }

    fn all_headers(&self) -> Vec<(String, String)> {
        let mut headers = self.headers.clone();
        headers.push(("Connection".to_owned(), "close".to_owned()));
        headers
    }

    fn request(&self, port: u16) -> Request {
        let local = IpAddr::V4(Ipv4Addr::LOCALHOST);
        Request {
            tls: self.is_tls,
            address: Some(local),
            port,
            client: Some(local),
            method: self.method.clone(),
            target: self.target.clone(),
            host: self.host.clone(),
            headers: self.all_headers(),
        }
    }
}

/// Starts nginx with a configuration, asks, and compares.
fn compare(case: &Case, behind: SocketAddr, files: &Path, version: (u32, u32, u32)) -> Tally {
    let mut tally = Tally {
        configurations: 1,
        ..Tally::default()
    };
    let running = match Nginx::start(case, behind, files) {
        Ok(running) => running,
        Err(error) => {
            let difference = format!(
                "{}: nginx does not start: {error}\n{}",
                case.name, case.text
            );
            tally.differences.push(difference);
            return tally;
        }
    };
    let mut deployment =
        tightship_read::nginx_configuration(&running.folder.path().join("nginx.conf"))
            .expect("read");
    Arc::make_mut(&mut deployment.nginx.configurations[0]).version = Some(version);
    let http = Http::new(&deployment.nginx.configurations[0]).expect("an http block");
    for ask in &case.asks {
        tally.requests += 1;
        let port = if ask.is_other {
            running.other
        } else {
            running.port
        };
        let world = World {
            entry: &|path| entry(&files.join(path)),
            respond: &|upstream| {
                let mut said = upstream::respond(upstream.uri.known()?);
                if upstream.protocol == Protocol::Grpc {
                    grpc::make_small(&mut said);
                }
                Some(said)
            },
        };
        let answer = http.answer(&ask.request(port), world);
        let real = match ask.is_tls {
            true => tls_reply(port, ask),
            false => reply(port, &ask.text()),
        };
        let is_unknown = answer.body == Body::NotKnown;
        tally.unknown += usize::from(is_unknown);
        let result = match (is_unknown, ask.is_unknown) {
            (true, _) if case.name.starts_with("seed") => Ok(()),
            (true, true) => Ok(()),
            (false, true) => Err("is predicted, but should be told to be not known".to_owned()),
            (true, false) => Err(format!("is not known: {:?}", answer.doubts)),
            (false, false) => same(&answer, real.as_ref(), files),
        };
        if let Err(difference) = result {
            let steps: Vec<_> = answer.steps.iter().map(|step| step.text.as_str()).collect();
            tally.differences.push(format!(
                "--- {}: {} {} {}\n{difference}\nsteps: {}\n{}",
                case.name,
                ask.method,
                ask.host.as_deref().unwrap_or("-"),
                ask.target,
                steps.join("; "),
                case.text
            ));
        }
    }
    tally
}

/// What nginx said.
struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

fn same(answer: &Answer<'_, '_>, real: Option<&Reply>, files: &Path) -> Result<(), String> {
    let Some(real) = real else {
        return match answer.body {
            Body::Closed => Ok(()),
            _ => Err(format!(
                "nginx closed the connection; predicted {:?}",
                answer.status
            )),
        };
    };
    if answer.status != Some(real.status) {
        return Err(format!(
            "status {}; predicted {:?}",
            real.status, answer.status
        ));
    }
    if !fits(&answer.headers, &real.headers) {
        let (real, predicted) = (shown(&real.headers), foretold(&answer.headers));
        return Err(format!("headers\n{real}predicted\n{predicted}"));
    }
    let is_compressed = real
        .headers
        .iter()
        .any(|(name, _)| name == "Content-Encoding");
    let is_silent = real.body.is_empty() || is_compressed;
    let body = String::from_utf8_lossy(&real.body);
    match &answer.body {
        Body::Text(Text::Known(text)) if !is_silent || text.is_empty() => (body == *text)
            .then_some(())
            .ok_or(format!("body {body}; predicted {text}")),
        Body::File(path) if !is_silent => {
            let held = fs::read(files.join(path)).map_err(|error| format!("{path}: {error}"))?;
            (held == real.body)
                .then_some(())
                .ok_or(format!("body {body}; predicted {path}"))
        }
        Body::Upstream(upstream) if !is_silent => {
            let (line, rest) = body.split_once("\r\n").unwrap_or_default();
            let uri = upstream.uri.known().unwrap_or_default();
            if !line.starts_with(&format!("{} {uri} HTTP/1.", upstream.method)) {
                return Err(format!("sent {line}; predicted {} {uri}", upstream.method));
            }
            let sent: Vec<_> = rest.lines().filter_map(field).collect();
            match fits(&upstream.headers, &sent) {
                true => Ok(()),
                false => {
                    let predicted = foretold(&upstream.headers);
                    Err(format!("sent\n{}predicted\n{predicted}", shown(&sent)))
                }
            }
        }
        Body::Closed => Err("nginx answered; predicted that it closes".to_owned()),
        _ => Ok(()),
    }
}

/// Whether the headers are the predicted ones, in order. Values that are not known fit each, and
/// headers that are not certain may be missing.
fn fits(predicted: &[Header], real: &[(String, String)]) -> bool {
    let Some((first, rest)) = predicted.split_first() else {
        return real.is_empty();
    };
    if let Some(((name, value), others)) = real.split_first()
        && *name == first.name
        && first.value.known().is_none_or(|known| known == value)
        && fits(rest, others)
    {
        return true;
    }
    !first.is_certain && fits(rest, real)
}

fn shown(headers: &[(String, String)]) -> String {
    headers
        .iter()
        .map(|(name, value)| format!("  {name}: {value}\n"))
        .collect()
}

fn foretold(headers: &[Header]) -> String {
    let line = |header: &Header| {
        let perhaps = if header.is_certain { "" } else { " (perhaps)" };
        let value = header.value.known().unwrap_or("?");
        format!("  {}: {value}{perhaps}\n", header.name)
    };
    headers.iter().map(line).collect()
}

fn reply(port: u16, request: &str) -> Option<Reply> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    let limit = Some(Duration::from_secs(10));
    stream.set_read_timeout(limit).expect("a limit");
    stream.write_all(request.as_bytes()).expect("sent");
    let mut bytes = Vec::new();
    // A reset after the answer is an end like any other.
    let _ = stream.read_to_end(&mut bytes);
    parse(&bytes)
}

/// As [`reply`], over TLS by the openssl program. The name in the handshake is the host's.
fn tls_reply(port: u16, ask: &Ask) -> Option<Reply> {
    let host = ask.host.as_deref().unwrap_or_default();
    let name = host.split(':').next().unwrap_or_default();
    let mut client = Command::new(tightship_testbed::program("openssl"))
        .args(["s_client", "-quiet", "-servername", name, "-connect"])
        .arg(format!("127.0.0.1:{port}"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("openssl starts");
    let mut input = client.stdin.take().expect("an input");
    // Where the handshake is refused nobody reads it.
    let _ = input.write_all(ask.text().as_bytes());
    let output = client.wait_with_output().expect("openssl ends");
    drop(input);
    parse(&output.stdout)
}

fn parse(bytes: &[u8]) -> Option<Reply> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    Some(Reply {
        status,
        headers: lines.filter_map(field).collect(),
        body: bytes[end + 4..].to_vec(),
    })
}

fn field(line: &str) -> Option<(String, String)> {
    let (name, value) = line.split_once(':')?;
    Some((name.to_owned(), value.trim_start().to_owned()))
}

/// An nginx that ends with the value.
struct Nginx {
    _process: Server,
    folder: TempDir,
    port: u16,
    other: u16,
}

impl Nginx {
    /// Ports may be taken by others between the choice and the start: then it tries again.
    fn start(case: &Case, behind: SocketAddr, files: &Path) -> Result<Self, String> {
        let mut error = String::new();
        for _ in 0..4 {
            match Self::try_start(case, behind, files) {
                Ok(running) => return Ok(running),
                Err(reason) => error = reason,
            }
            if !error.contains("Address already in use") {
                break;
            }
        }
        Err(error)
    }

    fn try_start(case: &Case, behind: SocketAddr, files: &Path) -> Result<Self, String> {
        let folder = tempfile::tempdir().expect("a folder");
        let port = tightship_testbed::free_port().expect("a port");
        let other = tightship_testbed::free_port().expect("a port");
        let at = folder.path().display();
        let mut text = format!(
            "daemon off; master_process off; pid {at}/nginx.pid; error_log {at}/error.log;\n\
             events {{ worker_connections 64; }}\nhttp {{\naccess_log off;\n"
        );
        for kind in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"] {
            let _ = writeln!(text, "{kind}_temp_path {at}/{kind};");
        }
        let inside = case
            .text
            .replace("PORT", &port.to_string())
            .replace("OTHER", &other.to_string())
            .replace("BEHIND", &behind.to_string())
            .replace(
                "CERTIFICATE",
                &files.join("certificate.pem").display().to_string(),
            )
            .replace("FILES", &files.display().to_string());
        let _ = writeln!(text, "{inside}\n}}");
        let path = folder.path().join("nginx.conf");
        fs::write(&path, text).expect("written");
        let mut command = Command::new(tightship_testbed::program("nginx"));
        command
            .arg("-c")
            .arg(&path)
            .arg("-p")
            .arg(files)
            .arg("-e")
            .arg(folder.path().join("error.log"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        if let Ok(mut process) = Server::listening(&mut command, &[port]) {
            // What listens may be another's. nginx writes its number when all ports are its own.
            while process.is_alive() {
                if folder.path().join("nginx.pid").exists() {
                    return Ok(Self {
                        _process: process,
                        folder,
                        port,
                        other,
                    });
                }
                thread::sleep(Duration::from_millis(5));
            }
        }
        let log = fs::read_to_string(folder.path().join("error.log"));
        Err(log.unwrap_or_default())
    }
}

fn version() -> (u32, u32, u32) {
    let nginx = Command::new(tightship_testbed::program("nginx"))
        .arg("-v")
        .output();
    let text = String::from_utf8(nginx.expect("nginx runs").stderr).expect("text");
    let number = text.trim().rsplit('/').next().expect("a version");
    let mut parts = number
        .split('.')
        .map(|part| part.parse().expect("a number"));
    let mut next = || parts.next().expect("three numbers");
    (next(), next(), next())
}

fn entry(path: &Path) -> Option<Entry> {
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => Some(Entry::Folder),
        Ok(_) => Some(Entry::File),
        Err(_) => Some(Entry::Missing),
    }
}

/// The files that nginx serves.
fn files() -> TempDir {
    const FILES: &[&str] = &[
        "index.html",
        "a.txt",
        "page.html",
        "404.html",
        "50x.html",
        "with space.txt",
        "noextension",
        "photo.JPG",
        "static/app.js",
        "static/style.css",
        "static/sub/index.html",
        "static/sub/x.txt",
        "media/photo.jpg",
        "media/upload.svg",
        "bare/file.txt",
        "html/index.html",
        "errors/404.html",
        "a.b.example/index.html",
        "protected/secret.txt",
    ];
    let folder = tempfile::tempdir().expect("a folder");
    for file in FILES {
        let path = folder.path().join(file);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(&path, format!("the content of {file}\n")).expect("written");
    }
    fs::create_dir_all(folder.path().join("empty")).expect("a folder");
    let certificate = folder.path().join("certificate.pem");
    let made = Command::new(tightship_testbed::program("openssl"))
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
        ])
        .args(["-nodes", "-days", "2", "-subj", "/CN=test"])
        .arg("-keyout")
        .arg(&certificate)
        .arg("-out")
        .arg(folder.path().join("public.pem"))
        .stderr(Stdio::null())
        .status();
    assert!(made.expect("openssl runs").success());
    let mut both = fs::read(&certificate).expect("the key");
    both.extend(fs::read(folder.path().join("public.pem")).expect("the certificate"));
    fs::write(&certificate, both).expect("written");
    folder
}
