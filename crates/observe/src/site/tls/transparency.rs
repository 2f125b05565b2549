//! Signed certificate timestamps, verified against the logs that Chrome knows.
//!
//! Source: RFC 6962, 3.2 and 3.3.

use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{SHA256, digest};
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use tightship_model::site::tls::{Proof, Timestamp, Way};
use x509_parser::prelude::X509Certificate;

use super::der::{put, take, take_if};
use super::dh::hex;
use super::wire::{Cursor, put_vector};

/// Timestamps of one certificate that are looked at; authorities add two to five.
const MOST: usize = 20;

const SEQUENCE: u8 = 0x30;
/// 1.3.6.1.4.1.11129.2.4.2, as it stands in DER.
const EMBEDDED: [u8; 10] = [0x2b, 6, 1, 4, 1, 0xd6, 0x79, 2, 4, 2];

/// A certificate to which timestamps belong.
pub(super) struct Certified<'a> {
    pub(super) der: &'a [u8],
    pub(super) parsed: &'a X509Certificate<'a>,
    /// Who signed it, if that was sent.
    pub(super) issuer: Option<&'a X509Certificate<'a>>,
    /// Those that are known.
    pub(super) logs: &'a [Log],
}

impl Certified<'_> {
    /// The timestamps inside of it.
    pub(super) fn embedded(&self) -> Vec<Timestamp> {
        let Some(list) = self.list() else {
            return Vec::new();
        };
        self.read(&list, Way::Certificate)
    }

    /// Those of a list that came in another way.
    pub(super) fn read(&self, list: &[u8], way: Way) -> Vec<Timestamp> {
        let mut list = Cursor(Cursor(list).vector(2).unwrap_or_default());
        let mut found = Vec::new();
        while let (true, Some(one)) = (found.len() < MOST, list.vector(2)) {
            found.extend(self.timestamp(one, way));
        }
        found
    }

    fn list(&self) -> Option<Vec<u8>> {
        let extension = self
            .parsed
            .extensions()
            .iter()
            .find(|one| one.oid.as_bytes() == EMBEDDED)?;
        let mut value = extension.value;
        Some(take_if(&mut value, 0x04)?.content.to_vec())
    }

    fn timestamp(&self, bytes: &[u8], way: Way) -> Option<Timestamp> {
        let mut cursor = Cursor(bytes);
        let version = cursor.u8()?;
        let id = cursor.take(32)?;
        let time: [u8; 8] = cursor.take(8)?.try_into().ok()?;
        let extensions = cursor.vector(2)?;
        let algorithm = cursor.u16()?;
        let signature = cursor.vector(2)?;
        let log = self.logs.iter().find(|log| log.id == id);
        let proof = match log {
            _ if version != 0 => unverified("its version is not known"),
            None => Proof::Unverified {
                reason: format!("its log is none of those of {LOGS_OF}"),
            },
            Some(log) => match self.signed(way, time, extensions) {
                None => unverified("the certificate of the authority was not sent"),
                // SHA-256 with ECDSA, as RFC 6962, 2.1.4, and all of these logs have it.
                Some(_) if algorithm != 0x0403 => unverified("its algorithm is not known"),
                Some(signed) => match log.verifies(&signed, signature) {
                    true => Proof::Good,
                    false => Proof::Wrong {
                        reason: "its log did not sign it".to_owned(),
                    },
                },
            },
        };
        Some(Timestamp {
            log: log.map_or_else(|| hex(id), |log| log.name.to_owned()),
            operator: log.map(|log| log.operator.to_owned()),
            at: i64::try_from(u64::from_be_bytes(time) / 1000).unwrap_or(i64::MAX),
            way,
            proof,
        })
    }

    /// What a log signs: RFC 6962, 3.2.
    fn signed(&self, way: Way, time: [u8; 8], extensions: &[u8]) -> Option<Vec<u8>> {
        const X509: [u8; 2] = [0, 0];
        const PRECERTIFICATE: [u8; 2] = [0, 1];
        let mut out = vec![0, 0];
        out.extend_from_slice(&time);
        if way == Way::Certificate {
            out.extend_from_slice(&PRECERTIFICATE);
            let key = self.issuer?.public_key().raw;
            out.extend_from_slice(digest(&SHA256, key).as_ref());
            let body = without_timestamps(self.der)?;
            put_vector(&mut out, 3, |out| out.extend_from_slice(&body));
        } else {
            out.extend_from_slice(&X509);
            put_vector(&mut out, 3, |out| out.extend_from_slice(self.der));
        }
        put_vector(&mut out, 2, |out| out.extend_from_slice(extensions));
        Some(out)
    }
}

