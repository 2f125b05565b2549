//! What clients get that name nobody, of real servers.

use tightship_model::site::tls::Nameless;

use crate::servers::{look, nginx, openssl};
use tightship_testbed::tls::Keys;

#[test]
fn the_default_certificate_and_a_refusal_are_seen() {
    let keys = Keys::make();
    let key = "ssl_certificate KEYS/rsa.crt; ssl_certificate_key KEYS/rsa.key;";
    let (_nginx, addresses) = nginx(
        &keys,
        &[
            &format!("listen PORT ssl; {key}"),
            &format!(
                "listen PORT ssl; {key} }}
                 server {{ listen PORT ssl default_server; ssl_reject_handshake on;"
            ),
        ],
    );
    let alone = look(addresses[0]);
    let own = &alone.chains[0].certificates[0];
    assert_eq!(alone.nameless, Some(Nameless::Shown(Box::new(own.clone()))));
    assert_eq!(look(addresses[1]).nameless, Some(Nameless::Refused));
    assert_eq!(
        look(addresses[1]).chains[0].certificates[0].sha256,
        own.sha256
    );

    let text = "-cert p256.crt -key p256.key -servername tls.example -cert2 rsa.crt -key2 rsa.key";
    let (_server, address) = openssl(&keys, &text.split(' ').collect::<Vec<_>>());
    let tls = look(address);
    let Some(Nameless::Shown(shown)) = tls.nameless else {
        panic!("{:?}", tls.nameless)
    };
    assert_eq!(tls.chains[0].certificates[0].sha256, own.sha256);
    assert_ne!(shown.sha256, own.sha256);
}
