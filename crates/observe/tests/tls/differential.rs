//! What the observer says of servers against what OpenSSL's own client finds, suite by suite.

use std::net::SocketAddr;

use tightship_model::site::tls::{Preference, Reach, Tls, Version};
use tightship_testbed::tls::{CONFIGURATIONS, Configuration, Keys, each};

use crate::oracle::{differences, group_differences};
use crate::servers::look;

/// The title of a configuration, and what must be seen there beside suites and groups.
type Seen = (&'static str, fn(&Tls) -> bool);

const SEEN: &[Seen] = &[
    ("s_server, defaults", |tls| {
        tls.versions().eq([Version::Tls12, Version::Tls13])
            && tls.extensions.renegotiation_info == Some(true)
            && tls.extensions.extended_master_secret == Some(true)
            && tls.extensions.tickets == Some(true)
            && tls.extensions.fallback_scsv == Some(true)
            && tls.extensions.heartbeat == Some(false)
            && tls.extensions.compression == Some(false)
            && tls.alpn.is_empty()
    }),
    ("s_server, 1.2 alone", |tls| {
        tls.versions().eq([Version::Tls12]) && tls.extensions.fallback_scsv.is_none()
    }),
    ("s_server, 1.3 alone", |tls| {
        tls.versions().eq([Version::Tls13]) && tls.groups.is_empty() && tls.chains.len() == 1
    }),
    ("s_server, 1.0 alone", |tls| {
        tls.versions().eq([Version::Tls10])
    }),
    ("s_server, 1.1 alone", |tls| {
        tls.versions().eq([Version::Tls11])
    }),
    ("s_server, everything", |tls| {
        tls.versions().count() == 4 && tls.dh.iter().any(|dh| dh.bits == 2048)
    }),
    ("s_server, everything, the server chooses", |tls| {
        prefers(tls, Version::Tls12, Preference::Server)
    }),
    ("s_server, the client chooses", |tls| {
        prefers(tls, Version::Tls12, Preference::Client)
    }),
    ("s_server, anonymous", |tls| {
        tls.chains.is_empty() && !tls.dh.is_empty()
    }),
    ("s_server, no encryption", |tls| {
        tls.accepted().all(|(_, suite)| suite.bits == 0)
    }),
    ("s_server, one suite", |tls| {
        prefers(tls, Version::Tls12, Preference::Unknown)
    }),
    ("s_server, no forward secrecy", |tls| {
        tls.groups.is_empty() && tls.signatures.is_empty()
    }),
    ("s_server, all five of TLS 1.3", |tls| {
        tls.protocol(Version::Tls13)
            .is_some_and(|protocol| protocol.suites.len() == 5 && protocol.suites[0] == 0x1305)
    }),
    ("s_server, Ed25519", |tls| {
        tls.signatures == [0x0807] && tls.chains.len() == 1
    }),
    ("s_server, two certificates", |tls| tls.chains.len() == 2),
    ("s_server, two certificates, old suites", |tls| {
        tls.chains.len() == 2 && tls.versions().count() == 4
    }),
    ("s_server, X25519 alone", |tls| {
        tls.groups == [29] && tls.groups13 == [29]
    }),
    ("s_server, X448 and P-521", |tls| tls.groups13 == [30, 25]),
    ("s_server, ffdhe", |tls| {
        tls.groups13.contains(&256) && tls.groups13.contains(&257) && tls.groups13.len() == 2
    }),
    ("s_server, old curves", |tls| tls.groups.len() == 4),
    ("s_server, DH 1024", |tls| dh(tls, 1024, false)),
    ("s_server, DH 2048", |tls| dh(tls, 2048, false)),
    ("s_server, ffdhe3072", |tls| {
        dh(tls, 3072, true) && tls.dh[0].published.as_deref() == Some("RFC 7919 ffdhe3072")
    }),
    ("s_server, one signature", |tls| tls.signatures == [0x0805]),
    ("s_server, old signatures", |tls| tls.signatures.len() == 2),
    ("s_server, no tickets", |tls| {
        tls.extensions.tickets == Some(false)
    }),
    ("s_server, no encrypt-then-mac", |tls| {
        tls.extensions.encrypt_then_mac == Some(false)
    }),
    ("s_server, encrypt-then-mac", |tls| {
        tls.extensions.encrypt_then_mac == Some(true)
    }),
    ("s_server, ALPN", |tls| tls.alpn == ["http/1.1"]),
    ("s_server, ALPN in 1.3", |tls| {
        tls.alpn == ["h2", "http/1.1"]
    }),
    ("s_server, client certificates", |tls| {
        tls.client_certificate == Some(true)
    }),
    ("nginx, defaults", |tls| {
        tls.alpn == ["http/1.1"] && tls.client_certificate == Some(false)
    }),
    ("nginx, Mozilla's intermediate", |tls| {
        tls.alpn == ["h2", "http/1.1"]
            && tls.groups.len() == 3
            && prefers(tls, Version::Tls12, Preference::Client)
    }),
    ("nginx, the server chooses", |tls| {
        prefers(tls, Version::Tls12, Preference::Server)
            && tls
                .protocol(Version::Tls12)
                .is_some_and(|protocol| protocol.suites == [0x35, 0xc030, 0x9c])
    }),
    ("nginx, modern", |tls| {
        tls.alpn == ["h2", "http/1.1"] && tls.chains.len() == 1
    }),
    ("nginx, old", |tls| dh(tls, 2048, false)),
    ("nginx, two certificates", |tls| tls.chains.len() == 2),
    ("nginx, client certificates", |tls| {
        tls.client_certificate == Some(true) && tls.extensions.tickets == Some(false)
    }),
];

fn prefers(tls: &Tls, version: Version, preference: Preference) -> bool {
    tls.protocol(version)
        .is_some_and(|protocol| protocol.preference == preference)
}

fn dh(tls: &Tls, bits: u32, safe: bool) -> bool {
    matches!(tls.dh.as_slice(), [dh] if dh.bits == bits && dh.safe == Some(safe))
}

#[test]
fn suites_and_groups_are_those_that_openssl_finds() {
    assert!(CONFIGURATIONS.len() >= 40, "{}", CONFIGURATIONS.len());
    for (title, _) in SEEN {
        assert!(
            CONFIGURATIONS.iter().any(|one| one.title() == *title),
            "{title}"
        );
    }
    let found = each(&Keys::make(), |one, address| compare(address, one));
    assert_eq!(found.len(), CONFIGURATIONS.len());
    let wrong: Vec<String> = found
        .into_iter()
        .filter(|(_, found)| !found.is_empty())
        .map(|(one, found)| format!("{}:\n  {}", one.title(), found.join("\n  ")))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn compare(address: SocketAddr, configuration: &Configuration) -> Vec<String> {
    let tls = look(address);
    let mut found = differences(address, &tls);
    found.extend(group_differences(address, &tls, configuration.curve));
    if tls.reach != Reach::Speaks {
        found.push(format!("reach is {:?}", tls.reach));
    }
    if !tls.gaps.is_empty() && !tls.chains.is_empty() {
        found.push(format!("gaps: {:?}", tls.gaps));
    }
    let title = configuration.title();
    let expected = SEEN.iter().find(|(name, _)| *name == title);
    if expected.is_some_and(|(_, expected)| !expected(&tls)) {
        found.push(format!("not as expected: {tls:?}"));
    }
    found
}