fn unverified(reason: &str) -> Proof {
    Proof::Unverified {
        reason: reason.to_owned(),
    }
}

/// What the authority had signed before the timestamps were in it: the same without their extension.
fn without_timestamps(certificate: &[u8]) -> Option<Vec<u8>> {
    const EXTENSIONS: u8 = 0xa3;
    let mut rest = certificate;
    let mut outer = take_if(&mut rest, SEQUENCE)?.content;
    let mut fields = take_if(&mut outer, SEQUENCE)?.content;
    let mut body = Vec::new();
    while !fields.is_empty() {
        let field = take(&mut fields)?;
        if field.tag != EXTENSIONS {
            body.extend_from_slice(field.whole);
            continue;
        }
        let mut inner = field.content;
        let mut list = take_if(&mut inner, SEQUENCE)?.content;
        let mut kept = Vec::new();
        while !list.is_empty() {
            let extension = take_if(&mut list, SEQUENCE)?;
            let kind = take(&mut { extension.content })?;
            if kind.content != EMBEDDED {
                kept.extend_from_slice(extension.whole);
            }
        }
        body.extend(put(EXTENSIONS, &put(SEQUENCE, &kept)));
    }
    Some(put(SEQUENCE, &body))
}

/// Where the list of logs is from.
const LOGS_OF: &str = "Chromium 156.0.8078.79 of 2026-11-02";

#[derive(Clone, Debug)]
pub(super) struct Log {
    /// SHA-256 of the key: RFC 6962, 3.2.
    id: [u8; 32],
    /// The point of P-256.
    key: Vec<u8>,
    operator: &'static str,
    name: &'static str,
}

impl Log {
    fn verifies(&self, signed: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &self.key)
            .verify(signed, signature)
            .is_ok()
    }
}

/// Those that Chrome knows.
pub(super) fn logs() -> &'static [Log] {
    static LOGS: OnceLock<Vec<Log>> = OnceLock::new();
    LOGS.get_or_init(|| include_str!("logs.txt").lines().filter_map(log).collect())
}

