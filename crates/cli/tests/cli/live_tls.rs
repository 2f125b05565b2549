//! TLS of a live site: a real nginx, from the command line to the verdict.

use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use tightship_testbed::{Server, free_port, program};

use crate::project::{Project, verdict};

/// An nginx that is `shop.example`, with a certificate of its own authority.
struct Shop {
    port: u16,
    folder: TempDir,
    _nginx: Server,
}

impl Shop {
    /// `directives` stand in its server.
    fn with(directives: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().display();
        let made = Command::new(program("openssl"))
            .args(["req", "-x509", "-nodes", "-days", "80", "-newkey", "ec"])
            .args(["-pkeyopt", "ec_paramgen_curve:P-256", "-subj", "/CN=shop"])
            .args(["-addext", "subjectAltName=DNS:shop.example"])
            .args(["-keyout", "shop.key", "-out", "shop.crt"])
            .current_dir(folder.path())
            .stderr(Stdio::null())
            .status();
        assert!(made.is_ok_and(|status| status.success()), "openssl req");
        let port = free_port().expect("a port");
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|name| format!("{name}_temp_path {root}/{name};"))
            .join("\n");
        let configuration = format!(
            "daemon off;\npid {root}/nginx.pid;\nerror_log stderr;\nevents {{}}\n\
             http {{\naccess_log off;\n{temporary}\nserver {{\nlisten 127.0.0.1:{port} ssl;\n\
             server_name shop.example;\nssl_certificate {root}/shop.crt;\n\
             ssl_certificate_key {root}/shop.key;\n\
             add_header Strict-Transport-Security max-age=31536000;\n\
             {directives}\nlocation / {{ return 200 shop; }}\n}}\n}}\n"
        );
        let file = folder.path().join("nginx.conf");
        fs::write(&file, configuration).expect("a configuration");
        let nginx = Server::start(
            Command::new(program("nginx"))
                .args(["-e", "stderr", "-p"])
                .arg(folder.path())
                .arg("-c")
                .arg(&file)
                .env("OPENSSL_CONF", "/dev/null")
                .stderr(Stdio::null()),
        )
        .expect("nginx starts");
        for _ in 0..200 {
            if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
                break;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Self {
            port,
            folder,
            _nginx: nginx,
        }
    }

    /// The arguments that lead to it.
    fn arguments(&self, url: &str) -> Vec<String> {
        let host = url.trim_start_matches("https://").trim_end_matches('/');
        ["--rate", "1000", "--url", url, "--connect-to"]
            .map(str::to_owned)
            .into_iter()
            .chain([format!("{host}:443:127.0.0.1:{}", self.port)])
            .collect()
    }

    fn trusting(&self, url: &str) -> Vec<String> {
        let mut arguments = self.arguments(url);
        let authority = self.folder.path().join("shop.crt");
        arguments.extend(["--ca-file".to_owned(), authority.display().to_string()]);
        arguments
    }
}

fn report(project: &Project, arguments: &[String]) -> serde_json::Value {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    project.report(&arguments)
}

#[test]
fn a_site_with_modern_tls_is_found_good() {
    let shop = Shop::with("ssl_protocols TLSv1.2 TLSv1.3;");
    let project = Project::empty();
    let mut arguments = shop.trusting("https://shop.example/");
    arguments.extend(["--probe", "tls-faults", "--record", "site.json"].map(str::to_owned));
    let seen = report(&project, &arguments);
    for id in [
        "tls/protocol-old",
        "tls/protocol-missing",
        "tls/suite-weak",
        "tls/key-short",
        "tls/name-mismatch",
        "tls/compression-on",
        "tls/renegotiation-open",
        "tls/library-faulty",
    ] {
        assert_eq!(
            verdict(&seen, id)["status"],
            "pass",
            "{id}: {}",
            verdict(&seen, id)
        );
    }
    // (The clock of these tests stands still, so that nothing is said of when it ends.)
    // What was kept is judged the same.
    let again = project.report(&["--replay", "site.json"]);
    assert_eq!(seen, again);
}

#[test]
fn what_is_wrong_is_found() {
    let shop = Shop::with("ssl_protocols TLSv1 TLSv1.2; ssl_ciphers ALL:@SECLEVEL=0;");
    let seen = report(&Project::empty(), &shop.arguments("https://other.example/"));
    for id in [
        "tls/grade-low",
        "tls/protocol-old",
        "tls/protocol-missing",
        "tls/suite-weak",
        "tls/certificate-untrusted",
        "tls/name-mismatch",
    ] {
        assert_eq!(
            verdict(&seen, id)["status"],
            "fail",
            "{id}: {}",
            verdict(&seen, id)
        );
    }
    assert_eq!(verdict(&seen, "tls/library-faulty")["status"], "unknown");
    let grade = verdict(&seen, "tls/grade-low").to_string();
    assert!(
        grade.contains("reads M, and F if trust is ignored"),
        "{grade}"
    );
}
