//! What servers say in TLS 1.3 alone, encrypted: certificates, what comes with them, and whether one is
//! asked for in turn.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tightship_model::site::tls::{Chain, KeyKind, Proof, Way};
use tightship_testbed::tls::Keys;

use crate::servers::{look, nginx, openssl};

#[test]
fn timestamps_are_seen_once_whichever_version_brings_them() {
    const CLIENT_HELLO: u32 = 0x80;
    const OLDER: u32 = 0x100;
    const NEWER: u32 = 0x1000;
    let keys = Keys::make();
    for (messages, versions) in [
        (NEWER, "-tls1_3"),
        (NEWER, "-no_tls1_1"),
        (OLDER, "-tls1_2"),
        (OLDER | NEWER, "-no_tls1_1"),
    ] {
        fs::write(keys.path("info.pem"), info(CLIENT_HELLO | messages)).expect("written");
        let text = format!("-cert p256.crt -key p256.key -serverinfo info.pem {versions}");
        let (_server, address) = openssl(&keys, &text.split(' ').collect::<Vec<_>>());
        let tls = look(address);
        let [chain] = &tls.chains[..] else {
            panic!("{messages:x} {versions}: {:?}", tls.chains);
        };
        let [found] = &chain.timestamps[..] else {
            panic!("{messages:x} {versions}: {:?}", chain.timestamps);
        };
        assert_eq!((found.way, found.at), (Way::Handshake, 1_700_000_000));
        // Nobody's log signed it.
        assert!(matches!(found.proof, Proof::Unverified { .. }), "{found:?}");
    }
}

/// An extension of `openssl s_server` with a list of one timestamp, for messages of these kinds
/// (`SSL_EXT_…` of OpenSSL 3.0).
fn info(messages: u32) -> String {
    let mut timestamp = vec![0];
    timestamp.extend_from_slice(&[7; 32]);
    timestamp.extend_from_slice(&1_700_000_000_000_u64.to_be_bytes());
    timestamp.extend_from_slice(&[0, 0, 4, 3, 0, 2, 1, 1]);
    let mut info = messages.to_be_bytes().to_vec();
    let length = u16::try_from(timestamp.len()).expect("short");
    for number in [18, length + 4, length + 2, length] {
        info.extend_from_slice(&number.to_be_bytes());
    }
    info.extend_from_slice(&timestamp);
    let (kind, text) = ("SERVERINFOV2 FOR TIMESTAMPS", STANDARD.encode(info));
    format!("-----BEGIN {kind}-----\n{text}\n-----END {kind}-----\n")
}

#[test]
fn certificates_are_seen_in_each_group_and_for_each_kind_of_key() {
    let keys = Keys::make();
    let is_rsa = |chain: &Chain| matches!(chain.certificates[0].key, KeyKind::Rsa { .. });
    for group in ["X25519", "P-256", "P-384"] {
        let text = format!(
            "-cert rsa.crt -key rsa.key -dcert p256.crt -dkey p256.key -tls1_3 -groups {group}"
        );
        let (_server, address) = openssl(&keys, &text.split(' ').collect::<Vec<_>>());
        let tls = look(address);
        assert_eq!(tls.chains.len(), 2, "{group}: {:?}", tls.chains);
        assert!(is_rsa(&tls.chains[0]) && !is_rsa(&tls.chains[1]));
    }
}

#[test]
fn a_wish_for_a_certificate_is_seen() {
    let keys = Keys::make();
    let own = "listen PORT ssl; ssl_certificate KEYS/rsa.crt; ssl_certificate_key KEYS/rsa.key;";
    let wish = "ssl_verify_client optional; ssl_client_certificate KEYS/rsa.crt;";
    let (_nginx, addresses) = nginx(
        &keys,
        &[
            &format!("{own} ssl_protocols TLSv1.3; {wish}"),
            &format!("{own} ssl_protocols TLSv1.3;"),
            &format!("{own} ssl_protocols TLSv1.2 TLSv1.3; {wish}"),
            &format!("{own} ssl_protocols TLSv1.2 TLSv1.3;"),
        ],
    );
    let seen = addresses.iter().map(|one| look(*one).client_certificate);
    let expected = [true, false, true, false].map(Some);
    assert_eq!(seen.collect::<Vec<_>>(), expected);
}
