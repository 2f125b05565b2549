//! The hosts of badssl.com that can be rebuilt with local servers, from the handshake to the verdict:
//! each bad one is found by its name, no good one is accused. nginx plays most of them; what OpenSSL 3 has
//! no more (RC4, 3DES, SSL 3.0, odd primes) tlslite-ng plays, and SSL 2.0 an answer of ours.
//!
//! Keys that software shipped come from its packages; those that no package has are set into what was seen.
//!
//! What needs a browser's own lists (pins, preloading, what a company may look into) is not here.

mod authority;
mod odd;
mod pages;

use std::path::Path;

use tightship_checks::judge;
use tightship_checks::tls::grade::{Hsts, grade};
use tightship_model::site::Site;
use tightship_model::site::tls::Letter;
use tightship_model::{Deployment, Outcome};
use tightship_observe::site::{CertificateDer, ConnectTo, Options, Target, certificates, observe};
use tightship_testbed::{Server, django_sslserver, free_port, nginx, node_package};

use authority::Authority;

/// A host: what it is called there, its certificate, what nginx is told, the checks that must fail (none
/// for a good one), and the letter with HSTS as it should be.
struct Host {
    name: &'static str,
    certificate: &'static str,
    directives: &'static str,
    fails: &'static [&'static str],
    letter: Letter,
}

const fn host(
    name: &'static str,
    certificate: &'static str,
    directives: &'static str,
    fails: &'static [&'static str],
    letter: Letter,
) -> Host {
    Host {
        name,
        certificate,
        directives,
        fails,
        letter,
    }
}

const EXPIRING: &str = "tls/certificate-expiring";
const UNTRUSTED: &str = "tls/certificate-untrusted";
const CHAIN: &str = "tls/chain-incomplete";
const NAME: &str = "tls/name-mismatch";
const KEY: &str = "tls/key-short";
const SUITE: &str = "tls/suite-weak";
const OLD: &str = "tls/protocol-old";
const NO_13: &str = "tls/protocol-missing";
const STAPLE: &str = "tls/staple-missing";
const STAPLED: &str = "tls/staple-wrong";
const LOGS: &str = "tls/transparency-missing";
const PUBLISHED: &str = "tls/key-published";
const GROUP: &str = "tls/dh-group-weak";
const GRADE: &str = "tls/grade-low";

/// What is said of a chain to an authority that listens in.
const LISTENED: &[&str] = &[UNTRUSTED, PUBLISHED, GRADE];

/// The public keys of such authorities (SHA-256), as Chromium and badssl.com tell them.
const AUTHORITIES: [(&str, &str); 4] = [
    (
        "superfish",
        "4bb8f35ba1e126f8dde1b0c420625ed86dce61a7bddadbdea9aba578ff13145e",
    ),
    (
        "edellroot",
        "cdee9f3305572a677e1a6c82dc1e02a35b11cae6a684338c9f37fe1ac8daec23",
    ),
    (
        "dsdtestprovider",
        "130ad4e0633521290531b6651f5759b0bc7bc656709ff8f365c2143b0389b6f6",
    ),
    (
        "mitm-software",
        "9d40513f43991af39fe413aff7608fc56463827137166547de0a1828d524ae98",
    ),
];

/// A host whose chain is completed by what is known.
const KNOWN: &str = "incomplete-chain, repaired";

