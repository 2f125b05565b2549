//! What certificates say, and where their chain leads.

use ring::digest::{SHA256, digest};
use rustls::pki_types::{CertificateDer, ServerName};
use tightship_model::site::tls::{
    Chain, KeyKind, SeenCertificate, SignatureHash, Timestamp, Trust, Way, group_name, groups,
};
use webpki::EndEntityCert;
use x509_parser::extensions::GeneralName;
use x509_parser::oid_registry::Oid;
use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::public_key::PublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

use super::dh::hex;
use super::staple::{staple, timestamps as stapled_timestamps};
use super::transparency::{Certified, Log};

/// What a server sent for one kind of key.
#[derive(Clone, Debug, Default)]
pub(super) struct Sent {
    /// DER, the server's own first.
    pub(super) certificates: Vec<Vec<u8>>,
    pub(super) staple: Option<Vec<u8>>,
    /// The lists of timestamps in handshakes, each once.
    pub(super) timestamps: Vec<Vec<u8>>,
}

impl Sent {
    /// Takes what another handshake sent with the same certificate, or gives it back.
    pub(super) fn join(&mut self, other: Self) -> Option<Self> {
        if self.certificates.first() != other.certificates.first() {
            return Some(other);
        }
        self.staple = self.staple.take().or(other.staple);
        for list in other.timestamps {
            if !self.timestamps.contains(&list) {
                self.timestamps.push(list);
            }
        }
        None
    }
}

/// Reads a chain, all of it but where it leads: [`super::trust::weigh`]. `name` is what was asked for, a
/// host name or an address, `logs` those whose timestamps are verified. `None` where the first certificate cannot be read.
pub(super) fn chain(sent: &Sent, name: &str, logs: &[Log]) -> Option<Chain> {
    let parsed: Vec<X509Certificate<'_>> = sent
        .certificates
        .iter()
        .map_while(|der| Some(X509Certificate::from_der(der).ok()?.1))
        .collect();
    let own = parsed.first()?;
    let issuer = issuer_of(own, &parsed);
    let certificates: Vec<_> = parsed
        .iter()
        .zip(&sent.certificates)
        .map(|(certificate, der)| certificate_of(certificate, der))
        .collect();
    Some(Chain {
        name_matches: name_matches(&sent.certificates, name, &certificates),
        trust: Trust::UnknownIssuer {
            issuer: String::new(),
            url: None,
        },
        in_order: parsed.len() == sent.certificates.len()
            && parsed
                .windows(2)
                .all(|pair| pair[0].issuer().as_raw() == pair[1].subject().as_raw()),
        is_public: false,
        staple: sent.staple.as_ref().map(|bytes| staple(bytes, own, issuer)),
        timestamps: timestamps(sent, own, issuer, logs),
        certificates,
    })
}

/// What one certificate says.
pub(super) fn seen(der: &[u8]) -> Option<SeenCertificate> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    Some(certificate_of(&certificate, der))
}

/// The group of a certificate's key, where that is on a curve that TLS names.
pub(super) fn group(der: &[u8]) -> Option<u16> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    match key_of(certificate.public_key()) {
        KeyKind::Ec { curve, .. } => groups().find(|code| group_name(*code) == Some(&curve)),
        _ => None,
    }
}

fn certificate_of(certificate: &X509Certificate<'_>, der: &[u8]) -> SeenCertificate {
    let names = names_of(certificate);
    let signature = hash_of(&certificate.signature_algorithm.algorithm);
    SeenCertificate {
        subject: printable(&certificate.subject().to_string()),
        issuer: printable(&certificate.issuer().to_string()),
        name_count: names.len(),
        names: names
            .into_iter()
            .take(SeenCertificate::NAMES_KEPT)
            .collect(),
        not_before: certificate.validity().not_before.timestamp(),
        not_after: certificate.validity().not_after.timestamp(),
        key: key_of(certificate.public_key()),
        self_signed: is_self_signed(certificate, &signature),
        signature,
        must_staple: asks_for_staple(certificate),
        sha256: hex(digest(&SHA256, der).as_ref()),
        key_sha256: hex(digest(&SHA256, certificate.public_key().raw).as_ref()),
        length: der.len(),
    }
}