fn log(line: &'static str) -> Option<Log> {
    /// A key of P-256 in DER ends with its point: RFC 5480, 2.2.
    const POINT: usize = 65;
    let mut parts = line.split('|');
    let key = STANDARD.decode(parts.next()?).ok()?;
    Some(Log {
        id: digest(&SHA256, &key).as_ref().try_into().ok()?,
        operator: parts.next()?,
        name: parts.next()?,
        key: key.get(key.len().checked_sub(POINT)?..)?.to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ring::rand::SystemRandom;
    use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject as _;
    use x509_parser::prelude::FromDer;

    use super::*;

    #[test]
    fn every_line_is_a_log() {
        let lines = include_str!("logs.txt").lines();
        assert_eq!(
            lines.filter(|line| !line.starts_with('#')).count(),
            logs().len()
        );
        assert!(logs().len() > 60);
        let argon = logs().iter().find(|log| log.name.contains("Argon2027h1"));
        // As Google's list names it (log_list.json 93.3 of 2026-10-03).
        let id = argon.map(|log| STANDARD.encode(log.id));
        assert_eq!(
            id.as_deref(),
            Some("1tWNqdAXU/NqSqDHV0kCr+vH3CzTjNn3ZMgMiRkenwI=")
        );
    }

    /// A certificate as an authority makes it: logged first, then with the timestamps in it.
    #[test]
    fn what_a_log_signed_is_proven_and_nothing_else() {
        let folder = tempfile::tempdir().expect("a folder");
        tightship_testbed::self_signed(folder.path(), "leaf", &["tls.example"]);
        let pem = std::fs::read(folder.path().join("leaf.crt")).expect("a certificate");
        let plain = CertificateDer::from_pem_slice(&pem).expect("PEM").to_vec();
        let (_, parsed) = X509Certificate::from_der(&plain).expect("DER");
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("a key");
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).expect("a key");
        let known = [Log {
            id: [9; 32],
            key: pair.public_key().as_ref().to_vec(),
            operator: "Test",
            name: "a log",
        }];
        let of = |der: &[u8], parsed: &X509Certificate<'_>, logs: &[Log], way, list: &[u8]| {
            let certified = Certified {
                der,
                parsed,
                issuer: Some(parsed),
                logs,
            };
            match way {
                Way::Certificate => certified.embedded(),
                _ => certified.read(list, way),
            }
        };
        let list = |way, time: u64| {
            let certified = Certified {
                der: &plain,
                parsed: &parsed,
                issuer: Some(&parsed),
                logs: &known,
            };
            let signed = certified.signed(way, time.to_be_bytes(), &[]).expect("DER");
            let signature = pair.sign(&random, &signed).expect("signed");
            let mut list = Vec::new();
            put_vector(&mut list, 2, |out| {
                put_vector(out, 2, |out| {
                    out.push(0);
                    out.extend_from_slice(&[9; 32]);
                    out.extend_from_slice(&1_700_000_000_000_u64.to_be_bytes());
                    out.extend_from_slice(&[0, 0, 4, 3]);
                    put_vector(out, 2, |out| out.extend_from_slice(signature.as_ref()));
                });
            });
            list
        };
        let right = with_timestamps(&plain, &list(Way::Certificate, 1_700_000_000_000));
        let (_, right_parsed) = X509Certificate::from_der(&right).expect("DER");
        let found = of(&right, &right_parsed, &known, Way::Certificate, &[]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].proof, Proof::Good);
        assert_eq!(
            (found[0].log.as_str(), found[0].at),
            ("a log", 1_700_000_000)
        );
        // Another time than the log signed.
        let wrong = with_timestamps(&plain, &list(Way::Certificate, 1_700_000_000_001));
        let (_, wrong_parsed) = X509Certificate::from_der(&wrong).expect("DER");
        let found = of(&wrong, &wrong_parsed, &known, Way::Certificate, &[]);
        assert!(matches!(found[0].proof, Proof::Wrong { .. }), "{found:?}");
        // A log that is not known.
        let found = of(&right, &right_parsed, &[], Way::Certificate, &[]);
        assert!(
            matches!(found[0].proof, Proof::Unverified { .. }),
            "{found:?}"
        );
        // One that comes in the handshake is about the certificate as it is.
        let sent = list(Way::Handshake, 1_700_000_000_000);
        let found = of(&plain, &parsed, &known, Way::Handshake, &sent);
        assert_eq!(found[0].proof, Proof::Good);
    }

    /// The same certificate with an extension more; its own signature is none of this module's.
    fn with_timestamps(certificate: &[u8], list: &[u8]) -> Vec<u8> {
        let mut rest = certificate;
        let mut outer = take(&mut rest).expect("a certificate").content;
        let mut fields = take(&mut outer).expect("its body").content;
        let mut body = Vec::new();
        while let Some(field) = take(&mut fields) {
            if field.tag != 0xa3 {
                body.extend_from_slice(field.whole);
                continue;
            }
            let mut list_of = take(&mut { field.content })
                .expect("a list")
                .content
                .to_vec();
            let kind = put(0x06, &EMBEDDED);
            let value = put(0x04, &put(0x04, list));
            list_of.extend(put(SEQUENCE, &[kind, value].concat()));
            body.extend(put(0xa3, &put(SEQUENCE, &list_of)));
        }
        put(SEQUENCE, &[put(SEQUENCE, &body), outer.to_vec()].concat())
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = without_timestamps(&bytes);
        }
    }
}
