//! What `openssl s_client` finds: each suite and each group alone, and all others at once.

use std::net::SocketAddr;
use std::process::{Command, Stdio};

use tightship_model::site::tls::{Suite, Tls, Version, group_name, suites};
use tightship_testbed::program;

use crate::servers::NAME;

/// Differences between what the observer says and what OpenSSL's client can do.
///
/// Every suite that the observer names must work alone; all that it does not name must fail together,
/// which is the same as each failing alone.
pub(crate) fn differences(address: SocketAddr, tls: &Tls) -> Vec<String> {
    let mut found = Vec::new();
    for version in [Version::Tls10, Version::Tls11, Version::Tls12] {
        let accepted: Vec<u32> = tls
            .protocol(version)
            .map(|protocol| protocol.suites.clone())
            .unwrap_or_default();
        let groups = names(&GROUPS[..9]);
        for suite in known(&accepted) {
            let arguments = ["-groups", &groups, "-cipher", &low(&[suite])];
            if !connects(address, version, &arguments) {
                found.push(format!("{}: {} fails", version.name(), suite.name));
            }
        }
        let others = low(&unnamed(&accepted));
        if connects(address, version, &["-groups", &groups, "-cipher", &others]) {
            found.push(format!("{}: some other suite works", version.name()));
        }
    }
    let accepted: Vec<u32> = tls
        .protocol(Version::Tls13)
        .map(|protocol| protocol.suites.clone())
        .unwrap_or_default();
    for suite in suites().iter().filter(|suite| suite.is_tls13()) {
        let Some(name) = suite.openssl else { continue };
        let works = connects(address, Version::Tls13, &["-ciphersuites", name]);
        if works != accepted.contains(&suite.code) {
            found.push(format!("TLS 1.3: {name} works: {works}"));
        }
    }
    found
}

/// As above, for groups. `fixed` is the curve that the certificate needs below TLS 1.3: no client
/// that lacks it gets anywhere.
pub(crate) fn group_differences(
    address: SocketAddr,
    tls: &Tls,
    fixed: Option<&str>,
) -> Vec<String> {
    let mut found = Vec::new();
    let older = |version: &Version| *version < Version::Tls13;
    if let Some(version) = tls.versions().rev().find(older) {
        let used = |codes: &[(u16, &str)]| {
            let list = match fixed {
                Some(fixed) if codes.iter().all(|(_, name)| *name != fixed) => {
                    format!("{}:{fixed}", names(codes))
                }
                _ => names(codes),
            };
            let arguments = ["-groups", &list, "-cipher", "ECDHE:aNULL+ECDH:@SECLEVEL=0"];
            connection(address, version, &arguments).and_then(|text| key_of(&text))
        };
        let curves = GROUPS.iter().filter(|(code, _)| *code < 256).copied();
        let (named, others): (Vec<_>, Vec<_>) =
            curves.partition(|(code, _)| tls.groups.contains(code));
        for group in named {
            if used(&[group]).as_deref() != Some(temporary_key(group.0)) {
                found.push(format!("{}: group {} fails", version.name(), group.1));
            }
        }
        if let Some(key) = used(&others)
            && others.iter().any(|(code, _)| key == temporary_key(*code))
        {
            found.push(format!("{}: group {key} works", version.name()));
        }
    }
    let (named, others): (Vec<_>, Vec<_>) = GROUPS
        .iter()
        .copied()
        .partition(|(code, _)| tls.groups13.contains(code));
    for group in named {
        if !connects(address, Version::Tls13, &["-groups", group.1]) {
            found.push(format!("TLS 1.3: group {} fails", group.1));
        }
    }
    if connects(address, Version::Tls13, &["-groups", &names(&others)]) {
        found.push("TLS 1.3: some other group works".to_owned());
    }
    found
}

fn names(groups: &[(u16, &str)]) -> String {
    let names: Vec<_> = groups.iter().map(|(_, name)| *name).collect();
    names.join(":")
}

/// The groups of OpenSSL 3.0 under its own names.
const GROUPS: &[(u16, &str)] = &[
    (19, "P-192"),
    (21, "P-224"),
    (22, "secp256k1"),
    (23, "P-256"),
    (24, "P-384"),
    (25, "P-521"),
    (26, "brainpoolP256r1"),
    (29, "X25519"),
    (30, "X448"),
    (256, "ffdhe2048"),
    (257, "ffdhe3072"),
    (258, "ffdhe4096"),
    (259, "ffdhe6144"),
    (260, "ffdhe8192"),
];

/// What s_client calls a group in "Server Temp Key".
fn temporary_key(code: u16) -> &'static str {
    match code {
        19 => "prime192v1",
        23 => "prime256v1",
        29 => "X25519",
        30 => "X448",
        other => group_name(other).unwrap_or("?"),
    }
}

fn key_of(text: &str) -> Option<String> {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("Server Temp Key: "))?;
    let line = line.strip_prefix("ECDH, ").unwrap_or(line);
    Some(line.split(',').next()?.to_owned())
}

fn known(codes: &[u32]) -> Vec<&'static Suite> {
    suites()
        .iter()
        .filter(|suite| codes.contains(&suite.code))
        .collect()
}

/// The suites below TLS 1.3 that are not in the list.
fn unnamed(codes: &[u32]) -> Vec<&'static Suite> {
    suites()
        .iter()
        .filter(|suite| {
            !suite.is_tls13()
                && suite.openssl.is_some()
                && suite.code <= 0xffff
                && !codes.contains(&suite.code)
        })
        .collect()
}

fn low(suites: &[&Suite]) -> String {
    let mut names: Vec<_> = suites.iter().filter_map(|suite| suite.openssl).collect();
    names.push("@SECLEVEL=0");
    names.join(":")
}

fn connects(address: SocketAddr, version: Version, arguments: &[&str]) -> bool {
    connection(address, version, arguments).is_some()
}

/// What s_client prints of a handshake that succeeds.
fn connection(address: SocketAddr, version: Version, arguments: &[&str]) -> Option<String> {
    let version = match version {
        Version::Tls10 => "-tls1",
        Version::Tls11 => "-tls1_1",
        Version::Tls12 => "-tls1_2",
        _ => "-tls1_3",
    };
    let output = Command::new(program("openssl"))
        .args(["s_client", "-connect", &address.to_string(), version])
        .args(["-servername", NAME, "-legacy_server_connect"])
        // Nothing is verified, and reading the system's roots takes longer than the handshake.
        .args(["-no-CAfile", "-no-CApath", "-no-CAstore"])
        .args(arguments)
        .env("OPENSSL_CONF", "/dev/null")
        .stdin(Stdio::null())
        .output()
        .expect("openssl runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    // A handshake that ends with an error prints no cipher.
    let is_done = text.lines().any(|line| {
        line.starts_with("New, TLSv1") && !line.contains("(NONE)")
            || line.starts_with("New, SSLv3") && !line.contains("(NONE)")
    });
    is_done.then_some(text)
}
