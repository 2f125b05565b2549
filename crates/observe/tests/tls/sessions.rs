//! Sessions that are taken up again, data before the handshake has ended, further handshakes: as
//! servers were told to do it.

use tightship_model::site::tls::Sessions;

use crate::servers::{look, nginx, openssl};
use tightship_testbed::tls::Keys;

const KEY: &str = "ssl_certificate KEYS/rsa.crt; ssl_certificate_key KEYS/rsa.key;";

#[test]
fn nginx_takes_back_what_it_was_told_to() {
    let keys = Keys::make();
    let listen = "listen PORT ssl; ssl_protocols TLSv1.2 TLSv1.3;";
    let (_nginx, addresses) = nginx(
        &keys,
        &[
            &format!("{listen} {KEY} ssl_session_cache shared:a:1m; ssl_session_tickets off;"),
            &format!("{listen} {KEY} ssl_session_cache off; ssl_session_tickets on;"),
            &format!("{listen} {KEY} ssl_session_cache off; ssl_session_tickets off;"),
            &format!("listen PORT ssl; {KEY} ssl_protocols TLSv1.3; ssl_early_data on;"),
            &format!("listen PORT ssl; {KEY} ssl_protocols TLSv1.2;"),
        ],
    );
    let seen: Vec<_> = addresses
        .iter()
        .map(|address| look(*address).sessions)
        .collect();
    let refused = Some(false);
    let older = |by_id, by_ticket| (Some(by_id), Some(by_ticket), refused);
    let of12 = |sessions: &Sessions| (sessions.by_id, sessions.by_ticket, sessions.renegotiation);
    assert_eq!(of12(&seen[0]), older(true, false));
    assert_eq!(of12(&seen[1]), older(false, true));
    assert_eq!(of12(&seen[2]), older(false, false));
    // Without tickets nginx keeps sessions of TLS 1.3 in its cache, and sends their names.
    assert_eq!(seen[0].by_key, Some(true));
    assert_eq!(seen[1].by_key, Some(true));
    assert_eq!(seen[2].by_key, Some(false));
    assert_eq!(seen[1].early_data, refused);
    assert_eq!(
        (seen[3].by_key, seen[3].early_data),
        (Some(true), Some(true))
    );
    assert_eq!(of12(&seen[3]), (None, None, None));
    assert_eq!((seen[4].by_key, seen[4].early_data), (None, None));
}

#[test]
fn a_further_handshake_is_taken_where_it_is_allowed() {
    let keys = Keys::make();
    for cipher in [
        "ECDHE-RSA-AES128-GCM-SHA256",
        "AES256-GCM-SHA384",
        "ECDHE-RSA-AES256-SHA384",
    ] {
        for (more, expected) in [
            ("-client_renegotiation", true),
            ("-no_renegotiation", false),
        ] {
            let text = format!("-cert rsa.crt -key rsa.key -tls1_2 -cipher {cipher} {more}");
            let (_server, address) = openssl(&keys, &text.split(' ').collect::<Vec<_>>());
            let sessions = look(address).sessions;
            assert_eq!(
                sessions.renegotiation,
                Some(expected),
                "{text}: {sessions:?}"
            );
            assert_eq!(sessions.by_ticket, Some(true), "{text}: {sessions:?}");
        }
    }
}
