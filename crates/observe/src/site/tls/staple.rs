//! A stapled answer of OCSP: what it says of the certificate, and whether the authority signed it.
//!
//! Source: RFC 6960, 4.2.1 (the answer) and 4.2.2.2 (who may sign it).

use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use tightship_model::site::tls::{OcspStatus, Proof, Staple};
use x509_parser::asn1_rs::BitString;
use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::time::ASN1Time;
use x509_parser::verify::verify_signature;
use x509_parser::x509::{AlgorithmIdentifier, SubjectPublicKeyInfo};

use super::der::{Value, take, take_if};

const SEQUENCE: u8 = 0x30;
/// Context tags: primitive and constructed.
const P0: u8 = 0x80;
const P2: u8 = 0x82;
const C0: u8 = 0xa0;
const C1: u8 = 0xa1;

/// Reads the answer to a certificate; `issuer` is who signed that, if it was sent.
pub(super) fn staple(
    bytes: &[u8],
    own: &X509Certificate<'_>,
    issuer: Option<&X509Certificate<'_>>,
) -> Staple {
    let nothing = |says, proof| Staple {
        length: bytes.len(),
        says,
        this_update: None,
        next_update: None,
        proof,
    };
    let unread = |reason: &str| OcspStatus::Unread {
        reason: reason.to_owned(),
    };
    let unproven = Proof::Unverified {
        reason: "it says nothing".to_owned(),
    };
    let basic = match basic(bytes) {
        Some(Ok(basic)) => basic,
        Some(Err(status)) => {
            return nothing(
                unread(&format!("the responder refused: {status}")),
                unproven,
            );
        }
        None => return nothing(unread("it is no answer of OCSP"), unproven),
    };
    let Some(answer) = Basic::read(basic) else {
        return nothing(unread("it cannot be read"), unproven);
    };
    let Some(single) = answer.about(own, issuer) else {
        return nothing(unread("it is about another certificate"), unproven);
    };
    Staple {
        length: bytes.len(),
        says: single.says,
        this_update: single.this_update,
        next_update: single.next_update,
        proof: match issuer {
            Some(issuer) => answer.proof(issuer),
            None => Proof::Unverified {
                reason: "the certificate of the authority was not sent".to_owned(),
            },
        },
    }
}

/// The lists of timestamps that an answer carries (RFC 6962, 3.3).
pub(super) fn timestamps(bytes: &[u8]) -> Option<Vec<u8>> {
    let basic = basic(bytes)?.ok()?;
    let mut answers = Basic::read(basic)?.answers;
    let mut single = take_if(&mut answers, SEQUENCE)?.content;
    for _ in 0..3 {
        take(&mut single)?;
    }
    take_if(&mut single, C0);
    let mut list = take_if(&mut single, C1)?.content;
    let mut extensions = take_if(&mut list, SEQUENCE)?.content;
    while let Some(extension) = take_if(&mut extensions, SEQUENCE) {
        let mut parts = extension.content;
        // 1.3.6.1.4.1.11129.2.4.5
        const LIST: [u8; 10] = [0x2b, 6, 1, 4, 1, 0xd6, 0x79, 2, 4, 5];
        if take(&mut parts)?.content == LIST {
            let mut value = take_if(&mut parts, 0x04)?.content;
            return Some(take_if(&mut value, 0x04)?.content.to_vec());
        }
    }
    None
}

/// The BasicOCSPResponse, or the status of a refusal.
fn basic(bytes: &[u8]) -> Option<Result<&[u8], u8>> {
    const ENUMERATED: u8 = 0x0a;
    let mut rest = bytes;
    let mut response = take_if(&mut rest, SEQUENCE)?.content;
    match take_if(&mut response, ENUMERATED)?.content {
        [0] => {}
        [status] => return Some(Err(*status)),
        _ => return None,
    }
    let mut tagged = take_if(&mut response, C0)?.content;
    let mut parts = take_if(&mut tagged, SEQUENCE)?.content;
    let _kind = take_if(&mut parts, 0x06)?;
    Some(Ok(take_if(&mut parts, 0x04)?.content))
}

struct Basic<'a> {
    /// What is signed.
    signed: &'a [u8],
    answers: &'a [u8],
    algorithm: &'a [u8],
    signature: &'a [u8],
    certificates: &'a [u8],
}

struct Single {
    says: OcspStatus,
    this_update: Option<i64>,
    next_update: Option<i64>,
}

