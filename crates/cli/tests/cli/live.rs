//! The live site: a real nginx is looked at, kept and judged again.

use std::fs;

use serde_json::Value;
use tempfile::TempDir;
use tightship_testbed::{Server, free_port, nginx};

use crate::documents::assert_valid;
use crate::project::{Project, verdict};

/// An nginx with these servers; `PORT` in them is where it listens.
struct Site {
    port: u16,
    _nginx: Server,
    _folder: TempDir,
}

impl Site {
    fn serving(servers: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let html = folder.path().join("html");
        fs::create_dir(&html).expect("a folder");
        fs::write(html.join(".env"), "SECRET_KEY=hunter2hunter2\n").expect("a file");
        let port = free_port().expect("a port");
        let servers = servers
            .replace("PORT", &port.to_string())
            .replace("ROOT", &folder.path().display().to_string());
        let mut command = nginx(folder.path(), &servers).expect("a configuration");
        let nginx = Server::listening(&mut command, &[port]).expect("nginx listens");
        Self {
            port,
            _nginx: nginx,
            _folder: folder,
        }
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }
}

const SHOP: &str = "
    server {
        listen 127.0.0.1:PORT;
        add_header Set-Cookie 'sessionid=0123456789abcdefSECRET; Path=/';
        location = / { default_type text/html; return 200 '<title>Shop</title>'; }
        location / { root ROOT/html; default_type application/octet-stream; }
    }";

#[test]
fn a_site_is_looked_at_without_a_project() {
    let site = Site::serving(SHOP);
    let report = Project::empty().report(&["--url", &site.url(), "--rate", "1000"]);
    assert_eq!(verdict(&report, "http/unreachable")["status"], "pass");
    assert_eq!(
        verdict(&report, "http/https-redirect-missing")["status"],
        "fail"
    );
    assert_eq!(report["site"]["url"], site.url());
    assert_eq!(report["site"]["requests"][0]["status"], 200);
    assert_valid("report", &report.to_string());
}

/// The pages of a project are asked for where its settings and routes have them.
#[test]
fn the_pages_that_the_project_names_are_asked_for() {
    let site = Site::serving(SHOP);
    let project = Project::with_settings(
        "ROOT_URLCONF = \"shop.urls\"\nLOGIN_URL = \"/enter/\"\nSTATIC_URL = \"/assets/\"\n\
         CORS_ALLOWED_ORIGINS = [\"https://app.shop.example\"]\n",
    )
    .file(
        "shop/urls.py",
        "from django.contrib import admin\nfrom django.urls import path\n\
         urlpatterns = [path(\"back-office/\", admin.site.urls)]\n",
    );
    let report = project.report(&["--url", &site.url(), "--rate", "1000"]);
    let requests = report["site"]["requests"].as_array().expect("requests");
    let asked = |purpose: &str| -> Vec<&str> {
        let own = requests.iter().filter(|one| one["purpose"] == purpose);
        own.filter_map(|one| one["url"].as_str()?.strip_prefix(&site.url()))
            .collect()
    };
    assert_eq!(asked("login"), ["enter/"]);
    assert_eq!(asked("admin"), ["back-office/", "back-office/login/"]);
    assert_eq!(asked("static-folder"), ["assets/"]);
    assert_eq!(asked("media-folder"), ["media/"]);
    let frontend = requests
        .iter()
        .find(|one| one["purpose"] == "origin-frontend");
    let sent = frontend.expect("it was asked")["sent"].to_string();
    assert!(sent.contains("Origin: https://app.shop.example"), "{sent}");
    assert!(requests.len() <= 60, "{} requests", requests.len());
}

#[test]
fn what_is_kept_is_judged_as_it_was_seen() {
    let site = Site::serving(SHOP);
    let project = Project::empty();
    let seen = project.report(&[
        "--url",
        &site.url(),
        "--rate",
        "1000",
        "--record",
        "site.json",
    ]);
    drop(site);
    let kept = project.read("site.json");
    assert!(
        !kept.contains("SECRET;") && !kept.contains("hunter2"),
        "{kept}"
    );
    let again = project.report(&["--replay", "site.json"]);
    assert_eq!(seen, again);
}

