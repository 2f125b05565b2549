//! What the observer says of servers against what OpenSSL's own client finds, suite by suite.

use std::net::SocketAddr;
use std::sync::Mutex;

use tightship_model::site::tls::{Preference, Reach, Tls, Version};
use tightship_testbed::Server;

use crate::keys::Keys;
use crate::oracle::{differences, group_differences};
use crate::servers::{look, nginx, openssl};

/// A configuration: what it is called, the arguments of `s_server` (or the text for nginx), the curve
/// that its certificate needs in TLS 1.2, and what must be seen beside suites and groups.
type Configuration = (
    &'static str,
    &'static str,
    Option<&'static str>,
    fn(&Tls) -> bool,
);

const RSA: &str = "-cert rsa.crt -key rsa.key";

const OPENSSL: &[Configuration] = &[
    ("defaults", "RSA", None, |tls| {
        tls.versions().eq([Version::Tls12, Version::Tls13])
            && tls.extensions.renegotiation_info == Some(true)
            && tls.extensions.extended_master_secret == Some(true)
            && tls.extensions.tickets == Some(true)
            && tls.extensions.fallback_scsv == Some(true)
            && tls.extensions.heartbeat == Some(false)
            && tls.extensions.compression == Some(false)
            && tls.alpn.is_empty()
    }),
    ("1.2 alone", "RSA -tls1_2", None, |tls| {
        tls.versions().eq([Version::Tls12]) && tls.extensions.fallback_scsv.is_none()
    }),
    ("1.3 alone", "RSA -tls1_3", None, |tls| {
        tls.versions().eq([Version::Tls13]) && tls.groups.is_empty() && tls.chains.len() == 1
    }),
    (
        "1.0 alone",
        "RSA -tls1 -cipher ALL:@SECLEVEL=0",
        None,
        |tls| tls.versions().eq([Version::Tls10]),
    ),
    (
        "1.1 alone",
        "RSA -tls1_1 -cipher ALL:@SECLEVEL=0",
        None,
        |tls| tls.versions().eq([Version::Tls11]),
    ),
    (
        "everything",
        "RSA -cipher ALL:COMPLEMENTOFALL:@SECLEVEL=0",
        None,
        |tls| tls.versions().count() == 4 && tls.dh.iter().any(|dh| dh.bits == 2048),
    ),
    (
        "everything, the server chooses",
        "RSA -cipher ALL:COMPLEMENTOFALL:!ARIA:!CAMELLIA:!AESCCM:@SECLEVEL=0 -serverpref",
        None,
        |tls| prefers(tls, Version::Tls12, Preference::Server),
    ),
    ("the client chooses", "RSA -tls1_2", None, |tls| {
        prefers(tls, Version::Tls12, Preference::Client)
    }),
    (
        "anonymous",
        "-nocert -cipher aNULL:@SECLEVEL=0 -tls1_2",
        None,
        |tls| tls.chains.is_empty() && !tls.dh.is_empty(),
    ),
    (
        "no encryption",
        "RSA -tls1_2 -cipher NULL:@SECLEVEL=0",
        None,
        |tls| tls.accepted().all(|(_, suite)| suite.bits == 0),
    ),
    (
        "one suite",
        "RSA -tls1_2 -cipher ECDHE-RSA-AES128-GCM-SHA256",
        None,
        |tls| prefers(tls, Version::Tls12, Preference::Unknown),
    ),
    (
        "no forward secrecy",
        "RSA -tls1_2 -cipher kRSA:@SECLEVEL=0",
        None,
        |tls| tls.groups.is_empty() && tls.signatures.is_empty(),
    ),
    (
        "CBC alone",
        "RSA -cipher AES128-SHA:ECDHE-RSA-AES256-SHA384:@SECLEVEL=0",
        None,
        any,
    ),
    (
        "Camellia and ARIA",
        "RSA -tls1_2 -cipher CAMELLIA:ARIA:@SECLEVEL=0",
        None,
        any,
    ),
    ("CCM", "RSA -tls1_2 -cipher AESCCM", None, any),
    (
        "ChaCha alone",
        "RSA -cipher CHACHA20 -ciphersuites TLS_CHACHA20_POLY1305_SHA256",
        None,
        any,
    ),
    (
        "ChaCha for those who like it",
        "RSA -serverpref -prioritize_chacha",
        None,
        any,
    ),
    (
        "all five of TLS 1.3",
        "RSA -tls1_3 -ciphersuites TLS_AES_128_CCM_8_SHA256:TLS_AES_128_CCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256 -serverpref",
        None,
        |tls| {
            tls.protocol(Version::Tls13)
                .is_some_and(|protocol| protocol.suites.len() == 5 && protocol.suites[0] == 0x1305)
        },
    ),
    ("P-256", "-cert p256.crt -key p256.key", Some("P-256"), any),
    (
        "P-384",
        "-cert p384.crt -key p384.key -serverpref",
        Some("P-384"),
        any,
    ),
    ("P-521", "-cert p521.crt -key p521.key", Some("P-521"), any),
    (
        "Ed25519",
        "-cert ed25519.crt -key ed25519.key",
        None,
        |tls| tls.signatures == [0x0807] && tls.chains.len() == 1,
    ),
    (
        "two certificates",
        "RSA -dcert p256.crt -dkey p256.key",
        None,
        |tls| tls.chains.len() == 2,
    ),
    (
        "two certificates, old suites",
        "RSA -dcert p256.crt -dkey p256.key -cipher kECDHE+AES:@SECLEVEL=0 -serverpref",
        None,
        |tls| tls.chains.len() == 2 && tls.versions().count() == 4,
    ),
    (
        "short RSA",
        "-cert rsa1024.crt -key rsa1024.key -cipher AES+SHA1:@SECLEVEL=0",
        None,
        any,
    ),
    ("X25519 alone", "RSA -groups X25519", None, |tls| {
        tls.groups == [29] && tls.groups13 == [29]
    }),
    (
        "X448 and P-521",
        "RSA -groups X448:P-521 -serverpref",
        None,
        |tls| tls.groups13 == [30, 25],
    ),
    (
        "ffdhe",
        "RSA -groups ffdhe3072:ffdhe2048 -tls1_3",
        None,
        |tls| tls.groups13.contains(&256) && tls.groups13.contains(&257) && tls.groups13.len() == 2,
    ),
    (
        "old curves",
        "RSA -groups P-192:P-224:secp256k1:brainpoolP256r1 -tls1_2 -cipher ECDHE:@SECLEVEL=0",
        None,
        |tls| tls.groups.len() == 4,
    ),
    (
        "DH 1024",
        "RSA -dhparam dh1024.pem -cipher DHE:@SECLEVEL=0",
        None,
        |tls| dh(tls, 1024, false),
    ),
    (
        "DH 2048",
        "RSA -dhparam dh2048.pem -cipher DHE:@SECLEVEL=0 -tls1_2",
        None,
        |tls| dh(tls, 2048, false),
    ),
    (
        "ffdhe3072",
        "RSA -dhparam ffdhe3072.pem -tls1_2",
        None,
        |tls| dh(tls, 3072, true) && tls.dh[0].published.as_deref() == Some("RFC 7919 ffdhe3072"),
    ),
    (
        "one signature",
        "RSA -tls1_2 -sigalgs RSA-PSS+SHA384",
        None,
        |tls| tls.signatures == [0x0805],
    ),
    (
        "old signatures",
        "RSA -tls1_2 -sigalgs RSA+SHA1:RSA+SHA512 -cipher ALL:@SECLEVEL=0",
        None,
        |tls| tls.signatures.len() == 2,
    ),
    ("no tickets", "RSA -no_ticket -tls1_2", None, |tls| {
        tls.extensions.tickets == Some(false)
    }),
    (
        "no encrypt-then-mac",
        "RSA -tls1_2 -no_etm -cipher AES128-SHA",
        None,
        |tls| tls.extensions.encrypt_then_mac == Some(false),
    ),
    (
        "encrypt-then-mac",
        "RSA -tls1_2 -cipher AES128-SHA",
        None,
        |tls| tls.extensions.encrypt_then_mac == Some(true),
    ),
    ("ALPN", "RSA -alpn http/1.1", None, |tls| {
        tls.alpn == ["http/1.1"]
    }),
    (
        "ALPN in 1.3",
        "RSA -alpn h2,http/1.1 -tls1_3",
        None,
        |tls| tls.alpn == ["h2", "http/1.1"],
    ),
    (
        "client certificates",
        "RSA -Verify 1 -tls1_2",
        None,
        |tls| tls.client_certificate == Some(true),
    ),
    ("a cookie in 1.3", "RSA -stateless -tls1_3", None, any),
];