const HOSTS: &[Host] = &[
    // Good ones.
    host("sha256", "rsa2048", "", &[], Letter::APlus),
    host("rsa2048", "rsa2048", "", &[], Letter::APlus),
    host("rsa3072", "rsa3072", "", &[], Letter::APlus),
    host("rsa8192", "rsa8192", "", &[], Letter::APlus),
    host("extended-validation", "ev", "", &[], Letter::APlus),
    host("10000-sans", "sans10000", "", &[], Letter::APlus),
    host(
        "client-cert-missing",
        "rsa2048",
        "ssl_verify_client on; ssl_client_certificate ROOT/root.crt;",
        &[],
        Letter::APlus,
    ),
    host("sha384", "sha384", "", &[], Letter::APlus),
    host("sha512", "sha512", "", &[], Letter::APlus),
    host("ecc256", "ecc256", "", &[], Letter::APlus),
    host("ecc384", "ecc384", "", &[], Letter::APlus),
    host("rsa4096", "rsa4096", "", &[], Letter::APlus),
    host("1000-sans", "sans1000", "", &[], Letter::APlus),
    host("no-common-name", "no-common-name", "", &[], Letter::APlus),
    host("no-subject", "no-subject", "", &[], Letter::APlus),
    host("wildcard", "wildcard", "", &[], Letter::APlus),
    host(
        "mozilla-modern",
        "ecc256",
        "ssl_protocols TLSv1.3;",
        &[],
        Letter::APlus,
    ),
    host(
        "mozilla-intermediate",
        "rsa2048",
        "ssl_prefer_server_ciphers off; ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305;",
        &[],
        Letter::APlus,
    ),
    host(
        "client",
        "rsa2048",
        "ssl_verify_client optional_no_ca;",
        &[],
        Letter::APlus,
    ),
    host(
        "dh2048",
        "rsa2048",
        "ssl_dhparam ROOT/ffdhe2048.pem; ssl_ciphers ECDHE+AESGCM:DHE+AESGCM;",
        &[],
        Letter::APlus,
    ),
    // Certificates.
    host("expired", "expired", "", &[EXPIRING, GRADE], Letter::T),
    host("wrong.host", "wrong-host", "", &[NAME, GRADE], Letter::M),
    host("two-labels", "two-labels", "", &[NAME, GRADE], Letter::M),
    host("no-san", "no-san", "", &[NAME, GRADE], Letter::M),
    host(
        "self-signed",
        "self-signed",
        "",
        &[UNTRUSTED, GRADE],
        Letter::T,
    ),
    host(
        "untrusted-root",
        "untrusted-root",
        "",
        &[UNTRUSTED, GRADE],
        Letter::T,
    ),
    host(
        "incomplete-chain",
        "incomplete",
        "",
        &[UNTRUSTED, GRADE],
        Letter::T,
    ),
    // With the file of the authority, as browsers know the middle of those that they trust.
    host(KNOWN, "incomplete", "", &[CHAIN, GRADE], Letter::B),
    host("reversed-chain", "reversed", "", &[], Letter::APlus),
    host("sha1", "sha1", "", &[UNTRUSTED, GRADE], Letter::T),
    host(
        "sha1-2016",
        "sha1",
        "",
        &[EXPIRING, UNTRUSTED, GRADE],
        Letter::T,
    ),
    host(
        "sha1-2017",
        "sha1",
        "",
        &[EXPIRING, UNTRUSTED, GRADE],
        Letter::T,
    ),
    host(
        "revoked",
        "revoked",
        "ssl_stapling on; ssl_stapling_file ROOT/revoked.ocsp;",
        &[STAPLED, GRADE],
        Letter::T,
    ),
    host("no-sct", "ecc256", "", &[LOGS], Letter::APlus),
    host(
        "rsa512",
        "rsa512",
        "ssl_protocols TLSv1.2;",
        &[KEY, NO_13, GRADE],
        Letter::F,
    ),
    host(
        "sha1-intermediate",
        "sha1-intermediate",
        "",
        &[UNTRUSTED, GRADE],
        Letter::T,
    ),
    host("md5", "md5", "", &[UNTRUSTED, GRADE], Letter::T),
    host("rsa1024", "rsa1024", "", &[KEY, GRADE], Letter::B),
    host("must-staple", "must-staple", "", &[STAPLE], Letter::APlus),
    // Keys that everybody has.
    host("superfish", "untrusted-root", "", LISTENED, Letter::T),
    host("edellroot", "untrusted-root", "", LISTENED, Letter::T),
    host("dsdtestprovider", "untrusted-root", "", LISTENED, Letter::T),
    host("mitm-software", "untrusted-root", "", LISTENED, Letter::T),
    host(
        "webpack-dev-server",
        "webpack-dev-server",
        "",
        &[PUBLISHED],
        Letter::APlus,
    ),
    host("preact-cli", "preact-cli", "", &[PUBLISHED], Letter::APlus),
    host(
        "django-sslserver",
        "django-sslserver",
        "",
        &[PUBLISHED],
        Letter::APlus,
    ),
    // Ciphers and keys.
    host(
        "cbc",
        "rsa2048",
        "ssl_protocols TLSv1.2; ssl_ciphers ECDHE-RSA-AES128-SHA:ECDHE-RSA-AES256-SHA;",
        &[NO_13, GRADE],
        Letter::B,
    ),
    host(
        "null",
        "rsa2048",
        "ssl_protocols TLSv1.2; ssl_ciphers NULL:@SECLEVEL=0;",
        &[NO_13, SUITE, GRADE],
        Letter::F,
    ),
    host(
        "static-rsa",
        "rsa2048",
        "ssl_protocols TLSv1.2; ssl_ciphers AES128-GCM-SHA256:AES256-GCM-SHA384;",
        &[NO_13, GRADE],
        Letter::B,
    ),
    host(
        "dh1024",
        "rsa2048",
        "ssl_dhparam ROOT/dh1024.pem; ssl_ciphers ECDHE+AESGCM:DHE+AESGCM:@SECLEVEL=0;",
        &[KEY, GRADE],
        Letter::B,
    ),
    host(
        "mozilla-old",
        "rsa2048",
        "ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3; ssl_ciphers ECDHE+AESGCM:ECDHE+AES:AES:!aNULL:@SECLEVEL=0;",
        &[OLD, GRADE],
        Letter::B,
    ),
    // Versions.
    host(
        "tls-v1-0",
        "rsa2048",
        "ssl_protocols TLSv1; ssl_ciphers AES:!aNULL:@SECLEVEL=0;",
        &[OLD, NO_13, GRADE],
        Letter::C,
    ),
    host(
        "tls-v1-1",
        "rsa2048",
        "ssl_protocols TLSv1.1; ssl_ciphers AES:!aNULL:@SECLEVEL=0;",
        &[OLD, NO_13, GRADE],
        Letter::C,
    ),
    host(
        "tls-v1-2",
        "rsa2048",
        "ssl_protocols TLSv1.2; ssl_ciphers ECDHE+AESGCM;",
        &[NO_13, GRADE],
        Letter::AMinus,
    ),
];