/// Two looks at the same site differ in nothing but `timing`.
#[test]
fn repeats_are_identical() {
    let site = Site::serving(SHOP);
    let project = Project::empty();
    let look = || {
        let url = site.url();
        let mut report = project.report(&["--url", &url, "--rate", "10000"]);
        let timing = report.as_object_mut().expect("an object").remove("timing");
        assert!(timing.is_some_and(|timing| timing["started"].is_number()));
        report.to_string()
    };
    let first = look();
    for _ in 1..50 {
        assert_eq!(look(), first);
    }
}

#[test]
fn requests_are_bounded_and_what_is_left_out_is_said() {
    let site = Site::serving(SHOP);
    let report = Project::empty().report(&["--url", &site.url(), "--max-requests", "3"]);
    let requests = report["site"]["requests"].as_array().expect("requests");
    assert_eq!(requests.len(), 3);
    let skipped = report["site"]["skipped"]
        .as_array()
        .expect("what was not asked");
    let trace: Vec<&Value> = skipped
        .iter()
        .filter(|one| one["purpose"] == "trace")
        .collect();
    assert!(
        trace[0]["reason"]
            .as_str()
            .expect("a text")
            .contains("--max-requests")
    );
}

/// A probe that does not fit into what is left is not begun.
#[test]
fn probes_keep_to_the_bound_as_well() {
    let site = Site::serving(SHOP);
    let url = site.url();
    let arguments = ["--url", &url, "--max-requests", "38", "--probe"];
    let look = |probe| Project::empty().report(&[&arguments[..], &[probe]].concat());
    let report = look("lockout");
    let why = verdict(&report, "http/login-unlimited")["reason"].to_string();
    assert!(why.contains("--max-requests leaves"), "{why}");
    let report = look("body-limit");
    let requests = report["site"]["requests"].as_array().expect("requests");
    assert!(requests.len() <= 38, "{}", requests.len());
    let is_announced = |one: &&Value| one["purpose"] == "body-announced";
    let announced = requests
        .iter()
        .find(is_announced)
        .expect("it was announced");
    assert_eq!(announced["status"], 413, "nginx's own limit is 1 MB");
    let sent = announced["sent"].to_string();
    assert!(sent.contains("Content-Length: 104857601"), "{sent}");
    assert_eq!(verdict(&report, "http/body-unlimited")["status"], "pass");
}

#[test]
fn a_site_that_is_down_is_a_finding() {
    let port = free_port().expect("a port");
    let url = format!("http://127.0.0.1:{port}/");
    let project = Project::empty();
    let report = project.report(&["--url", &url]);
    let down = verdict(&report, "http/unreachable");
    assert_eq!(down["status"], "fail");
    assert!(
        down["findings"][0]["message"]
            .as_str()
            .expect("a text")
            .contains("nothing listens")
    );
    assert_eq!(project.run(&["check", "--url", &url]).code, 1);
}

/// A name that leads to loopback is asked only where the user says so.
#[test]
fn names_are_not_followed_to_this_machine() {
    let site = Site::serving(SHOP);
    let project = Project::empty();
    let port = site.port;
    let connect = format!("shop.example:80:127.0.0.1:{port}");
    let arguments = ["--url", "http://shop.example/", "--connect-to", &connect];
    let report = project.report(&arguments);
    assert_eq!(verdict(&report, "http/unreachable")["status"], "pass");
    assert_eq!(report["site"]["addresses"][0], "127.0.0.1");
}

#[test]
fn wrong_addresses_are_failures() {
    let project = Project::empty();
    for (arguments, cause) in [
        (&["check", "--url", "ftp://shop.example"][..], "ftp:"),
        (&["check", "--url", "https://"], "no address"),
        (&["check", "--replay", "none.json"], "none.json"),
        (&["check", "--record", "site.json"], "--record"),
        (
            &["check", "--url", "a.example", "--connect-to", "x"],
            "HOST:PORT",
        ),
        (
            &["check", "--url", "a.example", "--ca-file", "none"],
            "none",
        ),
    ] {
        project.run(arguments).is_failure(cause, "");
    }
    let answer = project.run(&["check", "--url", "https://me:hunter2@shop.example"]);
    answer.is_failure("password", "https://shop.example");
    assert!(!answer.stderr.contains("hunter2"));
}
