//! Many sites: one line each, the worst decides.

use std::io::Write as _;
use std::net::TcpListener;
use std::process::Stdio;

use serde_json::Value;
use tempfile::TempDir;
use tightship_testbed::{Server, free_port, nginx, openssl, program};

use crate::documents::assert_valid;
use crate::project::{Answer, Project, verdict};

/// Several sites on one nginx, each on a port of its own, with a certificate for `localhost`.
struct Sites {
    ports: Vec<u16>,
    folder: TempDir,
    _nginx: Server,
}

impl Sites {
    /// `directives` stand in the server of each.
    fn with(directives: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().display();
        for made in [
            "-subj /CN=authority -keyout authority.key -out authority.crt",
            "-subj /CN=site -addext subjectAltName=DNS:localhost \
             -addext basicConstraints=critical,CA:FALSE -CA authority.crt -CAkey authority.key \
             -keyout site.key -out site.crt",
        ] {
            let key = "req -x509 -nodes -days 80 -newkey ec -pkeyopt ec_paramgen_curve:P-256";
            let arguments: Vec<_> = key.split(' ').chain(made.split_whitespace()).collect();
            openssl(folder.path(), &arguments);
        }
        let ports: Vec<_> = directives
            .iter()
            .map(|_| free_port().expect("a port"))
            .collect();
        let servers: String = ports
            .iter()
            .zip(directives)
            .map(|(port, own)| {
                format!(
                    "server {{ listen 127.0.0.1:{port} ssl; ssl_protocols TLSv1.3;\n\
                     ssl_certificate {root}/site.crt; ssl_certificate_key {root}/site.key;\n\
                     {own} location / {{ return 200 site; }} }}\n"
                )
            })
            .collect();
        let mut command = nginx(folder.path(), &servers).expect("a configuration");
        let nginx = Server::listening(&mut command, &ports).expect("nginx listens");
        Self {
            ports,
            folder,
            _nginx: nginx,
        }
    }

    fn url(&self, place: usize) -> String {
        format!("https://localhost:{}/", self.ports[place])
    }

    fn authority(&self) -> String {
        self.folder
            .path()
            .join("authority.crt")
            .display()
            .to_string()
    }
}

/// The certificates are of today: so is the clock.
fn run(project: &Project, arguments: &[&str]) -> Answer {
    Answer::of(project.command(arguments).env_remove("SOURCE_DATE_EPOCH"))
}

const STRICT: &str = "add_header Strict-Transport-Security max-age=31536000;";

#[test]
fn each_site_has_its_line() {
    let sites = Sites::with(&[STRICT, ""]);
    let dead = format!("https://localhost:{}/", free_port().expect("a port"));
    let list = format!(
        "# ours\n{}\n\n{}  # the other one\r\n{dead}\n",
        sites.url(0),
        sites.url(1)
    );
    let project = Project::empty().file("sites.txt", list);
    let authority = sites.authority();
    let common = ["check", "--url-file", "sites.txt", "--ca-file", &authority];
    let told = run(&project, &[&common[..], &["--no-color"]].concat());
    assert_eq!(told.code, 1, "{}{}", told.stdout, told.stderr);
    let line = |url: &str| {
        let mut lines = told.stdout.lines();
        lines
            .find(|line| line.starts_with(url))
            .unwrap_or_else(|| panic!("{}", told.stdout))
    };
    assert!(
        line(&sites.url(0)).contains("SSL Labs A+"),
        "{}",
        told.stdout
    );
    assert!(
        line(&sites.url(1)).contains("SSL Labs A "),
        "{}",
        told.stdout
    );
    assert!(
        line(&dead).contains("no answer: refused"),
        "{}",
        told.stdout
    );
    assert!(
        told.stdout.contains("3 sites · 1 without an answer"),
        "{}",
        told.stdout
    );

    let told = run(&project, &[&common[..], &["--format", "json"]].concat());
    assert_eq!(told.code, 1);
    let reports: Vec<Value> = told
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).expect("each line is JSON"))
        .collect();
    assert_eq!(reports.len(), 3);
    let of = |url: &str| {
        let mut reports = reports.iter();
        reports
            .find(|one| one["site"]["url"] == url)
            .expect("each site has a line")
    };
    assert_eq!(
        verdict(of(&sites.url(0)), "http/hsts-missing")["status"],
        "pass"
    );
    assert_eq!(
        verdict(of(&sites.url(1)), "http/hsts-missing")["status"],
        "fail"
    );
    assert_eq!(verdict(of(&dead), "http/unreachable")["status"], "fail");
    for report in &reports {
        assert_valid("report", &report.to_string());
    }

    // A line is a report like one that was made alone.
    let alone = project.report(&["--url", &sites.url(1), "--ca-file", &authority]);
    let said = |report: &Value| verdict(report, "http/observatory-grade-low").clone();
    assert_eq!(said(of(&sites.url(1))), said(&alone));
}

