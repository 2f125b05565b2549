//! A demo with its servers started.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;
use tightship_model::{Deployment, Value as Setting};
use tightship_read::Options;
use tightship_testbed::{Server, free_port, program, python, repository};

pub(crate) struct Running {
    http: u16,
    https: u16,
    /// In the order in which they are ended: nginx before gunicorn, the files last.
    _nginx: Server,
    _gunicorn: Server,
    _folder: TempDir,
}

/// A status and the headers.
type Answer = (u16, Vec<(String, String)>);

/// The secrets of demo/hardened, which its Compose file mounts.
const SECRETS: [&str; 7] = [
    "django_secret_key",
    "jwt_signing_key",
    "db_password",
    "redis_password",
    "email_password",
    "stripe_secret_key",
    "stripe_webhook_secret",
];

impl Running {
    pub(crate) fn hardened() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let secrets = folder.path().join("secrets");
        fs::create_dir(&secrets).expect("a folder");
        for name in SECRETS {
            let value = format!("a value for {name} that only this test knows, 0123456789");
            fs::write(secrets.join(name), value).expect("a file");
        }
        let tracker = "https://0123456789abcdef@127.0.0.1:9/1";
        fs::write(secrets.join("sentry_dsn"), tracker).expect("a file");
        let own = [
            ("SECRETS_DIR", secrets.display().to_string()),
            ("LOG_DIR", folder.path().display().to_string()),
            (
                "STATIC_ROOT",
                folder.path().join("static").display().to_string(),
            ),
        ];
        Self::start("hardened", folder, &own)
    }

    pub(crate) fn careless() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self::start("careless", folder, &[])
    }

    /// The answers to absolute addresses; `None` where the connection ends without one.
    pub(crate) fn ask(&self, urls: &[&str]) -> Vec<Option<Answer>> {
        let questions: Vec<Value> = urls
            .iter()
            .map(|url| {
                let (scheme, rest) = url.split_once("://").expect("a scheme");
                let (host, path) = rest.split_at(rest.find('/').expect("a path"));
                let port = if scheme == "https" {
                    self.https
                } else {
                    self.http
                };
                json!([scheme, port, host, path])
            })
            .collect();
        let mut child = Command::new(python("django52"))
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/demos/ask.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python starts");
        let mut stdin = child.stdin.take().expect("a pipe");
        stdin
            .write_all(json!(questions).to_string().as_bytes())
            .expect("the questions");
        drop(stdin);
        let output = child.wait_with_output().expect("Python ends");
        assert!(output.status.success(), "ask.py failed");
        serde_json::from_slice(&output.stdout).expect("answers")
    }

    fn start(name: &str, folder: TempDir, own: &[(&str, String)]) -> Self {
        let demo = repository().join("demo").join(name);
        let root = folder.path();
        copy(&demo.join("backend"), &root.join("backend"));
        copy(&demo.join("nginx"), &root.join("nginx"));
        let deployment = tightship_read::read(&demo, &Options::default()).expect("the demo");
        let (http, https, inner) = (port(), port(), port());
        let gunicorn = gunicorn(&deployment, root, inner, own);
        make_certificate(root);
        let configuration = root.join("nginx/nginx.conf");
        for path in [configuration.clone()].into_iter().chain(snippets(root)) {
            let text = fs::read_to_string(&path).expect("a configuration");
            let mapped = mapped(&text, root, (http, https, inner));
            fs::write(&path, mapped).expect("a configuration");
        }
        let nginx = Server::listening(
            Command::new(program("nginx"))
                .args(["-e", "stderr", "-g", "daemon off;", "-p"])
                .arg(root)
                .arg("-c")
                .arg(&configuration)
                .stderr(Stdio::null())
                .stdout(Stdio::null()),
            &[http, https],
        )
        .expect("nginx listens");
        Self {
            http,
            https,
            _nginx: nginx,
            _gunicorn: gunicorn,
            _folder: folder,
        }
    }
}