/// Certificates come from strangers, and terminals obey control characters.
pub(super) fn printable(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            _ if character.is_control() => char::REPLACEMENT_CHARACTER,
            other => other,
        })
        .collect()
}

fn names_of(certificate: &X509Certificate<'_>) -> Vec<String> {
    let Ok(Some(extension)) = certificate.subject_alternative_name() else {
        return Vec::new();
    };
    let names = &extension.value.general_names;
    names
        .iter()
        .filter_map(|name| match name {
            GeneralName::DNSName(name) => Some(printable(name)),
            GeneralName::IPAddress(bytes) => address_of(bytes),
            _ => None,
        })
        .collect()
}

fn address_of(bytes: &[u8]) -> Option<String> {
    if let Ok(four) = <[u8; 4]>::try_from(bytes) {
        return Some(std::net::Ipv4Addr::from(four).to_string());
    }
    let sixteen = <[u8; 16]>::try_from(bytes).ok()?;
    Some(std::net::Ipv6Addr::from(sixteen).to_string())
}

fn key_of(key: &SubjectPublicKeyInfo<'_>) -> KeyKind {
    let algorithm = key.algorithm.algorithm.to_id_string();
    match (algorithm.as_str(), key.parsed()) {
        // Ed25519 and Ed448: RFC 8410, 3.
        ("1.3.101.112", _) => KeyKind::Ed25519,
        ("1.3.101.113", _) => KeyKind::Ed448,
        (_, Ok(PublicKey::RSA(rsa))) => KeyKind::Rsa {
            bits: length_of(rsa.modulus),
            exponent: rsa.try_exponent().ok(),
        },
        (_, Ok(PublicKey::DSA(_))) => KeyKind::Dsa {
            bits: dsa_bits(key).unwrap_or(0),
        },
        (_, Ok(PublicKey::EC(_))) => {
            let oid = key
                .algorithm
                .parameters
                .as_ref()
                .and_then(|parameters| parameters.as_oid().ok());
            curve_of(oid.as_ref())
        }
        _ => KeyKind::Other(algorithm),
    }
}

/// Bits of a number, big-endian, leading zeros apart.
fn length_of(number: &[u8]) -> u32 {
    let digits: Vec<u8> = number
        .iter()
        .copied()
        .skip_while(|byte| *byte == 0)
        .collect();
    let Some(first) = digits.first() else {
        return 0;
    };
    u32::try_from(digits.len() * 8).unwrap_or(u32::MAX) - first.leading_zeros()
}

/// The length of p, the first of the parameters: RFC 3279, 2.3.2.
fn dsa_bits(key: &SubjectPublicKeyInfo<'_>) -> Option<u32> {
    let parameters = key.algorithm.parameters.as_ref()?;
    let (_, prime) = x509_parser::der_parser::parse_der(parameters.data).ok()?;
    Some(length_of(prime.content.as_slice().ok()?))
}

/// Named curves: RFC 5480, 2.1.1.1, and RFC 5639, 4.1.
fn curve_of(oid: Option<&Oid<'_>>) -> KeyKind {
    const CURVES: [(&str, &str, u32); 9] = [
        ("1.2.840.10045.3.1.1", "secp192r1", 192),
        ("1.3.132.0.33", "secp224r1", 224),
        ("1.2.840.10045.3.1.7", "secp256r1", 256),
        ("1.3.132.0.10", "secp256k1", 256),
        ("1.3.132.0.34", "secp384r1", 384),
        ("1.3.132.0.35", "secp521r1", 521),
        ("1.3.36.3.3.2.8.1.1.7", "brainpoolP256r1", 256),
        ("1.3.36.3.3.2.8.1.1.11", "brainpoolP384r1", 384),
        ("1.3.36.3.3.2.8.1.1.13", "brainpoolP512r1", 512),
    ];
    let text = oid.map(Oid::to_id_string).unwrap_or_default();
    match CURVES.iter().find(|(known, ..)| *known == text) {
        Some((_, name, bits)) => KeyKind::Ec {
            curve: (*name).to_owned(),
            bits: *bits,
        },
        None => KeyKind::Other(format!("curve {text}")),
    }
}

