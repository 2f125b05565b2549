//! TLS of a live site: a real nginx, from the command line to the verdict.

use tempfile::TempDir;
use tightship_testbed::{Server, free_port, issue, nginx, self_signed};

use crate::project::{Answer, Project, verdict};

/// An nginx that is `shop.example`, with a certificate of its own authority.
struct Shop {
    port: u16,
    folder: TempDir,
    _nginx: Server,
}

impl Shop {
    /// `directives` stand in its server.
    fn with(directives: &str) -> Self {
        Self::listening("ssl", directives)
    }

    /// `how` stands behind the port that it listens on.
    fn listening(how: &str, directives: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().display();
        self_signed(folder.path(), "shop", &["shop.example"]);
        let port = free_port().expect("a port");
        let server = format!(
            "server {{\nlisten 127.0.0.1:{port} {how};\n\
             server_name shop.example;\nssl_certificate {root}/shop.crt;\n\
             ssl_certificate_key {root}/shop.key;\n\
             add_header Strict-Transport-Security max-age=31536000;\n\
             {directives}\nlocation / {{ return 200 shop; }}\n}}"
        )
        .replace("ROOT", &root.to_string());
        let mut command = nginx(folder.path(), &server).expect("a configuration");
        command.env("OPENSSL_CONF", "/dev/null");
        let nginx = Server::listening(&mut command, &[port]).expect("nginx listens");
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

/// An nginx that wants a certificate of each visitor, beside files that say so, that do not, and alone.
#[test]
fn a_certificate_that_visitors_need_is_told() {
    let demands = "ssl_client_certificate ROOT/shop.crt; ssl_verify_client on;";
    let asks = "ssl_client_certificate ROOT/shop.crt; ssl_verify_client optional;";
    let files = |directives: &str| {
        let server = format!(
            "events {{}}\nhttp {{ server {{ listen 443 ssl; server_name shop.example;\n\
             ssl_certificate shop.crt; ssl_certificate_key shop.key;\n{directives}\n\
             return 200 shop; }} }}\n"
        );
        Project::empty().file("nginx.conf", &server)
    };
    for versions in ["TLSv1.2", "TLSv1.2 TLSv1.3"] {
        let versions = format!("ssl_protocols {versions};");
        let demanding = Shop::with(&format!("{versions} {demands}"));
        let asking = Shop::with(&format!("{versions} {asks}"));
        for (shop, project, status, says, page) in [
            (
                &demanding,
                Project::empty(),
                "unknown",
                "was not seen",
                "unknown",
            ),
            (
                &demanding,
                files(demands),
                "pass",
                "ssl_verify_client on",
                "unknown",
            ),
            (
                &demanding,
                files(""),
                "fail",
                "it wants a certificate of each",
                "unknown",
            ),
            (
                &asking,
                Project::empty(),
                "pass",
                "answered without one",
                "pass",
            ),
        ] {
            let report = report(&project, &shop.trusting("https://shop.example/"));
            let told = verdict(&report, "tls/certificate-demanded");
            assert_eq!(told["status"], status, "{told}");
            assert!(told.to_string().contains(says), "{told}");
            // The page of the refusal is not the one that visitors see.
            let hsts = verdict(&report, "http/hsts-missing");
            assert_eq!(hsts["status"], page, "{hsts}");
        }
    }
}

/// A site that sends its own certificate and none above it, as with certbot's cert.pem: browsers find the
/// rest, and programs do not.
#[test]
fn a_chain_without_its_middle_is_completed() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    let is_authority = "basicConstraints=critical,CA:TRUE";
    issue(root, "root", is_authority, None, "ec");
    issue(root, "middle", is_authority, Some("root"), "ec");
    let named = "subjectAltName=DNS:shop.example\n\
                 authorityInfoAccess=caIssuers;URI:http://issuer.example/middle.crt";
    issue(root, "own", named, Some("middle"), "ec");
    let (port, authority) = (free_port().expect("a port"), free_port().expect("a port"));
    let servers = format!(
        "server {{ listen 127.0.0.1:{port} ssl; server_name shop.example;\n\
         ssl_protocols TLSv1.2 TLSv1.3;\n\
         ssl_certificate {0}/own.crt; ssl_certificate_key {0}/own.key;\n\
         add_header Strict-Transport-Security max-age=31536000; return 200 shop; }}\n\
         server {{ listen 127.0.0.1:{authority}; location = /middle.crt {{ root {0}; }} }}\n",
        root.display()
    );
    let mut command = nginx(root, &servers).expect("a configuration");
    command.env("OPENSSL_CONF", "/dev/null");
    let _nginx = Server::listening(&mut command, &[port, authority]).expect("nginx listens");

    let project = Project::empty();
    let file = |name: &str| root.join(name).display().to_string();
    let (anchor, middle) = (file("root.crt"), file("middle.crt"));
    let site = format!("shop.example:443:127.0.0.1:{port}");
    let issuer = format!("issuer.example:80:127.0.0.1:{authority}");
    let look = |more: &[&str]| {
        let usual = [
            "check",
            "--format=json",
            "--rate=1000",
            "--resolver=127.0.0.1:9",
        ];
        let to = ["--url=https://shop.example/", "--connect-to", &site];
        let and = ["--connect-to", &issuer, "--ca-file", &anchor];
        let all = [&usual[..], &to, &and, more].concat();
        // The certificates are of today: so is the clock.
        let told = Answer::of(project.command(&all).env_remove("SOURCE_DATE_EPOCH"));
        serde_json::from_str::<serde_json::Value>(&told.stdout).expect("JSON")
    };
    let fetched = |seen: &serde_json::Value| {
        let requests = seen["site"]["requests"].as_array().expect("requests");
        let fetched = requests.iter().filter(|one| one["purpose"] == "issuer");
        fetched.map(|one| one["url"].clone()).collect::<Vec<_>>()
    };
    for (more, untrusted, incomplete, letter) in [
        (&[][..], "fail", "unknown", "T"),
        (&["--known-issuers", &middle], "pass", "fail", "B"),
        (&["--probe=issuers"], "pass", "fail", "B"),
    ] {
        let seen = look(more);
        let status = |id| verdict(&seen, id)["status"].clone();
        assert_eq!(status("tls/certificate-untrusted"), untrusted, "{more:?}");
        assert_eq!(status("tls/chain-incomplete"), incomplete, "{more:?}");
        let grades = seen["site"]["grades"].as_array().expect("grades");
        let grade = grades.iter().find(|one| one["by"] == "SSL Labs");
        let grade = grade.expect("a grade")["grade"]
            .as_str()
            .unwrap_or_default();
        assert!(grade.starts_with(letter), "{more:?}: {grade}");
        let wanted: &[&str] = match more {
            ["--probe=issuers"] => &["http://issuer.example/middle.crt"],
            _ => &[],
        };
        assert_eq!(fetched(&seen), wanted, "{more:?}");
    }
    let none = file("own.key");
    let told = project.run(&[
        "check",
        "--url=http://127.0.0.1:9/",
        "--known-issuers",
        &none,
    ]);
    told.is_failure(
        "holds no certificates",
        "--known-issuers takes certificates in PEM",
    );
}

/// Looks at the same TLS site differ in nothing but `timing`.
#[test]
fn repeats_over_tls_are_identical() {
    let shop = Shop::with("ssl_protocols TLSv1.2 TLSv1.3;");
    let project = Project::empty();
    let mut arguments = shop.trusting("https://shop.example/");
    arguments.push("--resolver=127.0.0.1:9".to_owned());
    let look = || {
        let mut report = report(&project, &arguments);
        let timing = report.as_object_mut().expect("an object").remove("timing");
        assert!(timing.is_some_and(|timing| timing["started"].is_number()));
        assert!(report["site"]["requests"][0]["url"] == "https://shop.example/");
        report.to_string()
    };
    let first = look();
    for _ in 1..50 {
        assert_eq!(look(), first);
    }
}

/// What is said of HTTP/2, and the statuses that the page has over it; also when it is judged again.
fn over_http2(shop: &Shop) -> (serde_json::Value, Vec<serde_json::Value>) {
    let project = Project::empty();
    let mut arguments = shop.trusting("https://shop.example/");
    arguments.extend(
        [
            "--resolver=127.0.0.1:9",
            "--timeout=3",
            "--record=site.json",
        ]
        .map(str::to_owned),
    );
    let seen = report(&project, &arguments);
    assert_eq!(seen, project.report(&["--replay", "site.json"]));
    let requests = seen["site"]["requests"].as_array().expect("requests");
    let asked = requests.iter().filter(|one| one["purpose"] == "http2");
    (
        verdict(&seen, "http/http2-broken")["status"].clone(),
        asked.map(|one| one["status"].clone()).collect(),
    )
}

#[test]
fn http2_is_spoken_where_the_server_chooses_it() {
    let both = Shop::listening("ssl http2", "");
    assert_eq!(over_http2(&both), ("pass".into(), vec![200.into()]));
    let old = Shop::with("");
    assert_eq!(over_http2(&old), ("not-applicable".into(), vec![]));
}

#[test]
fn http2_that_fails_while_http1_works_is_told() {
    let broken = Shop::listening("ssl http2", "if ($http2) { return 502; }");
    assert_eq!(
        over_http2(&broken),
        ("fail".into(), vec![502.into(), 502.into()])
    );
}

/// A capture that was kept before HTTP/2 was asked for is judged as far as it goes.
#[test]
fn a_capture_without_http2_is_judged() {
    let shop = Shop::listening("ssl http2", "");
    let project = Project::empty();
    let mut arguments = shop.trusting("https://shop.example/");
    arguments.extend(["--resolver=127.0.0.1:9", "--record=site.json"].map(str::to_owned));
    report(&project, &arguments);
    let file = project.path("site.json");
    let mut kept: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&file).expect("a file")).expect("JSON");
    let exchanges = kept["site"]["http"]["exchanges"]
        .as_array_mut()
        .expect("exchanges");
    let before = exchanges.len();
    exchanges.retain(|one| one["purpose"] != "http2");
    assert_eq!(exchanges.len(), before - 1);
    std::fs::write(&file, kept.to_string()).expect("a file");
    let again = project.report(&["--replay", "site.json"]);
    let said = verdict(&again, "http/http2-broken");
    assert_eq!(said["status"], "not-applicable");
    assert_eq!(verdict(&again, "http/unreachable")["status"], "pass");
}
