//! Servers that no OpenSSL of today plays.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use tightship_model::site::tls::Letter;
use tightship_testbed::{Server, odd_tls, python_unless_skipped};

use crate::authority::Authority;
use crate::{GRADE, GROUP, Host, KEY, NO_13, OLD, SUITE, host};

/// Those of tlslite-ng, with a wish in JSON where nginx has directives, and last the one of ours.
pub(crate) const HOSTS: &[Host] = &[
    host(
        "rc4",
        "sha384",
        r#"{"settings": {"maxVersion": [3, 3], "cipherNames": ["rc4"], "macNames": ["sha"]}}"#,
        &[OLD, NO_13, SUITE, GRADE],
        Letter::F,
    ),
    host(
        "rc4-md5",
        "sha384",
        r#"{"settings": {"maxVersion": [3, 3], "cipherNames": ["rc4"], "macNames": ["md5"]}}"#,
        &[OLD, NO_13, SUITE, GRADE],
        Letter::F,
    ),
    host(
        "3des",
        "sha384",
        r#"{"settings": {"maxVersion": [3, 3], "cipherNames": ["3des"]}}"#,
        &[OLD, NO_13, SUITE, GRADE],
        Letter::C,
    ),
    host("dh480", "sha384", DH480, &[KEY, NO_13, GRADE], Letter::F),
    host("dh512", "sha384", DH512, &[KEY, NO_13, GRADE], Letter::F),
    host(
        "dh-composite",
        "sha384",
        "COMPOSITE",
        &[GROUP, NO_13, GRADE],
        Letter::AMinus,
    ),
    host(
        "dh-small-subgroup",
        "sha384",
        "SMALL",
        &[GROUP, NO_13, GRADE],
        Letter::AMinus,
    ),
    host(
        "ssl-v3",
        "sha384",
        r#"{"settings": {"minVersion": [3, 0], "maxVersion": [3, 0], "cipherNames": ["aes128", "aes256"]}}"#,
        &[OLD, NO_13, GRADE],
        Letter::F,
    ),
    host(
        "ssl-v2",
        "sha384",
        "SSL 2.0",
        &[OLD, NO_13, SUITE, GRADE],
        Letter::F,
    ),
];

/// Safe primes of 480 and 512 bits.
const DH480: &str = r#"{"prime": "DD651418E8B157B045612E66CB8BC20DFC351FDA21CA80C945D3162328D206DC5FDBD97559EB43DE6F7187A1724AC90402342F701FA60B262E82BD9F", "settings": {"minVersion": [3, 3], "maxVersion": [3, 3], "keyExchangeNames": ["dhe_rsa"], "cipherNames": ["aes128gcm"]}}"#;
const DH512: &str = r#"{"prime": "E4ED0E1E1324D1889B774E599C63686C8C6F6B75E68CA27D0BBDC33C60515766EE3261DDE896EB6BE01DA7BCAB135371EC25B6695212D23E630F79BD4C44E45B", "settings": {"minVersion": [3, 3], "maxVersion": [3, 3], "keyExchangeNames": ["dhe_rsa"], "cipherNames": ["aes128gcm"]}}"#;

/// Each host with its port, and what keeps it running.
pub(crate) fn servers(authority: &Authority) -> Vec<(&'static Host, u16, Option<Server>)> {
    let Some(python) = python_unless_skipped("tls") else {
        return Vec::new();
    };
    HOSTS
        .iter()
        .map(|host| {
            if host.directives == "SSL 2.0" {
                return (host, ssl2(authority), None);
            }
            let path = |kind: &str| {
                let file = format!("{}.{kind}", host.certificate);
                authority.folder().join(file)
            };
            let wish = wish(host.directives);
            let (server, address) = odd_tls(&python, &path("pem"), &path("key"), &wish);
            (host, address.port(), Some(server))
        })
        .collect()
}