/// What is kept does not grow with the list: each page of 1,000 links is told and let go.
#[test]
fn memory_is_bounded_whatever_the_number_of_sites() {
    let folder = tempfile::tempdir().expect("a folder");
    let links: String = (0..1000)
        .map(|number| format!("<a href=/a-page-of-the-shop/{number}/>{number}</a>\n"))
        .collect();
    let page = format!("<!doctype html><title>Shop</title>{links}");
    std::fs::write(folder.path().join("index.html"), page).expect("a file");
    let port = free_port().expect("a port");
    let root = folder.path().display();
    let server = format!(
        "server {{ listen 127.0.0.1:{port}; root {root}; location / {{ types {{ }} default_type text/html; try_files /index.html =404; }} }}"
    );
    let mut command = nginx(folder.path(), &server).expect("a configuration");
    let _nginx = Server::listening(&mut command, &[port]).expect("nginx listens");
    let project = Project::empty();
    // The most memory that the command ever held, in KiB, as the system counts it.
    let peak = |count: usize| -> u64 {
        let list: String = (0..count)
            .map(|number| format!("http://127.0.0.1:{port}/{number}\n"))
            .collect();
        std::fs::write(project.path("sites.txt"), list).expect("a file");
        let command = project.command(&[
            "check",
            "--url-file=sites.txt",
            "--max-requests=2",
            "--select=http/unreachable",
            "--output=lines.json",
        ]);
        let script = "import resource, subprocess, sys\n\
                      assert subprocess.run(sys.argv[1:]).returncode in (0, 1)\n\
                      print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)";
        let mut measured = std::process::Command::new(program("python3"));
        measured
            .args(["-c", script])
            .arg(command.get_program())
            .args(command.get_args());
        if let Some(folder) = command.get_current_dir() {
            measured.current_dir(folder);
        }
        let output = measured.output().expect("Python runs");
        let told = project.read("lines.json");
        assert_eq!(told.lines().count(), count, "{output:?}");
        let text = String::from_utf8_lossy(&output.stdout);
        text.trim().parse().unwrap_or_else(|_| panic!("{output:?}"))
    };
    let (few, many) = (peak(32), peak(256));
    assert!(many < few * 3 / 2, "{few} KiB for 32 sites, {many} for 256");
}

#[test]
fn a_list_comes_from_stdin_and_lines_go_to_files() {
    let sites = Sites::with(&[STRICT]);
    let project = Project::empty();
    let mut command = project.command(&[
        "check",
        "--url-file=-",
        "--select=tls/grade-low",
        "--at-once=1",
        "--output=lines.json",
        "--ca-file",
        &sites.authority(),
    ]);
    command.env_remove("SOURCE_DATE_EPOCH");
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut child = child.expect("the command runs");
    let mut stdin = child.stdin.take().expect("a pipe");
    write!(stdin, "{0}\n{0}a\n{0}b\n", sites.url(0)).expect("it reads");
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(output.stdout, b"");
    assert_eq!(project.read("lines.json").lines().count(), 3);
}

/// Nobody is asked before the whole list was understood.
#[test]
fn a_bad_line_is_refused_with_its_number() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("a socket");
    let port = listener.local_addr().expect("an address").port();
    for (bad, cause) in [
        ("ftp://shop.example", "only http, https and smtp"),
        (
            "https://me:hunter2@shop.example",
            "a user name or a password",
        ),
        ("https://a b/", "it is no address"),
    ] {
        let list = format!("http://127.0.0.1:{port}/\n\n{bad}\n");
        let project = Project::empty().file("sites.txt", list);
        let told = project.run(&["check", "--url-file", "sites.txt"]);
        assert!(!told.stderr.contains("hunter2"));
        told.is_failure(
            "line 3 of sites.txt cannot be looked at: ",
            "one address a line",
        );
        assert!(told.stderr.contains(cause), "{}", told.stderr);
    }
    assert!(listener.accept().is_err(), "nobody came");
}

#[test]
fn what_does_not_go_together_is_refused() {
    let project = Project::empty()
        .file("sites.txt", "http://127.0.0.1:1/\n")
        .file("none.txt", "# nobody\n");
    let run = |arguments: &[&str]| -> Answer {
        project.run(&[&["check", "--url-file", "sites.txt"], arguments].concat())
    };
    run(&["shop"]).is_failure("cannot be used with", "--help");
    run(&["--url", "http://127.0.0.1:1/"]).is_failure("cannot be used with", "--help");
    run(&["--record", "site.json"]).is_failure("cannot be used with", "--help");
    run(&["--at-once", "0"]).is_failure("give a number from 1 to 256", "--help");
    run(&["--format", "sarif"]).is_failure("terminal and json alone", "tightship report");
    let told = project.run(&["check", "--url-file", "none.txt"]);
    told.is_failure("none.txt names no site", "one address a line");
    let told = project.run(&["check", "--url-file", "absent.txt"]);
    told.is_failure("absent.txt cannot be read", "one address a line");
}
