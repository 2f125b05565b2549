//! A demo with its servers started.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;
use tightship_model::{Deployment, Value as Setting};
use tightship_read::Options;
use tightship_testbed::{Server, free_port, openssl, program, python, repository};

pub(crate) struct Running {
    pub(crate) http: u16,
    pub(crate) https: u16,
    /// In the order in which they are ended: nginx before gunicorn, the files last.
    _nginx: Server,
    _gunicorn: Server,
    folder: TempDir,
}

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

const AUTHORITY: &str = "authority.crt";

/// PostgreSQL and Redis are not here: what stands in for them changes no header.
const HERE: &str = "from .production import *\n\n\
    DATABASES = {\"default\": {\"ENGINE\": \"django.db.backends.sqlite3\", \
    \"NAME\": BASE_DIR / \"here.sqlite3\"}}\n\
    CACHES = {\"default\": {\"BACKEND\": \"django.core.cache.backends.locmem.LocMemCache\"}}\n";

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
            ("DJANGO_SETTINGS_MODULE", "config.settings.here".to_owned()),
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

    /// The authority that has issued the certificate.
    pub(crate) fn authority(&self) -> PathBuf {
        self.folder.path().join(AUTHORITY)
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
            folder,
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
    if !own.is_empty() {
        fs::write(root.join("backend/config/settings/here.py"), HERE).expect("a file");
        for task in [
            &["collectstatic", "--noinput"][..],
            &["migrate", "--run-syncdb"],
        ] {
            let mut command = Command::new(python("django52"));
            command.arg("manage.py").args(task);
            manage(&mut command);
            let status = command.status().expect("Python starts");
            assert!(status.success(), "{task:?} failed");
        }
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

/// For all names of the demos, issued by an authority of the test.
fn make_certificate(root: &Path) {
    let key = [
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
    ];
    let authority = [
        "req",
        "-x509",
        "-days",
        "80",
        "-subj",
        "/CN=Authority of the test",
    ];
    let files = ["-keyout", "authority.key", "-out", AUTHORITY];
    openssl(root, &[&authority[..], &key, &files].concat());
    let request = ["req", "-subj", "/CN=harbourgoods.example"];
    let files = ["-keyout", "privkey.pem", "-out", "demo.csr"];
    openssl(root, &[&request[..], &key, &files].concat());
    let names =
        ["", "www.", "shop.", "media."].map(|name| format!("DNS:{name}harbourgoods.example"));
    let extensions = format!(
        "subjectAltName={}\nbasicConstraints=critical,CA:FALSE\nextendedKeyUsage=serverAuth\n",
        names.join(",")
    );
    fs::write(root.join("demo.ext"), extensions).expect("a file");
    let issue = [
        "x509", "-req", "-in", "demo.csr", "-days", "80", "-CA", AUTHORITY,
    ];
    let rest = [
        "-CAkey",
        "authority.key",
        "-CAcreateserial",
        "-extfile",
        "demo.ext",
    ];
    openssl(
        root,
        &[&issue[..], &rest, &["-out", "fullchain.pem"]].concat(),
    );
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