fn wish(text: &str) -> String {
    let (prime, generator) = match text {
        // 2^2048 - 1 is divisible by three.
        "COMPOSITE" => ("f".repeat(512), "2".to_owned()),
        "SMALL" => (SMALL.0.to_owned(), SMALL.1.to_owned()),
        _ => return text.to_owned(),
    };
    format!(
        r#"{{"prime": "{prime}", "generator": "{generator}", "settings": {{"minVersion": [3, 3],
            "maxVersion": [3, 3], "keyExchangeNames": ["dhe_rsa"], "cipherNames": ["aes128gcm"]}}}}"#
    )
}

/// A prime of 2048 bits, and a generator of the order 1009 · 1013 · 1019 · 1021.
const SMALL: (&str, &str) = (
    "de0fa471041735d6e18e1b393e12648d7ef28c37c89b440dd7a70c05479aed7a8eb6e2617a05e7b831ad86672b30aa7a70d6d3660b58359fa7091eb8f5a02f556eb874de8399cb3847111da20b08c6139765dee607c9c7f4605551e49fc3bb7a10716bacbe6b9defa0e1a4d1f262f819d47f7e872bf99f3b1cb489e1f0ba72f4155a87d54662a62b6a8942a257716e51d0969603b8f624a7559bc595631a71768fad9ed3a4343000995d22187680c6fbc6e9dc09efd44111e044bdb005501f128a1bf3c230560b211a876a735aa78fb80991931647da1d1cb36d8ee32d3daa8f7eda3faccb288b8e068d41ca5353fbe47da8bb8114a4c70275b7ef66b078bced",
    "d8030b1cf2a18b873976310a6971137b5ce51988ec818114c5b8656dc3300f89141428fd5da37342577fdb18307da20705c95b76102c1ff74db128bdea518917e8b128cb65c5045dabe5863e5c3b9aad40d6528587442cfda9d2a53b6748f9f87629ef63052c15ca88a9884a2fe68b9accd6b3ddc2cc5552cc000836f67c51171415708ab4eef4db0a45b192bf95a0068c61a671fa245885370c385794990a4970cc7a0cde23f3d085b53aea4e4df943c4a702c5580192af2f7a36300942f300bedc39e7d42da10c513e6356d1c405a2ef934d2746f034a8cdf10247027ead731bf842f2c3d39ead42ada62023ac3223c735b1f9d75e17ebb0d74b71fe9b9ddc",
);

/// Answers as a server that speaks SSL 2.0 alone, and returns its port.
fn ssl2(authority: &Authority) -> u16 {
    let pem = authority.read("sha384.crt");
    let certificate = tightship_observe::site::certificates(&pem).expect("a certificate");
    let answer = server_hello(&certificate[0]);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // Who has gone needs no answer.
            let _ = greet(stream, &answer);
        }
    });
    port
}

fn greet(mut stream: TcpStream, answer: &[u8]) -> std::io::Result<()> {
    const CLIENT_HELLO: u8 = 1;
    let mut hello = [0; 4096];
    let length = stream.read(&mut hello)?;
    match &hello[..length] {
        [first, _, CLIENT_HELLO, ..] if first & 0x80 != 0 => stream.write_all(answer),
        _ => Ok(()),
    }
}

/// The SSL 2.0 protocol, "SERVER-HELLO": no session, an X.509 certificate, two ciphers, 16 bytes of
/// connection.
fn server_hello(certificate: &[u8]) -> Vec<u8> {
    const RC4_128: [u8; 3] = [1, 0, 0x80];
    const DES_192: [u8; 3] = [7, 0, 0xc0];
    let size = |length: usize| u16::try_from(length).expect("short").to_be_bytes();
    let lengths = [size(certificate.len()), size(6), size(16)].concat();
    let head = [&[4, 0, 1, 0, 2][..], &lengths].concat();
    let body = [&head[..], certificate, &RC4_128, &DES_192, &[7; 16]].concat();
    let mut answer = (0x8000 | u16::try_from(body.len()).expect("short"))
        .to_be_bytes()
        .to_vec();
    answer.extend(body);
    answer
}