impl<'a> Basic<'a> {
    fn read(bytes: &'a [u8]) -> Option<Self> {
        const BIT_STRING: u8 = 0x03;
        let mut rest = bytes;
        let mut parts = take_if(&mut rest, SEQUENCE)?.content;
        let signed = take_if(&mut parts, SEQUENCE)?;
        let algorithm = take_if(&mut parts, SEQUENCE)?;
        let signature = take_if(&mut parts, BIT_STRING)?;
        let certificates = take_if(&mut parts, C0).map_or(&[][..], |list| list.content);
        let mut data = signed.content;
        let _version = take_if(&mut data, C0);
        let _responder = take(&mut data)?;
        let _produced = take(&mut data)?;
        Some(Self {
            signed: signed.whole,
            answers: take_if(&mut data, SEQUENCE)?.content,
            algorithm: algorithm.whole,
            // The first byte tells how many bits of the last are none: none of them.
            signature: signature.content.get(1..)?,
            certificates,
        })
    }

    /// The answer about a certificate.
    fn about(
        &self,
        own: &X509Certificate<'_>,
        issuer: Option<&X509Certificate<'_>>,
    ) -> Option<Single> {
        let mut answers = self.answers;
        while let Some(answer) = take_if(&mut answers, SEQUENCE) {
            let mut parts = answer.content;
            let named = take_if(&mut parts, SEQUENCE)?;
            if is_about(named, own, issuer) != Some(true) {
                continue;
            }
            let status = take(&mut parts)?;
            let this_update = time(take(&mut parts)?);
            let next_update = take_if(&mut parts, C0)
                .and_then(|mut tagged| take(&mut tagged.content))
                .and_then(time);
            let says = match status.tag {
                P0 => OcspStatus::Good,
                C1 => OcspStatus::Revoked {
                    at: take(&mut { status.content }).and_then(time),
                },
                P2 => OcspStatus::NotKnown,
                _ => return None,
            };
            return Some(Single {
                says,
                this_update,
                next_update,
            });
        }
        None
    }

    /// Whether the authority signed, or one that it appointed.
    fn proof(&self, issuer: &X509Certificate<'_>) -> Proof {
        let by_issuer = self.signed_by(issuer.public_key());
        if by_issuer == Some(true) {
            return Proof::Good;
        }
        let mut list = self.certificates;
        let mut certificates = take_if(&mut list, SEQUENCE).map_or(&[][..], |list| list.content);
        while let Some(one) = take_if(&mut certificates, SEQUENCE) {
            let Ok((_, delegate)) = X509Certificate::from_der(one.whole) else {
                continue;
            };
            let may = delegate
                .extended_key_usage()
                .ok()
                .flatten()
                .is_some_and(|usage| usage.value.ocsp_signing);
            if may
                && delegate.verify_signature(Some(issuer.public_key())).is_ok()
                && self.signed_by(delegate.public_key()) == Some(true)
            {
                return Proof::Good;
            }
        }
        match by_issuer {
            Some(_) => Proof::Wrong {
                reason: "neither the authority nor one that it appointed signed it".to_owned(),
            },
            None => Proof::Unverified {
                reason: "the algorithm of the signature is not known here".to_owned(),
            },
        }
    }

    /// `None` for an algorithm that cannot be verified.
    fn signed_by(&self, key: &SubjectPublicKeyInfo<'_>) -> Option<bool> {
        let (_, algorithm) = AlgorithmIdentifier::from_der(self.algorithm).ok()?;
        let signature = BitString::new(0, self.signature);
        match verify_signature(key, &algorithm, &signature, self.signed) {
            Ok(()) => Some(true),
            Err(x509_parser::error::X509Error::SignatureUnsupportedAlgorithm) => None,
            Err(_) => Some(false),
        }
    }
}

/// Whether a CertID names a certificate: its number, and the hash of the issuer's key.
fn is_about(
    named: Value<'_>,
    own: &X509Certificate<'_>,
    issuer: Option<&X509Certificate<'_>>,
) -> Option<bool> {
    let mut parts = named.content;
    let _algorithm = take_if(&mut parts, SEQUENCE)?;
    let _name = take(&mut parts)?;
    let key = take(&mut parts)?.content;
    let number = take_if(&mut parts, 0x02)?.content;
    let is_key = issuer.is_none_or(|issuer| {
        let bits = &issuer.public_key().subject_public_key.data;
        match key.len() {
            20 => digest(&SHA1_FOR_LEGACY_USE_ONLY, bits).as_ref() == key,
            32 => digest(&SHA256, bits).as_ref() == key,
            // Other hashes are as good; the number decides.
            _ => true,
        }
    });
    Some(is_key && number == own.raw_serial())
}

fn time(value: Value<'_>) -> Option<i64> {
    let (_, time) = ASN1Time::from_der(value.whole).ok()?;
    Some(time.timestamp())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            if let Some(Ok(inner)) = basic(&bytes) {
                let _ = Basic::read(inner);
            }
            let _ = Basic::read(&bytes);
            let _ = timestamps(&bytes);
        }
    }
}
