//! Certificates and private keys that lie in the repository (RFC 7468, RFC 5280).

use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use tightship_model::{Certbot, Certificate, PrivateKey, SourceId, Span};
use x509_parser::extensions::GeneralName;
use x509_parser::pem::Pem;
use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::x509::SubjectPublicKeyInfo;

use crate::files::Tree;

/// Files that are read.
const MOST_FILES: usize = 500;

/// Bytes of one file.
const LONGEST: usize = 1024 * 1024;

/// Certificates of one file: a bundle of authorities holds some hundred.
const MOST_CERTIFICATES: usize = 20;

pub(super) fn find(tree: &mut Tree, certbot: &mut Certbot) {
    let is_wanted = |path: &&str| {
        let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
        matches!(ending, "pem" | "crt" | "cer" | "key" | "cert")
    };
    let paths: Vec<String> = tree.files().filter(is_wanted).map(str::to_owned).collect();
    for path in paths.into_iter().take(MOST_FILES) {
        let Some(source) = tree.read(&path) else {
            continue;
        };
        let text = tree.text(source).to_owned();
        if text.len() > LONGEST {
            continue;
        }
        let mut position = 0;
        for block in blocks(&text) {
            let span = Span::new(source, block.start as u32, block.end as u32);
            if block.label.ends_with("PRIVATE KEY") {
                let inner = &text[block.start..block.end];
                let is_encrypted = block.label.starts_with("ENCRYPTED")
                    || inner.contains("Proc-Type: 4,ENCRYPTED");
                certbot.keys.push(PrivateKey {
                    path: path.clone(),
                    is_encrypted,
                    mode: tree.mode(&path),
                    public_key: match is_encrypted {
                        true => None,
                        false => public_part(inner),
                    },
                    span,
                });
                tree.mark_secret(span);
            } else if block.label == "CERTIFICATE" && position < MOST_CERTIFICATES {
                let found = certificate(&path, source, &text, &block, position);
                certbot.certificates.extend(found);
                position += 1;
            }
        }
    }
}

struct Block<'t> {
    label: &'t str,
    start: usize,
    end: usize,
}

/// The blocks between `-----BEGIN X-----` and `-----END X-----`.
fn blocks(text: &str) -> Vec<Block<'_>> {
    const BEGIN: &str = "-----BEGIN ";
    let mut blocks = Vec::new();
    let mut at = 0;
    while let Some(found) = text[at..].find(BEGIN) {
        let start = at + found;
        let rest = &text[start + BEGIN.len()..];
        at = start + BEGIN.len();
        let Some((label, _)) = rest.split_once("-----") else {
            break;
        };
        if label.len() > 64 || label.contains('\n') {
            continue;
        }
        let ending = format!("-----END {label}-----");
        let Some(length) = text[start..].find(&ending) else {
            continue;
        };
        at = start + length + ending.len();
        blocks.push(Block {
            label,
            start,
            end: at,
        });
    }
    blocks
}

fn certificate(
    path: &str,
    source: SourceId,
    text: &str,
    block: &Block<'_>,
    position: usize,
) -> Option<Certificate> {
    let bytes = &text.as_bytes()[block.start..block.end];
    let (pem, _) = Pem::read(std::io::Cursor::new(bytes)).ok()?;
    let parsed: X509Certificate<'_> = pem.parse_x509().ok()?;
    let names = parsed.subject_alternative_name().ok().flatten();
    let names = names.map_or_else(Vec::new, |names| {
        let names = names.value.general_names.iter();
        names.filter_map(general_name).collect()
    });
    Some(Certificate {
        path: path.to_owned(),
        position,
        subject: parsed.subject().to_string(),
        issuer: parsed.issuer().to_string(),
        names,
        not_before: parsed.validity().not_before.timestamp(),
        not_after: parsed.validity().not_after.timestamp(),
        is_authority: parsed.is_ca(),
        is_self_signed: parsed.subject() == parsed.issuer(),
        public_key: bits(parsed.public_key()),
        span: Span::new(source, block.start as u32, block.end as u32),
    })
}

/// The public key that belongs to a private one: RSA from 2048 bits, P-256, P-384 and Ed25519.
fn public_part(pem: &str) -> Option<Vec<u8>> {
    let key = PrivateKeyDer::from_pem_slice(pem.as_bytes()).ok()?;
    let key = any_supported_type(&key).ok()?;
    let info = key.public_key()?;
    let (_, info) = SubjectPublicKeyInfo::from_der(info.as_ref()).ok()?;
    bits(&info)
}

/// `None` for a compressed point of a curve, which can be written in full, too (RFC 5480,
/// section 2.2). Those of P-256 and P-384 are 33 and 49 bytes long.
fn bits(info: &SubjectPublicKeyInfo<'_>) -> Option<Vec<u8>> {
    let bits = info.subject_public_key.data.as_ref();
    let is_compressed = bits.len() % 2 == 1 && bits.first().is_some_and(|form| *form != 4);
    let is_point = bits.len() < 200;
    (!(is_compressed && is_point)).then(|| bits.to_vec())
}

fn general_name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => match *bytes {
            [a, b, c, d] => Some(format!("{a}.{b}.{c}.{d}")),
            bytes => {
                let bytes: [u8; 16] = bytes.try_into().ok()?;
                Some(std::net::Ipv6Addr::from(bytes).to_string())
            }
        },
        _ => None,
    }
}
