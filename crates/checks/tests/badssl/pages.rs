//! The hosts of badssl.com that are about pages: plain HTTP, mixed content, what upgrades it.

use tightship_checks::judge;
use tightship_model::{Deployment, Outcome};
use tightship_observe::site::{ConnectTo, Options, Target, certificates, observe};
use tightship_testbed::{Server, free_port, nginx};

use crate::authority::Authority;

/// A host: what it is called there, whether it has TLS, its headers, its page, and the checks of those below
/// that fail.
pub(crate) struct Page {
    name: &'static str,
    is_secure: bool,
    headers: &'static str,
    page: &'static str,
    fails: &'static [&'static str],
}

const REDIRECT: &str = "http/https-redirect-missing";
const MIXED: &str = "http/mixed-content";
const HSTS: &str = "http/hsts-missing";

const fn plain(name: &'static str, page: &'static str) -> Page {
    Page {
        name,
        is_secure: false,
        headers: "",
        page,
        fails: &[REDIRECT],
    }
}

const fn secure(
    name: &'static str,
    headers: &'static str,
    page: &'static str,
    fails: &'static [&'static str],
) -> Page {
    Page {
        name,
        is_secure: true,
        headers,
        page,
        fails,
    }
}

const STRICT: &str = "add_header Strict-Transport-Security max-age=63072000;";
const UPGRADE: &str = "add_header Strict-Transport-Security max-age=63072000;
    add_header Content-Security-Policy upgrade-insecure-requests;";

pub(crate) const HOSTS: &[Page] = &[
    plain("http", "<p>plain"),
    plain("http-password", "<form><input type=password></form>"),
    plain(
        "http-login",
        "<form method=post action=/login/><input name=u><input type=password></form>",
    ),
    plain(
        "http-dynamic-login",
        "<form id=f></form><script>f.innerHTML = password</script>",
    ),
    plain(
        "http-credit-card",
        "<form><input autocomplete=cc-number></form>",
    ),
    plain("http-textarea", "<form><textarea></textarea></form>"),
    secure(
        "mixed",
        STRICT,
        "<img src=http://shop.example/a.png>",
        &[MIXED],
    ),
    secure(
        "mixed-script",
        STRICT,
        "<script src=http://shop.example/a.js></script>",
        &[MIXED],
    ),
    secure(
        "mixed-form",
        STRICT,
        "<form method=post action=http://shop.example/></form>",
        &[MIXED],
    ),
    secure(
        "mixed-favicon",
        STRICT,
        "<link rel=\"shortcut icon\" href=http://shop.example/favicon.ico>",
        &[MIXED],
    ),
    secure(
        "very",
        STRICT,
        "<iframe src=http://shop.example/></iframe><script src=http://shop.example/a.js></script>",
        &[MIXED],
    ),
    secure("hsts", STRICT, "<p>strict", &[]),
    secure(
        "https-everywhere",
        UPGRADE,
        "<a href=http://other.example/>over there</a>",
        &[],
    ),
    secure(
        "upgrade",
        UPGRADE,
        "<script src=http://shop.example/a.js></script>",
        &[],
    ),
    secure("no hsts", "", "<p>lax", &[HSTS]),
];

#[test]
fn every_page_gets_its_verdict() {
    let authority = Authority::found();
    let ports: Vec<u16> = HOSTS.iter().map(|_| free_port().expect("a port")).collect();
    let _nginx = start(&authority, &ports);
    for (host, port) in HOSTS.iter().zip(ports) {
        assert_eq!(
            verdicts(&authority, host, port),
            host.fails,
            "{}",
            host.name
        );
    }
}

/// The ids of the checks above that fail.
fn verdicts(authority: &Authority, host: &Page, port: u16) -> Vec<&'static str> {
    let (scheme, usual) = match host.is_secure {
        true => ("https", 443),
        false => ("http", 80),
    };
    let target = Target::parse(&format!("{scheme}://shop.example/")).expect("an address");
    let way = format!("shop.example:{usual}:127.0.0.1:{port}");
    let options = Options {
        rate: 10_000.0,
        connect_to: vec![ConnectTo::parse(&way).expect("of that form")],
        roots: certificates(&authority.read("root.crt")).expect("a root"),
        ..Options::new(target)
    };
    let deployment = Deployment {
        site: Some(observe(&options).expect("a runtime")),
        ..Deployment::default()
    };
    judge(&deployment, |check| {
        [REDIRECT, MIXED, HSTS].contains(&check.id)
    })
    .into_iter()
    .filter(|verdict| matches!(verdict.outcome, Outcome::Fail(_)))
    .map(|verdict| verdict.check.id)
    .collect()
}

fn start(authority: &Authority, ports: &[u16]) -> Server {
    let root = authority.folder().display();
    let servers: String = HOSTS
        .iter()
        .zip(ports)
        .map(|(host, port)| {
            let tls = match host.is_secure {
                true => format!(
                    "ssl_certificate {root}/ecc256.pem; ssl_certificate_key {root}/ecc256.key;"
                ),
                false => String::new(),
            };
            let how = if host.is_secure { " ssl" } else { "" };
            format!(
                "server {{ listen 127.0.0.1:{port}{how}; server_name shop.example; {tls} {}\n\
                 default_type text/html; return 200 '<!doctype html><title>Shop</title>{}'; }}\n",
                host.headers, host.page
            )
        })
        .collect();
    let mut command = nginx(authority.folder(), &servers).expect("a configuration");
    command.env("OPENSSL_CONF", "/dev/null");
    Server::listening(&mut command, ports).expect("nginx listens")
}
