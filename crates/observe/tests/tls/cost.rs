//! How many connections a look takes: one for each suite, as the server names one at a time, and a few
//! for everything else. sslyze takes 589 for either of these servers, for less (`bench/tls`).

use crate::servers::{look, nginx, try_out};
use tightship_testbed::tls::Keys;

/// Beside those for suites: refusals, groups of TLS 1.3, sessions, application protocols, the fallback.
/// Some of them are to spare, for answers that a busy machine loses.
const MORE: u32 = 30;
/// For known faults.
const FAULTS: u32 = 15;

#[test]
fn each_suite_takes_one_connection_and_everything_else_a_few() {
    let keys = Keys::make();
    let key = "listen PORT ssl; ssl_certificate KEYS/rsa.crt; ssl_certificate_key KEYS/rsa.key;";
    let modern = "ssl_protocols TLSv1.2 TLSv1.3;
         ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20:ECDHE+AES:AESGCM;";
    let (_nginx, addresses) = nginx(
        &keys,
        &[
            &format!("{key} {modern}"),
            &format!("{key} {modern} ssl_prefer_server_ciphers on;"),
            &format!(
                "{key} ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3; ssl_ciphers ALL:@SECLEVEL=0;"
            ),
        ],
    );
    // Where the server goes by its own order, groups and signatures are not told in passing.
    for (address, (least, apart)) in addresses.into_iter().zip([(12, 0), (12, 12), (40, 0)]) {
        let tls = look(address);
        let suites = u32::try_from(tls.accepted().count()).expect("few");
        assert!(suites >= least, "{suites}");
        let asked = tls.cost.connections;
        assert!(asked <= suites + MORE + apart, "{asked} for {suites}");
        let tried = try_out(address);
        for tls in [&tls, &tried] {
            // Each connection is told, with its answer.
            let told = u32::try_from(tls.talks.len()).expect("few");
            assert_eq!(told, tls.cost.connections, "{:?}", tls.talks);
            assert!(
                tls.talks
                    .iter()
                    .any(|talk| talk.received.starts_with("suite c02f"))
            );
        }
        let asked = tried.cost.connections;
        assert!(
            asked <= suites + MORE + apart + FAULTS,
            "{asked} for {suites}"
        );
    }
}
