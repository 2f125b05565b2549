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
    use std::fs;
    use std::net::SocketAddr;
    use std::path::Path;

    use proptest::prelude::*;
    use ring::rand::SystemRandom;
    use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject as _;
    use tightship_testbed::tls::{Keys, NAME, openssl};
    use x509_parser::prelude::FromDer;

    use super::super::certificate::{self, Sent};
    use super::super::connection::{Budget, Prober};
    use super::super::modern;
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

    /// A log of one's own, and the list in which it stands.
    struct OwnLog {
        pair: EcdsaKeyPair,
        known: [Log; 1],
    }

    impl OwnLog {
        fn make() -> Self {
            let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
            let random = SystemRandom::new();
            let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("a key");
            let pair = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).expect("a key");
            let known = [Log {
                id: [9; 32],
                key: pair.public_key().as_ref().to_vec(),
                operator: "Test",
                name: "a log",
            }];
            Self { pair, known }
        }

        /// A list with one timestamp of 1,700,000,000, signed for `time` in milliseconds.
        fn list(&self, der: &[u8], way: Way, time: u64) -> Vec<u8> {
            let (_, parsed) = X509Certificate::from_der(der).expect("DER");
            let certified = Certified {
                der,
                parsed: &parsed,
                issuer: Some(&parsed),
                logs: &self.known,
            };
            let signed = certified.signed(way, time.to_be_bytes(), &[]).expect("DER");
            let signature = self
                .pair
                .sign(&SystemRandom::new(), &signed)
                .expect("signed");
            let mut list = Vec::new();
            put_vector(&mut list, 2, |out| {
                put_vector(out, 2, |out| {
                    out.push(0);
                    out.extend_from_slice(&[9; 32]);
                    out.extend_from_slice(&RIGHT.to_be_bytes());
                    out.extend_from_slice(&[0, 0, 4, 3]);
                    put_vector(out, 2, |out| out.extend_from_slice(signature.as_ref()));
                });
            });
            list
        }
    }

    const RIGHT: u64 = 1_700_000_000_000;

    fn own_certificate(folder: &Path) -> Vec<u8> {
        tightship_testbed::self_signed(folder, "leaf", &[NAME]);
        let pem = fs::read(folder.join("leaf.crt")).expect("a certificate");
        CertificateDer::from_pem_slice(&pem).expect("PEM").to_vec()
    }

    /// A certificate as an authority makes it: logged first, then with the timestamps in it.
    #[test]
    fn what_a_log_signed_is_proven_and_nothing_else() {
        let folder = tempfile::tempdir().expect("a folder");
        let plain = own_certificate(folder.path());
        let own = OwnLog::make();
        let embedded = |der: &[u8], logs: &[Log]| {
            let (_, parsed) = X509Certificate::from_der(der).expect("DER");
            let certified = Certified {
                der,
                parsed: &parsed,
                issuer: Some(&parsed),
                logs,
            };
            certified.embedded()
        };
        let right = with_timestamps(&plain, &own.list(&plain, Way::Certificate, RIGHT));
        let found = embedded(&right, &own.known);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].proof, Proof::Good);
        assert_eq!(
            (found[0].log.as_str(), found[0].at),
            ("a log", 1_700_000_000)
        );
        // Another time than the log signed.
        let wrong = with_timestamps(&plain, &own.list(&plain, Way::Certificate, RIGHT + 1));
        let found = embedded(&wrong, &own.known);
        assert!(matches!(found[0].proof, Proof::Wrong { .. }), "{found:?}");
        // A log that is not known.
        let found = embedded(&right, &[]);
        assert!(
            matches!(found[0].proof, Proof::Unverified { .. }),
            "{found:?}"
        );
    }

    /// One that comes in the handshake is about the certificate as it is. TLS 1.3 sends it encrypted,
    /// under each of its suites.
    #[test]
    fn what_comes_in_a_handshake_is_proven_too() {
        let keys = Keys::make();
        let der = own_certificate(keys.folder());
        let own = OwnLog::make();
        let seen = |list: &[u8], suite: &str, logs: &[Log]| {
            fs::write(keys.path("info.pem"), server_info(list)).expect("written");
            let text = format!(
                "-cert leaf.crt -key leaf.key -tls1_3 -serverinfo info.pem -ciphersuites {suite}"
            );
            let (_server, address) = openssl(&keys, &text.split(' ').collect::<Vec<_>>());
            let sent = shaken(address);
            let chain = certificate::chain(&sent, NAME, logs).expect("a chain");
            assert_eq!(sent.certificates, std::slice::from_ref(&der));
            let [found] = &chain.timestamps[..] else {
                panic!("{:?}", chain.timestamps);
            };
            assert_eq!(found.way, Way::Handshake);
            found.proof.clone()
        };
        let right = own.list(&der, Way::Handshake, RIGHT);
        for suite in [
            "TLS_AES_128_GCM_SHA256",
            "TLS_AES_256_GCM_SHA384",
            "TLS_CHACHA20_POLY1305_SHA256",
        ] {
            assert_eq!(seen(&right, suite, &own.known), Proof::Good, "{suite}");
        }
        let usual = "TLS_AES_256_GCM_SHA384";
        let other = own.list(&der, Way::Handshake, RIGHT + 1);
        let proof = seen(&other, usual, &own.known);
        assert!(matches!(proof, Proof::Wrong { .. }), "{proof:?}");
        let proof = seen(&right, usual, &[]);
        assert!(matches!(proof, Proof::Unverified { .. }), "{proof:?}");
    }

    /// What `openssl s_server` sends with its certificate to who asks for timestamps.
    fn server_info(list: &[u8]) -> String {
        // SSL_EXT_CLIENT_HELLO and SSL_EXT_TLS1_3_CERTIFICATE of OpenSSL 3.0.
        let mut info = 0x1080_u32.to_be_bytes().to_vec();
        info.extend_from_slice(&18_u16.to_be_bytes());
        put_vector(&mut info, 2, |out| out.extend_from_slice(list));
        let text = STANDARD.encode(info);
        let kind = "SERVERINFOV2 FOR TIMESTAMPS";
        format!("-----BEGIN {kind}-----\n{text}\n-----END {kind}-----\n")
    }

    fn shaken(address: SocketAddr) -> Sent {
        let prober = Prober::new(address, Some(NAME.to_owned()), Budget::default());
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime")
            .block_on(modern::shake(&prober, &[29], modern::OTHERS.to_vec(), None))
            .expect("a certificate")
            .sent()
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
