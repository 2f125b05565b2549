//! The readers of what strangers send, on bytes alone: a fuzzer's way in.

use super::answer::Listener;
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;

use super::certificate::{self, Sent};
use super::transparency::logs;
use super::trust::{Authorities, weigh};
use super::wire::Cursor;

/// Hears bytes as a server's answer to a hello.
pub fn answer(bytes: &[u8]) {
    let mut listener = Listener::default();
    // What it makes of them is not asked.
    let _ = listener.hear(bytes);
    std::hint::black_box(listener);
}

/// Reads vectors, each with its length in three bytes before it, as a server's certificate, its
/// issuer's, a stapled answer, a list of timestamps, and a message with certificates that were not sent.
pub fn chain(bytes: &[u8]) {
    let mut cursor = Cursor(bytes);
    let mut next = || Some(cursor.vector(3)?.to_vec()).filter(|part| !part.is_empty());
    let certificates = [next(), next()].into_iter().flatten().collect();
    let sent = Sent {
        certificates,
        staple: next(),
        timestamps: next().into_iter().collect(),
    };
    let others = next().unwrap_or_default();
    let others = super::pkcs7(&others).unwrap_or(vec![others]);
    let others: Vec<_> = others.into_iter().map(CertificateDer::from).collect();
    let authorities = Authorities::new(Arc::new(RootCertStore::empty()), &others);
    let mut chain = certificate::chain(&sent, "shop.example", logs());
    if let Some(chain) = &mut chain {
        weigh(chain, &sent.certificates, &authorities, 1_800_000_000);
    }
    std::hint::black_box(chain);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject as _;

    use super::super::wire::put_vector;
    use super::*;

    /// A certificate with most things that certificates have.
    fn real() -> &'static [u8] {
        static REAL: std::sync::OnceLock<Vec<u8>> = std::sync::OnceLock::new();
        REAL.get_or_init(|| {
            let folder = tempfile::tempdir().expect("a folder");
            tightship_testbed::self_signed(folder.path(), "own", &["shop.example", "a.example"]);
            let pem = std::fs::read(folder.path().join("own.crt")).expect("a certificate");
            CertificateDer::from_pem_slice(&pem).expect("PEM").to_vec()
        })
    }

    fn vectors(parts: &[&[u8]]) -> Vec<u8> {
        let mut out = Vec::new();
        for part in parts {
            put_vector(&mut out, 3, |out| out.extend_from_slice(part));
        }
        out
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn certificates_with_wrong_bytes_are_read(
            wrong in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
            staple in proptest::collection::vec(any::<u8>(), 0..60),
        ) {
            let mut own = real().to_vec();
            for (place, byte) in wrong {
                let place = place.index(own.len());
                own[place] = byte;
            }
            chain(&vectors(&[&own, real(), &staple, &staple]));
            chain(&vectors(&[real(), &own, &staple]));
        }

        #[test]
        fn certificates_that_are_cut_are_read(length in any::<prop::sample::Index>()) {
            let own = real();
            chain(&vectors(&[&own[..length.index(own.len())]]));
        }
    }
}
