//! Groups and signature algorithms by their codes: IANA's registries "TLS Supported Groups" and "TLS
//! SignatureScheme" (with TLS 1.2's pairs of hash and signature, RFC 5246, 7.4.1.4.1).

/// What a group is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupKind {
    /// An elliptic curve; the length of its field in bits.
    Curve(u32),
    /// A prime field of this many bits (RFC 7919).
    Field(u32),
    /// ML-KEM alone or joined with a curve: holds against quantum computers.
    PostQuantum,
}

const GROUPS: &[(u16, &str, GroupKind)] = &[
    (1, "sect163k1", GroupKind::Curve(163)),
    (2, "sect163r1", GroupKind::Curve(163)),
    (3, "sect163r2", GroupKind::Curve(163)),
    (4, "sect193r1", GroupKind::Curve(193)),
    (5, "sect193r2", GroupKind::Curve(193)),
    (6, "sect233k1", GroupKind::Curve(233)),
    (7, "sect233r1", GroupKind::Curve(233)),
    (8, "sect239k1", GroupKind::Curve(239)),
    (9, "sect283k1", GroupKind::Curve(283)),
    (10, "sect283r1", GroupKind::Curve(283)),
    (11, "sect409k1", GroupKind::Curve(409)),
    (12, "sect409r1", GroupKind::Curve(409)),
    (13, "sect571k1", GroupKind::Curve(571)),
    (14, "sect571r1", GroupKind::Curve(571)),
    (15, "secp160k1", GroupKind::Curve(160)),
    (16, "secp160r1", GroupKind::Curve(160)),
    (17, "secp160r2", GroupKind::Curve(160)),
    (18, "secp192k1", GroupKind::Curve(192)),
    (19, "secp192r1", GroupKind::Curve(192)),
    (20, "secp224k1", GroupKind::Curve(224)),
    (21, "secp224r1", GroupKind::Curve(224)),
    (22, "secp256k1", GroupKind::Curve(256)),
    (23, "secp256r1", GroupKind::Curve(256)),
    (24, "secp384r1", GroupKind::Curve(384)),
    (25, "secp521r1", GroupKind::Curve(521)),
    (26, "brainpoolP256r1", GroupKind::Curve(256)),
    (27, "brainpoolP384r1", GroupKind::Curve(384)),
    (28, "brainpoolP512r1", GroupKind::Curve(512)),
    (29, "x25519", GroupKind::Curve(255)),
    (30, "x448", GroupKind::Curve(448)),
    (31, "brainpoolP256r1tls13", GroupKind::Curve(256)),
    (32, "brainpoolP384r1tls13", GroupKind::Curve(384)),
    (33, "brainpoolP512r1tls13", GroupKind::Curve(512)),
    (41, "curveSM2", GroupKind::Curve(256)),
    (256, "ffdhe2048", GroupKind::Field(2048)),
    (257, "ffdhe3072", GroupKind::Field(3072)),
    (258, "ffdhe4096", GroupKind::Field(4096)),
    (259, "ffdhe6144", GroupKind::Field(6144)),
    (260, "ffdhe8192", GroupKind::Field(8192)),
    (512, "MLKEM512", GroupKind::PostQuantum),
    (513, "MLKEM768", GroupKind::PostQuantum),
    (514, "MLKEM1024", GroupKind::PostQuantum),
    (4587, "SecP256r1MLKEM768", GroupKind::PostQuantum),
    (4588, "X25519MLKEM768", GroupKind::PostQuantum),
    (4589, "SecP384r1MLKEM1024", GroupKind::PostQuantum),
    (25497, "X25519Kyber768Draft00", GroupKind::PostQuantum),
];

const SIGNATURES: &[(u16, &str)] = &[
    (0x0101, "rsa_md5"),
    (0x0201, "rsa_pkcs1_sha1"),
    (0x0202, "dsa_sha1"),
    (0x0203, "ecdsa_sha1"),
    (0x0301, "rsa_sha224"),
    (0x0302, "dsa_sha224"),
    (0x0303, "ecdsa_sha224"),
    (0x0401, "rsa_pkcs1_sha256"),
    (0x0402, "dsa_sha256"),
    (0x0403, "ecdsa_secp256r1_sha256"),
    (0x0501, "rsa_pkcs1_sha384"),
    (0x0502, "dsa_sha384"),
    (0x0503, "ecdsa_secp384r1_sha384"),
    (0x0601, "rsa_pkcs1_sha512"),
    (0x0602, "dsa_sha512"),
    (0x0603, "ecdsa_secp521r1_sha512"),
    (0x0804, "rsa_pss_rsae_sha256"),
    (0x0805, "rsa_pss_rsae_sha384"),
    (0x0806, "rsa_pss_rsae_sha512"),
    (0x0807, "ed25519"),
    (0x0808, "ed448"),
    (0x0809, "rsa_pss_pss_sha256"),
    (0x080a, "rsa_pss_pss_sha384"),
    (0x080b, "rsa_pss_pss_sha512"),
];

/// The registered name of a group; `None` for a code that is not in the table.
pub fn group_name(code: u16) -> Option<&'static str> {
    group(code).map(|(_, name, _)| *name)
}

/// What a group is made of; `None` for a code that is not in the table.
pub fn group_kind(code: u16) -> Option<GroupKind> {
    group(code).map(|(_, _, kind)| *kind)
}

/// The registered name of a signature algorithm; `None` for a code that is not in the table.
pub fn signature_name(code: u16) -> Option<&'static str> {
    let (_, name) = SIGNATURES.iter().find(|(known, _)| *known == code)?;
    Some(name)
}

/// The codes of all groups in the table.
pub fn groups() -> impl Iterator<Item = u16> {
    GROUPS.iter().map(|(code, ..)| *code)
}

/// The codes of all signature algorithms in the table.
pub fn signatures() -> impl Iterator<Item = u16> {
    SIGNATURES.iter().map(|(code, _)| *code)
}

fn group(code: u16) -> Option<&'static (u16, &'static str, GroupKind)> {
    GROUPS.iter().find(|(known, ..)| *known == code)
}