const NGINX_RSA: &str = "ssl_certificate KEYS/rsa.crt; ssl_certificate_key KEYS/rsa.key;";

const NGINX: &[Configuration] = &[
    ("defaults", "listen PORT ssl; RSA", None, |tls| {
        tls.alpn == ["http/1.1"] && tls.client_certificate == Some(false)
    }),
    (
        "Mozilla's intermediate",
        "listen PORT ssl http2; RSA ssl_protocols TLSv1.2 TLSv1.3; ssl_prefer_server_ciphers off;
         ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305;
         ssl_ecdh_curve X25519:prime256v1:secp384r1;",
        None,
        |tls| {
            tls.alpn == ["h2", "http/1.1"]
                && tls.groups.len() == 3
                && prefers(tls, Version::Tls12, Preference::Client)
        },
    ),
    (
        "the server chooses",
        "listen PORT ssl; RSA ssl_prefer_server_ciphers on;
         ssl_ciphers AES256-SHA:ECDHE-RSA-AES256-GCM-SHA384:AES128-GCM-SHA256;",
        None,
        |tls| {
            prefers(tls, Version::Tls12, Preference::Server)
                && tls
                    .protocol(Version::Tls12)
                    .is_some_and(|protocol| protocol.suites == [0x35, 0xc030, 0x9c])
        },
    ),
    ("modern", "listen PORT ssl http2; RSA ssl_protocols TLSv1.3;", None, |tls| {
        tls.alpn == ["h2", "http/1.1"] && tls.chains.len() == 1
    }),
    (
        "old",
        "listen PORT ssl; RSA ssl_protocols TLSv1 TLSv1.1 TLSv1.2; ssl_ciphers AES:@SECLEVEL=0;
         ssl_dhparam KEYS/dh2048.pem;",
        None,
        |tls| dh(tls, 2048, false),
    ),
    (
        "two certificates",
        "listen PORT ssl; RSA ssl_certificate KEYS/p256.crt; ssl_certificate_key KEYS/p256.key;",
        None,
        |tls| tls.chains.len() == 2,
    ),
    (
        "client certificates",
        "listen PORT ssl; RSA ssl_verify_client on; ssl_client_certificate KEYS/rsa.crt;
         ssl_protocols TLSv1.2; ssl_session_tickets off;",
        None,
        |tls| {
            tls.client_certificate == Some(true) && tls.extensions.tickets == Some(false)
        },
    ),
];