/// The server of the demo's `web`, with the environment and the trust that its files give it.
fn gunicorn(deployment: &Deployment, root: &Path, port: u16, own: &[(&str, String)]) -> Server {
    let process = deployment
        .processes
        .iter()
        .find(|process| process.program.serves_django())
        .expect("a server");
    // In its container nginx comes from another address, here from loopback: an address of no one
    // stands for what does not trust it.
    let trusted = process.options.get("forwarded_allow_ips");
    let trusted = match trusted.map(|option| &option.value) {
        Some(Setting::Str(text)) => text.clone(),
        Some(Setting::List(items)) => {
            let texts = items.items.iter().filter_map(|item| item.value.as_str());
            texts.collect::<Vec<_>>().join(",")
        }
        _ => "192.0.2.1".to_owned(),
    };
    let variables = deployment.environment.variables.iter();
    let variables: Vec<_> = variables
        .filter_map(|(name, value)| {
            let text = match &value.value {
                Setting::Environment(open) => open.unset.as_ref()?.value.as_str()?.to_owned(),
                value => value.as_str()?.to_owned(),
            };
            Some((name.clone(), text))
        })
        .collect();
    let manage = |command: &mut Command| {
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .envs(variables.iter().cloned())
            .envs(own.iter().map(|(name, value)| (*name, value.as_str())))
            .current_dir(root.join("backend"))
            .stdout(Stdio::null())
            .stderr(Stdio::null());
    };
    if own.iter().any(|(name, _)| *name == "STATIC_ROOT") {
        let mut collect = Command::new(python("django52"));
        collect.args(["manage.py", "collectstatic", "--noinput"]);
        manage(&mut collect);
        assert!(
            collect.status().expect("Python starts").success(),
            "collectstatic failed"
        );
    }
    let mut command = Command::new(python("django52"));
    command
        .args([
            "-m",
            "gunicorn",
            "config.wsgi:application",
            "--workers",
            "1",
        ])
        .args(["--config", "/dev/null", "--worker-tmp-dir", "/dev/shm"])
        .args(["--bind", &format!("127.0.0.1:{port}")])
        .args(["--forwarded-allow-ips", &trusted]);
    manage(&mut command);
    Server::listening(&mut command, &[port]).expect("gunicorn listens")
}

/// A configuration with paths, ports and names as they are here. What Debian's nginx 1.22 and its
/// OpenSSL do not know yet is left out: it changes no answer.
fn mapped(text: &str, root: &Path, (http, https, inner): (u16, u16, u16)) -> String {
    let root = root.display();
    let aside = port();
    let lines = text
        .lines()
        .filter(|line| {
            let line = line.trim();
            let left_out = ["user ", "pid ", "http2 on", "listen [::]", "access_log "];
            !left_out.iter().any(|start| line.starts_with(start))
        })
        .map(|line| {
            line.replace("listen 80", &format!("listen 127.0.0.1:{http}"))
                .replace("listen 443", &format!("listen 127.0.0.1:{https}"))
                .replace(
                    "listen 127.0.0.1:8080",
                    &format!("listen 127.0.0.1:{aside}"),
                )
                .replace("X25519MLKEM768:", "")
                .replace("web:8000", &format!("127.0.0.1:{inner}"))
                .replace("reports:8080", "127.0.0.1:9")
                .replace("/etc/nginx/snippets/", &format!("{root}/nginx/snippets/"))
                .replace("/srv/errors", &format!("{root}/nginx/errors"))
                .replace("/srv/media", &format!("{root}/media"))
                .replace("/app/backend/", &format!("{root}/backend/"))
                .replace("/var/www/certbot", &format!("{root}/certbot"))
                .replace(
                    "/etc/letsencrypt/live/www.harbourgoods.example/",
                    &format!("{root}/"),
                )
                .replace(
                    "/etc/letsencrypt/live/harbourgoods.example/",
                    &format!("{root}/"),
                )
        });
    let text = lines.collect::<Vec<_>>().join("\n");
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|name| format!("{name}_temp_path {root}/{name};"))
        .join("\n");
    let inside = format!("http {{\naccess_log off;\n{temporary}\n");
    match text.contains("http {\n") {
        true => format!(
            "pid {root}/nginx.pid;\n{}\n",
            text.replacen("http {\n", &inside, 1)
        ),
        false => text + "\n",
    }
}

fn snippets(root: &Path) -> Vec<PathBuf> {
    let folder = root.join("nginx/snippets");
    let entries = fs::read_dir(folder).expect("a folder");
    entries
        .map(|entry| entry.expect("an entry").path())
        .collect()
}

fn make_certificate(root: &Path) {
    let made = Command::new(program("openssl"))
        .args([
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
        ])
        .args(["-subj", "/CN=harbourgoods.example"])
        .arg("-keyout")
        .arg(root.join("privkey.pem"))
        .arg("-out")
        .arg(root.join("fullchain.pem"))
        .stderr(Stdio::null())
        .status();
    assert!(made.expect("openssl starts").success(), "no certificate");
}

fn port() -> u16 {
    free_port().expect("a port")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        match entry.file_type().expect("a kind").is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(fs::copy(entry.path(), target).expect("a copy")),
        }
    }
}