/// The hash of a signature algorithm: RFC 3279 (2.2), 4055, 5758 and 8410.
fn hash_of(algorithm: &Oid<'_>) -> SignatureHash {
    let text = algorithm.to_id_string();
    match text.as_str() {
        "1.2.840.113549.1.1.2" => SignatureHash::Md2,
        "1.2.840.113549.1.1.4" => SignatureHash::Md5,
        "1.2.840.113549.1.1.5" | "1.2.840.10040.4.3" | "1.2.840.10045.4.1" | "1.3.14.3.2.29" => {
            SignatureHash::Sha1
        }
        "1.2.840.113549.1.1.10" // RSASSA-PSS; no authority signs with SHA-1 there
        | "1.2.840.113549.1.1.11" | "1.2.840.113549.1.1.12" | "1.2.840.113549.1.1.13"
        | "1.2.840.113549.1.1.14" | "1.2.840.10045.4.3.1" | "1.2.840.10045.4.3.2"
        | "1.2.840.10045.4.3.3" | "1.2.840.10045.4.3.4" | "2.16.840.1.101.3.4.3.1"
        | "2.16.840.1.101.3.4.3.2" | "1.3.101.112" | "1.3.101.113" => SignatureHash::Strong,
        _ => SignatureHash::Other(text),
    }
}

fn is_self_signed(certificate: &X509Certificate<'_>, signature: &SignatureHash) -> bool {
    if certificate.subject().as_raw() != certificate.issuer().as_raw() {
        return false;
    }
    // Signatures that nobody verifies any more are taken at their word.
    certificate.verify_signature(None).is_ok()
        || matches!(signature, SignatureHash::Md2 | SignatureHash::Md5)
        || !matches!(certificate.public_key().parsed(), Ok(PublicKey::RSA(_)))
        || key_is_short(certificate)
}

/// ring verifies no RSA signature below 2048 bits (1024 for SHA-1).
fn key_is_short(certificate: &X509Certificate<'_>) -> bool {
    matches!(key_of(certificate.public_key()), KeyKind::Rsa { bits, .. } if bits < 2048)
}

/// RFC 7633: the feature status_request.
fn asks_for_staple(certificate: &X509Certificate<'_>) -> bool {
    const TLS_FEATURE: &str = "1.3.6.1.5.5.7.1.24";
    const STATUS_REQUEST: [u8; 3] = [0x02, 0x01, 0x05];
    certificate.extensions().iter().any(|extension| {
        extension.oid.to_id_string() == TLS_FEATURE
            && extension
                .value
                .windows(STATUS_REQUEST.len())
                .any(|window| window == STATUS_REQUEST)
    })
}

/// Who signed it, among what was sent.
fn issuer_of<'p, 'a>(
    own: &X509Certificate<'_>,
    sent: &'p [X509Certificate<'a>],
) -> Option<&'p X509Certificate<'a>> {
    sent.iter()
        .find(|one| one.subject().as_raw() == own.issuer().as_raw())
}

fn timestamps(
    sent: &Sent,
    own: &X509Certificate<'_>,
    issuer: Option<&X509Certificate<'_>>,
    logs: &[Log],
) -> Vec<Timestamp> {
    let Some(der) = sent.certificates.first() else {
        return Vec::new();
    };
    let certified = Certified {
        der,
        parsed: own,
        issuer,
        logs,
    };
    let mut found = certified.embedded();
    for list in &sent.timestamps {
        found.extend(certified.read(list, Way::Handshake));
    }
    if let Some(list) = sent.staple.as_deref().and_then(stapled_timestamps) {
        found.extend(certified.read(&list, Way::Staple));
    }
    found
}

fn name_matches(chain: &[Vec<u8>], name: &str, certificates: &[SeenCertificate]) -> Option<bool> {
    let own = certificates.first()?;
    if own.name_count == 0 {
        // The common name counts no longer: RFC 9525, 6.1.
        return Some(false);
    }
    let der = CertificateDer::from(chain.first()?.as_slice());
    let name = ServerName::try_from(name).ok()?;
    let entity = EndEntityCert::try_from(&der).ok()?;
    Some(entity.verify_is_valid_for_subject_name(&name).is_ok())
}