fn any(_: &Tls) -> bool {
    true
}

fn prefers(tls: &Tls, version: Version, preference: Preference) -> bool {
    tls.protocol(version)
        .is_some_and(|protocol| protocol.preference == preference)
}

fn dh(tls: &Tls, bits: u32, safe: bool) -> bool {
    matches!(tls.dh.as_slice(), [dh] if dh.bits == bits && dh.safe == Some(safe))
}

#[test]
fn suites_and_groups_are_those_that_openssl_finds() {
    let keys = Keys::make();
    let texts: Vec<String> = NGINX
        .iter()
        .map(|(_, text, ..)| text.replace("; RSA", &format!("; {NGINX_RSA}")))
        .collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let (_nginx, addresses) = nginx(&keys, &texts);

    let mut work: Vec<(String, Option<SocketAddr>, &Configuration)> = Vec::new();
    for configuration in OPENSSL {
        work.push((
            format!("s_server, {}", configuration.0),
            None,
            configuration,
        ));
    }
    for (address, configuration) in addresses.iter().zip(NGINX) {
        work.push((
            format!("nginx, {}", configuration.0),
            Some(*address),
            configuration,
        ));
    }
    assert!(work.len() >= 40, "the table is {} long", work.len());

    let work = Mutex::new(work);
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some((name, address, configuration)) = pop(&work) {
                    let server = address.is_none().then(|| start(&keys, configuration));
                    let address = server
                        .as_ref()
                        .map(|(_, address)| *address)
                        .or(address)
                        .expect("one of both");
                    let found = compare(address, configuration);
                    if !found.is_empty() {
                        wrong
                            .lock()
                            .expect("no thread broke")
                            .push(format!("{name}:\n  {}", found.join("\n  ")));
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("no thread broke");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn pop<T>(work: &Mutex<Vec<T>>) -> Option<T> {
    work.lock().expect("no thread broke").pop()
}

fn start(keys: &Keys, (_, text, ..): &Configuration) -> (Server, SocketAddr) {
    let text = match text.strip_prefix("RSA") {
        Some(rest) => format!("{RSA}{rest}"),
        None => (*text).to_owned(),
    };
    let arguments: Vec<_> = text.split_whitespace().collect();
    openssl(keys, &arguments)
}

fn compare(address: SocketAddr, (_, _, fixed, expected): &Configuration) -> Vec<String> {
    let tls = look(address);
    let mut found = differences(address, &tls);
    found.extend(group_differences(address, &tls, *fixed));
    if tls.reach != Reach::Speaks {
        found.push(format!("reach is {:?}", tls.reach));
    }
    if !tls.gaps.is_empty() && !tls.chains.is_empty() {
        found.push(format!("gaps: {:?}", tls.gaps));
    }
    if !expected(&tls) {
        found.push(format!("not as expected: {tls:?}"));
    }
    found
}
