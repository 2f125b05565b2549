//! A capture of a server without fault, to be spoiled one thing at a time.

use tightship_model::site::tls::{
    Chain, DhParameters, Extensions, KeyKind, Preference, Probe, Protocol, Reach, SeenCertificate,
    SignatureHash, Support, Tls, Trust, Version, Weakness, WeaknessKind, suites,
};

/// 2026-11-22
pub(crate) const NOW: i64 = 1_795_305_600;
pub(crate) const DAY: i64 = 86_400;

pub(crate) fn good() -> Tls {
    let mut tls = Tls {
        reach: Reach::Speaks,
        protocols: Version::ALL.map(refused).to_vec(),
        groups: vec![29, 23, 24],
        groups13: vec![29, 23, 24],
        chains: vec![Chain {
            certificates: vec![
                certificate("CN=shop.example", "CN=Intermediate"),
                certificate("CN=Intermediate", "CN=Root"),
            ],
            name_matches: Some(true),
            trust: Trust::Trusted,
            in_order: true,
            staple: None,
            is_public: true,
            timestamps: Vec::new(),
        }],
        extensions: Extensions {
            renegotiation_info: Some(true),
            extended_master_secret: Some(true),
            encrypt_then_mac: Some(true),
            heartbeat: Some(false),
            tickets: Some(true),
            compression: Some(false),
            fallback_scsv: Some(true),
        },
        ..Tls::default()
    };
    accept(
        &mut tls,
        Version::Tls12,
        "ECDHE-RSA-AES128-GCM-SHA256 ECDHE-RSA-AES256-GCM-SHA384",
    );
    accept(
        &mut tls,
        Version::Tls13,
        "TLS_AES_256_GCM_SHA384 TLS_AES_128_GCM_SHA256",
    );
    tls
}

fn refused(version: Version) -> Protocol {
    Protocol {
        version,
        support: Support::No,
        suites: Vec::new(),
        preference: Preference::Unknown,
    }
}

fn certificate(subject: &str, issuer: &str) -> SeenCertificate {
    SeenCertificate {
        subject: subject.to_owned(),
        issuer: issuer.to_owned(),
        names: vec!["shop.example".to_owned()],
        name_count: 1,
        not_before: NOW - 30 * DAY,
        not_after: NOW + 60 * DAY,
        key: rsa(2048),
        signature: SignatureHash::Strong,
        self_signed: false,
        must_staple: false,
        sha256: String::new(),
        key_sha256: String::new(),
        length: 1000,
    }
}

pub(crate) fn rsa(bits: u32) -> KeyKind {
    KeyKind::Rsa {
        bits,
        exponent: Some(65_537),
    }
}

pub(crate) fn curve(bits: u32) -> KeyKind {
    KeyKind::Ec {
        curve: format!("P-{bits}"),
        bits,
    }
}

/// The protocol with these suites alone, by OpenSSL's names, in the order of the server.
pub(crate) fn accept(tls: &mut Tls, version: Version, names: &str) {
    set(tls, version, names, Preference::Server);
}

/// As above; the client chooses.
pub(crate) fn accept_any(tls: &mut Tls, version: Version, names: &str) {
    set(tls, version, names, Preference::Client);
}

fn set(tls: &mut Tls, version: Version, names: &str, preference: Preference) {
    let is_old = version == Version::Ssl2;
    let codes: Vec<u32> = names
        .split_whitespace()
        .map(|name| {
            suites()
                .iter()
                .find(|suite| suite.openssl == Some(name) && (suite.code > 0xffff) == is_old)
                .unwrap_or_else(|| panic!("no suite {name}"))
                .code
        })
        .collect();
    let protocol = tls
        .protocols
        .iter_mut()
        .find(|protocol| protocol.version == version)
        .expect("all versions");
    protocol.support = if codes.is_empty() {
        Support::No
    } else {
        Support::Yes
    };
    protocol.suites = codes;
    protocol.preference = preference;
}

pub(crate) fn own(tls: &mut Tls) -> &mut SeenCertificate {
    &mut tls.chains[0].certificates[0]
}

/// DHE with parameters of this length, instead of ECDHE.
pub(crate) fn dhe(tls: &mut Tls, bits: u32) {
    accept(tls, Version::Tls12, "DHE-RSA-AES128-GCM-SHA256");
    tls.dh = vec![DhParameters {
        bits,
        prime: "f".to_owned(),
        published: (bits == 1024).then(|| "RFC 2409 group 2".to_owned()),
        safe: Some(true),
        composite: false,
        small_order: false,
        export: false,
    }];
}

pub(crate) fn probe(tls: &mut Tls, kind: WeaknessKind, vulnerable: bool) {
    let seen = "three times".to_owned();
    tls.weaknesses = vec![Weakness {
        kind,
        probe: if vulnerable {
            Probe::Vulnerable { seen }
        } else {
            Probe::Safe { seen }
        },
    }];
}