#[test]
fn every_host_gets_its_verdict() {
    let authority = Authority::found();
    with_published_keys(&authority);
    let ports: Vec<u16> = HOSTS.iter().map(|_| free_port().expect("a port")).collect();
    let _nginx = start(&authority, &ports);
    let mut wrong = Vec::new();
    for (host, port) in HOSTS.iter().zip(ports) {
        wrong.extend(differences(&authority, host, port));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Certificates for the keys that packages bring.
fn with_published_keys(authority: &Authority) {
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let webpack = node_package(cache, "webpack-dev-server", "2.4.1");
    let preact = node_package(cache, "preact-cli", "2.2.1");
    let sslserver = django_sslserver(cache);
    for (name, key) in [
        ("webpack-dev-server", webpack.join("ssl/server.pem")),
        ("preact-cli", preact.join("lib/resources/key.pem")),
        (
            "django-sslserver",
            sslserver.join("sslserver/certs/development.key"),
        ),
    ] {
        authority.certify(name, &key);
    }
}

#[test]
fn every_host_that_openssl_no_longer_plays_gets_its_verdict() {
    let authority = Authority::found();
    let wrong: Vec<_> = odd::servers(&authority)
        .iter()
        .flat_map(|(host, port, _server)| differences(&authority, host, *port))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn as_many_hosts_are_rebuilt_as_the_table_of_badssl_has() {
    let good = HOSTS.iter().filter(|host| host.fails.is_empty()).count();
    let all = HOSTS.len() + odd::HOSTS.len() + pages::HOSTS.len();
    assert!(good >= 14 && all >= 55, "{good} good ones of {all}");
}

/// What is said of a host that should not be, or is not said.
fn differences(authority: &Authority, host: &Host, port: u16) -> Vec<String> {
    let mut wrong = Vec::new();
    let known = match host.name {
        KNOWN => certificates(&authority.read("middle.crt")).expect("one"),
        _ => Vec::new(),
    };
    let mut site = look(authority, port, known);
    if host.name == "no-sct"
        && let Some(tls) = &mut site.tls
    {
        // As if the authority were one that browsers know.
        tls.chains[0].is_public = true;
    }
    let authority = AUTHORITIES.iter().find(|(name, _)| *name == host.name);
    if let (Some((_, key)), Some(tls)) = (authority, &mut site.tls) {
        tls.chains[0].certificates[1].key_sha256 = (*key).to_owned();
    }
    let is_late = matches!(host.name, "expired" | "sha1-2016" | "sha1-2017");
    let now = site.timing.started + if is_late { 40 * 86_400 } else { 0 };
    let found = verdicts(&site, now);
    if found != host.fails {
        wrong.push(format!(
            "{}: {found:?} instead of {:?}: {:?}",
            host.name, host.fails, site.tls
        ));
    }
    let tls = site.tls.as_ref().expect("TLS was asked for");
    let letter = grade(tls, Hsts::For(63_072_000), now).map(|grade| grade.letter);
    // Some clients read no certificate above 64 KiB, this program among them: that is no grade.
    let is_too_long = host.name == "10000-sans" && letter.is_err();
    if letter != Ok(host.letter) && !is_too_long {
        wrong.push(format!(
            "{}: {letter:?} instead of {:?}",
            host.name, host.letter
        ));
    }
    wrong
}

fn look(authority: &Authority, port: u16, known_issuers: Vec<CertificateDer<'static>>) -> Site {
    let target = Target::parse("https://shop.example/").expect("an address");
    let way = format!("shop.example:443:127.0.0.1:{port}");
    let options = Options {
        rate: 10_000.0,
        max_requests: 1,
        // Servers in Python answer late on a machine that is busy.
        timeout: std::time::Duration::from_secs(240),
        connect_to: vec![ConnectTo::parse(&way).expect("of that form")],
        roots: certificates(&authority.read("root.crt")).expect("a root"),
        known_issuers,
        now: std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |now| i64::try_from(now.as_secs()).unwrap_or(0)),
        ..Options::new(target)
    };
    observe(&options).expect("a runtime")
}

/// The ids of the checks of TLS that fail, in the order of the table above.
fn verdicts(site: &Site, now: i64) -> Vec<&'static str> {
    const ORDER: [&str; 14] = [
        EXPIRING, UNTRUSTED, CHAIN, NAME, PUBLISHED, KEY, GROUP, STAPLE, STAPLED, LOGS, OLD, NO_13,
        SUITE, GRADE,
    ];
    let deployment = Deployment {
        now,
        site: Some(site.clone()),
        ..Deployment::default()
    };
    let failing: Vec<_> = judge(&deployment, |check| check.area() == "tls")
        .into_iter()
        .filter(|verdict| matches!(verdict.outcome, Outcome::Fail(_)))
        .map(|verdict| verdict.check.id)
        .collect();
    let unordered = failing.iter().find(|id| !ORDER.contains(id));
    assert_eq!(unordered, None, "a check that the table does not know");
    ORDER
        .into_iter()
        .filter(|id| failing.contains(id))
        .collect()
}

fn start(authority: &Authority, ports: &[u16]) -> Server {
    let root = authority.folder().display();
    let servers: String = HOSTS
        .iter()
        .zip(ports)
        .map(|(host, port)| {
            let protocols = if host.directives.contains("ssl_protocols") {
                ""
            } else {
                "ssl_protocols TLSv1.2 TLSv1.3;"
            };
            format!(
                "server {{ listen 127.0.0.1:{port} ssl; server_name shop.example; {protocols}\n\
                 ssl_certificate {root}/{0}.pem; ssl_certificate_key {root}/{0}.key;\n{1}\n\
                 add_header Strict-Transport-Security max-age=63072000 always; return 200 shop; }}\n",
                host.certificate,
                host.directives.replace("ROOT", &root.to_string())
            )
        })
        .collect();
    // Weak certificates are refused by Debian's own configuration of OpenSSL.
    let lax = "openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n\
               [c]\nCipherString = DEFAULT@SECLEVEL=0\n";
    let openssl = authority.folder().join("openssl.cnf");
    std::fs::write(&openssl, lax).expect("a configuration");
    let mut command = nginx(authority.folder(), &servers).expect("a configuration");
    command.env("OPENSSL_CONF", &openssl);
    Server::listening(&mut command, ports).expect("nginx listens")
}
