//! What the targets share: a small deployment in which one file holds the fuzzer's bytes.
//!
//! The whole way runs, from the folder to the verdicts, since a reader that survives a file must
//! also leave something that checks survive.

use std::cell::OnceCell;
use std::fs;
use std::path::Path;

use tempfile::TempDir;
use tightship_read::Options;

/// Reads and judges the deployment with `bytes` as the file `path`. Any panic is the finding.
pub fn judge_with(path: &str, bytes: &[u8]) {
    judge_with_all(&[(path, bytes)]);
}

/// As [`judge_with`], with several files.
pub fn judge_with_all(files: &[(&str, &[u8])]) {
    thread_local! {
        static FOLDER: OnceCell<TempDir> = const { OnceCell::new() };
    }
    FOLDER.with(|folder| {
        let root = folder
            .get_or_init(|| lay_out().expect("a temporary folder"))
            .path();
        for (path, bytes) in files {
            write(root, path, bytes);
        }
        let deployment = tightship_read::read(root, &Options::default()).expect("a folder");
        std::hint::black_box(tightship_checks::judge(&deployment, |_| true));
    });
}

/// Reads and judges the answer of a live site from the bytes of the wire.
pub fn judge_answer(bytes: &[u8]) {
    let deployment = tightship_model::Deployment {
        site: tightship_observe::site::http::transcript::received(bytes),
        ..tightship_model::Deployment::default()
    };
    let verdicts = tightship_checks::judge(&deployment, |check| check.area() == "http");
    std::hint::black_box(verdicts);
}

/// As [`judge_answer`], for the value of one field, in a header and in a `<meta>` of the page.
pub fn judge_field(name: &str, value: &[u8]) {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n{name}: ");
    let rest = format!("\r\n\r\n<meta http-equiv='{name}' content='");
    judge_answer(&[head.as_bytes(), value, rest.as_bytes(), value].concat());
}

/// As [`judge_answer`], for a page.
pub fn judge_page(page: &[u8]) {
    let head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n";
    judge_answer(&[&head[..], page].concat());
}

/// Reads and judges what the DNS says of a site, in the form of
/// `tightship_observe::site::dns::transcript`.
pub fn judge_names(text: &str) {
    let Ok(dns) = tightship_observe::site::dns::transcript::read(text) else {
        return;
    };
    let deployment = tightship_model::Deployment {
        site: Some(tightship_model::site::Site {
            url: "https://shop.example/".to_owned(),
            dns: Some(dns),
            ..tightship_model::site::Site::default()
        }),
        ..tightship_model::Deployment::default()
    };
    let verdicts = tightship_checks::judge(&deployment, |check| check.area() == "dns");
    std::hint::black_box(verdicts);
}

/// As [`judge_names`], for one record of text at the site's domain.
pub fn judge_text(name: &str, bytes: &[u8]) {
    // A record is one line here.
    let text = String::from_utf8_lossy(bytes).replace(['\n', '\r'], " ");
    judge_names(&format!(
        "host: shop.example\nmail: shop.example\nselector: s1\nshop.example A 203.0.113.7\n\
         shop.example MX 10 mail.shop.example\n{name} TXT {text}\n"
    ));
}

/// Reads a value of `Alt-Svc`.
pub fn judge_promise(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    std::hint::black_box(tightship_predict::alt_svc::alternatives(&text));
}

fn lay_out() -> std::io::Result<TempDir> {
    let folder = tempfile::tempdir()?;
    for (path, text) in DEPLOYMENT {
        write(folder.path(), path, text.as_bytes());
    }
    Ok(folder)
}

fn write(root: &Path, path: &str, bytes: &[u8]) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().expect("below the root")).expect("a folder");
    fs::write(path, bytes).expect("a file");
}

const DEPLOYMENT: &[(&str, &str)] = &[
    (
        "manage.py",
        "import os\nos.environ.setdefault(\"DJANGO_SETTINGS_MODULE\", \"settings\")\n",
    ),
    (
        "settings.py",
        "from decouple import config\nSECRET_KEY = config(\"SECRET_KEY\")\n\
         DEBUG = config(\"DEBUG\", default=False, cast=bool)\nINSTALLED_APPS = [\"axes\"]\n",
    ),
    (
        "docker-compose.yml",
        "services:\n  web:\n    build: .\n    env_file: .env\n    command: ./entrypoint.sh\n  \
         proxy:\n    image: nginx:1.29\n    volumes:\n      - ./nginx/nginx.conf:/etc/nginx/nginx.conf\n      \
         - ./nginx/conf.d:/etc/nginx/conf.d\n",
    ),
    (
        "nginx/nginx.conf",
        "events {}\nhttp {\n  include conf.d/*.conf;\n}\n",
    ),
    (
        "nginx/conf.d/site.conf",
        "server {\n  listen 80;\n  location / { proxy_pass http://web:8000; }\n}\n",
    ),
    (
        "entrypoint.sh",
        "#!/bin/sh\nexec gunicorn wsgi:application\n",
    ),
    (
        "Dockerfile",
        "FROM python:3.12\nCOPY . .\nCMD [\"./entrypoint.sh\"]\n",
    ),
    (".env", "SECRET_KEY=a\n"),
    ("requirements.txt", "Django==5.2.19\n"),
];
